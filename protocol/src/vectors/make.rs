//! Entries for tests: people with keys drawn from their names, so that every run makes the same bytes.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;

use crate::control::{self, Control, Enroll, Use};
use crate::entry::{Header, Verified};
use crate::hash::{Hash, Id, Key, key_commitment, sha256};
use crate::limit;

/// A key by name.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(&[b"althing/test/key\0", name.as_bytes()]))
}

pub(crate) fn public(key: &SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}

/// A header with nothing in it, of no space.
pub(crate) fn bare(key: &SigningKey, kind: &str) -> Header {
    Header {
        v: limit::VERSION,
        space: None,
        doc: None,
        by: public(key),
        cert: None,
        seq: 0,
        prev: None,
        after: Vec::new(),
        auth: Vec::new(),
        not_before: None,
        time: 1_790_000_000_000,
        kind: kind.to_owned(),
        control: None,
        len: 0,
        body_hash: Hash::ZERO,
    }
}

/// A signing key and where it stands in each of its logs.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) key: SigningKey,
    pub(crate) cert: Option<Id>,
    pub(crate) logs: BTreeMap<Id, (u64, Id)>,
}

impl Pen {
    pub(crate) fn new(name: &str, cert: Option<Id>) -> Self {
        Self {
            key: key(name),
            cert,
            logs: BTreeMap::new(),
        }
    }

    /// The header of this key's next entry there. Signing it with [`Pen::sign`] moves the log on.
    pub(crate) fn next(&self, space: Id, doc: Option<Id>, kind: &str) -> Header {
        let last = self.logs.get(&space);
        Header {
            space: Some(space),
            doc,
            cert: self.cert,
            seq: last.map_or(0, |(seq, _)| seq + 1),
            prev: last.map(|(_, id)| *id),
            ..bare(&self.key, kind)
        }
    }

    pub(crate) fn sign(&mut self, mut header: Header) -> Verified {
        header.after.sort_unstable();
        header.auth.sort_unstable();
        let (space, seq) = (header.space, header.seq);
        let entry = Verified::sign(header, None, &self.key);
        self.logs.insert(space.unwrap_or(entry.id()), (seq, entry.id()));
        entry
    }

    /// An entry in a committee's root document.
    pub(crate) fn act(&mut self, space: Id, control: &Control, auth: &[Id]) -> Verified {
        self.write(space, kind(control), Some(control), &[], auth)
    }

    pub(crate) fn write(
        &mut self,
        space: Id,
        kind: &str,
        control: Option<&Control>,
        after: &[Id],
        auth: &[Id],
    ) -> Verified {
        let mut header = self.next(space, Some(space), kind);
        header.control = control.and_then(Control::value);
        header.after = after.to_vec();
        header.auth = auth.to_vec();
        self.sign(header)
    }

    /// The root of a document, owned by these if by any.
    pub(crate) fn document(&mut self, space: Id, owners: &[Id]) -> Verified {
        let mut header = self.next(space, None, "topic");
        if !owners.is_empty() {
            let owner = |identity: &Id| control::Owner {
                identity: *identity,
                part: None,
            };
            let owners = owners.iter().map(owner).collect();
            header.control = Control::Document(control::Document { owners }).value();
        }
        self.sign(header)
    }

    pub(crate) fn post(&mut self, space: Id, after: &[Id]) -> Verified {
        self.write(space, "post", None, after, &[])
    }
}

fn kind(control: &Control) -> &'static str {
    match control {
        Control::Enroll(_) => "enroll",
        Control::Retire(_) => "retire",
        Control::Rotate(_) => "rotate",
        Control::Grant(_) => "grant",
        Control::Revoke(_) => "revoke",
        Control::Cosign(_) => "cosign",
        Control::Vouch(_) => "vouch",
        Control::SetParameter(_) => "set_parameter",
        Control::Identity(_) => "identity",
        Control::Committee(_) => "committee",
        Control::Document(_) | Control::Unread => "topic",
    }
}

/// An identity with a device.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) id: Id,
    pub(crate) root: Pen,
    pub(crate) device: Pen,
    /// Its root and the enrolment of its device.
    pub(crate) entries: Vec<Verified>,
}

impl Person {
    pub(crate) fn new(name: &str) -> Self {
        let mut root = Pen::new(&format!("{name}/root"), None);
        let mut header = bare(&root.key, "identity");
        let next = key_commitment(&public(&key(&format!("{name}/next"))));
        header.control = Control::Identity(control::Identity { next }).value();
        let founding = root.sign(header);
        let id = founding.id();
        let mut person = Self {
            name: name.to_owned(),
            id,
            device: Pen::new(&format!("{name}/device"), None),
            root,
            entries: vec![founding],
        };
        let enroll = person.enroll(&format!("{name}/device"), Use::Person);
        person.device.cert = Some(enroll.id());
        person.entries.push(enroll);
        person
    }

    pub(crate) fn enroll(&mut self, name: &str, usage: Use) -> Verified {
        let key = public(&key(name));
        self.root.act(self.id, &Control::Enroll(Enroll { key, usage }), &[])
    }
}

/// A committee, founded by the first of its people's devices.
pub(crate) fn committee(founders: &mut [&mut Person], threshold: u64) -> Verified {
    let mut ids: Vec<Id> = founders.iter().map(|p| p.id).collect();
    ids.sort_unstable();
    let first = founders.first_mut().expect("a committee has a founder");
    let mut header = bare(&first.device.key, "committee");
    header.cert = first.device.cert;
    header.control = Control::Committee(control::Committee {
        founders: ids,
        threshold,
    })
    .value();
    first.device.sign(header)
}

/// A role for somebody, in one document or everywhere.
pub(crate) fn scoped(role: &str, to: Id, scope: Id) -> Control {
    Control::Grant(control::Grant {
        role: role.to_owned(),
        to,
        scope: Some(scope),
    })
}

pub(crate) fn parameter(name: &str, value: u64) -> Control {
    Control::SetParameter(control::SetParameter {
        name: name.to_owned(),
        value,
    })
}

pub(crate) fn vouch(identity: Id) -> Control {
    Control::Vouch(control::Vouch { identity, quota: 5 })
}

pub(crate) fn grant(role: &str, to: Id) -> Control {
    Control::Grant(control::Grant {
        role: role.to_owned(),
        to,
        scope: None,
    })
}

pub(crate) fn revoke(grant: Id) -> Control {
    Control::Revoke(control::Revoke { grant })
}

pub(crate) fn cosign(entry: Id) -> Control {
    Control::Cosign(control::Cosign { entry })
}
