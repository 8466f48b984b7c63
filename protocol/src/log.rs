//! The log: an append-only Merkle tree (RFC 6962, section 2) over what a node's record of one committee took in, in order.
//!
//! ```text
//! leaf      = 0x01 || entry id   0x02 || digest   or   0x03 || entry id        (33 bytes)
//! MTH({})   = SHA-256()
//! MTH({d})  = SHA-256(0x00 || d)
//! MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))   k the largest power of two below n
//! ```
//!
//! They say that an entry joined the record, what its digest was (a *cut*), and that an entry left it. A cut stands last
//! before a checkpoint that is anchored, and binds the digest of that moment into the log.
//!
//! Invariant: a subtree over 2^l leaves that begins at a multiple of 2^l never changes once it is full. So a node keeps the
//! hashes of full subtrees of the levels 0, 8, 16 … ([`STORED`]), computes the rest, and serves them as tiles ([`tile`]).
//! Appending costs two hashes on average ([`Frontier`]); a proof reads at most some 250 hashes per level of tiles.

pub mod checkpoint;
mod frontier;
pub mod keeper;
pub mod note;
pub mod policy;
mod proof;
pub mod receipt;
pub mod tile;
pub mod witness;

use thiserror::Error;

pub use self::frontier::{Frontier, Full};
pub use self::proof::{BadProof, PATH, consistency, hashes, inclusion, on_end, verify_consistency, verify_inclusion};
use crate::hash::{Hash, Id, sha256};

/// Every so many levels the hashes of full subtrees are kept: the height of a tile.
pub const STORED: u8 = 8;

/// Greatest number of leaves: as many as sequence numbers have room, and few enough that no count overflows.
pub const MOST: u64 = 1 << 40;

/// What one leaf says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// This entry joined the record.
    Entry(Id),
    /// The record's digest was this.
    Cut(Hash),
    /// This entry left the record.
    Left(Id),
}

/// A leaf's length in bytes.
pub const LEAF: usize = 33;

impl Leaf {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; LEAF] {
        let (tag, rest) = match self {
            Self::Entry(id) => (1, id.as_bytes()),
            Self::Cut(digest) => (2, digest.as_bytes()),
            Self::Left(id) => (3, id.as_bytes()),
        };
        let mut bytes = [0; LEAF];
        let (first, others) = bytes.split_at_mut(1);
        first.copy_from_slice(&[tag]);
        others.copy_from_slice(rest);
        bytes
    }

    /// Reads one; none if these bytes are no leaf.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        let rest = rest.try_into().ok()?;
        match tag {
            1 => Some(Self::Entry(Id(rest))),
            2 => Some(Self::Cut(Hash(rest))),
            3 => Some(Self::Left(Id(rest))),
            _ => None,
        }
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash(sha256(&[&[0], &self.bytes()]))
    }
}

/// The hash of a node over these two.
#[must_use]
pub fn parent(left: &Hash, right: &Hash) -> Hash {
    Hash(sha256(&[&[1], left.as_bytes(), right.as_bytes()]))
}

/// The root over no leaf.
#[must_use]
pub fn empty() -> Hash {
    Hash(sha256(&[]))
}

/// Something that the keeper of the hashes should have and has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the log lacks the hash of its subtree {index} of level {level}")]
pub struct Missing {
    /// Its leaves are 2^level.
    pub level: u8,
    /// How many subtrees of that level come before it.
    pub index: u64,
}

/// A log of `size` leaves whose kept hashes `read` gives: of full subtrees, by level (a multiple of [`STORED`]) and index.
#[derive(Debug, Clone, Copy)]
pub struct Tree<R> {
    size: u64,
    read: R,
}

impl<R: Fn(u8, u64) -> Option<Hash>> Tree<R> {
    /// A log of so many leaves, at most [`MOST`].
    pub fn new(size: u64, read: R) -> Self {
        Self {
            size: size.min(MOST),
            read,
        }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn root(&self) -> Result<Hash, Missing> {
        self.root_at(self.size)
    }

    /// Its root when it had so many leaves; those of now if it never had as many.
    ///
    /// # Errors
    /// [`Missing`].
    pub fn root_at(&self, size: u64) -> Result<Hash, Missing> {
        match size.min(self.size) {
            0 => Ok(empty()),
            size => self.range(0, size),
        }
    }

    /// The hash over the leaves from `start` up to `end`, where `start` is a multiple of the largest power of two below
    /// their number, as it is wherever the tree splits.
    fn range(&self, start: u64, end: u64) -> Result<Hash, Missing> {
        let len = end - start;
        if len.is_power_of_two() {
            let level = u8::try_from(len.trailing_zeros()).unwrap_or(u8::MAX);
            return self.full(level, start >> level);
        }
        let middle = start + split(len);
        Ok(parent(&self.range(start, middle)?, &self.range(middle, end)?))
    }

    /// The hash of a full subtree, kept or computed from the kept ones below.
    fn full(&self, level: u8, index: u64) -> Result<Hash, Missing> {
        if level.is_multiple_of(STORED) {
            return (self.read)(level, index).ok_or(Missing { level, index });
        }
        let left = self.full(level - 1, index * 2)?;
        Ok(parent(&left, &self.full(level - 1, index * 2 + 1)?))
    }
}

/// The largest power of two below `len`, which is at least two.
fn split(len: u64) -> u64 {
    let half = (len - 1).checked_ilog2().unwrap_or(0);
    1 << half
}

#[cfg(test)]
mod tests;
