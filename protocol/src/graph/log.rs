//! The log of one key in one space: what stands at each sequence number, all branches.

use std::collections::BTreeMap;

use super::Num;

/// Places that are left open for rows that are read back later. What lies farther ahead is kept aside, so that a row
/// with a damaged number costs nothing.
const GAP: usize = 1 << 10;

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

    /// Finishes reading rows back. False if a place below the last is not taken.
    pub(super) fn settle(&mut self) -> bool {
        for (seq, mut all) in std::mem::take(&mut self.forks) {
            let at = Num(seq).at();
            if at == self.first.len() {
                self.first.push(Num(Num::NONE));
            }
            let Some(slot) = self.first.get_mut(at) else {
                return false;
            };
            match all.first() {
                Some(first) if slot.0 == Num::NONE => *slot = *first,
                _ if !all.contains(slot) => all.insert(0, *slot),
                _ => {}
            }
            if all.len() > 1 {
                self.forks.insert(seq, all);
            }
        }
        self.first.iter().all(|n| n.0 != Num::NONE)
    }

    pub(super) fn insert(&mut self, seq: u32, num: Num) {
        let at = Num(seq).at();
        if at >= self.first.len() + GAP {
            self.forks.entry(seq).or_default().push(num);
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_any_order_make_the_same_log() {
        let places: Vec<u32> = (0..3000).collect();
        let mut straight = Log::default();
        places.iter().for_each(|n| straight.insert(*n, Num(*n)));
        straight.insert(2500, Num(9000));
        assert!(straight.settle());
        let mut backwards = Log::default();
        places.iter().rev().for_each(|n| backwards.insert(*n, Num(*n)));
        backwards.insert(2500, Num(9000));
        assert!(backwards.settle());
        let read = |log: &Log| {
            (
                log.len(),
                log.iter().collect::<Vec<_>>(),
                log.forks().count(),
                log.at(2500).to_vec(),
            )
        };
        assert_eq!(read(&straight), read(&backwards));
        assert_eq!(read(&straight).3, [Num(2500), Num(9000)]);
    }

    #[test]
    fn a_row_far_ahead_costs_nothing_and_is_found_out() {
        let mut log = Log::default();
        log.insert(0, Num(0));
        log.insert(1 << 31, Num(1));
        assert_eq!(log.first.len(), 1);
        assert!(!log.settle());
        let mut hole = Log::default();
        hole.insert(0, Num(0));
        hole.insert(2, Num(1));
        assert!(!hole.settle());
    }
}
