//! Proofs that a node broke what it had signed: anybody can check them, whoever shows them (`docs/spec/log.md`, Fraud).

use thiserror::Error;

use crate::hash::{Hash, Id, sha256};
use crate::kind::{Record, Value, json};
use crate::log::checkpoint::{Checkpoint, Origin};
use crate::log::note::Note;
use crate::log::receipt::Receipt;
use crate::log::{Leaf, hashes, on_end, verify_inclusion};

/// Longest leaf that a proof of fraud may show, in bytes. A sound one has [`crate::log::LEAF`]; one that is not is a lie
/// as well, and must not escape by its length.
pub const LEAF: usize = 256;

/// A leaf and its inclusion proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// The proof.
    pub path: Vec<Hash>,
}

/// What a `fraud` entry says. Notes are signed notes with the log's signature alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fraud {
    /// Two checkpoints of one size and different roots.
    Fork {
        /// One of them.
        a: String,
        /// The other.
        b: String,
    },
    /// Two checkpoints with different leaves in one place.
    Rewrite {
        /// One of them.
        a: String,
        /// The other.
        b: String,
        /// The place.
        index: u64,
        /// What the first has there.
        in_a: Shown,
        /// What the second has there.
        in_b: Shown,
    },
    /// A receipt, and a checkpoint with another leaf in its place.
    Receipt {
        /// The checkpoint.
        checkpoint: String,
        /// The receipt.
        receipt: String,
        /// What the checkpoint has there.
        shown: Shown,
    },
}

/// Which log a fraud convicts, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convicted {
    /// The log; its node's key signed both.
    pub origin: Origin,
    /// What it did.
    pub deed: Deed,
}

/// What a log did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It had two histories of so many leaves.
    Fork {
        /// How many.
        size: u64,
    },
    /// It changed this leaf.
    Rewrite {
        /// Its number.
        index: u64,
    },
    /// It dropped or moved an entry for which it had given a receipt.
    Receipt {
        /// The leaf's number.
        index: u64,
        /// The entry.
        entry: Id,
    },
}

/// Why it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.text())]
pub enum BadFraud {
    /// The fields are those of no kind of fraud.
    Form,
    /// A text is no signed checkpoint or receipt.
    Note,
    /// A signature does not stand, or there is more than that of the log's key.
    Signature,
    /// The two are of different logs.
    Origin,
    /// Of another committee.
    Committee,
    /// They do not contradict each other.
    Agree,
    /// An inclusion proof does not hold.
    Proof,
}

impl BadFraud {
    /// The sentence for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Form => {
                "its fields are none of the three: two checkpoints; two checkpoints, an index, two leaves and their \
                 proofs; a checkpoint, a receipt, a leaf and its proof"
            }
            Self::Note => "one of its notes is no signed checkpoint or receipt",
            Self::Signature => "one of its notes is not signed by the key of its log, and by that alone",
            Self::Origin => "its notes are of different logs",
            Self::Committee => "its log is of another committee",
            Self::Agree => "its notes do not contradict each other",
            Self::Proof => "one of its inclusion proofs does not hold",
        }
    }

    /// A stable short name, as test vectors use it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Note => "note",
            Self::Signature => "signature",
            Self::Origin => "origin",
            Self::Committee => "committee",
            Self::Agree => "agree",
            Self::Proof => "proof",
        }
    }
}

impl Fraud {
    /// Reads the fields of a `fraud` entry that keep their kind's bounds.
    ///
    /// # Errors
    /// [`BadFraud::Form`].
    pub fn read(record: &Record) -> Result<Self, BadFraud> {
        Self::from_record(record).ok_or(BadFraud::Form)
    }

    fn from_record(record: &Record) -> Option<Self> {
        let text = |name| record.get(name).and_then(Value::as_text).map(str::to_owned);
        let shown = |leaf, path| match (record.get(leaf), record.get(path)) {
            (None, None) => Some(None),
            (Some(leaf), Some(path)) => Some(Some(Shown {
                leaf: leaf.as_bytes()?.to_vec(),
                path: hashes(path.as_bytes()?)?,
            })),
            _ => None,
        };
        let (a, b) = (text("a")?, text("b")?);
        let index = record.get("index").and_then(Value::as_int);
        let (in_a, in_b) = (shown("leaf_a", "proof_a")?, shown("leaf_b", "proof_b")?);
        match (is_receipt(&b), index, in_a, in_b) {
            (false, None, None, None) => Some(Self::Fork { a, b }),
            (false, Some(index), Some(in_a), Some(in_b)) => Some(Self::Rewrite {
                a,
                b,
                index,
                in_a,
                in_b,
            }),
            (true, None, Some(shown), None) => Some(Self::Receipt {
                checkpoint: a,
                receipt: b,
                shown,
            }),
            _ => None,
        }
    }

