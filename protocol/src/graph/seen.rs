//! A set of small numbers that grows along the graph: which signatures of its committee lie in an entry's past.
//!
//! Entries that follow one another see nearly the same, so what is equal is shared: a set is a list of shared chunks,
//! and joining sets of which one holds the other copies nothing. An entry costs one pointer; a signature that every
//! later entry sees costs one chunk and one list, whoever comes after shares them.

use std::sync::Arc;

const WORDS: usize = 8;
const BITS: u32 = 64 * 8;

type Chunk = [u64; WORDS];

/// The set.
#[derive(Debug, Clone, Default)]
pub struct Seen(Option<Arc<Vec<Arc<Chunk>>>>);

impl Seen {
    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it holds a number.
    #[must_use]
    pub fn contains(&self, bit: u32) -> bool {
        let (chunk, word, mask) = place(bit);
        let word = self.chunks().get(chunk).and_then(|chunk| chunk.get(word));
        word.is_some_and(|word| word & mask != 0)
    }

    /// Adds a number.
    pub fn insert(&mut self, bit: u32) {
        if self.contains(bit) {
            return;
        }
        let (chunk, word, mask) = place(bit);
        let chunks = Arc::make_mut(self.0.get_or_insert_default());
        if chunks.len() <= chunk {
            chunks.resize_with(chunk + 1, Arc::default);
        }
        let word = chunks
            .get_mut(chunk)
            .and_then(|chunk| Arc::make_mut(chunk).get_mut(word));
        *word.expect("it was just made as long as that") |= mask;
    }

    /// Adds all numbers of another set.
    pub fn join(&mut self, other: &Self) {
        if other.within(self) {
            return;
        }
        if self.within(other) {
            self.clone_from(other);
            return;
        }
        let chunks = Arc::make_mut(self.0.get_or_insert_default());
        if chunks.len() < other.chunks().len() {
            chunks.resize_with(other.chunks().len(), Arc::default);
        }
        for (mine, theirs) in chunks.iter_mut().zip(other.chunks()) {
            if subset(mine, theirs) {
                mine.clone_from(theirs);
            } else if !subset(theirs, mine) {
                for (mine, theirs) in Arc::make_mut(mine).iter_mut().zip(theirs.iter()) {
                    *mine |= theirs;
                }
            }
        }
    }

    /// Keeps only what another set holds too.
    pub fn meet(&mut self, other: &Self) {
        if self.within(other) {
            return;
        }
        if other.within(self) {
            self.clone_from(other);
            return;
        }
        let mut chunks: Vec<Arc<Chunk>> = Vec::new();
        for (mine, theirs) in self.chunks().iter().zip(other.chunks()) {
            let mut both = Arc::clone(mine);
            if !subset(mine, theirs) {
                for (mine, theirs) in Arc::make_mut(&mut both).iter_mut().zip(theirs.iter()) {
                    *mine &= theirs;
                }
            }
            chunks.push(both);
        }
        // The last chunk of a list holds something.
        while chunks.last().is_some_and(|chunk| chunk.iter().all(|word| *word == 0)) {
            chunks.pop();
        }
        self.0 = (!chunks.is_empty()).then(|| Arc::new(chunks));
    }

    fn within(&self, other: &Self) -> bool {
        let same = match (&self.0, &other.0) {
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs),
            (None, _) => true,
            (Some(_), None) => false,
        };
        // Chunks that one has and the other lacks hold something: they are made for a number.
        let (mine, theirs) = (self.chunks(), other.chunks());
        same || (mine.len() <= theirs.len() && mine.iter().zip(theirs).all(|(m, t)| subset(m, t)))
    }

    fn chunks(&self) -> &[Arc<Chunk>] {
        self.0.as_ref().map_or(&[], |chunks| chunks.as_slice())
    }
}

fn subset(some: &Arc<Chunk>, all: &Arc<Chunk>) -> bool {
    Arc::ptr_eq(some, all) || some.iter().zip(all.iter()).all(|(some, all)| some & !all == 0)
}

fn place(bit: u32) -> (usize, usize, u64) {
    let at = |n: u32| usize::try_from(n).expect("a u32 fits usize on every machine this runs on");
    (at(bit / BITS), at(bit % BITS / 64), 1 << (bit % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn of(bits: &[u32]) -> Seen {
        let mut seen = Seen::default();
        for bit in bits {
            seen.insert(*bit);
        }
        seen
    }

    fn members(seen: &Seen) -> BTreeSet<u32> {
        (0..5000).filter(|bit| seen.contains(*bit)).collect()
    }

    #[test]
    fn joins_are_unions_and_meets_intersections() {
        let sets: [&[u32]; 6] = [&[], &[0], &[0, 63, 64], &[511, 512], &[4999], &[1, 700, 4000]];
        for one in sets {
            for other in sets {
                let mut joined = of(one);
                joined.join(&of(other));
                let expected: BTreeSet<u32> = one.iter().chain(other).copied().collect();
                assert_eq!(members(&joined), expected);
                let mut met = of(one);
                met.meet(&of(other));
                assert_eq!(
                    members(&met),
                    one.iter().filter(|n| other.contains(n)).copied().collect()
                );
                assert_eq!(met.is_empty(), members(&met).is_empty());
            }
        }
    }

    #[test]
    fn what_is_equal_is_shared() {
        let all = of(&[3, 900]);
        let mut next = of(&[3]);
        next.join(&all);
        assert!(Arc::ptr_eq(next.0.as_ref().unwrap(), all.0.as_ref().unwrap()));
        let mut more = all.clone();
        more.insert(4);
        let shared = |n: usize| Arc::ptr_eq(&more.chunks()[n], &all.chunks()[n]);
        assert!(!shared(0) && shared(1), "only the chunk that grew is copied");
        assert!(!all.contains(4));
    }
}
