//! Other people: identities, a committee of theirs, and what they sign.

use std::collections::BTreeMap;

use althing_protocol::control::{self, Control, Enroll, Use};
use althing_protocol::entry::{Body, Header, Verified, commit_body};
use althing_protocol::hash::{Id, Key, sha256};
use althing_protocol::{author, codec, limit};
use ed25519_dalek::SigningKey;

/// Somebody who writes posts without a state of their own: only the place in their log is kept.
struct Writer {
    identity: Id,
    cert: Id,
    key: SigningKey,
    /// By committee: how many entries, and the last.
    logs: BTreeMap<Id, (u64, Id)>,
}

/// Founders of one committee, and what they sign.
pub(crate) struct Crowd {
    pub(crate) committee: Id,
    writers: Vec<Writer>,
    after: Id,
}

impl Crowd {
    /// `founders` identities and their committee: their entries come first.
    pub(crate) fn new(founders: u8) -> (Self, Vec<Vec<u8>>) {
        let (mut crowd, mut wires) = Self::new_from(1, founders);
        let mut founders: Vec<Id> = crowd.writers.iter().map(|w| w.identity).collect();
        founders.sort_unstable();
        let first = crowd.writers.first_mut().unwrap();
        let writer = author::Writer {
            key: &first.key,
            cert: Some(first.cert),
        };
        let founding = control::Committee { founders, threshold: 1 };
        let root = author::committee(&writer, founding, None, 1);
        first.logs.insert(root.id(), (1, root.id()));
        wires.push(root.wire());
        (crowd.committee, crowd.after) = (root.id(), root.id());
        (crowd, wires)
    }

    /// Identities without a committee of their own, with the keys from `from` on.
    pub(crate) fn new_from(from: u8, count: u8) -> (Self, Vec<Vec<u8>>) {
        let (mut wires, mut writers) = (Vec::new(), Vec::new());
        for n in from..from + count {
            let (root, device) = (SigningKey::from_bytes(&[n; 32]), SigningKey::from_bytes(&[n + 100; 32]));
            let identity = author::identity(&root, &Key([7; 32]), None, 1);
            let id = identity.id();
            let control = Control::Enroll(Enroll {
                key: public(&device),
                usage: Use::Person,
            });
            let header = Header {
                space: Some(id),
                doc: Some(id),
                seq: 1,
                prev: Some(id),
                kind: "enroll".to_owned(),
                control: control.value(),
                ..identity.header().clone()
            };
            let enroll = Verified::sign(header, None, &root);
            wires.extend([identity.wire(), enroll.wire()]);
            writers.push(Writer {
                identity: id,
                cert: enroll.id(),
                key: device,
                logs: BTreeMap::new(),
            });
        }
        let crowd = Self {
            committee: Id::ZERO,
            writers,
            after: Id::ZERO,
        };
        (crowd, wires)
    }

    /// The next post of their committee, by one after the other, with a body of `len` bytes that does not compress.
    pub(crate) fn post(&mut self, n: usize, len: usize) -> Verified {
        let after = self.after;
        let post = self.sign(self.committee, n, n, len, |header| header.after = vec![after]);
        self.after = post.id();
        post
    }

    /// A post in any committee.
    pub(crate) fn post_in(&mut self, committee: Id, writer: usize, n: usize, len: usize) -> Verified {
        self.sign(committee, writer, n, len, |_| {})
    }

    /// An entry of their committee whose header was changed before it was signed.
    pub(crate) fn signed(&mut self, writer: usize, change: impl FnOnce(&mut Header)) -> Verified {
        self.sign(self.committee, writer, 0, 100, change)
    }

    fn sign(
        &mut self,
        committee: Id,
        writer: usize,
        n: usize,
        len: usize,
        change: impl FnOnce(&mut Header),
    ) -> Verified {
        let count = self.writers.len();
        let writer = &mut self.writers[writer % count];
        let mut bytes = Vec::with_capacity(len + 32);
        while bytes.len() < len {
            bytes.extend(sha256(&[&n.to_le_bytes(), &bytes.len().to_le_bytes()]));
        }
        bytes.truncate(len);
        let body = Body {
            salt: [n.to_le_bytes()[0]; limit::SALT],
            bytes: codec::encode(&codec::Value::Bytes(bytes)),
        };
        let (len, body_hash) = commit_body(Some(&body));
        let log = writer.logs.get(&committee);
        let mut header = Header {
            v: limit::VERSION,
            space: Some(committee),
            doc: Some(committee),
            by: public(&writer.key),
            cert: Some(writer.cert),
            seq: log.map_or(0, |l| l.0),
            prev: log.map(|l| l.1),
            after: vec![],
            auth: vec![],
            not_before: None,
            time: 1_760_000_000_000,
            kind: "post".to_owned(),
            control: None,
            len,
            body_hash,
        };
        change(&mut header);
        let seq = header.seq;
        let entry = Verified::sign(header, Some(body), &writer.key);
        writer.logs.insert(committee, (seq + 1, entry.id()));
        entry
    }
}

fn public(key: &SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}
