//! Whose logs and cosignatures are: node devices of a committee's members, as far as this state knows.

use std::collections::BTreeMap;

use super::note::{Note, Use, Verifier};
use super::witness;
use crate::committee::Committee;
use crate::control::Use as Usage;
use crate::graph::Num;
use crate::hash::{Id, Key};
use crate::identity::{KeyAct, Standing};
use crate::state::State;

/// A node device of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeper {
    /// The member.
    pub identity: Num,
    /// The `enroll` entry of the key.
    pub enroll: Num,
}

/// The member or founder whose living node device this key is; none if there is none. Goes through all members.
#[must_use]
pub fn of(committee: &Committee, key: &Key, state: &State) -> Option<Keeper> {
    let (graph, identities) = (state.graph(), state.identities());
    let enrols = |num: &Num| match identities.act(*num) {
        Some(KeyAct::Enroll { key: enrolled, usage }) => enrolled == key && *usage == Usage::Node,
        _ => false,
    };
    committee.members().find_map(|identity| {
        let mut enrolled = identities.controls(identity).iter().copied().filter(enrols).peekable();
        enrolled.peek()?;
        let standing = Standing::new(identity, |_| true, identities, graph);
        let enroll = enrolled.find(|enroll| standing.device(*enroll, identities).is_ok())?;
        Some(Keeper { identity, enroll })
    })
}

/// Who cosigned a checkpoint of a committee: key, identity and time in seconds since 1970. One device of each identity, the
/// log's own identity left out; signatures that do not stand count for nothing.
#[must_use]
pub fn cosigners(note: &Note, committee: &Id, state: &State) -> Vec<(Key, Id, u64)> {
    let Some(of_committee) = state.committee(committee) else {
        return Vec::new();
    };
    let graph = state.graph();
    let origin = note
        .text
        .parse::<super::checkpoint::Checkpoint>()
        .ok()
        .map(|c| c.origin.node);
    let own = origin
        .and_then(|key| of(of_committee, &key, state))
        .map(|own| own.identity);
    let mut found = BTreeMap::new();
    for line in &note.signatures {
        let Some(key) = witness::node(&line.name) else { continue };
        let Ok(verifier) = Verifier::new(&line.name, Use::Cosignature, key) else {
            continue;
        };
        let Some(keeper) = of(of_committee, &key, state) else {
            continue;
        };
        if Some(keeper.identity) == own {
            continue;
        }
        if let Ok(Some(time)) = note.signed_by(&verifier) {
            found.entry(graph.id(keeper.identity)).or_insert((key, time));
        }
    }
    found
        .into_iter()
        .map(|(identity, (key, time))| (key, identity, time))
        .collect()
}
