//! The admitted entries of all spaces: a graph without cycles, numbered densely.
//!
//! Invariant: whatever an entry names is here before it and stays as long as it does. So every walk along names
//! ends, and depth grows strictly along them. An entry costs about 100 bytes of memory here; headers and bodies are elsewhere.

mod log;
mod row;
mod seen;

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashTable};

use crate::hash::{Id, Key};

pub use self::log::Log;
pub use self::row::{BadRow, Row};
pub use self::seen::Seen;

/// An entry's number on this node. Two nodes number differently; numbers of evicted entries are given out again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Num(pub u32);

impl Num {
    const NONE: u32 = u32::MAX;

    pub(crate) fn at(self) -> usize {
        usize::try_from(self.0).expect("a u32 fits usize on every machine this runs on")
    }

    fn index(i: usize) -> Self {
        Self(u32::try_from(i).expect("fewer than 2^32 - 1 entries: their headers alone would fill a terabyte"))
    }

    fn some(raw: u32) -> Option<Self> {
        (raw != Self::NONE).then_some(Self(raw))
    }
}

/// What the protocol itself makes of an entry's kind and shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is the kind or shape of its name")]
pub enum Class {
    Vacant,
    Committee,
    Identity,
    Document,
    Enroll,
    Retire,
    Rotate,
    Grant,
    Revoke,
    Cosign,
    SetParameter,
    Vouch,
    Other,
}

impl Class {
    /// Whether it takes part in authority: what `auth` may name.
    #[must_use]
    pub fn is_authority(self) -> bool {
        matches!(self, Self::Grant | Self::Revoke | Self::Cosign | Self::SetParameter)
    }

    /// Whether it is an act that signatures make.
    #[must_use]
    pub fn is_act(self) -> bool {
        matches!(self, Self::Grant | Self::Revoke | Self::SetParameter)
    }

    /// Whether it changes an identity's keys.
    #[must_use]
    pub fn is_identity_control(self) -> bool {
        matches!(self, Self::Enroll | Self::Retire | Self::Rotate)
    }
}

/// What is kept in memory of one entry.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The space's root; itself in a space root.
    pub space: Num,
    /// The document's root; itself in a document or space root.
    pub doc: Num,
    cert: u32,
    /// Index of the signing key.
    pub key: u32,
    /// Place in the key's log in this space.
    pub seq: u32,
    /// 1 + the greatest depth of its names; 1 without names.
    pub depth: u32,
    /// Place among the entries of its space, reused like numbers.
    pub local: u32,
    names_at: u32,
    names_len: u8,
    after_len: u8,
    /// Which of its names is the entry before it in its log; [`NO_PREV`] at the beginning.
    prev_at: u8,
    /// What it is.
    pub class: Class,
    /// How many entries here name it.
    pub namers: u32,
    /// In how many committees' records it is.
    pub records: u32,
}

impl Node {
    /// The `enroll` entry under which it was signed.
    #[must_use]
    pub fn cert(&self) -> Option<Num> {
        Num::some(self.cert)
    }
}

const NO_PREV: u8 = u8::MAX;

/// An entry about to be inserted: its names are resolved already.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its id.
    pub id: Id,
    /// Its signing key.
    pub key: Key,
    /// Its space; none for a space root.
    pub space: Option<Num>,
    /// Its document; none for a root.
    pub doc: Option<Num>,
    /// Its certificate.
    pub cert: Option<Num>,
    /// Its place in its log.
    pub seq: u32,
    /// The entry before it in its log, which is one of its names.
    pub prev: Option<Num>,
    /// What it is.
    pub class: Class,
    /// How many of its names are its `after`: the first ones.
    pub after: usize,
    /// What it names, each once.
    pub names: Vec<Num>,
}