    /// The fields of the entry.
    #[must_use]
    pub fn record(&self) -> Record {
        let text = |text: &String| Value::Text(text.clone());
        let leaf = |shown: &Shown| Value::Bytes(shown.leaf.clone());
        let path = |shown: &Shown| Value::Bytes(on_end(&shown.path));
        match self {
            Self::Fork { a, b } => Record::from([("a", text(a)), ("b", text(b))]),
            Self::Rewrite {
                a,
                b,
                index,
                in_a,
                in_b,
            } => Record::from([
                ("a", text(a)),
                ("b", text(b)),
                ("index", Value::Int(*index)),
                ("leaf_a", leaf(in_a)),
                ("proof_a", path(in_a)),
                ("leaf_b", leaf(in_b)),
                ("proof_b", path(in_b)),
            ]),
            Self::Receipt {
                checkpoint,
                receipt,
                shown,
            } => Record::from([
                ("a", text(checkpoint)),
                ("b", text(receipt)),
                ("leaf_a", leaf(shown)),
                ("proof_a", path(shown)),
            ]),
        }
    }

    /// The canonical body of the entry, whether or not it proves anything.
    ///
    /// # Errors
    /// What is too large.
    pub fn body(&self) -> Result<Vec<u8>, json::Error> {
        json::written("fraud", &self.record())
    }

    /// Checks that it convicts a log of this committee.
    ///
    /// # Errors
    /// [`BadFraud`].
    pub fn verify(&self, committee: Id) -> Result<Convicted, BadFraud> {
        let (origin, deed) = match self {
            Self::Fork { a, b } => {
                let (a, b) = (checkpoint(a)?, checkpoint(b)?);
                same(a.origin, b.origin)?;
                if a.size != b.size || a.root == b.root {
                    return Err(BadFraud::Agree);
                }
                (a.origin, Deed::Fork { size: a.size })
            }
            Self::Rewrite {
                a,
                b,
                index,
                in_a,
                in_b,
            } => {
                let (a, b) = (checkpoint(a)?, checkpoint(b)?);
                same(a.origin, b.origin)?;
                if in_a.leaf == in_b.leaf {
                    return Err(BadFraud::Agree);
                }
                in_a.stands(*index, &a)?;
                in_b.stands(*index, &b)?;
                (a.origin, Deed::Rewrite { index: *index })
            }
            Self::Receipt {
                checkpoint: a,
                receipt,
                shown,
            } => {
                let (a, receipt) = (checkpoint(a)?, signed_receipt(receipt)?);
                same(a.origin, receipt.origin)?;
                let Receipt { index, entry, .. } = receipt;
                if shown.leaf == Leaf::Entry(entry).bytes() {
                    return Err(BadFraud::Agree);
                }
                shown.stands(index, &a)?;
                (a.origin, Deed::Receipt { index, entry })
            }
        };
        if origin.committee != committee {
            return Err(BadFraud::Committee);
        }
        Ok(Convicted { origin, deed })
    }
}

impl Shown {
    fn stands(&self, index: u64, under: &Checkpoint) -> Result<(), BadFraud> {
        let leaf = Hash(sha256(&[&[0], &self.leaf]));
        verify_inclusion(&leaf, index, under.size, &under.root, &self.path).map_err(|_| BadFraud::Proof)
    }
}

fn is_receipt(note: &str) -> bool {
    note.starts_with("althing/receipt/1\n")
}

fn same(a: Origin, b: Origin) -> Result<(), BadFraud> {
    if a == b { Ok(()) } else { Err(BadFraud::Origin) }
}

fn checkpoint(text: &str) -> Result<Checkpoint, BadFraud> {
    let note = Note::read(text).map_err(|_| BadFraud::Note)?;
    let checkpoint: Checkpoint = note.text.parse().map_err(|_| BadFraud::Note)?;
    alone(&note, checkpoint.origin)?;
    Ok(checkpoint)
}

fn signed_receipt(text: &str) -> Result<Receipt, BadFraud> {
    let note = Note::read(text).map_err(|_| BadFraud::Note)?;
    let receipt: Receipt = note.text.parse().map_err(|_| BadFraud::Note)?;
    alone(&note, receipt.origin)?;
    Ok(receipt)
}

fn alone(note: &Note, origin: Origin) -> Result<(), BadFraud> {
    let verifier = origin.verifier().map_err(|_| BadFraud::Signature)?;
    match note.signed_only_by(&verifier) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(BadFraud::Signature),
    }
}
