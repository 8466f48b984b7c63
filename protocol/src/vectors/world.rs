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
use crate::hash::{Hash, Id, key_commitment};
use crate::link::Address;
use crate::log::checkpoint::{Checkpoint, Origin};
use crate::log::note::{self, Note};
use crate::log::{self, Frontier, Full, Leaf, Tree, witness};

/// The time of all cosignatures, in seconds.
pub(crate) const TIME: u64 = 1_790_000_100;

/// A log in memory.
#[derive(Clone, Default)]
pub(crate) struct Log {
    pub(crate) leaves: Vec<Leaf>,
    kept: BTreeMap<(u8, u64), Hash>,
    frontier: Frontier,
}

impl Log {
    pub(crate) fn of(leaves: impl IntoIterator<Item = Leaf>) -> Self {
        let mut log = Self::default();
        leaves.into_iter().for_each(|leaf| log.push(leaf));
        log
    }

    pub(crate) fn push(&mut self, leaf: Leaf) {
        self.kept.insert((0, self.size()), leaf.hash());
        let full = |full: Full| {
            self.kept.insert((full.level, full.index), full.hash);
        };
        self.frontier.push(leaf.hash(), full);
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
        let logs = [log(&[0x77; 20], &[], b""), log(&self.address, &self.topics, &self.data)];
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
    let mut leaves: Vec<(Vec<u8>, &Vec<u8>)> = (0_u64..)
        .zip(values)
        .map(|(n, value)| (rlp::encode_number(n), value))
        .collect();
    leaves.sort();
    let retain = ProofRetainer::new(vec![Nibbles::unpack(rlp::encode_number(target))]);
    let mut builder = HashBuilder::default().with_proof_retainer(retain);
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    // Short nodes stand within their parents.
    let listed = nodes
        .into_iter()
        .filter(|(path, node)| path.is_empty() || node.len() >= 32);
    (root.0, listed.map(|(_, node)| node.to_vec()).collect())
}

/// A block's header with these three fields; the others are those of a block after the latest fork, made up.
pub(crate) fn header(receipts: &[u8], number: u64, time: u64) -> Vec<u8> {
    let int = rlp::encode_number;
    list(&[
        string(&[1; 32]),
        string(&[2; 32]),
        string(&[3; 20]),
        string(&[4; 32]),
        string(&[5; 32]),
        string(receipts),
        string(&[0; 256]),
        int(0),
        int(number),
        int(30_000_000),
        int(12_345_678),
        int(time),
        string(b"made up"),
        string(&[6; 32]),
        string(&[0; 8]),
        int(7),
        string(&[8; 32]),
        int(0),
        int(0),
        string(&[9; 32]),
        string(&[10; 32]),
    ])
}

/// A block of `count` transactions, of which number `index` has this receipt.
pub(crate) fn mine(receipt: &Receipt, index: u64, count: u64) -> Evidence {
    let other = |n: u64| Receipt {
        kind: [None, Some(1), Some(2), Some(3)][usize::try_from(n % 4).unwrap()],
        data: vec![u8::try_from(n % 256).unwrap()],
        ..receipt.clone()
    };
    let values: Vec<Vec<u8>> = (0..count)
        .map(|n| if n == index { receipt.bytes() } else { other(n).bytes() })
        .collect();
    let (root, nodes) = trie(&values, index);
    Evidence {
        chain: CHAIN,
        contract: CONTRACT,
        header: header(&root, 10_000_000, 1_790_000_200),
        index,
        receipt: nodes,
        event: 1,
    }
}

/// Ada founds a committee, her node keeps a log of it; bob, cleo and dora have nodes that cosign.
pub(crate) struct World {
    pub(crate) people: BTreeMap<&'static str, Person>,
    /// Entries of identities.
    pub(crate) known: BTreeMap<Id, Signed>,
    pub(crate) nodes: BTreeMap<&'static str, (SigningKey, Id)>,
    pub(crate) committee: Id,
    pub(crate) entries: BTreeMap<&'static str, Verified>,
    pub(crate) log: Log,
}

pub(crate) const NAMES: [&str; 4] = ["ada", "bob", "cleo", "dora"];

pub(crate) fn body() -> Body {
    Body {
        salt: [0x5a; 16],
        bytes: codec::encode(&Cbor::Map(codec::Map::from([(
            "text".to_owned(),
            Cbor::String("We meet on Mondays.".to_owned()),
        )]))),
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            people: BTreeMap::new(),
            known: BTreeMap::new(),
            nodes: BTreeMap::new(),
            committee: Id::ZERO,
            entries: BTreeMap::new(),
            log: Log::default(),
        };
        for name in NAMES {
            let mut person = Person::new(name);
            let node = format!("{name}/node");
            let enroll = person.enroll(&node, Use::Node);
            world.nodes.insert(name, (key(&node), enroll.id()));
            person.entries.push(enroll);
            world.people.insert(name, person);
        }
        world.identity_entries();
        world.committee_entries();
        for person in world.people.values() {
            for entry in &person.entries {
                world.known.insert(entry.id(), Signed::of(entry));
            }
        }
        let mut leaves: Vec<Id> = vec![world.committee];
        leaves.extend(world.known.keys());
        leaves.extend(
            world
                .entries
                .values()
                .map(Verified::id)
                .filter(|id| *id != world.committee),
        );
        leaves.dedup();
        let mut log = Log::of(leaves.into_iter().map(Leaf::Entry));
        log.push(Leaf::Cut(Hash([0xdd; 32])));
        world.log = log;
        world
    }

