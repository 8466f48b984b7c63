//! People, a committee, a log of it and blocks of a chain, for the vectors of logs, anchors and proofs.

use std::collections::BTreeMap;

use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};
use ed25519_dalek::SigningKey;
use sha3::{Digest as _, Keccak256};

use super::make::{Pen, Person, committee, key, public};
use crate::anchor::batch::{self, Batch};
use crate::anchor::{Evidence, rlp};
use crate::bundle::{Anchorage, Parts, Signed};
use crate::codec::{self, Value as Cbor};
use crate::control::{self, Control, Use};
use crate::entry::{Block, Body, Verified, commit_body};
use crate::hash::{Hash, Id, Key, key_commitment};
use crate::link::Address;
use crate::log::checkpoint::{Checkpoint, Origin};
use crate::log::note::{self, Note};
use crate::log::{self, Leaf, Tree, witness};

/// The time of all cosignatures, in seconds.
pub(crate) const TIME: u64 = 1_790_000_100;

/// A log in memory.
#[derive(Clone, Default)]
pub(crate) struct Log {
    pub(crate) leaves: Vec<Leaf>,
    kept: BTreeMap<(u8, u64), Hash>,
}

impl Log {
    pub(crate) fn of(leaves: impl IntoIterator<Item = Leaf>) -> Self {
        let mut log = Self::default();
        leaves.into_iter().for_each(|leaf| log.push(leaf));
        log
    }

    pub(crate) fn push(&mut self, leaf: Leaf) {
        let added = log::append(self.size(), &leaf, |l, i| self.kept.get(&(l, i)).copied()).unwrap();
        self.kept.extend(added.into_iter().map(|(l, i, hash)| ((l, i), hash)));
        self.leaves.push(leaf);
    }

    pub(crate) fn size(&self) -> u64 {
        u64::try_from(self.leaves.len()).unwrap()
    }

    fn tree(&self) -> Tree<impl Fn(u8, u64) -> Option<Hash>> {
        Tree::new(self.size(), |l, i| self.kept.get(&(l, i)).copied())
    }

    pub(crate) fn root(&self, size: u64) -> Hash {
        self.tree().root_at(size).unwrap()
    }

    pub(crate) fn path(&self, index: u64, size: u64) -> Vec<Hash> {
        log::inclusion(&self.tree(), index, size).unwrap().unwrap()
    }

    pub(crate) fn growth(&self, old: u64, new: u64) -> Vec<Hash> {
        log::consistency(&self.tree(), old, new).unwrap().unwrap()
    }

    pub(crate) fn index(&self, entry: Id) -> u64 {
        let at = self.leaves.iter().position(|leaf| *leaf == Leaf::Entry(entry)).unwrap();
        u64::try_from(at).unwrap()
    }

    pub(crate) fn checkpoint(&self, origin: Origin, size: u64) -> Checkpoint {
        let root = self.root(size);
        Checkpoint { origin, size, root }
    }
}

pub(crate) fn origin(committee: Id, node: &SigningKey) -> Origin {
    Origin {
        committee,
        node: public(node),
        generation: 0,
    }
}

/// A checkpoint as its log signs it, with the cosignatures of these nodes.
pub(crate) fn signed(checkpoint: &Checkpoint, node: &SigningKey, cosigners: &[SigningKey]) -> Note {
    let text = checkpoint.to_string();
    let mut note = checkpoint.origin.sign(&text, node).unwrap();
    for (n, key) in (0_u64..).zip(cosigners) {
        let name = witness::name(&public(key));
        let line = note::sign(&text, &name, note::Use::Cosignature, TIME + n, key);
        note.signatures.push(line.unwrap());
    }
    note
}

/// What may be wrong with a transaction's receipt.
#[derive(Clone)]
pub(crate) struct Receipt {
    pub(crate) kind: Option<u8>,
    pub(crate) status: Vec<u8>,
    pub(crate) address: Vec<u8>,
    pub(crate) topics: Vec<Vec<u8>>,
    pub(crate) data: Vec<u8>,
}

pub(crate) const CONTRACT: Address = Address::new([0xac; 20]);
pub(crate) const ANCHORER: [u8; 20] = [0xb0; 20];
pub(crate) const CHAIN: u64 = 11_155_111;

impl Receipt {
    pub(crate) fn of(digest: Hash) -> Self {
        Self {
            kind: Some(2),
            status: vec![1],
            address: CONTRACT.as_bytes().to_vec(),
            topics: vec![
                keccak(b"Anchored(address,bytes32,bytes32)"),
                [&[0; 12][..], &ANCHORER].concat(),
                batch::scope().0.to_vec(),
            ],
            data: digest.0.to_vec(),
        }
    }

    /// Its bytes, with a log of another contract before the one that counts.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let log = |address: &[u8], topics: &[Vec<u8>], data: &[u8]| {
            let topics: Vec<Vec<u8>> = topics.iter().map(|topic| string(topic)).collect();
            list(&[string(address), list(&topics), string(data)])
        };
        let logs = [
            log(&[0x77; 20], &[], b""),
            log(&self.address, &self.topics, &self.data),
        ];
        let fields = [
            string(&self.status),
            string(&[0x52, 0x08]),
            string(&[0; 256]),
            list(&logs),
        ];
        let kind: Vec<u8> = self.kind.into_iter().collect();
        [kind, list(&fields)].concat()
    }
}

pub(crate) fn keccak(bytes: &[u8]) -> Vec<u8> {
    Keccak256::digest(bytes).to_vec()
}

pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    alloy_rlp::Encodable::encode(&bytes, &mut out);
    out
}

pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload = items.concat();
    let mut out = Vec::new();
    let head = alloy_rlp::Header {
        list: true,
        payload_length: payload.len(),
    };
    head.encode(&mut out);
    [out, payload].concat()
}

/// Root and proof in the trie of these values by the encodings of their numbers.
pub(crate) fn trie(values: &[Vec<u8>], target: u64) -> ([u8; 32], Vec<Vec<u8>>) {
    let mut leaves: Vec<(Vec<u8>, &Vec<u8>)> =
        (0_u64..).zip(values).map(|(n, value)| (rlp::encode_number(n), value)).collect();
    leaves.sort();
    let retain = ProofRetainer::new(vec![Nibbles::unpack(rlp::encode_number(target))]);
    let mut builder = HashBuilder::default().with_proof_retainer(retain);
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    // Short nodes stand within their parents.
    let listed = nodes.into_iter().filter(|(path, node)| path.is_empty() || node.len() >= 32);
    (root.0, listed.map(|(_, node)| node.to_vec()).collect())
}

/// A block's header with these three fields; the others are those of a block after the latest fork, made up.
pub(crate) fn header(receipts: &[u8], number: u64, time: u64) -> Vec<u8> {
    let number = |n: u64| rlp::encode_number(n);
    list(&[
        string(&[1; 32]),
        string(&[2; 32]),
        string(&[3; 20]),
        string(&[4; 32]),
        string(&[5; 32]),
        string(receipts),
        string(&[0; 256]),
        number(0),
        number(number_of(number(0), number_as(number(0)), number_field(number(0)), number_value(number(0)), number_plain(number(0)), number_in(number_out(number_id(number(0)))))),
        number(time),
    ])
}
