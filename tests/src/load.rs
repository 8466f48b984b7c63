//! A large committee as wire bytes, for benchmarks: many members who post in turn, signed on all cores.

use althing_protocol::author::{self, Writer};
use althing_protocol::codec;
use althing_protocol::control::{self, Control, Use};
use althing_protocol::entry::{Body, Header, Verified, commit_body, entry_id};
use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::limit;
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

/// Who posts: a device of an identity and its place in its log.
struct Poster {
    key: SigningKey,
    cert: Id,
    prev: Option<Id>,
    seq: u64,
}

/// A committee that grows by posts of [`BODY`] bytes.
pub struct Load {
    committee: Id,
    documents: Vec<(Id, Id)>,
    posters: Vec<Poster>,
    rng: ChaCha8Rng,
    next: usize,
    time: u64,
}

/// Bytes of each post's body, as `goals.md` has it.
pub const BODY: usize = 600;
const POSTERS: usize = 24;
const DOCUMENTS: usize = 200;

impl Load {
    /// The committee and the entries that found it: identities, devices, root, documents.
    #[must_use]
    pub fn new(seed: u64) -> (Self, Vec<Vec<u8>>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut wires = Vec::new();
        let mut founders = Vec::new();
        let mut posters = Vec::new();
        for _ in 0..POSTERS {
            let (root, device) = (key(&mut rng), key(&mut rng));
            let next = Key(key(&mut rng).verifying_key().to_bytes());
            let identity = author::identity(&root, &next, None, 1);
            let enroll = Control::Enroll(control::Enroll {
                key: Key(device.verifying_key().to_bytes()),
                usage: Use::Person,
            });
            let mut header = header(&root, "enroll", Some(identity.id()), Some(identity.id()), None);
            header.control = enroll.value();
            header.after = vec![identity.id()];
            header.seq = 1;
            header.prev = Some(identity.id());
            let enroll = Verified::sign(header, None, &root);
            founders.push(identity.id());
            posters.push(Poster {
                key: device,
                cert: enroll.id(),
                prev: None,
                seq: 0,
            });
            wires.extend([identity.wire(), enroll.wire()]);
        }
        founders.sort_unstable();
        let first = posters.first().expect("there are posters");
        let writer = Writer {
            key: &first.key,
            cert: Some(first.cert),
        };
        let root = author::committee(&writer, control::Committee { founders, threshold: 1 }, None, 1);
        wires.push(root.wire());
        let mut load = Self {
            committee: root.id(),
            documents: Vec::new(),
            posters,
            rng,
            next: 0,
            time: 1,
        };
        for n in 0..DOCUMENTS {
            let topic = load.header("topic", None, Vec::new());
            let body = codec::encode(&serde_json::json!({ "set": { "title": format!("Topic {n}") } }));
            let (id, wire) = load.sign_now(topic, body);
            load.documents.push((id, id));
            wires.push(wire);
        }
        (load, wires)
    }

    /// The committee's id.
    #[must_use]
    pub fn committee(&self) -> Id {
        self.committee
    }

    /// The next `count` posts, parents first.
    pub fn posts(&mut self, count: usize) -> Vec<Vec<u8>> {
        let unsigned: Vec<(Header, Body, usize)> = (0..count).map(|_| self.post()).collect();
        let keys: Vec<SigningKey> = self.posters.iter().map(|p| p.key.clone()).collect();
        let sign = |(header, body, by): (Header, Body, usize)| {
            keys.get(by)
                .map(|key| Verified::sign(header, Some(body), key).wire())
                .unwrap_or_default()
        };
        unsigned.into_par_iter().map(sign).collect()
    }

    fn post(&mut self) -> (Header, Body, usize) {
        let at = usize::try_from(self.rng.next_u32()).unwrap_or(0) % self.documents.len();
        let (doc, last) = *self.documents.get(at).expect("the index is below the length");
        let by = self.next % self.posters.len();
        let mut header = self.header("post", Some(doc), vec![last]);
        let text: String = (0..BODY - 8)
            .map(|_| char::from(b'!' + u8::try_from(self.rng.next_u32() % 94).unwrap_or(0)))
            .collect();
        let body = self.body(codec::encode(&serde_json::json!({ "text": text })));
        (header.len, header.body_hash) = commit_body(Some(&body));
        let id = entry_id(&header.encode());
        self.advance(id);
        if let Some(slot) = self.documents.get_mut(at) {
            slot.1 = id;
        }
        (header, body, by)
    }

    fn header(&mut self, kind: &str, doc: Option<Id>, after: Vec<Id>) -> Header {
        self.time += 1;
        let at = self.next % self.posters.len();
        let poster = self.posters.get(at).expect("the index is below the length");
        let mut header = header(&poster.key, kind, Some(self.committee), doc, Some(poster.cert));
        header.after = after;
        header.seq = poster.seq;
        header.prev = poster.prev;
        header.time = self.time;
        header
    }

    fn sign_now(&mut self, mut header: Header, body: Vec<u8>) -> (Id, Vec<u8>) {
        let body = self.body(body);
        (header.len, header.body_hash) = commit_body(Some(&body));
        let key = self
            .posters
            .get(self.next % self.posters.len())
            .expect("the index is below the length")
            .key
            .clone();
        let entry = Verified::sign(header, Some(body), &key);
        self.advance(entry.id());
        (entry.id(), entry.wire())
    }

    fn advance(&mut self, id: Id) {
        let at = self.next % self.posters.len();
        if let Some(poster) = self.posters.get_mut(at) {
            poster.prev = Some(id);
            poster.seq += 1;
        }
        self.next += 1;
    }

    fn body(&mut self, bytes: Vec<u8>) -> Body {
        let mut salt = [0; limit::SALT];
        self.rng.fill_bytes(&mut salt);
        Body { salt, bytes }
    }
}

fn key(rng: &mut ChaCha8Rng) -> SigningKey {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}

fn header(key: &SigningKey, kind: &str, space: Option<Id>, doc: Option<Id>, cert: Option<Id>) -> Header {
    Header {
        v: limit::VERSION,
        space,
        doc,
        by: Key(key.verifying_key().to_bytes()),
        cert,
        seq: 0,
        prev: None,
        after: Vec::new(),
        auth: Vec::new(),
        not_before: None,
        time: 1,
        kind: kind.to_owned(),
        control: None,
        len: 0,
        body_hash: Hash::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use althing_protocol::entry::Entry;
    use althing_protocol::state::{LOCAL, Limits, Outcome, State};

    use super::*;

    #[test]
    fn every_entry_is_admitted_and_counted() {
        let (mut load, founding) = Load::new(7);
        let mut state = State::new(Limits::default());
        state.follow(load.committee());
        let wires: Vec<Vec<u8>> = founding.into_iter().chain(load.posts(1000)).collect();
        for wire in &wires {
            let entry = Entry::decode(wire).unwrap().verify().unwrap();
            let outcome = state.offer(entry, LOCAL, &mut Vec::new());
            assert!(matches!(outcome, Outcome::Admitted(_)), "{outcome:?}");
        }
        let record = state.committee(&load.committee()).unwrap().record();
        assert_eq!((record.len(), record.tree().len()), (wires.len(), wires.len()));
    }
}