    /// Dora's root key changes twice, and her third one enrols a device.
    fn identity_entries(&mut self) {
        let dora = self.people.get_mut("dora").unwrap();
        let names = ["dora/next", "dora/third", "dora/fourth"];
        let mut heads = vec![dora.entries.last().unwrap().id()];
        for pair in names.windows(2) {
            let mut pen = Pen::new(pair[0], None);
            let keep: Vec<Id> = dora.entries.iter().skip(1).map(Verified::id).collect();
            let mut keep: Vec<Id> = keep
                .into_iter()
                .filter(|id| {
                    let of = dora.entries.iter().find(|entry| entry.id() == *id).unwrap();
                    of.header().kind == "enroll"
                })
                .collect();
            keep.sort_unstable();
            let next = key_commitment(&public(&key(pair[1])));
            let rotate = Control::Rotate(control::Rotate { next, keep });
            let rotate = pen.write(dora.id, "rotate", Some(&rotate), &heads, &[]);
            heads = vec![rotate.id()];
            dora.entries.push(rotate);
            dora.root = pen;
        }
        let enroll = dora.enroll("dora/new", Use::Person);
        dora.device = Pen::new("dora/new", Some(enroll.id()));
        dora.entries.push(enroll);
        let bob = self.people.get_mut("bob").unwrap();
        let link = bob.device.write(bob.id, "link", None, &[], &[]);
        self.entries.insert("link", link);
        self.entries.insert("identity", bob.entries[0].clone());
        self.entries.insert("enroll", bob.entries[1].clone());
        let dora = &self.people["dora"];
        self.entries
            .insert("rotate", dora.entries[dora.entries.len() - 2].clone());
    }

    fn committee_entries(&mut self) {
        let ada = self.people.get_mut("ada").unwrap();
        let root = committee(&mut [ada], 1);
        self.committee = root.id();
        let space = self.committee;
        self.entries.insert("committee", root);
        let topic = ada.device.document(space, &[]);
        let (len, body_hash) = commit_body(Some(&body()));
        let mut write = |name: &'static str, who: &str, block: bool| {
            let pen = &mut self.people.get_mut(who).unwrap().device;
            let mut header = pen.next(space, Some(topic.id()), "post");
            (header.len, header.body_hash) = (len, body_hash);
            header.not_before = block.then_some(Block {
                chain: CHAIN,
                height: 9_999_000,
                hash: Hash([0xbe; 32]),
            });
            let entry = pen.sign(header);
            self.entries.insert(name, entry);
        };
        write("post", "ada", false);
        write("reply", "bob", true);
        write("late", "dora", false);
        self.entries.insert("topic", topic);
    }

    pub(crate) fn node(&self, name: &str) -> SigningKey {
        self.nodes[name].0.clone()
    }

    pub(crate) fn origin(&self) -> Origin {
        origin(self.committee, &self.node("ada"))
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.log.checkpoint(self.origin(), self.log.size())
    }

    pub(crate) fn look(&self) -> impl Fn(&Id) -> Option<Signed> {
        |id| self.known.get(id).cloned()
    }

    /// What proves this entry by ada's log, cosigned by these.
    pub(crate) fn parts(&self, entry: &str, cosigners: &[&str]) -> Parts<'static> {
        let entry = &self.entries[entry];
        let checkpoint = self.checkpoint();
        let keys: Vec<SigningKey> = cosigners.iter().map(|name| self.node(name)).collect();
        let enrolls = std::iter::once(&"ada").chain(cosigners).map(|name| self.nodes[name].1);
        let index = self.log.index(entry.id());
        Parts {
            entry: Signed::of(entry),
            body: None,
            note: signed(&checkpoint, &self.node("ada"), &keys).write(),
            enrolls: enrolls.collect(),
            index,
            path: self.log.path(index, checkpoint.size),
            anchor: None,
            page: None,
        }
    }

    /// The batch of ada's checkpoint and two others.
    pub(crate) fn batch(&self) -> Batch {
        let other = |n: u8| {
            let checkpoint = Checkpoint {
                origin: origin(Id([n; 32]), &self.node("ada")),
                size: 5,
                root: Hash([n; 32]),
            };
            checkpoint.to_string()
        };
        Batch::new([self.checkpoint().to_string(), other(0), other(0xff)]).unwrap()
    }

    pub(crate) fn anchorage(&self, receipt: impl Fn(Hash) -> Receipt, index: u64, count: u64) -> Anchorage {
        let batch = self.batch();
        let text = self.checkpoint().to_string();
        let place = batch.texts().iter().position(|one| *one == text).unwrap();
        Anchorage {
            evidence: mine(&receipt(batch.root()), index, count),
            size: 3,
            place: u64::try_from(place).unwrap(),
            path: batch.path(place).unwrap(),
        }
    }
}
