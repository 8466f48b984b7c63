//! The frames: a [`Request`] and its [`Answer`], in canonical CBOR, every list with its limit.
//!
//! Both decoders take any bytes: they check the size first, then the version, then that the bytes are canonical, then
//! the limits. A decoded frame needs memory in proportion to its bytes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::packed;
use crate::codec;
use crate::digest::Prefix;
use crate::hash::{Hash, Id, Key};
use crate::limit;

/// Version of the frames.
pub(super) const VERSION: u64 = 1;
/// Ids in one request.
pub(super) const IDS: usize = 2048;
/// Prefixes in one request.
pub(super) const PREFIXES: usize = 256;
/// Chains in one request.
pub(super) const CHAINS: usize = 64;
/// Floor heads in one answer.
pub(super) const HEADS: usize = 512;
/// Ids in one answer to `index`.
pub(super) const INDEX: usize = 8192;
/// A subtree of at most so many ids is answered by its ids.
pub(super) const SUBTREE: usize = 128;
/// Levels of the tree that one mark list goes down.
pub(super) const LEVELS: usize = 5;
/// Entries of one chain that an answer may hold.
pub(super) const CHAIN: usize = 1024;

impl Request {
    /// Largest encoded request.
    pub const MAX: usize = 128 * 1024;
}

impl Answer {
    /// Largest encoded answer: a full frame, one entry more, and the framing.
    pub const MAX: usize = super::FRAME + limit::WIRE + 64 * 1024;
}

/// A question about one committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The committee's root entry.
    pub committee: Id,
    /// The question.
    pub ask: Ask,
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Ask {
    /// How do you stand? Tells how the asker stands: if that differs, the asked one may want to ask in turn.
    Hello {
        /// The asker's digest.
        digest: Hash,
        /// The number of entries under it.
        count: u64,
    },
    /// What is below these places of the digest's tree? Sorted, unique, at most 256.
    Tree {
        /// The places.
        #[serde(with = "packed::prefixes")]
        prefixes: Vec<Prefix>,
    },
    /// The sequence's entries from a position on.
    Sequence {
        /// The position.
        from: u64,
        /// Bodies of up to so many bytes come along.
        inline: u64,
    },
    /// Only their ids.
    Index {
        /// The position.
        from: u64,
    },
    /// These entries, in any order; sorted, unique, at most 2,048.
    Entries {
        /// Their ids.
        #[serde(with = "packed::ids")]
        ids: Vec<Id>,
        /// Bodies of up to so many bytes come along.
        inline: u64,
    },
    /// The heads of floor logs that changed at or after a position.
    Floor {
        /// The position.
        from: u64,
    },
    /// The ends of logs, in the order in which they are wanted. At most 64.
    Chains {
        /// Which.
        chains: Vec<Chain>,
        /// Bodies of up to so many bytes come along.
        inline: u64,
    },
}

/// The answer to the [`Ask`] of the same name; `chains` is answered by `entries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Answer {
    /// This node does not follow the committee, or does not talk about it now.
    Unknown,
    /// How this node stands.
    Hello(Summary),
    /// What is below the first so many of the places asked for; at least the first.
    Tree {
        /// In the order asked.
        parts: Vec<Part>,
    },
    /// Entries of the sequence.
    Sequence {
        /// Where the sequence ends now.
        end: Place,
        /// The position to go on from. Entries that are no longer here are passed over.
        next: u64,
        /// Their wire forms, parents first.
        #[serde(with = "packed::wires")]
        wires: Vec<Vec<u8>>,
    },
    /// Ids of the sequence.
    Index {
        /// Where the sequence ends now.
        end: Place,
        /// The position to go on from.
        next: u64,
        /// The ids in sequence.
        #[serde(with = "packed::ids")]
        ids: Vec<Id>,
    },
    /// Entries asked for by id or chain; those that are not here are left out.
    Entries {
        /// Their wire forms, parents first.
        #[serde(with = "packed::wires")]
        wires: Vec<Vec<u8>>,
        /// Whether the frame was full: what is missing may be asked for again.
        rest: bool,
    },
    /// Floor heads.
    Floor {
        /// Where the list ends now.
        end: Place,
        /// The position to go on from.
        next: u64,
        /// The heads.
        heads: Vec<Head>,
    },
}

/// How a node stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Its digest.
    pub digest: Hash,
    /// The number of entries under it.
    pub count: u64,
    /// Where its sequence ends.
    pub sequence: Place,
    /// Where its list of floor heads ends.
    pub floor: Place,
    /// The 32 subtrees five levels down; none if the asker named the same digest.
    #[serde(with = "packed::marks")]
    pub marks: Vec<Mark>,
}

/// A position in a list that only grows, until a new generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Which list.
    pub generation: u64,
    /// The position in it.
    pub at: u64,
}

/// The first 16 bytes of a subtree's hash. A collision could hide a difference until the subtree changes; the whole
/// digest still shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub [u8; 16]);

impl Mark {
    /// The mark of the empty set.
    pub const EMPTY: Self = Self([0; 16]);

    /// The mark of a subtree's hash.
    #[must_use]
    pub fn of(hash: &Hash) -> Self {
        Self(*hash.0.first_chunk().expect("a hash has more than 16 bytes"))
    }
}

