//! The list of floor logs that a simulated node announces, in the order in which they changed.

use std::collections::{BTreeMap, HashMap};

use althing_protocol::committee::Committee;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Id, Key};
use althing_protocol::state::State;
use althing_protocol::sync::{Head, Place};

/// The list. A restart begins a new generation.
#[derive(Default)]
pub(super) struct Floors {
    pub(super) generation: u64,
    pub(super) at: u64,
    pub(super) places: HashMap<(Key, Id), u64>,
    pub(super) logs: BTreeMap<u64, (Key, Id)>,
}

impl Floors {
    pub(super) fn end(&self) -> Place {
        Place {
            generation: self.generation,
            at: self.at,
        }
    }

    /// An entry came or left the record.
    pub(super) fn touch(&mut self, num: Num, committee: Option<&Committee>, state: &State) {
        let graph = state.graph();
        let node = graph.node(num);
        let listed =
            committee.map(Committee::root) == Some(node.space) || graph.node(node.space).class == Class::Identity;
        if !listed || committee.is_some_and(|c| c.record().contains(num, graph)) {
            return;
        }
        let log = (graph.key(num), graph.id(node.space));
        if let Some(before) = self.places.insert(log, self.at) {
            self.logs.remove(&before);
        }
        self.logs.insert(self.at, log);
        self.at += 1;
    }

    /// Heads of the logs at or after a position, and the position to go on from.
    pub(super) fn heads(
        &self,
        from: u64,
        most: usize,
        committee: Option<&Committee>,
        state: &State,
    ) -> (Vec<Head>, u64) {
        let mut heads = Vec::new();
        for (position, (key, space)) in self.logs.range(from..) {
            if heads.len() >= most {
                return (heads, *position);
            }
            heads.extend(tips(*key, *space, committee, state));
        }
        (heads, self.at)
    }
}

fn tips(key: Key, space: Id, committee: Option<&Committee>, state: &State) -> Vec<Head> {
    let graph = state.graph();
    let Some(log) = graph.num(&space).and_then(|space| graph.log(&key, space)) else {
        return Vec::new();
    };
    let Some(seq) = log.len().checked_sub(1) else {
        return Vec::new();
    };
    let on_floor = |n: &&Num| !committee.is_some_and(|c| c.record().contains(**n, graph));
    let here = log.at(u32::try_from(seq).expect("a short log")).iter().filter(on_floor);
    here.take(4)
        .map(|n| Head {
            by: key,
            space,
            seq: seq as u64,
            id: graph.id(*n),
        })
        .collect()
}
