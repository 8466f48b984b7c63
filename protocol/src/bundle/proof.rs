//! `proof.cbor`: its fields, their bounds and their one encoding.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::anchor::{Evidence, batch, receipt};
use crate::codec;
use crate::entry::{self, Entry, Verified};
use crate::hash::Hash;
use crate::link::Address;
use crate::log::{hashes, on_end};

/// Most entries of identities in one proof.
pub const PEOPLE: usize = 64;

/// What a proof holds, well formed and unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What is proved.
    pub entry: Signed,
    /// Entries of identities' spaces: whose keys these are.
    pub people: Vec<Signed>,
    /// The checkpoint, signed and cosigned.
    pub note: String,
    /// The leaf's number.
    pub index: u64,
    /// The inclusion proof.
    pub path: Vec<Hash>,
    /// That the checkpoint was anchored.
    pub anchor: Option<Anchorage>,
}

/// A header and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The header's bytes.
    pub header: Vec<u8>,
    /// The signature over it.
    pub signature: [u8; 64],
}

/// Where a checkpoint stands on a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchorage {
    /// That a batch's root stands in a block.
    pub evidence: Evidence,
    /// Checkpoints in the batch.
    pub size: u64,
    /// The checkpoint's place in it.
    pub place: u64,
    /// Its inclusion proof.
    pub path: Vec<Hash>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u64,
    entry: (ByteBuf, ByteArray<64>),
    people: Vec<(ByteBuf, ByteArray<64>)>,
    note: String,
    index: u64,
    path: ByteBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anchor: Option<WireAnchor>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAnchor {
    chain: u64,
    contract: ByteArray<20>,
    header: ByteBuf,
    index: u64,
    receipt: Vec<ByteBuf>,
    event: u64,
    size: u64,
    place: u64,
    path: ByteBuf,
}

impl Signed {
    /// The header and the signature of an entry.
    #[must_use]
    pub fn of(entry: &Verified) -> Self {
        Self {
            header: entry.header_bytes().to_vec(),
            signature: *entry.signature(),
        }
    }

    /// The entry, if its header decodes and its signature holds.
    pub(super) fn verify(&self) -> Option<Verified> {
        let wire = entry::wire(&self.header, &self.signature, None);
        let entry = Entry::decode(&wire).ok()?.verify().ok()?;
        (entry.header_bytes() == self.header).then_some(entry)
    }

    fn wire(&self) -> (ByteBuf, ByteArray<64>) {
        (ByteBuf::from(self.header.clone()), ByteArray::new(self.signature))
    }

    fn read((header, signature): (ByteBuf, ByteArray<64>)) -> Self {
        Self {
            header: header.into_vec(),
            signature: signature.into_array(),
        }
    }
}

impl Proof {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&Wire {
            v: 1,
            entry: self.entry.wire(),
            people: self.people.iter().map(Signed::wire).collect(),
            note: self.note.clone(),
            index: self.index,
            path: ByteBuf::from(on_end(&self.path)),
            anchor: self.anchor.as_ref().map(Anchorage::wire),
        })
    }

    /// Reads them; none if they are none, or out of their bounds.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let value = codec::decode_value(bytes).ok()?;
        let wire: Wire = codec::from_value(value).ok()?;
        // The typed reader is more lenient than the specification, in more than one way.
        if codec::encode(&wire) != bytes || wire.v != 1 || wire.people.len() > PEOPLE {
            return None;
        }
        Some(Self {
            entry: Signed::read(wire.entry),
            people: wire.people.into_iter().map(Signed::read).collect(),
            note: wire.note,
            index: wire.index,
            path: hashes(&wire.path)?,
            anchor: match wire.anchor {
                Some(anchor) => Some(Anchorage::read(anchor)?),
                None => None,
            },
        })
    }
}

impl Anchorage {
    fn wire(&self) -> WireAnchor {
        let evidence = &self.evidence;
        WireAnchor {
            chain: evidence.chain,
            contract: ByteArray::new(*evidence.contract.as_bytes()),
            header: ByteBuf::from(evidence.header.clone()),
            index: evidence.index,
            receipt: evidence.receipt.iter().cloned().map(ByteBuf::from).collect(),
            event: evidence.event,
            size: self.size,
            place: self.place,
            path: ByteBuf::from(on_end(&self.path)),
        }
    }

    fn read(wire: WireAnchor) -> Option<Self> {
        let fits = wire.header.len() <= receipt::HEADER
            && wire.receipt.len() <= receipt::NODES
            && wire.receipt.iter().all(|node| node.len() <= receipt::NODE)
            && usize::try_from(wire.size).is_ok_and(|size| size <= batch::MOST);
        fits.then_some(())?;
        Some(Self {
            evidence: Evidence {
                chain: wire.chain,
                contract: Address::new(wire.contract.into_array()),
                header: wire.header.into_vec(),
                index: wire.index,
                receipt: wire.receipt.into_iter().map(ByteBuf::into_vec).collect(),
                event: wire.event,
            },
            size: wire.size,
            place: wire.place,
            path: hashes(&wire.path)?,
        })
    }
}
