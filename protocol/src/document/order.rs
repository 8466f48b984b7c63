//! Order within a document: the closure of `after` among its entries, and what follows from it in linear time.
//!
//! Entries are numbered in canonical order (Kahn's algorithm, lowest ready id first), so that a parent's number is
//! always below its child's, and the numbers of a causally closed subset keep their order.

#![expect(
    clippy::indexing_slicing,
    reason = "numbers come from this graph and its arrays have one place for each"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::HashMap;

use crate::hash::Id;

/// Parents of each entry by number. Entry 0 is the root, which is before all others.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    parents: Vec<Vec<usize>>,
}

impl Graph {
    /// Orders entries given as (id, `after`), the root first. Names of entries that are not given are ignored; an
    /// entry that names none stands directly after the root, which it names in `doc`. Returns the graph and, for
    /// each number, the place of its entry in `entries`. Ids are hashes, so there are no cycles; entries on one
    /// would be left out.
    pub(super) fn new(entries: &[(Id, &[Id])]) -> (Self, Vec<usize>) {
        let places: HashMap<Id, usize> = entries.iter().enumerate().map(|(i, (id, _))| (*id, i)).collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
        let mut named: Vec<Vec<usize>> = Vec::with_capacity(entries.len());
        for (i, (_, after)) in entries.iter().enumerate() {
            let mut parents: Vec<usize> = after.iter().filter_map(|id| places.get(id).copied()).collect();
            parents.retain(|p| *p != i);
            if i == 0 {
                parents.clear();
            } else if parents.is_empty() {
                parents.push(0);
            }
            for p in &parents {
                children[*p].push(i);
            }
            named.push(parents);
        }
        let mut missing: Vec<usize> = named.iter().map(Vec::len).collect();
        let mut ready = BinaryHeap::new();
        if let Some((id, _)) = entries.first() {
            ready.push(Reverse((*id, 0)));
        }
        let mut order = Vec::with_capacity(entries.len());
        let mut numbers = vec![0; entries.len()];
        while let Some(Reverse((_, i))) = ready.pop() {
            numbers[i] = order.len();
            order.push(i);
            for child in &children[i] {
                missing[*child] -= 1;
                if missing[*child] == 0 {
                    ready.push(Reverse((entries[*child].0, *child)));
                }
            }
        }
        let parents = order
            .iter()
            .map(|i| named[*i].iter().map(|p| numbers[*p]).collect())
            .collect();
        (Self { parents }, order)
    }

    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    pub(super) fn parents(&self, node: usize) -> &[usize] {
        &self.parents[node]
    }

    /// Which entries are `node` or before it.
    pub(super) fn past(&self, node: usize) -> Vec<bool> {
        let mut past = vec![false; self.len()];
        past[node] = true;
        for i in (0..=node).rev() {
            if past[i] {
                for p in &self.parents[i] {
                    past[*p] = true;
                }
            }
        }
        past
    }

    /// The graph of a causally closed subset, renumbered in the same order.
    pub(super) fn only(&self, keep: &[bool]) -> Self {
        let mut next = 0;
        let numbers: Vec<usize> = keep
            .iter()
            .map(|k| {
                let number = next;
                next += usize::from(*k);
                number
            })
            .collect();
        let kept = self.parents.iter().zip(keep).filter(|(_, k)| **k);
        Self {
            parents: kept.map(|(p, _)| p.iter().map(|p| numbers[*p]).collect()).collect(),
        }
    }

    /// For each probe (register, entry): does an entry strictly after it set this register? Setters are given in
    /// the same form. One pass over the graph for each 256 registers, however many setters there are.
    pub(super) fn covered(&self, setters: &[(usize, usize)], probes: &[(usize, usize)]) -> Vec<bool> {
        let mut out = vec![false; probes.len()];
        let Some(most) = probes.iter().map(|(register, _)| register / BLOCK).max() else {
            return out;
        };
        let mut by_block = vec![(Vec::new(), Vec::new()); most + 1];
        for (register, node) in setters {
            if let Some((setters, _)) = by_block.get_mut(register / BLOCK) {
                setters.push((register % BLOCK, *node));
            }
        }
        for (i, (register, _)) in probes.iter().enumerate() {
            by_block[register / BLOCK].1.push(i);
        }
        for (setters, probed) in by_block {
            if setters.is_empty() || probed.is_empty() {
                continue;
            }
            let later = self.later(&setters);
            for i in probed {
                let (register, node) = probes[i];
                let register = register % BLOCK;
                out[i] = later[node][register / 64] >> (register % 64) & 1 == 1;
            }
        }
        out
    }

    /// For each entry, the set of registers (below [`BLOCK`]) that entries strictly after it set.
    fn later(&self, setters: &[(usize, usize)]) -> Vec<Bits> {
        let mut own = vec![Bits::default(); self.len()];
        for (register, node) in setters {
            own[*node][register / 64] |= 1 << (register % 64);
        }
        let mut later = vec![Bits::default(); self.len()];
        for node in (0..self.len()).rev() {
            let mut all = later[node];
            for (word, own) in all.iter_mut().zip(own[node]) {
                *word |= own;
            }
            for parent in &self.parents[node] {
                for (word, all) in later[*parent].iter_mut().zip(all) {
                    *word |= all;
                }
            }
        }
        later
    }

    /// Entries that no entry among `count`ed ones is after.
    pub(super) fn heads(&self, counted: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut head: Vec<bool> = (0..self.len()).map(&counted).collect();
        for node in 0..self.len() {
            if counted(node) {
                for parent in &self.parents[node] {
                    head[*parent] = false;
                }
            }
        }
        (0..self.len()).filter(|node| head[*node]).collect()
    }
}

const BLOCK: usize = 256;
type Bits = [u64; BLOCK / 64];
