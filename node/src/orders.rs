//! Standing orders: what the node signs with its own key without being asked each time.
//!
//! Two orders, both bounded and both only for a member's node:
//!
//! - `vouch {identity, quota}`: takes up that many entries of a newcomer, those that are here first, then as they come.
//! - a fork of which the record holds one branch: takes up the others, so that effects can count it (`docs/spec/record.md`).
//!
//! How much of a quota is used is read off the node's own log, so a restart neither forgets nor repeats anything.

use std::collections::BTreeMap;
use std::time::Duration;

use althing_protocol::admit;
use althing_protocol::author::{Draft, TAKE_UP};
use althing_protocol::committee::Committee;
use althing_protocol::control::Control;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Id, Key};
use althing_protocol::limit;
use althing_protocol::state::State;
use tokio::sync::broadcast::error::RecvError;

use crate::ingest::{Ingest, Notice, Signer, Stopped};

/// How long orders wait for more to come: one `take_up` can name several entries.
const PAUSE: Duration = Duration::from_millis(300);

/// Entries that one sweep signs at most; the next sweep goes on.
const SIGNED: usize = 64;

/// Carries orders out until the node stops.
///
/// # Errors
/// [`Stopped`] when the door closes.
pub async fn run(ingest: Ingest) -> Result<(), Stopped> {
    let mut notices = ingest.notices();
    let mut forks = true;
    loop {
        while sweep(&ingest, forks).await? == SIGNED {}
        forks = false;
        let mut due = false;
        while !due {
            match notices.recv().await {
                Ok(notice) => {
                    forks |= matches!(*notice, Notice::Forked { .. } | Notice::Made { .. });
                    due = forks || matches!(*notice, Notice::Admitted { committee: Some(_), .. });
                }
                Err(RecvError::Lagged(_)) => (forks, due) = (true, true),
                Err(RecvError::Closed) => return Ok(()),
            }
        }
        tokio::time::sleep(PAUSE).await;
        // What came during the pause is seen by the sweep; only whether a fork was among it must not be lost.
        while let Ok(notice) = notices.try_recv() {
            forks |= matches!(*notice, Notice::Forked { .. } | Notice::Made { .. });
        }
    }
}

/// Carries out what is due now; `forks` says whether to look through all logs for forks. Answers how many entries
/// were signed.
///
/// # Errors
/// [`Stopped`] when the door is closed.
pub async fn sweep(ingest: &Ingest, forks: bool) -> Result<usize, Stopped> {
    if ingest.home().node_cert().is_none() {
        return Ok(0);
    }
    let vouches = vouches(ingest);
    let due = ingest.read(|state| {
        let mut due = vouched(state, ingest, &vouches);
        if forks {
            due.extend(forked(state, ingest));
        }
        due
    });
    let mut signed = 0;
    for (committee, take) in due.into_iter().take(SIGNED) {
        let written = ingest
            .write(move |author| {
                let draft = Draft {
                    doc: Some(committee),
                    kind: "take_up".to_owned(),
                    after: take,
                    ..Draft::default()
                };
                author.write_as(Signer::Node, committee, draft)
            })
            .await?;
        match written {
            Ok(id) => {
                tracing::info!(entry = %id.short(), "a standing order took up what a newcomer wrote");
                signed += 1;
            }
            // Most likely a chain longer than one entry may take up without its owner's consent.
            Err(why) => tracing::warn!(%why, "a standing order was not carried out"),
        }
    }
    Ok(signed)
}

/// What the owner vouched for: quota by committee and identity. Reads the few headers that say so.
fn vouches(ingest: &Ingest) -> BTreeMap<(Id, Id), u64> {
    let own = ingest.home().identity();
    let entries: Vec<(Id, Num, Id)> = ingest.read(|state| {
        let graph = state.graph();
        let Some(own) = graph.num(&own) else { return Vec::new() };
        let member = state.committees().filter(|c| c.is_member(own));
        member
            .flat_map(|c| c.written_by(own).iter().map(move |n| (c.root(), *n)))
            .filter(|(_, n)| graph.node(*n).class == Class::Vouch)
            .map(|(c, n)| (graph.id(c), n, graph.id(n)))
            .collect()
    });
    let mut quotas = BTreeMap::new();
    for (committee, num, id) in entries {
        let Ok(Some(stored)) = ingest.store().header(num, &id) else {
            continue;
        };
        if let Ok((_, Control::Vouch(vouch))) = admit::read(&stored.header) {
            let quota: &mut u64 = quotas.entry((committee, vouch.identity)).or_default();
            *quota = quota.saturating_add(vouch.quota);
        }
    }
    quotas
}

/// What vouches ask for: lists of entries, each for one `take_up`.
fn vouched(state: &State, ingest: &Ingest, vouches: &BTreeMap<(Id, Id), u64>) -> Vec<(Id, Vec<Id>)> {
    let graph = state.graph();
    let node_key = Key(ingest.home().node_key().verifying_key().to_bytes());
    let mut due = Vec::new();
    for ((committee, identity), quota) in vouches {
        let (Some(committee), Some(newcomer)) = (state.committee(committee), graph.num(identity)) else {
            continue;
        };
        let used = taken_up(state, committee, &node_key, newcomer);
        let left = usize::try_from(*quota).unwrap_or(usize::MAX).saturating_sub(used);
        let mut waiting: Vec<Num> = floor(state, committee, committee.written_by(newcomer)).collect();
        waiting.sort_unstable_by_key(|n| graph.rank(*n));
        waiting.truncate(left.min(TAKE_UP));
        due.extend(lists(state, committee, &waiting));
    }
    due
}

/// Branches of forks whose other branch is in the record: lists, each for one `take_up`.
fn forked(state: &State, ingest: &Ingest) -> Vec<(Id, Vec<Id>)> {
    let graph = state.graph();
    let Some(own) = graph.num(&ingest.home().identity()) else {
        return Vec::new();
    };
    let mut due = Vec::new();
    for committee in state.committees().filter(|c| c.is_member(own)) {
        let branches: Vec<Num> = graph
            .logs()
            .filter(|(_, space, _)| *space == committee.root())
            .flat_map(|(_, _, log)| log.forks().map(|(_, all)| all))
            .filter(|all| all.iter().any(|n| committee.record().contains(*n, graph)))
            .flat_map(|all| floor(state, committee, all))
            .collect();
        due.extend(lists(state, committee, &branches));
    }
    due
}

fn floor<'a>(state: &'a State, committee: &'a Committee, entries: &'a [Num]) -> impl Iterator<Item = Num> + 'a {
    entries
        .iter()
        .copied()
        .filter(|n| !committee.record().contains(*n, state.graph()))
}

/// How many entries of a newcomer this node's own key has named so far.
fn taken_up(state: &State, committee: &Committee, node_key: &Key, newcomer: Num) -> usize {
    let graph = state.graph();
    let own = graph.log(node_key, committee.root());
    let named = own.into_iter().flat_map(|log| log.iter()).flat_map(|n| graph.after(n));
    named.filter(|n| graph.author(**n) == newcomer).count()
}

fn lists(state: &State, committee: &Committee, take: &[Num]) -> Vec<(Id, Vec<Id>)> {
    let graph = state.graph();
    let root = graph.id(committee.root());
    take.chunks(limit::AFTER)
        .map(|some| (root, some.iter().map(|n| graph.id(*n)).collect()))
        .collect()
}
