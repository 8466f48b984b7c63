//! Identities with their keys and their entries.

use althing_protocol::author;
use althing_protocol::control::{self, Control, Use};
use althing_protocol::entry::Verified;
use althing_protocol::hash::{Id, Key, key_commitment, sha256};
use ed25519_dalek::SigningKey;

use super::Pen;

/// The key that belongs to a seed.
#[must_use]
pub fn key(seed: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(&[b"althing kit\0", seed.as_bytes()]))
}

/// The public half.
#[must_use]
pub fn public(key: &SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}

/// A key that signs for an identity, and its `enroll`.
#[derive(Debug, Clone)]
pub struct Device {
    /// The key.
    pub key: SigningKey,
    /// The entry that enrols it.
    pub cert: Id,
}

impl Device {
    /// A pen for a space in which this device has written nothing yet.
    #[must_use]
    pub fn pen(&self, space: Id) -> Pen {
        Pen::new(&self.key, Some(self.cert), space)
    }

    /// As the protocol's own author wants it.
    #[must_use]
    pub fn writer(&self) -> author::Writer<'_> {
        author::Writer {
            key: &self.key,
            cert: Some(self.cert),
        }
    }
}

/// Somebody with an identity and one device.
#[derive(Debug, Clone)]
pub struct Person {
    /// The seed of all keys.
    pub name: String,
    /// The identity.
    pub identity: Id,
    /// The first device.
    pub device: Device,
    /// Every entry of the identity's space, parents first.
    pub entries: Vec<Verified>,
    /// Where the current root key writes on; public so that a test can fork it.
    pub root: Pen,
    rotations: u32,
    devices: u32,
}

impl Person {
    /// An identity and the enrolment of its first device.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let root = author::identity(&root_key(name, 0), &public(&root_key(name, 1)), None, 0);
        let identity = root.id();
        let mut person = Self {
            name: name.to_owned(),
            identity,
            device: Device {
                key: key(&format!("{name}/device/0")),
                cert: Id::ZERO,
            },
            root: Pen::after(&root_key(name, 0), None, identity, 0, identity),
            entries: vec![root],
            rotations: 0,
            devices: 0,
        };
        person.device = person.enroll();
        person
    }

    /// Enrols one more device.
    pub fn enroll(&mut self) -> Device {
        let key = key(&format!("{}/device/{}", self.name, self.devices));
        self.devices += 1;
        self.enroll_key(key)
    }

    /// Enrols a given key: perhaps one that another identity has enrolled too.
    pub fn enroll_key(&mut self, key: SigningKey) -> Device {
        let control = Control::Enroll(control::Enroll {
            key: public(&key),
            usage: Use::Person,
        });
        let entry = self.root.entry("enroll").control(&control).sign();
        let cert = entry.id();
        self.entries.push(entry);
        Device { key, cert }
    }

    /// Retires a device; `last` are its last entries that count.
    pub fn retire(&mut self, device: &Device, mut last: Vec<Id>) -> Id {
        last.sort_unstable();
        let control = Control::Retire(control::Retire {
            key: public(&device.key),
            last,
        });
        let entry = self.root.entry("retire").control(&control).sign();
        self.entries.push(entry.clone());
        entry.id()
    }

    /// The next root key takes over and keeps these enrolments.
    pub fn rotate(&mut self, mut keep: Vec<Id>) -> Id {
        keep.sort_unstable();
        self.rotations += 1;
        let next = public(&root_key(&self.name, self.rotations + 1));
        let control = Control::Rotate(control::Rotate {
            next: key_commitment(&next),
            keep,
        });
        let seen: Vec<Id> = self.root.head().into_iter().collect();
        let mut pen = Pen::new(&root_key(&self.name, self.rotations), None, self.identity);
        let entry = pen.entry("rotate").after(&seen).control(&control).sign();
        self.root = pen;
        self.entries.push(entry.clone());
        entry.id()
    }

    /// A pen of the first device for a space in which it has written nothing yet.
    #[must_use]
    pub fn pen(&self, space: Id) -> Pen {
        self.device.pen(space)
    }
}

fn root_key(name: &str, n: u32) -> SigningKey {
    key(&format!("{name}/root/{n}"))
}
