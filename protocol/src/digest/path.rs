//! A path: from an id's place in the tree up to the root. Proves that the id is in the set, or that it is not.

use serde::{Deserialize, Serialize};
use serde_bytes::Bytes;
use thiserror::Error;

use super::{Prefix, leaf, node, prefix};
use crate::codec;
use crate::hash::{Hash, Id};

/// What is at the end of an id's way down, and the hashes beside that way, from the root down.
///
/// Among `n` ids it holds about log2(n) hashes, never more than 256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    end: Option<Id>,
    siblings: Vec<Hash>,
}

/// What a path proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The id is in the set.
    Present,
    /// It is not: its way ends where nothing is, or at another id.
    Absent,
}

/// Why a path proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The bytes are no canonical path.
    #[error("the path is not canonical: {0}")]
    Encoding(#[from] codec::Refusal),
    /// Its parts have lengths that no path has.
    #[error("the path's end must have 0 or 32 bytes, its hashes at most 256 times 32 bytes")]
    Length,
    /// It ends at an id that does not lie on the way of the id asked for.
    #[error("the path ends at an id that shares fewer than {0} bits with the one asked for")]
    OffTheWay(usize),
    /// A single id, or nothing, beside nothing: the way would have ended higher up.
    #[error("the path goes on below the place where it must end")]
    TooDeep,
    /// It leads to another root.
    #[error("the path leads to the root {found}, not to the one asked for")]
    Root {
        /// Where it leads.
        found: Hash,
    },
}

/// `[end, siblings]`: no or 32 bytes, and the hashes one after the other.
#[derive(Serialize)]
struct Out<'a>(&'a Bytes, &'a Bytes);

#[derive(Serialize, Deserialize)]
struct In(serde_bytes::ByteBuf, serde_bytes::ByteBuf);

impl Path {
    pub(super) fn new(end: Option<Id>, siblings: Vec<Hash>) -> Self {
        Self { end, siblings }
    }

    /// The hashes beside the way, from the root down.
    #[must_use]
    pub fn siblings(&self) -> &[Hash] {
        &self.siblings
    }

    /// Checks the path of `id` against a root.
    ///
    /// # Errors
    /// Says why it proves nothing, in the order of [`Fault`].
    pub fn verify(&self, root: &Hash, id: &Id) -> Result<Presence, Fault> {
        let depth = self.siblings.len();
        if depth > Prefix::MAX {
            return Err(Fault::Length);
        }
        if let Some(end) = self.end
            && !Prefix::of(id, depth).holds(&end)
        {
            return Err(Fault::OffTheWay(depth));
        }
        if self.siblings.last() == Some(&Hash::ZERO) {
            return Err(Fault::TooDeep);
        }
        let start = self.end.as_ref().map_or(Hash::ZERO, leaf);
        let found = self
            .siblings
            .iter()
            .enumerate()
            .rev()
            .fold(start, |below, (depth, beside)| {
                if prefix::bit(id, depth) {
                    node(beside, &below)
                } else {
                    node(&below, beside)
                }
            });
        if found != *root {
            return Err(Fault::Root { found });
        }
        Ok(if self.end == Some(*id) {
            Presence::Present
        } else {
            Presence::Absent
        })
    }

    /// The canonical bytes, at most 8,230 of them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let end = self.end.as_ref().map_or(&[][..], |id| id.as_bytes());
        let siblings: Vec<u8> = self.siblings.iter().flat_map(|hash| hash.0).collect();
        codec::encode(&Out(Bytes::new(end), Bytes::new(&siblings)))
    }

    /// Reads the canonical bytes.
    ///
    /// # Errors
    /// [`Fault::Encoding`] or [`Fault::Length`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() > ENCODED {
            return Err(Fault::Length);
        }
        let In(end, siblings) = codec::decode(bytes)?;
        let end = match end.as_slice() {
            [] => None,
            id => Some(Id(id.try_into().map_err(|_| Fault::Length)?)),
        };
        let (siblings, rest) = siblings.as_chunks();
        if !rest.is_empty() || siblings.len() > Prefix::MAX {
            return Err(Fault::Length);
        }
        let siblings = siblings.iter().map(|bytes| Hash(*bytes)).collect();
        Ok(Self { end, siblings })
    }
}

/// The longest encoding: the array's head, an id with its head, 256 hashes with theirs.
const ENCODED: usize = 1 + 34 + 3 + 32 * Prefix::MAX;
