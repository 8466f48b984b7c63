//! What of a log is needed to go on with it: the roots of the full subtrees that it splits into, largest first.

use super::{MOST, Missing, STORED, Tree, empty, parent};
use crate::hash::Hash;

/// A log's right edge. At most 41 hashes, whatever its size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// A subtree that became full: of 2^`level` leaves, number `index` of its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// A multiple of [`STORED`], above 0.
    pub level: u8,
    /// How many of its level come before it.
    pub index: u64,
    /// Its root.
    pub hash: Hash,
}

impl Frontier {
    /// Of a log whose hashes are kept.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn of<R: Fn(u8, u64) -> Option<Hash>>(tree: &Tree<R>) -> Result<Self, Missing> {
        let size = tree.size();
        let mut peaks = Vec::new();
        let mut start = 0;
        while start < size {
            let len = 1 << (size - start).ilog2();
            peaks.push(tree.range(start, start + len)?);
            start += len;
        }
        Ok(Self { size, peaks })
    }

    /// From what [`Frontier::peaks`] gave; none if a log of this size has another number of peaks.
    #[must_use]
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let count = usize::try_from(size.count_ones()).ok()?;
        (size <= MOST && peaks.len() == count).then_some(Self { size, peaks })
    }

    /// How many leaves the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its full subtrees, largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf's hash. `full` is told of the subtrees that are full now and whose hashes a keeper keeps, lowest first.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(Full)) {
        let mut hash = leaf;
        // One bit for each peak: those below the lowest zero merge with the new leaf.
        for level in 1..=self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = parent(&left, &hash);
            if let Some(level) = u8::try_from(level).ok().filter(|level| level.is_multiple_of(STORED)) {
                let index = self.size >> level;
                full(Full { level, index, hash });
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The log's root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let last = peaks.next();
        last.map_or_else(empty, |last| peaks.fold(last, |right, left| parent(&left, &right)))
    }
}
