//! Checkpoints: what a node says its log of a committee is (C2SP tlog-checkpoint).
//!
//! ```text
//! althing/1/COMMITTEE/NODEKEY/GENERATION
//! size
//! base64(root)
//! ```
//!
//! The first line is the origin, the name of the log. A node that lost its disk begins a new generation: it says so rather
//! than rewrite the log under the old name. No further lines: what C2SP allows there it does not recommend, and what else
//! has to be bound stands in the log as a leaf.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use ed25519_dalek::SigningKey;
use thiserror::Error;

use super::MOST;
use super::note::{self, BadNote, Note, Use, Verifier};
use crate::hash::{Hash, Id, Key};

/// Whose log it is, of which committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The committee.
    pub committee: Id,
    /// The public key of the node that keeps it.
    pub node: Key,
    /// How often that node began anew, from 0.
    pub generation: u32,
}

impl Origin {
    /// The key under whose signature its notes stand.
    ///
    /// # Errors
    /// [`BadNote::Key`].
    pub fn verifier(&self) -> Result<Verifier, BadNote> {
        Verifier::new(&self.to_string(), Use::Note, self.node)
    }

    /// Signs a text of this log: a checkpoint's or a receipt's.
    ///
    /// # Errors
    /// [`BadNote::Key`] where the key is not the one of this origin.
    pub fn sign(&self, text: &str, key: &SigningKey) -> Result<Note, BadNote> {
        if key.verifying_key().as_bytes() != self.node.as_bytes() {
            return Err(BadNote::Key);
        }
        Ok(Note {
            text: text.to_owned(),
            signatures: vec![note::sign(text, &self.to_string(), Use::Note, 0, key)?],
        })
    }
}

/// A log at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its name.
    pub origin: Origin,
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Why a text is no checkpoint of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadCheckpoint {
    /// The first line names no log of ours.
    #[error("the first line names no log: it should be althing/1/COMMITTEE/NODEKEY/GENERATION")]
    Origin,
    /// The second line is no number in its one form.
    #[error("the second line is no size")]
    Size,
    /// The third line is no hash.
    #[error("the third line is no root")]
    Root,
    /// More or fewer lines.
    #[error("a checkpoint has three lines")]
    Lines,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "althing/1/{}/{}/{}", self.committee, self.node, self.generation)
    }
}

impl FromStr for Origin {
    type Err = BadCheckpoint;

    fn from_str(text: &str) -> Result<Self, BadCheckpoint> {
        let mut parts = text.strip_prefix("althing/1/").ok_or(BadCheckpoint::Origin)?.split('/');
        let mut next = || parts.next().ok_or(BadCheckpoint::Origin);
        let origin = Self {
            committee: next()?.parse().map_err(|_| BadCheckpoint::Origin)?,
            node: next()?.parse().map_err(|_| BadCheckpoint::Origin)?,
            generation: next()?.parse().map_err(|_| BadCheckpoint::Origin)?,
        };
        // One name for one log.
        if origin.to_string() == text {
            Ok(origin)
        } else {
            Err(BadCheckpoint::Origin)
        }
    }
}

impl fmt::Display for Checkpoint {
    /// The text that is signed, with its last line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{}\n{}",
            self.origin,
            self.size,
            BASE64.encode(self.root.as_bytes())
        )
    }
}

impl FromStr for Checkpoint {
    type Err = BadCheckpoint;

    fn from_str(text: &str) -> Result<Self, BadCheckpoint> {
        let mut lines = text.strip_suffix('\n').ok_or(BadCheckpoint::Lines)?.split('\n');
        let mut next = || lines.next().ok_or(BadCheckpoint::Lines);
        let (origin, size, root) = (next()?, next()?, next()?);
        if lines.next().is_some() {
            return Err(BadCheckpoint::Lines);
        }
        let number: u64 = size.parse().map_err(|_| BadCheckpoint::Size)?;
        if number > MOST || number.to_string() != size {
            return Err(BadCheckpoint::Size);
        }
        let root = BASE64.decode(root.as_bytes()).map_err(|_| BadCheckpoint::Root)?;
        Ok(Self {
            origin: origin.parse()?,
            size: number,
            root: Hash(root.try_into().map_err(|_| BadCheckpoint::Root)?),
        })
    }
}
