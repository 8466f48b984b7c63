//! Receipts: what a node promises to whoever posts an entry.
//!
//! ```text
//! althing/receipt/1
//! origin
//! index of the leaf
//! entry id
//! ```
//!
//! A checkpoint of that origin with more leaves, whose leaf at that index is another one, proves that it lied
//! ([`crate::fraud`]).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::SigningKey;
use thiserror::Error;

use super::MOST;
use super::checkpoint::Origin;
use super::note::{BadNote, Note};
use crate::hash::Id;

const FIRST: &str = "althing/receipt/1";

/// Says that an entry is a leaf of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The log.
    pub origin: Origin,
    /// The leaf's number.
    pub index: u64,
    /// The entry.
    pub entry: Id,
}

/// Why a text is no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadReceipt {
    /// More or fewer lines.
    #[error("a receipt has four lines, each ended by a line feed")]
    Lines,
    /// Another first line.
    #[error("the first line is not {FIRST}")]
    First,
    /// The second line names no log.
    #[error("the second line names no log")]
    Origin,
    /// The third line is no number in its one form.
    #[error("the third line is no leaf's number")]
    Index,
    /// The fourth line is no id.
    #[error("the fourth line is no entry's id")]
    Entry,
}

impl Receipt {
    /// The receipt as it is handed out.
    ///
    /// # Errors
    /// [`BadNote::Key`] where the key is not the one of its origin.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, BadNote> {
        self.origin.sign(&self.to_string(), key)
    }
}

impl fmt::Display for Receipt {
    /// The text that is signed, with its last line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}\n{}\n{}\n{}", self.origin, self.index, self.entry)
    }
}

impl FromStr for Receipt {
    type Err = BadReceipt;

    fn from_str(text: &str) -> Result<Self, BadReceipt> {
        let lines: Vec<&str> = text.strip_suffix('\n').ok_or(BadReceipt::Lines)?.splitn(5, '\n').collect();
        let [first, origin, index, entry] = lines.as_slice() else {
            return Err(BadReceipt::Lines);
        };
        if *first != FIRST {
            return Err(BadReceipt::First);
        }
        let number: u64 = index.parse().map_err(|_| BadReceipt::Index)?;
        if number >= MOST || number.to_string() != *index {
            return Err(BadReceipt::Index);
        }
        Ok(Self {
            origin: origin.parse().map_err(|_| BadReceipt::Origin)?,
            index: number,
            entry: entry.parse().map_err(|_| BadReceipt::Entry)?,
        })
    }
}
