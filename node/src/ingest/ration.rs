//! How many bytes of bodies the floor may hold: in all, and of one key.
//!
//! The floor's own budget counts entries. Bodies are a cache beside them, so one that finds no room is left out and
//! the entry stays; once a member takes the entry up, its body is wanted like any other. The owner's own are not
//! counted. Nothing is stored of this: it is made anew from what is on the floor when the node starts.

use althing_protocol::graph::Num;
use althing_protocol::hash::{Id, Key};
use althing_protocol::state::State;
use hashbrown::HashMap;

use crate::limit;
use crate::store::{self, Bits, Store};

/// Who has how many bytes of bodies on the floor.
#[derive(Debug, Default)]
pub(super) struct Ration {
    held: HashMap<Num, (Key, u64)>,
    by_key: HashMap<Key, u64>,
    total: u64,
    /// Entries on the floor whose body was left out.
    refused: Bits,
}

impl Ration {
    /// Counts what is on the floor.
    pub(super) fn new(store: &Store, state: &State, own: &Id) -> Result<Self, store::Error> {
        let mut ration = Self::default();
        let graph = state.graph();
        for num in graph.iter().filter(|num| is_rationed(*num, own, state)) {
            let Some(stored) = store.header(num, &graph.id(num))? else {
                continue;
            };
            let here = stored.header.len > 0 && !store.absent().contains(num.0);
            if here {
                ration.add(num, graph.key(num), stored.header.len);
            } else if !ration.has_room(&graph.key(num), stored.header.len) {
                ration.refused.set(num.0, true);
            }
        }
        Ok(ration)
    }

    /// Whether a body may be stored. If so it is counted when `stored`; if not that is remembered.
    pub(super) fn grants(&mut self, num: Num, key: Key, len: u64, stored: bool) -> bool {
        let granted = self.held.contains_key(&num) || self.has_room(&key, len);
        self.refused.set(num.0, !granted);
        if granted && stored {
            self.add(num, key, len);
        }
        granted
    }

    /// Whether a body was left out.
    pub(super) fn refuses(&self, num: Num) -> bool {
        self.refused.contains(num.0)
    }

    /// The entry left the floor: for a record, or for good. Answers whether its body had been left out.
    pub(super) fn release(&mut self, num: Num) -> bool {
        if let Some((key, len)) = self.held.remove(&num) {
            self.total = self.total.saturating_sub(len);
            if let Some(bytes) = self.by_key.get_mut(&key) {
                *bytes = bytes.saturating_sub(len);
                if *bytes == 0 {
                    self.by_key.remove(&key);
                }
            }
        }
        let refused = self.refused.contains(num.0);
        self.refused.set(num.0, false);
        refused
    }

    fn has_room(&self, key: &Key, len: u64) -> bool {
        let own = self.by_key.get(key).copied().unwrap_or(0);
        own.saturating_add(len) <= limit::FLOOR_BYTES_PER_KEY && self.total.saturating_add(len) <= limit::FLOOR_BYTES
    }

    fn add(&mut self, num: Num, key: Key, len: u64) {
        if self.held.insert(num, (key, len)).is_none() {
            *self.by_key.entry(key).or_insert(0) += len;
            self.total += len;
        }
    }
}

/// Whether an entry's body counts: on the floor, and somebody else's.
pub(super) fn is_rationed(num: Num, own: &Id, state: &State) -> bool {
    let graph = state.graph();
    graph.node(num).records == 0 && graph.id(graph.author(num)) != *own
}
