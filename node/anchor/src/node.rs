//! What the bot needs of an Althing node, and what it hands back. All of it has a JSON form in which bytes are lower-case
//! hexadecimal text, without `0x`.

use std::future::Future;

use alloy::primitives::{Address, Bytes};
use althing_protocol::hash::{Hash, Id};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A node that anchors its logs.
pub trait Node: Send + Sync {
    /// Every committee that it follows and that can be anchored now. It makes a checkpoint of each where `changed` is true:
    /// with a cut as its last leaf, signed, and cosigned as its policy asks.
    ///
    /// Called once per slot, and again when a slot has to begin anew. Nothing is promised about what was offered: only
    /// [`record`](Self::record) says that a checkpoint was anchored.
    fn batch(&self) -> impl Future<Output = Result<Vec<Offer>, NodeError>> + Send;

    /// Writes an `anchor` entry with this body in the committee, and answers with the ids of the entries that hold it: one,
    /// or more where the heads need several. The node fills in `heads`.
    ///
    /// **Idempotent for (chain, block hash, index)**: the bot asks again when it was stopped before it heard the answer, and
    /// has to get the same ids and no second entry.
    fn record(&self, committee: &Id, body: &Body) -> impl Future<Output = Result<Vec<Id>, NodeError>> + Send;
}

/// Why a node did not do it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NodeError {
    /// It cannot be reached or has no time: asked again later.
    #[error("the Althing node does not answer: {0}")]
    Away(String),
    /// It will not, now or later: told, and not asked again for this one.
    #[error("the Althing node refuses: {0}")]
    Refused(String),
}

/// One committee that could be anchored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The committee.
    pub committee: Id,
    /// The node's own checkpoint, a signed note whose last leaf is a cut.
    pub checkpoint: String,
    /// Latest checkpoints of other nodes' logs of this committee, signed notes which this node cosigned.
    #[serde(default)]
    pub others: Vec<String>,
    /// Whether anything **but `anchor` entries** joined or left the record since the checkpoint that was anchored last.
    /// They have to be left out: each anchoring adds one, and would be the reason for the next, for ever.
    pub changed: bool,
}

/// The body of an `anchor` entry without its `heads` (`docs/spec/anchor.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// EIP-155 chain id.
    pub chain: u64,
    /// The contract's address.
    #[serde(with = "hex_address")]
    pub contract: Address,
    /// The block's header in RLP.
    #[serde(with = "hex")]
    pub header: Bytes,
    /// The transaction's place in the block.
    pub index: u64,
    /// Merkle-Patricia proof of the receipt, from the root node down.
    pub receipt: Vec<ProofNode>,
    /// Which log of the receipt.
    pub event: u64,
    /// Checkpoints in the batch.
    pub size: u64,
    /// Those of this committee, the writer's own first.
    pub checkpoints: Vec<Placed>,
}

/// A node of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofNode {
    /// Its RLP.
    #[serde(with = "hex")]
    pub node: Bytes,
}

/// A checkpoint in a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// Its three lines.
    pub text: String,
    /// Its place in the batch.
    pub index: u64,
    /// Its inclusion proof: hashes of 32 bytes, on end.
    #[serde(with = "hex")]
    pub path: Bytes,
}

impl Placed {
    /// A checkpoint with its proof.
    #[must_use]
    pub fn new(text: String, index: u64, path: &[Hash]) -> Self {
        let path: Vec<u8> = path.iter().flat_map(|hash| *hash.as_bytes()).collect();
        Self {
            text,
            index,
            path: path.into(),
        }
    }
}

mod hex {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        HEXLOWER
            .decode(text.as_bytes())
            .map(Bytes::from)
            .map_err(de::Error::custom)
    }
}

mod hex_address {
    use super::*;

    pub(super) fn serialize<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(address.as_slice()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let bytes = hex::deserialize(deserializer)?;
        Address::try_from(&bytes[..]).map_err(|_| de::Error::invalid_length(bytes.len(), &"20 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_with_plain_hexadecimal() {
        let body = Body {
            chain: 1,
            contract: Address::repeat_byte(0xab),
            header: Bytes::from_static(&[0xf9, 1]),
            index: 3,
            receipt: vec![ProofNode {
                node: Bytes::from_static(&[0xc0]),
            }],
            event: 0,
            size: 2,
            checkpoints: vec![Placed::new("a\n".to_owned(), 1, &[Hash([1; 32]), Hash([2; 32])])],
        };
        let json = serde_json::to_value(&body).unwrap();
        assert_eq!(json["contract"], "ab".repeat(20));
        assert_eq!(json["header"], "f901");
        assert_eq!(json["receipt"][0]["node"], "c0");
        assert_eq!(
            json["checkpoints"][0]["path"],
            ["01".repeat(32), "02".repeat(32)].concat()
        );
        assert_eq!(serde_json::from_value::<Body>(json.clone()).unwrap(), body);
        for (field, wrong) in [("contract", "abab"), ("header", "F901"), ("header", "0xf901")] {
            let mut json = json.clone();
            json[field] = wrong.into();
            assert!(serde_json::from_value::<Body>(json).is_err(), "{field} {wrong}");
        }
    }
}
