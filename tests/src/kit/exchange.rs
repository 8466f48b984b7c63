//! Moves what one node lacks from another, in frames as small as one likes: the plainest thing that could be called
//! sync. It only ever sends what the asking node lacks by name, and what both know of each other's record.

use std::collections::BTreeSet;

use althing_protocol::hash::Id;

use super::Replica;

/// The source number under which exchanged entries come.
const PEER: u64 = 7;

/// Pulls from `from` until nothing more comes: first what waiting entries here call for, then what the other record
/// has and this node has not, parents first; `frame` entries per question.
pub fn exchange(to: &mut Replica, from: &Replica, committee: Id, frame: usize) {
    let mut asked: usize = 0;
    loop {
        let before = (to.admitted().len(), to.waiting());
        for id in lacking(to, from, committee) {
            pull(to, from, &[id]);
            wants(to, from, frame);
        }
        asked += 1;
        if (to.admitted().len(), to.waiting()) == before || asked > 10_000 {
            return;
        }
    }
}

/// Pulls both ways until the digests are equal or nothing moves.
pub fn meet(a: &mut Replica, b: &mut Replica, committee: Id, frame: usize) {
    for _ in 0..8 {
        exchange(a, b, committee, frame);
        exchange(b, a, committee, frame);
        if a.digest(committee) == b.digest(committee) {
            return;
        }
    }
}

/// Ids of the other record that are neither here nor waiting, parents first.
fn lacking(to: &Replica, from: &Replica, committee: Id) -> Vec<Id> {
    let waiting = to.waiting();
    let graph = from.state.graph();
    let mut ids: Vec<Id> = from
        .record(committee)
        .into_iter()
        .filter(|id| to.state.graph().num(id).is_none() && !waiting.contains(id))
        .collect();
    ids.sort_unstable_by_key(|id| graph.num(id).map(|n| graph.rank(n)));
    ids
}

/// Answers what waiting entries call for, until the other node has no more of it.
fn wants(to: &mut Replica, from: &Replica, frame: usize) {
    let mut refused: BTreeSet<Id> = BTreeSet::new();
    loop {
        let wants = to.state.waiting().wants(frame + refused.len());
        let open: Vec<Id> = wants
            .into_iter()
            .filter(|id| !refused.contains(id) && from.entry(id).is_some())
            .take(frame)
            .collect();
        if open.is_empty() {
            return;
        }
        pull(to, from, &open);
        let gone = |id: &&Id| to.state.graph().num(id).is_none() && !to.state.waiting().contains(id);
        let lost: Vec<Id> = open.iter().filter(gone).copied().collect();
        refused.extend(lost);
    }
}

fn pull(to: &mut Replica, from: &Replica, ids: &[Id]) {
    for wire in ids.iter().filter_map(|id| from.wire(id)) {
        to.offer_wire(&wire, PEER);
    }
}
