//! Tiles: a log's hashes in files that never change once full (C2SP tlog-tiles).
//!
//! ```text
//! tile/L/N          hashes of the full subtrees of level 8·L with the numbers 256·N …, 256 of them
//! tile/L/N.p/W      the first W of them, while no more are full
//! tile/entries/N    leaves 256·N …, each behind its length (two bytes, big-endian)
//! ```
//!
//! N is written in groups of three digits, all but the last behind an `x`: `x001/x234/067`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Leaf, MOST, STORED};
use crate::hash::Hash;

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;

/// Which hashes, or leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Its level in tiles, 0 nearest to the leaves; none for the leaves themselves.
    pub level: Option<u8>,
    /// Full tiles of its level before it.
    pub index: u64,
    /// How many it holds, 1 to [`WIDTH`].
    pub width: u64,
}

/// Why a path names no tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the path names no tile: it should look like 0/x001/067 or entries/000.p/17")]
pub struct BadPath;

impl Tile {
    /// Whether a log of `size` leaves has it.
    #[must_use]
    pub fn is_in(&self, size: u64) -> bool {
        let shift = u32::from(self.level.unwrap_or(0)) * u32::from(STORED);
        let full = size.checked_shr(shift).unwrap_or(0);
        self.first().is_some_and(|first| first + self.width <= full)
    }

    /// The number of its first hash or leaf at its level.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.index.checked_mul(WIDTH).filter(|first| *first < MOST)
    }

    /// Its bytes, from kept hashes; none where one is missing. For tiles of leaves see [`leaves`].
    pub fn bytes(&self, read: impl Fn(u8, u64) -> Option<Hash>) -> Option<Vec<u8>> {
        let level = self.level?.checked_mul(STORED)?;
        let first = self.first()?;
        let mut bytes = Vec::new();
        for n in first..first + self.width {
            bytes.extend_from_slice(read(level, n)?.as_bytes());
        }
        Some(bytes)
    }
}

/// The bytes of a tile of leaves.
#[must_use]
pub fn leaves(leaves: &[Leaf]) -> Vec<u8> {
    let one = |leaf: &Leaf| {
        let bytes = leaf.bytes();
        let length = u16::try_from(bytes.len()).unwrap_or(0).to_be_bytes();
        [&length[..], &bytes[..]].concat()
    };
    leaves.iter().flat_map(one).collect()
}

/// Reads a tile of leaves; none if these bytes are none.
#[must_use]
pub fn read_leaves(mut bytes: &[u8]) -> Option<Vec<Leaf>> {
    let mut leaves = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(Leaf::read(leaf)?);
        bytes = rest;
    }
    bytes.is_empty().then_some(leaves)
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "{level}/")?,
            None => write!(f, "entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (n, group) in groups.iter().enumerate().rev() {
            write!(f, "{}{group:03}", if n == 0 { "" } else { "x" })?;
            if n > 0 {
                write!(f, "/")?;
            }
        }
        match self.width {
            WIDTH => Ok(()),
            width => write!(f, ".p/{width}"),
        }
    }
}

impl FromStr for Tile {
    type Err = BadPath;

    /// Reads what follows `tile/`. Every tile has one path only.
    fn from_str(path: &str) -> Result<Self, BadPath> {
        let (level, rest) = path.split_once('/').ok_or(BadPath)?;
        let level = match level {
            "entries" => None,
            level => Some(level.parse::<u8>().ok().filter(|l| *l < 64).ok_or(BadPath)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| BadPath)?),
            None => (rest, WIDTH),
        };
        let mut index: u64 = 0;
        for group in number.split('/') {
            let group = group.strip_prefix('x').unwrap_or(group);
            let group: u64 = group.parse().map_err(|_| BadPath)?;
            let next = index.checked_mul(1000).and_then(|i| i.checked_add(group));
            index = next.filter(|i| *i < MOST).ok_or(BadPath)?;
        }
        let tile = Self { level, index, width };
        let one_path = (1..=WIDTH).contains(&width) && tile.to_string() == path;
        if one_path { Ok(tile) } else { Err(BadPath) }
    }
}
