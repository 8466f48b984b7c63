//! Really signed entries of one document, written by numbered people.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use serde_json::Value as Json;

use crate::codec;
use crate::control::{self, Control, Owner};
use crate::document::{Body, Document, Entry, Ruling};
use crate::entry::{self, Header, Verified, commit_body};
use crate::hash::{Hash, Id, Key};
use crate::kind::{self, json as bodies};

/// An entry as a node would hold it.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) entry: Verified,
    pub(super) author: Id,
    pub(super) body: Option<Vec<u8>>,
    pub(super) here: bool,
    pub(super) in_record: bool,
    pub(super) forked_from: Option<u64>,
    pub(super) ruling: Option<Ruling>,
}

#[derive(Clone, Default)]
pub(super) struct Desk {
    pub(super) written: Vec<Written>,
    logs: BTreeMap<u8, (u64, Option<Id>)>,
}

/// The identity of person n. Devices 100 apart are of one person.
pub(super) fn person(n: u8) -> Id {
    Id([n % 100; 32])
}

pub(super) fn owner(n: u8, part: &str) -> Owner {
    Owner {
        identity: person(n),
        part: (!part.is_empty()).then(|| part.to_owned()),
    }
}

impl Desk {
    /// Opens the document. With owners, these; else its author owns it.
    pub(super) fn open(kind: &str, by: u8, owners: &[Owner], input: &Json) -> (Self, Id) {
        let body = kind::find(kind).map(|kind| bodies::body(kind, input).unwrap());
        Self::open_raw(kind, by, owners, body)
    }

    pub(super) fn open_raw(kind: &str, by: u8, owners: &[Owner], body: Option<Vec<u8>>) -> (Self, Id) {
        let mut desk = Self::default();
        let mut owners = owners.to_vec();
        owners.sort();
        let control = (!owners.is_empty()).then(|| Control::Document(control::Document { owners }).value().unwrap());
        let id = desk.sign(kind, by, &[], body, control);
        (desk, id)
    }

    /// Writes an act, or an edit when the kind is `edit`.
    pub(super) fn write(&mut self, kind: &str, by: u8, after: &[Id], input: &Json) -> Id {
        let body = if kind == "edit" {
            let document = kind::find(&self.written[0].entry.header().kind).unwrap();
            bodies::edit(document, input).unwrap()
        } else {
            bodies::body(kind::find(kind).unwrap(), input).unwrap()
        };
        self.sign(kind, by, after, Some(body), None)
    }

    pub(super) fn sign(
        &mut self,
        kind: &str,
        by: u8,
        after: &[Id],
        body: Option<Vec<u8>>,
        control: Option<codec::Value>,
    ) -> Id {
        let key = SigningKey::from_bytes(&[by.wrapping_add(1); 32]);
        let (seq, prev) = self.logs.get(&by).copied().unwrap_or_default();
        let salted = body.clone().map(|bytes| entry::Body { salt: [by; 16], bytes });
        let (len, body_hash) = commit_body(salted.as_ref());
        let mut after = after.to_vec();
        after.sort_unstable();
        after.dedup();
        let header = Header {
            v: 1,
            space: Some(Id([200; 32])),
            doc: self.written.first().map(|root| root.entry.id()),
            by: Key(key.verifying_key().to_bytes()),
            cert: Some(Id([by; 32])),
            seq,
            prev,
            after,
            auth: Vec::new(),
            not_before: None,
            time: 0,
            kind: kind.to_owned(),
            control,
            len,
            body_hash: if len == 0 { Hash::ZERO } else { body_hash },
        };
        let entry = Verified::sign(header, salted, &key);
        let id = entry.id();
        self.logs.insert(by, (seq + 1, Some(id)));
        self.written.push(Written {
            entry,
            author: person(by),
            body,
            here: true,
            in_record: true,
            forked_from: None,
            ruling: None,
        });
        id
    }

    pub(super) fn get(&mut self, id: Id) -> &mut Written {
        self.written.iter_mut().find(|w| w.entry.id() == id).unwrap()
    }

    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        self.written.iter().map(Written::entry).collect()
    }

    pub(super) fn build(&self) -> Document {
        let entries = self.entries();
        Document::build(&entries[0], &entries[1..])
    }
}

impl Written {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            id: self.entry.id(),
            header: self.entry.header(),
            author: self.author,
            body: match &self.body {
                None => Body::None,
                Some(_) if !self.here => Body::Absent,
                Some(bytes) => Body::Here(bytes),
            },
            in_record: self.in_record,
            forked_from: self.forked_from,
            ruling: self.ruling.clone(),
        }
    }
}
