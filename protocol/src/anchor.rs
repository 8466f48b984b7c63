//! What ties logs to a chain, so that they say when at the latest (`docs/spec/anchor.md`).

pub mod batch;
pub mod receipt;
pub(crate) mod rlp;
pub(crate) mod trie;

use std::collections::BTreeSet;

use thiserror::Error;

pub use self::receipt::{Anchoring, BadEvidence, Evidence};
use crate::hash::{Hash, Id};
use crate::kind::{Record, Value, json};
use crate::limit;
use crate::link::Address;
use crate::log::checkpoint::Checkpoint;
use crate::log::{self, Leaf, hashes, on_end};

/// Most checkpoints in one anchor entry.
pub const CHECKPOINTS: usize = 64;

/// Most heads in one anchor entry.
pub const HEADS: usize = 256;

/// Longest text of a checkpoint, in bytes.
pub const TEXT: usize = 256;

/// What an `anchor` entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// That a digest stands in a block.
    pub evidence: Evidence,
    /// How many checkpoints the batch has of which the digest is the root.
    pub size: u64,
    /// Checkpoints of this committee in it, the writer's own first.
    pub checkpoints: Vec<Placed>,
    /// Entries in the log of the first of them.
    pub heads: Vec<Head>,
}

/// A checkpoint's text in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The text, three lines.
    pub text: String,
    /// Its place.
    pub index: u64,
    /// Its inclusion proof.
    pub path: Vec<Hash>,
}

/// An entry in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The entry.
    pub entry: Id,
    /// Its leaf's number.
    pub index: u64,
    /// Its inclusion proof.
    pub path: Vec<Hash>,
}

/// What an anchor proves, if its block is one of its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// Block, time and who anchored what.
    pub anchoring: Anchoring,
    /// The contract.
    pub contract: Address,
    /// The checkpoints, the writer's own first.
    pub checkpoints: Vec<Checkpoint>,
    /// Entries that existed by then, and with them all that they name.
    pub heads: Vec<Id>,
}

/// Why an anchor proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.text())]
pub enum BadAnchor {
    /// A field is missing or of another form.
    Form,
    /// Rules 1 to 3.
    Evidence(#[from] BadEvidence),
    /// Rule 4: a text that is no checkpoint.
    Checkpoint,
    /// Rule 4: a checkpoint of another committee.
    Committee,
    /// Rule 4: a text that is not at its place in the batch.
    Batch,
    /// Rule 4: an origin and size that come twice.
    Twice,
    /// Rule 5.
    Head,
}

impl BadAnchor {
    /// The sentence for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Form => "an anchor holds a block's header, a receipt's proof and 1 to 64 checkpoints with their proofs",
            Self::Evidence(bad) => bad.text(),
            Self::Checkpoint => "one of its texts is no checkpoint",
            Self::Committee => "one of its checkpoints is of another committee",
            Self::Batch => "one of its checkpoints is not at its place in the batch that was anchored",
            Self::Twice => "it holds two checkpoints of one log with the same size",
            Self::Head => "one of its entries is not at its place in the log of its first checkpoint",
        }
    }

    /// A stable short name, as test vectors use it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Evidence(bad) => bad.name(),
            Self::Checkpoint => "checkpoint",
            Self::Committee => "committee",
            Self::Batch => "batch",
            Self::Twice => "twice",
            Self::Head => "head",
        }
    }
}

impl Anchor {
    /// Reads the fields of an `anchor` entry that keep their kind's bounds.
    ///
    /// # Errors
    /// [`BadAnchor::Form`].
    pub fn read(record: &Record) -> Result<Self, BadAnchor> {
        Self::from_record(record).ok_or(BadAnchor::Form)
    }

