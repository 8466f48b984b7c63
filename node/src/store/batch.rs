//! What one write changes.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::codec;
use althing_protocol::entry::{Body, Verified};
use althing_protocol::file;
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::{Hash, Id};
use rocksdb::WriteBatch;
use serde::{Deserialize, Serialize};

use super::named::named_key;
use super::withheld::{Act, Pending, UNFINISHED, Withheld, named, notice_key};
use super::{BODY, BODY_STATE, HEADER, META, NAMED, ROW, Store, key};

/// Which bodies of a committee are kept. Headers always are, and one's own bodies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bodies {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// Those of these documents, and of the committee's own acts.
    Docs(BTreeSet<Id>),
}

/// Whether an entry's body is here, in front of its row.
pub(super) const WITHOUT: u8 = 0;
pub(super) const HERE: u8 = 1;
pub(super) const ABSENT: u8 = 2;

/// A key of `meta` that says that a committee is followed, before its id.
pub(super) const FOLLOW: &[u8] = b"follow";

/// Changes in the order in which they happened: a number may be freed and given out again within one batch.
#[must_use = "nothing changes before it is written"]
pub struct Batch {
    store: Store,
    batch: WriteBatch,
    absent: Vec<(Num, bool)>,
    /// Files that bodies of this batch name: they are not in the store yet when one of these goes again.
    named: BTreeMap<Num, Vec<Hash>>,
}

impl Batch {
    pub(super) fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            batch: WriteBatch::default(),
            absent: Vec::new(),
            named: BTreeMap::new(),
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// An entry that was admitted under this number, with its body if that is to be kept.
    pub fn admit(&mut self, num: Num, entry: &Verified, body: Option<&Body>, graph: &Graph) {
        self.header(num, entry);
        match body {
            Some(body) => self.put_body(num, body),
            // An entry that had this number before may have left one in this batch: the order of changes is kept.
            None => self.batch.delete_cf(self.store.cf(BODY), key(num)),
        }
        let status = match body {
            Some(_) => HERE,
            None if entry.header().len == 0 => WITHOUT,
            None => ABSENT,
        };
        self.put_row(num, status, graph);
    }

    /// The header of an entry that is here, again: the stored one was damaged.
    pub fn header(&mut self, num: Num, entry: &Verified) {
        let value = [entry.header_bytes(), entry.signature()].concat();
        self.batch.put_cf(self.store.cf(HEADER), key(num), value);
    }

    /// A body that came after its header.
    pub fn body(&mut self, num: Num, body: &Body, graph: &Graph) {
        self.put_body(num, body);
        self.put_row(num, HERE, graph);
    }

    /// A body that is given up, so that it can come again.
    pub fn drop_body(&mut self, num: Num, graph: &Graph) {
        self.forget_named(num);
        self.batch.delete_cf(self.store.cf(BODY), key(num));
        self.put_row(num, ABSENT, graph);
    }

    /// A decision of the owner to withhold a body or those of an identity, as [`Withheld::sign`] made it. From now on
    /// [`Store::withheld`] tells of it.
    pub fn withhold(&mut self, notice: &Withheld, signed: &[u8]) {
        let cf = self.store.cf(BODY_STATE);
        self.batch.put_cf(cf, notice_key(notice.act, &notice.of), signed);
        if notice.act == Act::Refuse {
            self.batch.put_cf(cf, named(UNFINISHED, &notice.of), []);
        }
        self.store.withheld_mut().set(notice.act, notice.of, true);
    }

    /// Takes back that an identity is refused.
    pub fn accept(&mut self, identity: &Id) {
        let cf = self.store.cf(BODY_STATE);
        self.batch.delete_cf(cf, notice_key(Act::Refuse, identity));
        self.batch.delete_cf(cf, named(UNFINISHED, identity));
        self.store.withheld_mut().set(Act::Refuse, *identity, false);
    }

    /// All bodies of a refused identity were dropped.
    pub fn finished(&mut self, identity: &Id) {
        self.batch
            .delete_cf(self.store.cf(BODY_STATE), named(UNFINISHED, identity));
    }

    /// Bodies from one number to another, both included, may be in files although they were dropped.
    pub fn pending(&mut self, from: Num, to: Num) {
        let pending = Pending::new(from, to, self.store.0.acknowledged.next());
        self.batch.put_cf(self.store.cf(BODY_STATE), pending.key(), []);
    }

    /// [`Store::scrub`] did its work there.
    pub fn scrubbed(&mut self, pending: &Pending) {
        self.batch.delete_cf(self.store.cf(BODY_STATE), pending.key());
    }

    /// An entry that left; its number is free.
    pub fn evict(&mut self, num: Num) {
        self.forget_named(num);
        for name in [HEADER, BODY, ROW] {
            self.batch.delete_cf(self.store.cf(name), key(num));
        }
        self.absent.push((num, false));
    }

    /// A committee that is followed, or followed otherwise than before.
    pub fn follow(&mut self, committee: &Id, bodies: &Bodies) {
        let key = [FOLLOW, committee.as_bytes()].concat();
        self.batch.put_cf(self.store.cf(META), key, codec::encode(bodies));
    }

    pub(super) fn put(&mut self, family: &'static str, key: &[u8], value: &[u8]) {
        self.batch.put_cf(self.store.cf(family), key, value);
    }

    pub(super) fn delete(&mut self, family: &'static str, key: &[u8]) {
        self.batch.delete_cf(self.store.cf(family), key);
    }

    /// Notes which files a body names.
    fn note_named(&mut self, num: Num, body: &Body) {
        let files = file::named(&body.bytes);
        for file in &files {
            let key = named_key(&file.hash, num);
            self.batch.put_cf(self.store.cf(NAMED), key, []);
        }
        if !files.is_empty() {
            self.named
                .insert(num, files.into_iter().map(|file| file.hash).collect());
        }
    }

    /// The body of a number goes, and names nothing any more.
    fn forget_named(&mut self, num: Num) {
        // What cannot be read names nothing that anybody finds: names are looked up in the body.
        let stored = self.store.files_named(num).unwrap_or_default();
        let here = self.named.remove(&num).unwrap_or_default();
        for hash in stored.iter().chain(&here) {
            self.batch.delete_cf(self.store.cf(NAMED), named_key(hash, num));
        }
    }

    pub(super) fn into_parts(self) -> (WriteBatch, Vec<(Num, bool)>) {
        (self.batch, self.absent)
    }

    fn put_body(&mut self, num: Num, body: &Body) {
        self.note_named(num, body);
        self.batch.put_cf(
            self.store.cf(BODY),
            key(num),
            [body.salt.as_slice(), &body.bytes].concat(),
        );
    }

    fn put_row(&mut self, num: Num, status: u8, graph: &Graph) {
        self.batch.put_cf(
            self.store.cf(ROW),
            key(num),
            [&[status], graph.row(num).as_bytes()].concat(),
        );
        self.absent.push((num, status == ABSENT));
    }
}
