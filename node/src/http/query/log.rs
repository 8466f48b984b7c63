//! A committee's logs: this node's own, and those of others that it cosigned or does not believe.

use std::collections::BTreeSet;

use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::keeper;
use althing_protocol::log::note::Note;
use althing_protocol::log::receipt::Receipt;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hex, Person};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::policy;
use crate::store::log::Signed;

/// This node's log of a committee, and what it knows of others'.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Logs {
    /// The name of this node's log.
    origin: String,
    /// Leaves that it has now; those after the checkpoint are not signed yet.
    pub(crate) size: u64,
    /// The latest signed checkpoint; none before the first.
    pub(crate) checkpoint: Option<Shown>,
    /// The latest checkpoints of other members' nodes that this one cosigned.
    pub(crate) others: Vec<Other>,
    /// Checkpoints of others' logs that do not go on from those: shown with both notes.
    pub(crate) doubted: Vec<Other>,
}

/// A checkpoint of this node.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Checkpoint)]
pub(crate) struct Shown {
    /// The signed note.
    pub(crate) note: String,
    /// Leaves that it covers.
    pub(crate) size: u64,
    #[schema(value_type = Hex)]
    root: Hash,
    /// When it was signed, milliseconds since 1970.
    pub(crate) time: u64,
    /// Nodes of other members that cosigned it.
    pub(crate) cosigners: Vec<Cosigner>,
    /// Whether these satisfy this node's policy.
    pub(crate) satisfied: bool,
}

/// A node that cosigned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cosigner {
    /// Whose node it is.
    pub(crate) by: Person,
    /// Its key.
    #[schema(value_type = Hex)]
    node: Key,
    /// When, seconds since 1970, as it says.
    pub(crate) time: u64,
}

/// A checkpoint of another node's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Other {
    /// The log's name.
    origin: String,
    /// Whose node keeps it, as far as this node knows.
    pub(crate) by: Option<Person>,
    /// Leaves that it covers.
    pub(crate) size: u64,
    /// The signed note.
    note: String,
    /// When this node saw it, milliseconds since 1970.
    pub(crate) time: u64,
}

/// All that this node knows of the logs of a committee.
pub(crate) fn logs(context: &Context, committee: Id) -> Result<Logs, Problem> {
    let ingest = &context.ingest;
    let size = ingest.look_at_log(&committee, |log| log.size()).unwrap_or(0);
    let signed = ingest.signed(&committee)?;
    let other = |(origin, seen): (String, crate::store::log::Cosigned)| {
        let key = origin
            .parse()
            .ok()
            .map(|o: althing_protocol::log::checkpoint::Origin| o.node);
        let by = ingest.read(|state| {
            let of = keeper::of(state.committee(&committee)?, &key?, state)?;
            Some(state.graph().id(of.identity))
        });
        Other {
            origin,
            by: by.map(|identity| Person::new(context, identity)),
            size: seen.size,
            note: seen.note,
            time: seen.time,
        }
    };
    Ok(Logs {
        origin: ingest.origin(committee).to_string(),
        size,
        checkpoint: signed.map(|signed| shown(context, committee, signed)).transpose()?,
        others: ingest.others_logs(committee)?.into_iter().map(other).collect(),
        doubted: ingest.doubted_logs(committee)?.into_iter().map(other).collect(),
    })
}

/// A checkpoint with what this node makes of its cosignatures.
pub(crate) fn shown(context: &Context, committee: Id, signed: Signed) -> Result<Shown, Problem> {
    let note = Note::read(&signed.note).map_err(|_| Problem::Broken)?;
    let checkpoint: Checkpoint = note.text.parse().map_err(|_| Problem::Broken)?;
    let (cosigners, threshold) = context.ingest.read(|state| {
        let threshold = state.committee(&committee).map_or(1, |c| c.authority().threshold());
        (keeper::cosigners(&note, &committee, state), threshold)
    });
    let keys: BTreeSet<Key> = cosigners.iter().map(|(key, ..)| *key).collect();
    let policy = policy::read(context.ingest.home().dir())?;
    let threshold = u64::try_from(threshold).unwrap_or(u64::MAX);
    let cosigner = |(node, identity, time)| Cosigner {
        by: Person::new(context, identity),
        node,
        time,
    };
    Ok(Shown {
        size: signed.size,
        root: checkpoint.root,
        time: signed.time,
        satisfied: policy::satisfied(policy.as_ref(), threshold, &keys),
        cosigners: cosigners.into_iter().map(cosigner).collect(),
        note: signed.note,
    })
}

/// This node's word that an entry is in its record of a committee: a signed note. None if it is in none.
pub(crate) fn receipt(context: &Context, entry: Id) -> Result<Option<String>, Problem> {
    let ingest = &context.ingest;
    let committees: Vec<Id> = ingest.read(|state| {
        let graph = state.graph();
        let Some(num) = graph.num(&entry) else {
            return Vec::new();
        };
        // An entry of an identity's space is in the record of every committee in which it is needed.
        let holds = state.committees().filter(|c| c.record().contains(num, graph));
        holds.map(|c| graph.id(c.root())).collect()
    });
    for committee in committees {
        let index = ingest.look_at_log(&committee, |log| log.place(&entry));
        if let Some(index) = index.transpose()?.flatten() {
            let origin = ingest.origin(committee);
            let receipt = Receipt { origin, index, entry };
            let note = receipt.sign(ingest.home().node_key()).map_err(|_| Problem::Broken)?;
            return Ok(Some(note.write()));
        }
    }
    Ok(None)
}