    fn from_record(record: &Record) -> Option<Self> {
        let contract = record.get("contract")?.as_bytes()?.try_into().ok()?;
        let nodes = record.get("receipt")?.as_list().iter();
        let checkpoints = record.get("checkpoints")?.as_list().iter().map(|one| {
            Some(Placed {
                text: one.get("text")?.as_text()?.to_owned(),
                index: one.get("index")?.as_int()?,
                path: hashes(one.get("path")?.as_bytes()?)?,
            })
        });
        let heads = record.get("heads").map_or(&[][..], Value::as_list).iter().map(|one| {
            Some(Head {
                entry: one.get("entry")?.as_id()?,
                index: one.get("index")?.as_int()?,
                path: hashes(one.get("path")?.as_bytes()?)?,
            })
        });
        let evidence = Evidence {
            chain: record.get("chain")?.as_int()?,
            contract: Address::new(contract),
            header: record.get("header")?.as_bytes()?.to_vec(),
            index: record.get("index")?.as_int()?,
            receipt: nodes
                .map(|one| Some(one.get("node")?.as_bytes()?.to_vec()))
                .collect::<Option<_>>()?,
            event: record.get("event")?.as_int()?,
        };
        let anchor = Self {
            evidence,
            size: record.get("size")?.as_int()?,
            checkpoints: checkpoints.collect::<Option<_>>()?,
            heads: heads.collect::<Option<_>>()?,
        };
        (!anchor.checkpoints.is_empty()).then_some(anchor)
    }

    /// The fields of the entry.
    #[must_use]
    pub fn record(&self) -> Record {
        let evidence = &self.evidence;
        let node = |node: &Vec<u8>| Record::from([("node", Value::Bytes(node.clone()))]);
        let placed = |one: &Placed| {
            Record::from([
                ("text", Value::Text(one.text.clone())),
                ("index", Value::Int(one.index)),
                ("path", Value::Bytes(on_end(&one.path))),
            ])
        };
        let head = |one: &Head| {
            Record::from([
                ("entry", Value::Id(one.entry)),
                ("index", Value::Int(one.index)),
                ("path", Value::Bytes(on_end(&one.path))),
            ])
        };
        Record::from([
            ("chain", Value::Int(evidence.chain)),
            ("contract", Value::Bytes(evidence.contract.as_bytes().to_vec())),
            ("header", Value::Bytes(evidence.header.clone())),
            ("index", Value::Int(evidence.index)),
            ("receipt", Value::List(evidence.receipt.iter().map(node).collect())),
            ("event", Value::Int(evidence.event)),
            ("size", Value::Int(self.size)),
            ("checkpoints", Value::List(self.checkpoints.iter().map(placed).collect())),
            ("heads", Value::List(self.heads.iter().map(head).collect())),
        ])
    }

    /// The canonical body of the entry, whether or not it proves anything.
    ///
    /// # Errors
    /// What is too large for one entry.
    pub fn body(&self) -> Result<Vec<u8>, json::Error> {
        json::written("anchor", &self.record())
    }

    /// Checks that it proves something about this committee's logs. Pure: the block is believed.
    ///
    /// # Errors
    /// [`BadAnchor`], the first rule that does not hold.
    pub fn verify(&self, committee: Id) -> Result<Anchored, BadAnchor> {
        let most = u64::try_from(batch::MOST).unwrap_or(u64::MAX);
        if self.size > most || self.evidence.chain > limit::INT {
            return Err(BadAnchor::Form);
        }
        let anchoring = self.evidence.verify()?;
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        let mut seen = BTreeSet::new();
        for placed in &self.checkpoints {
            let checkpoint: Checkpoint = placed.text.parse().map_err(|_| BadAnchor::Checkpoint)?;
            if checkpoint.origin.committee != committee {
                return Err(BadAnchor::Committee);
            }
            batch::verify(&placed.text, placed.index, self.size, &anchoring.digest, &placed.path)
                .map_err(|_| BadAnchor::Batch)?;
            if !seen.insert((checkpoint.origin, checkpoint.size)) {
                return Err(BadAnchor::Twice);
            }
            checkpoints.push(checkpoint);
        }
        let own = checkpoints.first().ok_or(BadAnchor::Form)?;
        for head in &self.heads {
            let leaf = Leaf::Entry(head.entry).hash();
            log::verify_inclusion(&leaf, head.index, own.size, &own.root, &head.path).map_err(|_| BadAnchor::Head)?;
        }
        Ok(Anchored {
            anchoring,
            contract: self.evidence.contract,
            checkpoints,
            heads: self.heads.iter().map(|head| head.entry).collect(),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
