//! That a contract's log stands in a block: the block's header, the receipt's proof under its root, and the log.
//!
//! Rules 1 to 3 of `docs/spec/anchor.md`. What it says is as true as the block: that a chain holds a block of this hash,
//! whoever relies on it looks up elsewhere.

use thiserror::Error;

use super::batch;
use super::{rlp, trie};
use crate::entry::Block;
use crate::hash::Hash;
use crate::limit;
use crate::link::Address;

/// Longest header of a block, in bytes.
pub const HEADER: usize = 4096;

/// Most nodes in the proof of a receipt.
pub const NODES: usize = 32;

/// Longest node, in bytes.
pub const NODE: usize = 65_536;

const EVENT: &[u8] = b"Anchored(address,bytes32,bytes32)";

/// What is shown of a block to prove that something was anchored in it. Field by field in `docs/spec/anchor.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// EIP-155 chain id.
    pub chain: u64,
    /// The contract.
    pub contract: Address,
    /// The block's header in RLP.
    pub header: Vec<u8>,
    /// The transaction's place in the block.
    pub index: u64,
    /// The proof of its receipt, from the root node down.
    pub receipt: Vec<Vec<u8>>,
    /// Which log of the receipt.
    pub event: u64,
}

/// What evidence proves, if its block is one of its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchoring {
    /// The block.
    pub block: Block,
    /// When it was made, in seconds since 1970.
    pub time: u64,
    /// Who called the contract.
    pub anchorer: Address,
    /// What was anchored.
    pub digest: Hash,
}

/// Why evidence proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.text())]
pub enum BadEvidence {
    /// Rule 1.
    Header,
    /// Rule 2, the proof.
    Trie,
    /// Rule 2, the receipt's form.
    Receipt,
    /// Rule 2, the transaction's outcome.
    Status,
    /// Rule 3, its form, or that there is such a log.
    Event,
    /// Rule 3, whose it is.
    Contract,
    /// Rule 3, what it is about.
    Topics,
    /// Rule 3, its data.
    Data,
}

impl BadEvidence {
    /// The sentence for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Header => "its header is no block's header in RLP, with a receipts root, a number and a time",
            Self::Trie => "its receipt is not proved under the header's receipts root for that index",
            Self::Receipt => "what it proves in the block is no receipt",
            Self::Status => "its transaction failed",
            Self::Event => "its receipt has no log of that number",
            Self::Contract => "the log was written by another contract",
            Self::Topics => "the log is of another event, or of another scope",
            Self::Data => "the log's data is no digest",
        }
    }

    /// A stable short name, as test vectors use it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Trie => "trie",
            Self::Receipt => "receipt",
            Self::Status => "status",
            Self::Event => "event",
            Self::Contract => "contract",
            Self::Topics => "topics",
            Self::Data => "data",
        }
    }
}

impl Evidence {
    /// Checks it.
    ///
    /// # Errors
    /// [`BadEvidence`], the first rule that does not hold.
    pub fn verify(&self) -> Result<Anchoring, BadEvidence> {
        let head = Head::read(&self.header).ok_or(BadEvidence::Header)?;
        let key = rlp::encode_number(self.index);
        let value = trie::value(&head.receipts, &key, &self.receipt).ok_or(BadEvidence::Trie)?;
        let (status, logs) = receipt(value).ok_or(BadEvidence::Receipt)?;
        if status != [1] {
            return Err(BadEvidence::Status);
        }
        let (anchorer, digest) = self.logged(logs)?;
        let block = Block {
            chain: self.chain,
            height: head.number,
            hash: Hash(trie::keccak(&self.header)),
        };
        Ok(Anchoring {
            block,
            time: head.time,
            anchorer,
            digest,
        })
    }

    /// Who called and with what, by log number `event` among these.
    fn logged(&self, logs: &[u8]) -> Result<(Address, Hash), BadEvidence> {
        let log = rlp::nth(logs, self.event).and_then(|log| rlp::exactly::<3>(log.items()?));
        let [contract, topics, data] = log.ok_or(BadEvidence::Event)?;
        if contract.string() != Some(self.contract.as_bytes()) {
            return Err(BadEvidence::Contract);
        }
        let topics = topics.items().and_then(rlp::exactly::<3>).ok_or(BadEvidence::Topics)?;
        let [event, anchorer, scope] = topics.map(|topic| topic.fixed::<32>());
        let padded = anchorer.as_ref().and_then(|topic| topic.strip_prefix(&[0; 12]));
        let anchorer = padded.and_then(|address| address.try_into().ok());
        let ours = event == Some(trie::keccak(EVENT)) && scope == Some(batch::scope().0);
        let anchorer = anchorer.filter(|_| ours).ok_or(BadEvidence::Topics)?;
        let digest = data.fixed().ok_or(BadEvidence::Data)?;
        Ok((Address::new(anchorer), Hash(digest)))
    }
}

/// What is read of a block's header.
struct Head {
    receipts: [u8; 32],
    number: u64,
    time: u64,
}

impl Head {
    fn read(header: &[u8]) -> Option<Self> {
        if header.len() > HEADER {
            return None;
        }
        let items = rlp::list(header)?;
        let number = |n| rlp::nth(items, n)?.number().filter(|n| *n <= limit::INT);
        Some(Self {
            receipts: rlp::nth(items, 5)?.fixed()?,
            number: number(8)?,
            time: number(11)?,
        })
    }
}

/// Status and logs of a receipt; one type byte may stand before it (EIP-2718).
fn receipt(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let value = match value.split_first()? {
        (0..0x80, rest) => rest,
        _ => value,
    };
    let [status, _gas, _bloom, logs] = rlp::exactly(rlp::list(value)?)?;
    Some((status.string()?, logs.items()?))
}
