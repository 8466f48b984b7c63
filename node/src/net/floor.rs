//! Which logs of newcomers changed, in the order in which they did: what peers read to hear of people to whom no
//! member has listened yet.
//!
//! One list per followed committee. A log that changes again moves to the end, so each is listed once and a peer that
//! read up to a position finds everything newer behind it. Kept in memory and begun anew with the process: a new
//! generation tells peers so. Identities on the floor are listed for every committee, because nobody can be granted
//! a role before the grantor's node has heard of them. At most [`limit::FLOOR_LOGS`] logs per committee; beyond, the
//! one that was silent for longest is no longer announced.

use std::collections::BTreeMap;

use althing_protocol::committee::Committee;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Id, Key};
use althing_protocol::limit::INT;
use althing_protocol::state::State;
use althing_protocol::sync::{Head, Place};
use hashbrown::HashMap;

use super::limit;
use crate::clock;

/// The lists of all followed committees.
#[derive(Debug, Default)]
pub(super) struct Floors(BTreeMap<Id, List>);

#[derive(Debug)]
struct List {
    generation: u64,
    /// The next position.
    at: u64,
    places: HashMap<(Key, Id), u64>,
    logs: BTreeMap<u64, (Key, Id)>,
}

impl Floors {
    /// The lists as the state has them now. Positions of before mean nothing any more.
    pub(super) fn of(state: &State) -> Self {
        let mut floors = Self::default();
        for committee in state.followed() {
            floors.follow(committee, state);
        }
        floors
    }

    /// Begins a committee's list anew.
    pub(super) fn follow(&mut self, committee: Id, state: &State) {
        let graph = state.graph();
        let mut list = List::new();
        let root = graph.num(&committee);
        for (key, space, log) in graph.logs() {
            let listed = Some(space) == root || graph.node(space).class == Class::Identity;
            let on_floor = |head| !in_record(state.committee(&committee), head, state);
            if listed && log.last().is_some_and(on_floor) {
                list.touch(key, graph.id(space));
            }
        }
        self.0.insert(committee, list);
    }

    /// An entry came, or left the record: its log is listed, if it is one to be.
    pub(super) fn touch(&mut self, id: &Id, state: &State) {
        let graph = state.graph();
        let Some(num) = graph.num(id) else { return };
        let space = graph.node(num).space;
        let (key, at) = (graph.key(num), graph.id(space));
        for (committee, list) in &mut self.0 {
            let listed = *committee == at || graph.node(space).class == Class::Identity;
            if listed && !in_record(state.committee(committee), num, state) {
                list.touch(key, at);
            }
        }
    }

    /// Where a committee's list ends.
    pub(super) fn end(&self, committee: &Id) -> Place {
        self.0
            .get(committee)
            .map_or(Place { generation: 0, at: 0 }, |list| Place {
                generation: list.generation,
                at: list.at,
            })
    }

    /// Heads of the logs listed at or after a position, and the position to go on from. Logs that were taken up or
    /// evicted since are passed over. Those of `own` come first.
    pub(super) fn heads(&self, committee: &Id, from: u64, most: usize, own: &Id, state: &State) -> (Vec<Head>, u64) {
        let Some(list) = self.0.get(committee) else {
            return (Vec::new(), from);
        };
        let mut heads = Vec::new();
        let mut next = list.at;
        for (position, (key, space)) in list.logs.range(from..) {
            let tips = tips(key, space, committee, state);
            if !heads.is_empty() && heads.len() + tips.len() > most {
                next = *position;
                break;
            }
            heads.extend(tips);
        }
        let graph = state.graph();
        let owned = |head: &Head| graph.num(&head.id).is_some_and(|n| graph.id(graph.author(n)) == *own);
        heads.sort_by_cached_key(|head| !owned(head));
        (heads, next)
    }
}

impl List {
    fn new() -> Self {
        Self {
            generation: u64::from_le_bytes(clock::random()) & INT,
            at: 0,
            places: HashMap::new(),
            logs: BTreeMap::new(),
        }
    }

    fn touch(&mut self, key: Key, space: Id) {
        if let Some(before) = self.places.insert((key, space), self.at) {
            self.logs.remove(&before);
        }
        self.logs.insert(self.at, (key, space));
        self.at += 1;
        if self.logs.len() > limit::FLOOR_LOGS
            && let Some((_, log)) = self.logs.pop_first()
        {
            self.places.remove(&log);
        }
    }
}

/// The ends of a log's branches that are on the committee's floor: one, or several where it forks. At most
/// [`limit::BRANCHES`], the latest; of a log that forks more often the rest is wanted once something names it.
fn tips(key: &Key, space: &Id, committee: &Id, state: &State) -> Vec<Head> {
    let graph = state.graph();
    let Some(log) = graph.num(space).and_then(|space| graph.log(key, space)) else {
        return Vec::new();
    };
    let Some(last) = log.len().checked_sub(1).and_then(|seq| u32::try_from(seq).ok()) else {
        return Vec::new();
    };
    let ends = |seq: u32| {
        let next = log.at(seq.saturating_add(1));
        move |tip: &&Num| next.iter().all(|above| !graph.names(*above).contains(tip))
    };
    let forks = log
        .forks()
        .map(|(seq, _)| seq)
        .filter(|seq| *seq < last)
        .collect::<Vec<_>>();
    let places = std::iter::once(last).chain(forks.into_iter().rev().take(limit::BRANCHES));
    let all = places.flat_map(|seq| log.at(seq).iter().filter(ends(seq)).map(move |tip| (seq, *tip)));
    let listed = all.filter(|(_, tip)| !in_record(state.committee(committee), *tip, state));
    let head = |(seq, tip): (u32, Num)| Head {
        by: *key,
        space: *space,
        seq: u64::from(seq),
        id: graph.id(tip),
    };
    listed.take(limit::BRANCHES).map(head).collect()
}

fn in_record(committee: Option<&Committee>, num: Num, state: &State) -> bool {
    committee.is_some_and(|c| c.record().contains(num, state.graph()))
}
