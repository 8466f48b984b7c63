//! Witnesses: nodes of other members that cosign a log's checkpoints as long as it only grows (C2SP tlog-witness).
//!
//! ```text
//! old SIZE
//! base64(hash)      one line for each hash of the consistency proof
//! (an empty line)
//! (the signed note)
//! ```
//!
//! Invariant: [`judge`] answers yes only to a checkpoint that the last cosigned one is a beginning of. Whoever signs stores
//! the new one first, in the same atomic write in which it compared the old one.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use ed25519_dalek::SigningKey;
use thiserror::Error;

use super::checkpoint::{BadCheckpoint, Checkpoint};
use super::note::{self, BadNote, Line, Note, Use};
use super::{BadProof, MOST, empty, verify_consistency};
use crate::hash::{Hash, Key};

/// Most hashes in a request.
pub const HASHES: usize = 63;

/// Longest request in bytes.
pub const LONGEST: usize = note::LONGEST + (HASHES + 1) * 46;

/// Asks for a cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Leaves of the checkpoint that the witness cosigned last, as the asker believes.
    pub old: u64,
    /// The consistency proof from that one to this one.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed.
    pub note: Note,
    /// What its text says.
    pub checkpoint: Checkpoint,
}

/// Why bytes are no request. All of these are answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// Too long.
    #[error("a request has at most {LONGEST} bytes and {HASHES} hashes")]
    Long,
    /// The first line.
    #[error("the first line should be: old SIZE")]
    Old,
    /// The lines after it.
    #[error("after the first line come hashes in base64, one to a line, and an empty line")]
    Proof,
    /// The note.
    #[error("what follows the empty line is no signed note: {0}")]
    Note(#[from] BadNote),
    /// The note's text.
    #[error("the note is no checkpoint: {0}")]
    Checkpoint(#[from] BadCheckpoint),
    /// The older log is the larger one.
    #[error("a log cannot shrink from {old} to {new} leaves")]
    Shrinks {
        /// Leaves of the older log.
        old: u64,
        /// Leaves of this one.
        new: u64,
    },
}

/// Whose a log is, in the eyes of the witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of a living node device of a member or founder of the committee.
    Members,
    /// Of nobody who belongs there.
    Nobodys,
    /// Of a committee that the witness does not follow.
    Unfollowed,
}

/// The last checkpoint of an origin that the witness cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its leaves.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Leave to cosign, given once the new checkpoint is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosign {
    /// What to store, and to sign.
    pub checkpoint: Checkpoint,
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The committee is not followed here.
    #[error("this node does not follow the committee of that log")]
    Unfollowed,
    /// The log is nobody's.
    #[error("the log's key is no living node device of a member of its committee")]
    Nobodys,
    /// The log's key did not sign.
    #[error("the checkpoint is not signed by the key of its log")]
    Unsigned,
    /// Asked from another size than the witness is at, or another root at the same size.
    #[error("this node cosigned {0} leaves of that log last, and the request does not go on from there")]
    Conflict(u64),
    /// The consistency proof.
    #[error("the consistency proof does not hold: {0}")]
    Proof(#[from] BadProof),
}

impl Refusal {
    /// The status code that answers it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unfollowed => 404,
            Self::Nobodys | Self::Unsigned => 403,
            Self::Conflict(_) => 409,
            Self::Proof(_) => 422,
        }
    }
}

/// Decides whether to cosign. `known` is what the witness cosigned last of this origin, none if nothing. With the same
/// size and another root, where the answer is [`Refusal::Conflict`], both notes together are a [`crate::fraud`].
///
/// # Errors
/// [`Refusal`], the first rule that does not hold: the committee, the signer, the size, the proof.
pub fn judge(request: &Request, known: Option<Known>, whose: Whose) -> Result<Cosign, Refusal> {
    match whose {
        Whose::Members => {}
        Whose::Nobodys => return Err(Refusal::Nobodys),
        Whose::Unfollowed => return Err(Refusal::Unfollowed),
    }
    let checkpoint = request.checkpoint;
    let verifier = checkpoint.origin.verifier().map_err(|_| Refusal::Unsigned)?;
    match request.note.signed_by(&verifier) {
        Ok(Some(_)) => {}
        Ok(None) | Err(_) => return Err(Refusal::Unsigned),
    }
    let known = known.unwrap_or(Known {
        size: 0,
        root: empty(),
    });
    let other = checkpoint.size == known.size && checkpoint.root != known.root;
    if request.old != known.size || other {
        return Err(Refusal::Conflict(known.size));
    }
    verify_consistency(
        known.size,
        &known.root,
        checkpoint.size,
        &checkpoint.root,
        &request.proof,
    )?;
    Ok(Cosign { checkpoint })
}

impl Cosign {
    /// The cosignature, at `time` in seconds since 1970. Only after [`Cosign::checkpoint`] was stored.
    ///
    /// # Errors
    /// [`BadNote::Key`].
    pub fn sign(&self, time: u64, key: &SigningKey) -> Result<Line, BadNote> {
        let name = name(&Key(key.verifying_key().to_bytes()));
        note::sign(&self.checkpoint.to_string(), &name, Use::Cosignature, time, key)
    }
}

/// The name of a node's cosigning key.
#[must_use]
pub fn name(node: &Key) -> String {
    format!("{NAME}{node}")
}

/// The node whose cosigning key has this name.
#[must_use]
pub fn node(name: &str) -> Option<Key> {
    name.strip_prefix(NAME)?.parse().ok()
}

const NAME: &str = "althing/node/";

impl Request {
    /// One that asks for a cosignature of this note.
    ///
    /// # Errors
    /// [`BadRequest::Checkpoint`], [`BadRequest::Shrinks`], [`BadRequest::Long`].
    pub fn new(old: u64, proof: Vec<Hash>, note: Note) -> Result<Self, BadRequest> {
        let checkpoint: Checkpoint = note.text.parse()?;
        if old > checkpoint.size {
            let new = checkpoint.size;
            return Err(BadRequest::Shrinks { old, new });
        }
        if proof.len() > HASHES {
            return Err(BadRequest::Long);
        }
        Ok(Self {
            old,
            proof,
            note,
            checkpoint,
        })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", BASE64.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.note.write())
    }
}

impl FromStr for Request {
    type Err = BadRequest;

    fn from_str(text: &str) -> Result<Self, BadRequest> {
        if text.len() > LONGEST {
            return Err(BadRequest::Long);
        }
        let (head, note) = text.split_once("\n\n").ok_or(BadRequest::Proof)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(BadRequest::Old)?;
        let size: u64 = old.parse().map_err(|_| BadRequest::Old)?;
        if size > MOST || size.to_string() != old {
            return Err(BadRequest::Old);
        }
        let hash = |line: &str| {
            let bytes = BASE64.decode(line.as_bytes()).ok()?;
            Some(Hash(bytes.try_into().ok()?))
        };
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == HASHES {
                return Err(BadRequest::Long);
            }
            proof.push(hash(line).ok_or(BadRequest::Proof)?);
        }
        Self::new(size, proof, Note::read(note)?)
    }
}