/// The graph.
#[derive(Debug, Default)]
pub struct Graph {
    ids: Vec<Id>,
    nodes: Vec<Node>,
    seen: Vec<Seen>,
    index: HashTable<u32>,
    names: Vec<Num>,
    names_unused: usize,
    free: Vec<Num>,
    keys: Vec<KeySlot>,
    free_keys: Vec<u32>,
    key_index: HashMap<Key, u32>,
    spaces: HashMap<Num, Space>,
    logs: HashMap<(u32, Num), Log>,
    documents: HashMap<Num, Vec<Num>>,
    /// The roots of documents by space.
    roots: HashMap<Num, BTreeSet<Num>>,
}

/// What is known of a space as a whole.
#[derive(Debug, Default)]
struct Space {
    next_local: u32,
    free_local: Vec<u32>,
}

/// A signing key, and how many logs it has here; without any its number is given out again.
#[derive(Debug, Default, Clone)]
struct KeySlot {
    key: Key,
    spaces: Vec<Num>,
}

impl Graph {
    /// How many entries are here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// One more than the highest number that was ever given out.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.nodes.len()
    }

    /// The number of an entry, if it is here.
    #[must_use]
    pub fn num(&self, id: &Id) -> Option<Num> {
        self.index
            .find(hash(id), |n| self.ids.get(Num(*n).at()) == Some(id))
            .map(|n| Num(*n))
    }

    /// Whether an entry has this number.
    #[must_use]
    pub fn contains(&self, num: Num) -> bool {
        self.nodes.get(num.at()).is_some_and(|n| n.class != Class::Vacant)
    }

    /// The id of an entry that is here.
    #[must_use]
    pub fn id(&self, num: Num) -> Id {
        *self
            .ids
            .get(num.at())
            .expect("numbers come from this graph and name entries that are here")
    }

    /// What is known of an entry that is here.
    #[must_use]
    pub fn node(&self, num: Num) -> &Node {
        self.nodes
            .get(num.at())
            .expect("numbers come from this graph and name entries that are here")
    }

    fn node_mut(&mut self, num: Num) -> &mut Node {
        self.nodes
            .get_mut(num.at())
            .expect("numbers come from this graph and name entries that are here")
    }

    /// What an entry names, each once: prev, after, auth, cert, doc, space, names in control.
    #[must_use]
    pub fn names(&self, num: Num) -> &[Num] {
        let node = self.node(num);
        let from = Num(node.names_at).at();
        self.names
            .get(from..from + usize::from(node.names_len))
            .expect("name ranges are written once, whole")
    }

    /// Which signatures of its committee lie in an entry's past, by the numbers that the committee gave them.
    #[must_use]
    pub fn seen(&self, num: Num) -> &Seen {
        self.seen
            .get(num.at())
            .expect("numbers come from this graph and name entries that are here")
    }

    pub(crate) fn see(&mut self, num: Num, seen: Seen) {
        if let Some(slot) = self.seen.get_mut(num.at()) {
            *slot = seen;
        }
    }

    /// What an entry builds on: its `after`.
    #[must_use]
    pub fn after(&self, num: Num) -> &[Num] {
        let count = usize::from(self.node(num).after_len);
        self.names(num).get(..count).expect("`after` is a part of the names")
    }

    /// The entry before it in its log, on its own branch; none at the beginning.
    #[must_use]
    pub fn prev(&self, num: Num) -> Option<Num> {
        let at = usize::from(self.node(num).prev_at);
        self.names(num).get(at).copied()
    }

    /// The key that signed an entry.
    #[must_use]
    pub fn key(&self, num: Num) -> Key {
        let index = self.node(num).key;
        self.keys
            .get(Num(index).at())
            .expect("key indexes come from this graph")
            .key
    }

    /// The identity for which an entry was signed: the space of its certificate, or the space whose root key signed.
    #[must_use]
    pub fn author(&self, num: Num) -> Num {
        let node = self.node(num);
        node.cert().map_or(node.space, |cert| self.node(cert).space)
    }

    /// (depth, id): the order in which signatures are chosen and entries become part of a record. Parents come first.
    #[must_use]
    pub fn rank(&self, num: Num) -> (u32, Id) {
        (self.node(num).depth, self.id(num))
    }

    /// The depth of an entry with these names.
    #[must_use]
    pub fn depth_above(&self, names: &[Num]) -> u32 {
        1 + names.iter().map(|n| self.node(*n).depth).max().unwrap_or(0)
    }

    /// The log of a key in a space.
    #[must_use]
    pub fn log(&self, key: &Key, space: Num) -> Option<&Log> {
        self.logs.get(&(*self.key_index.get(key)?, space))
    }

    /// The spaces in which a key has a log.
    #[must_use]
    pub fn spaces_of(&self, key: &Key) -> &[Num] {
        let slot = self.key_index.get(key).and_then(|n| self.keys.get(Num(*n).at()));
        slot.map_or(&[], |s| s.spaces.as_slice())
    }

    /// The log that an entry stands in.
    #[must_use]
    pub fn log_of(&self, num: Num) -> &Log {
        let node = self.node(num);
        self.logs
            .get(&(node.key, node.space))
            .expect("every entry stands in a log")
    }

    /// All logs, as (signing key, space, log). Their order means nothing.
    pub fn logs(&self) -> impl Iterator<Item = (Key, Num, &Log)> {
        self.logs
            .iter()
            .filter_map(|((key, space), log)| Some((self.keys.get(Num(*key).at())?.key, *space, log)))
    }

    /// The entries of a document except its root, in no particular order.
    #[must_use]
    pub fn document(&self, root: Num) -> &[Num] {
        self.documents.get(&root).map_or(&[], Vec::as_slice)
    }

    /// The roots of the documents of a committee, in the order of their numbers.
    #[must_use]
    pub fn roots(&self, space: Num) -> &BTreeSet<Num> {
        static NONE: BTreeSet<Num> = BTreeSet::new();
        self.roots.get(&space).unwrap_or(&NONE)
    }

    /// All entries. Their order is that of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = Num> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| n.class != Class::Vacant)
            .map(|(i, _)| Num::index(i))
    }

    /// Inserts an entry whose names are all here.
    pub fn insert(&mut self, placed: Placed) -> Num {
        let num = self.free.pop().unwrap_or_else(|| Num::index(self.nodes.len()));
        let key = self.key_number(placed.key);
        let space = placed.space.unwrap_or(num);
        let depth = self.depth_above(&placed.names);
        let prev = placed
            .prev
            .and_then(|prev| placed.names.iter().position(|n| *n == prev));
        let node = Node {
            space,
            doc: placed.doc.unwrap_or(num),
            cert: placed.cert.map_or(Num::NONE, |c| c.0),
            key,
            seq: placed.seq,
            depth,
            local: self.local(space),
            names_at: Num::index(self.names.len()).0,
            names_len: u8::try_from(placed.names.len()).expect("a header names at most 16 + 4 + 32 + 4 entries"),
            after_len: u8::try_from(placed.after).expect("`after` is a part of the names"),
            prev_at: prev.and_then(|at| u8::try_from(at).ok()).unwrap_or(NO_PREV),
            class: placed.class,
            namers: 0,
            records: 0,
        };
        for name in &placed.names {
            self.node_mut(*name).namers += 1;
        }
        self.names.extend_from_slice(&placed.names);
        self.put(num, placed.id, node);
        num
    }

    /// Forgets an entry that nothing here names. Returns whether it did.
    pub fn remove(&mut self, num: Num) -> bool {
        let node = *self.node(num);
        if node.namers > 0 {
            return false;
        }
        let id = self.id(num);
        for name in self.names(num).to_vec() {
            self.node_mut(name).namers -= 1;
        }
        if let Ok(found) = self.index.find_entry(hash(&id), |n| Num(*n) == num) {
            found.remove();
        }
        if let Some(log) = self.logs.get_mut(&(node.key, node.space)) {
            log.remove(node.seq, num);
            if log.is_empty() {
                self.logs.remove(&(node.key, node.space));
                self.leave_space(node.key, node.space);
            }
        }
        if let Some(entries) = self.documents.get_mut(&node.doc) {
            entries.retain(|n| *n != num);
        }
        self.documents.remove(&num);
        if let Some(roots) = self.roots.get_mut(&node.space)
            && roots.remove(&num)
            && roots.is_empty()
        {
            self.roots.remove(&node.space);
        }
        match self.spaces.get_mut(&node.space) {
            Some(space) if node.space != num => space.free_local.push(node.local),
            _ => drop(self.spaces.remove(&num)),
        }
        self.names_unused += usize::from(node.names_len);
        self.node_mut(num).class = Class::Vacant;
        self.see(num, Seen::default());
        self.free.push(num);
        self.compact_names();
        true
    }

    pub(crate) fn count_record(&mut self, num: Num, joined: bool) -> u32 {
        let node = self.node_mut(num);
        if joined {
            node.records += 1;
        } else {
            node.records -= 1;
        }
        node.records
    }

    fn put(&mut self, num: Num, id: Id, node: Node) {
        if num.at() >= self.nodes.len() {
            let vacant = Node {
                class: Class::Vacant,
                names_len: 0,
                ..node
            };
            for missing in self.nodes.len()..num.at() {
                self.free.push(Num::index(missing));
            }
            self.nodes.resize(num.at() + 1, vacant);
            self.ids.resize(num.at() + 1, Id::ZERO);
            self.seen.resize_with(num.at() + 1, Seen::default);
        }
        *self.node_mut(num) = node;
        if let Some(slot) = self.ids.get_mut(num.at()) {
            *slot = id;
        }
        let ids = &self.ids;
        self.index
            .insert_unique(hash(&id), num.0, |n| ids.get(Num(*n).at()).map_or(0, hash));
        let keys = &mut self.keys;
        let log = self.logs.entry((node.key, node.space)).or_insert_with(|| {
            if let Some(slot) = keys.get_mut(Num(node.key).at()) {
                slot.spaces.push(node.space);
            }
            Log::default()
        });
        log.insert(node.seq, num);
        if node.doc != num {
            self.documents.entry(node.doc).or_default().push(num);
        }
        if node.class == Class::Document {
            self.roots.entry(node.space).or_default().insert(num);
        }
    }

    fn key_number(&mut self, key: Key) -> u32 {
        let Self {
            keys,
            free_keys,
            key_index,
            ..
        } = self;
        *key_index.entry(key).or_insert_with(|| {
            let number = free_keys.pop().unwrap_or_else(|| {
                keys.push(KeySlot::default());
                Num::index(keys.len() - 1).0
            });
            if let Some(slot) = keys.get_mut(Num(number).at()) {
                slot.key = key;
            }
            number
        })
    }

    fn leave_space(&mut self, number: u32, space: Num) {
        let Some(slot) = self.keys.get_mut(Num(number).at()) else {
            return;
        };
        slot.spaces.retain(|s| *s != space);
        if slot.spaces.is_empty() {
            self.key_index.remove(&slot.key);
            self.free_keys.push(number);
        }
    }

    fn local(&mut self, space: Num) -> u32 {
        let space = self.spaces.entry(space).or_default();
        space.free_local.pop().unwrap_or_else(|| {
            space.next_local += 1;
            space.next_local - 1
        })
    }

    /// Evictions leave holes in the list of names; once they are the larger half, it is written anew.
    fn compact_names(&mut self) {
        if self.names_unused < 1 << 16 || self.names_unused < self.names.len() / 2 {
            return;
        }
        let mut names = Vec::with_capacity(self.names.len() - self.names_unused);
        for node in self.nodes.iter_mut().filter(|n| n.class != Class::Vacant) {
            let from = Num(node.names_at).at();
            let own = self
                .names
                .get(from..from + usize::from(node.names_len))
                .unwrap_or_default();
            node.names_at = Num::index(names.len()).0;
            names.extend_from_slice(own);
        }
        self.names = names;
        self.names_unused = 0;
    }
}

/// Ids are SHA-256 values: eight of their bytes spread well. An author who mines ids to collide here needs 2^32
/// hashes for a handful of collisions, and a lookup then compares a handful of ids.
fn hash(id: &Id) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(id.0.get(12..20).unwrap_or(&[0; 8]));
    u64::from_le_bytes(bytes)
}