/// What is below a place of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The subtrees five levels further down (fewer at the end of an id): more than 128 ids in all.
    #[serde(with = "packed::marks")]
    Marks(Vec<Mark>),
    /// All its ids, ascending, with their depths: at most 128.
    #[serde(with = "packed::deep")]
    Ids(Vec<(Id, u32)>),
}

/// The end of a log: `head` and what is before it down to `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The last entry.
    pub head: Id,
    /// The `seq` of the first one wanted.
    pub from: u64,
}

/// The last entry of a log, or of one branch of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The log's key.
    pub by: Key,
    /// The space that the log is in.
    pub space: Id,
    /// The last entry's place in it.
    pub seq: u64,
    /// The last entry.
    pub id: Id,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// More bytes than a frame may have.
    #[error("a frame of {size} bytes is larger than the {max} allowed")]
    TooLarge {
        /// How many there are.
        size: usize,
        /// How many there may be.
        max: usize,
    },
    /// Not a frame of version 1.
    #[error("not a frame of version 1")]
    Version,
    /// Not canonical, or not a frame.
    #[error("not a canonical frame: {0}")]
    Encoding(#[from] codec::Refusal),
    /// A list is too long, or not sorted and unique.
    #[error("{what} must be sorted, unique and at most {max}")]
    List {
        /// Which list.
        what: &'static str,
        /// Its greatest length.
        max: usize,
    },
    /// A number exceeds 2^53 − 1.
    #[error("a number exceeds 2^53 - 1")]
    Number,
}

#[derive(Serialize, Deserialize)]
struct RequestFrame<A>(u64, Id, A);

#[derive(Serialize, Deserialize)]
struct AnswerFrame<A>(u64, A);

impl Request {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&RequestFrame(VERSION, self.committee, &self.ask))
    }

    /// Reads the canonical bytes.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let RequestFrame(_, committee, ask) = decode::<RequestFrame<Ask>>(bytes, Self::MAX, 3)?;
        match &ask {
            Ask::Hello { count: n, .. } | Ask::Index { from: n } | Ask::Floor { from: n } => numbers([*n])?,
            Ask::Sequence { from, inline } => numbers([*from, *inline])?,
            Ask::Tree { prefixes } => ascending("prefixes", prefixes, PREFIXES)?,
            Ask::Entries { ids, inline } => {
                ascending("ids", ids, IDS)?;
                numbers([*inline])?;
            }
            Ask::Chains { chains, inline } => {
                at_most("chains", chains.len(), CHAINS)?;
                numbers(chains.iter().map(|chain| chain.from).chain([*inline]))?;
            }
        }
        Ok(Self { committee, ask })
    }
}

impl Answer {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&AnswerFrame(VERSION, self))
    }

    /// Reads the canonical bytes.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let AnswerFrame(_, answer) = decode::<AnswerFrame<Self>>(bytes, Self::MAX, 2)?;
        match &answer {
            Self::Unknown | Self::Entries { .. } => {}
            Self::Hello(s) => numbers([
                s.count,
                s.sequence.generation,
                s.sequence.at,
                s.floor.generation,
                s.floor.at,
            ])?,
            Self::Tree { parts } => {
                at_most("parts", parts.len(), PREFIXES)?;
                for part in parts {
                    if let Part::Ids(ids) = part {
                        let ids: Vec<&Id> = ids.iter().map(|(id, _)| id).collect();
                        ascending("ids", &ids, SUBTREE)?;
                    }
                }
            }
            Self::Sequence { end, next, .. } => numbers([end.generation, end.at, *next])?,
            Self::Index { end, next, ids } => {
                at_most("ids", ids.len(), INDEX)?;
                numbers([end.generation, end.at, *next])?;
            }
            Self::Floor { end, next, heads } => {
                at_most("heads", heads.len(), HEADS)?;
                numbers(heads.iter().map(|head| head.seq).chain([end.generation, end.at, *next]))?;
            }
        }
        Ok(answer)
    }
}

fn decode<T: DeserializeOwned + Serialize>(bytes: &[u8], max: usize, parts: u8) -> Result<T, Malformed> {
    let size = bytes.len();
    if size > max {
        return Err(Malformed::TooLarge { size, max });
    }
    // An array of so many, then the version, which is 1 and so one byte.
    if !bytes.starts_with(&[0x80 | parts, 1]) {
        return Err(Malformed::Version);
    }
    Ok(codec::decode(bytes)?)
}

fn numbers(numbers: impl IntoIterator<Item = u64>) -> Result<(), Malformed> {
    if numbers.into_iter().all(|n| n <= limit::INT) {
        Ok(())
    } else {
        Err(Malformed::Number)
    }
}

fn at_most(what: &'static str, len: usize, max: usize) -> Result<(), Malformed> {
    if len <= max {
        Ok(())
    } else {
        Err(Malformed::List { what, max })
    }
}

fn ascending<T: Ord>(what: &'static str, list: &[T], max: usize) -> Result<(), Malformed> {
    at_most(what, list.len(), max)?;
    if list.is_sorted_by(|a, b| a < b) {
        Ok(())
    } else {
        Err(Malformed::List { what, max })
    }
}
