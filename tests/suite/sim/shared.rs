//! What all simulated nodes share to save memory and time: bytes, and that a signature was checked once.

use std::collections::HashMap;
use std::rc::Rc;

use althing_protocol::entry::{Body, Carried, Entry, Verified, wire, wire_hash};
use althing_protocol::hash::{Hash, Id};

/// Every entry that was ever sent.
#[derive(Default)]
pub(super) struct Shared {
    entries: HashMap<Id, Verified>,
    bodies: HashMap<Id, Body>,
    judged: HashMap<Hash, Option<Rc<Verified>>>,
}

impl Shared {
    /// Decodes and verifies with the shipped code, each wire once in the whole simulation.
    pub(super) fn verify(&mut self, bytes: &[u8]) -> Option<Verified> {
        let judged = self.judged.entry(wire_hash(bytes)).or_insert_with(|| {
            let entry = Entry::decode(bytes).ok().and_then(|e| e.verify().ok())?;
            Some(Rc::new(entry))
        });
        let entry = judged.clone()?;
        self.note(&entry);
        Some(Verified::clone(&entry))
    }

    /// Notes an entry that was signed here.
    pub(super) fn note(&mut self, entry: &Verified) {
        if let Carried::Here(body) = entry.body() {
            self.bodies.entry(entry.id()).or_insert_with(|| body.clone());
        }
        self.entries.entry(entry.id()).or_insert_with(|| {
            let mut bare = entry.clone();
            bare.take_body();
            bare
        });
    }

    pub(super) fn entry(&self, id: &Id) -> Option<&Verified> {
        self.entries.get(id)
    }

    /// The wire form, with the body if `with_body`.
    pub(super) fn wire(&self, id: &Id, with_body: bool) -> Option<Vec<u8>> {
        let entry = self.entries.get(id)?;
        let body = self.bodies.get(id).filter(|_| with_body);
        Some(wire(entry.header_bytes(), entry.signature(), body))
    }
}
