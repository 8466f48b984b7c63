//! The log of one key in one space: what stands at each sequence number, all branches.

use std::collections::BTreeMap;

use super::Num;

/// The entries of one key in one space. Two at one place are an equivocation: both stay.
#[derive(Debug, Default, Clone)]
pub struct Log {
    /// The first that came at each place; contiguous, because an entry's `prev` is here before it.
    first: Vec<Num>,
    /// All entries of places that hold more than one.
    forks: BTreeMap<u32, Vec<Num>>,
}

impl Log {
    /// What stands at a place: nothing, one entry, or the branches of a fork.
    #[must_use]
    pub fn at(&self, seq: u32) -> &[Num] {
        if let Some(all) = self.forks.get(&seq) {
            return all;
        }
        let at = Num(seq).at();
        self.first.get(at..=at).unwrap_or_default()
    }

    /// The entry at the highest place; the first that came, if a fork is there.
    #[must_use]
    pub fn head(&self) -> Option<Num> {
        self.first.last().copied()
    }

    /// An entry at the highest place; the last that came, if a fork is there.
    #[must_use]
    pub fn last(&self) -> Option<Num> {
        self.at(Num::index(self.first.len().checked_sub(1)?).0).last().copied()
    }

    /// How many places are taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether nothing is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// All entries, by place.
    pub fn iter(&self) -> impl Iterator<Item = Num> {
        (0..self.first.len()).flat_map(|seq| self.at(Num::index(seq).0).iter().copied())
    }

    /// Places with more than one entry, lowest first.
    pub fn forks(&self) -> impl Iterator<Item = (u32, &[Num])> {
        self.forks.iter().map(|(seq, all)| (*seq, all.as_slice()))
    }

    /// Whether every place up to the last is taken: always, except while rows are read back.
    pub(super) fn is_whole(&self) -> bool {
        self.first.iter().all(|n| n.0 != Num::NONE)
    }

    pub(super) fn insert(&mut self, seq: u32, num: Num) {
        let at = Num(seq).at();
        if at >= self.first.len() {
            // Rows are read back in the order of their numbers, which is not that of logs: gaps fill up later.
            self.first.resize(at + 1, Num(Num::NONE));
        }
        match self.first.get_mut(at) {
            Some(slot) if slot.0 == Num::NONE => *slot = num,
            Some(slot) => self.forks.entry(seq).or_insert_with(|| vec![*slot]).push(num),
            None => {}
        }
    }

    pub(super) fn remove(&mut self, seq: u32, num: Num) {
        if let Some(all) = self.forks.get_mut(&seq) {
            all.retain(|n| *n != num);
            if let (Some(slot), Some(left)) = (self.first.get_mut(Num(seq).at()), all.first()) {
                *slot = *left;
            }
            if all.len() < 2 {
                self.forks.remove(&seq);
            }
            return;
        }
        // Nothing names it, so nothing follows it in the log: it is the last.
        if self.first.last() == Some(&num) {
            self.first.pop();
        }
    }
}
