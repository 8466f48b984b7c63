//! A node with real logs in memory: what it offers it signed, what it is given it checks. It outlives the bot, as nodes do.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use alloy::primitives::B256;
use althing_anchor::node::{Body, Node, NodeError, Offer};
use althing_protocol::hash::{Hash, Id, Key, sha256};
use althing_protocol::log::checkpoint::{Checkpoint, Origin};
use althing_protocol::log::note::{Note, Use, sign};
use althing_protocol::log::{Frontier, Full, Leaf, Tree};
use ed25519_dalek::SigningKey;

/// A log.
struct Log {
    origin: Origin,
    key: SigningKey,
    leaves: Vec<Leaf>,
    hashes: HashMap<(u8, u64), Hash>,
    frontier: Frontier,
}

impl Log {
    fn new(committee: Id, seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let origin = Origin {
            committee,
            node: Key(key.verifying_key().to_bytes()),
            generation: 0,
        };
        Self {
            origin,
            key,
            leaves: Vec::new(),
            hashes: HashMap::new(),
            frontier: Frontier::default(),
        }
    }

    fn append(&mut self, leaf: Leaf) {
        self.hashes.insert((0, self.leaves.len() as u64), leaf.hash());
        let full = |full: Full| {
            self.hashes.insert((full.level, full.index), full.hash);
        };
        self.frontier.push(leaf.hash(), full);
        self.leaves.push(leaf);
    }

    fn root_at(&self, size: u64) -> Hash {
        let read = |level, index| self.hashes.get(&(level, index)).copied();
        Tree::new(self.leaves.len() as u64, read).root_at(size).unwrap()
    }

    fn checkpoint(&self) -> String {
        let size = self.leaves.len() as u64;
        let text = Checkpoint {
            origin: self.origin,
            size,
            root: self.root_at(size),
        }
        .to_string();
        let line = sign(&text, &self.origin.to_string(), Use::Note, 0, &self.key).unwrap();
        Note {
            text,
            signatures: vec![line],
        }
        .write()
    }
}

/// What a node wrote down: by block, place and committee.
pub(crate) type Entries = BTreeMap<(B256, u64, Id), (Id, Body, Vec<Checkpoint>)>;

struct Committee {
    own: Log,
    other: Log,
    /// Size of the log when it was anchored last, and entries that are anchors.
    anchored: u64,
    anchors: Vec<Id>,
}

#[derive(Default)]
struct Inner {
    committees: BTreeMap<Id, Committee>,
    entries: Entries,
    next: u64,
    asked: u64,
    away: bool,
    refuses: Option<Id>,
}

/// The node.
#[derive(Default)]
pub(crate) struct Logs(Mutex<Inner>);

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Logs")
    }
}

impl Logs {
    pub(crate) fn new(committees: u8) -> Self {
        let logs = Self::default();
        for n in 0..committees {
            let id = Id([n + 1; 32]);
            let mut other = Log::new(id, 100 + n);
            other.append(Leaf::Entry(Id([200; 32])));
            let committee = Committee {
                own: Log::new(id, 10 + n),
                other,
                anchored: 0,
                anchors: Vec::new(),
            };
            logs.0.lock().unwrap().committees.insert(id, committee);
            logs.write(n, 3);
        }
        logs
    }

    /// Entries join the record of this committee.
    pub(crate) fn write(&self, committee: u8, entries: u64) {
        let mut inner = self.0.lock().unwrap();
        for _ in 0..entries {
            inner.next += 1;
            let leaf = Leaf::Entry(Id(sha256(&[&inner.next.to_be_bytes()])));
            inner
                .committees
                .get_mut(&Id([committee + 1; 32]))
                .unwrap()
                .own
                .append(leaf);
        }
    }

    /// From now on it does not answer, or does again.
    pub(crate) fn away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// It takes no anchor entry in this committee.
    pub(crate) fn refuse(&self, committee: u8) {
        self.0.lock().unwrap().refuses = Some(Id([committee + 1; 32]));
    }

    pub(crate) fn asked(&self) -> u64 {
        self.0.lock().unwrap().asked
    }

    pub(crate) fn entries(&self) -> Entries {
        self.0.lock().unwrap().entries.clone()
    }
}

impl Node for &Logs {
    async fn batch(&self) -> Result<Vec<Offer>, NodeError> {
        let mut inner = self.0.lock().unwrap();
        inner.asked += 1;
        if inner.away {
            return Err(NodeError::Away("it sleeps".to_owned()));
        }
        let offer = |(id, committee): (&Id, &mut Committee)| {
            let since = usize::try_from(committee.anchored).unwrap();
            let counts = |leaf: &Leaf| matches!(leaf, Leaf::Entry(id) if !committee.anchors.contains(id));
            let changed = committee.own.leaves[since..].iter().any(counts);
            if changed {
                committee.own.append(Leaf::Cut(Hash(sha256(&[&id.0]))));
            }
            Offer {
                committee: *id,
                checkpoint: committee.own.checkpoint(),
                others: vec![committee.other.checkpoint()],
                changed,
            }
        };
        Ok(inner.committees.iter_mut().map(offer).collect())
    }

    async fn record(&self, committee: &Id, body: &Body) -> Result<Vec<Id>, NodeError> {
        let mut inner = self.0.lock().unwrap();
        if inner.away {
            return Err(NodeError::Away("it sleeps".to_owned()));
        }
        if inner.refuses == Some(*committee) {
            return Err(NodeError::Refused("not followed any more".to_owned()));
        }
        // As it travels.
        let body: Body = serde_json::from_str(&serde_json::to_string(body).unwrap()).unwrap();
        let anchored = crate::verify::body(*committee, &body);
        let place = (anchored.block, body.index, *committee);
        if let Some((id, ..)) = inner.entries.get(&place) {
            return Ok(vec![*id]);
        }
        let id = Id(sha256(&[&place.0.0, &place.1.to_be_bytes(), &committee.0]));
        let log = inner.committees.get_mut(committee).unwrap();
        let own = anchored.checkpoints[0];
        assert_eq!((own.origin, own.root), (log.own.origin, log.own.root_at(own.size)));
        assert!(matches!(
            log.own.leaves[usize::try_from(own.size).unwrap() - 1],
            Leaf::Cut(_)
        ));
        log.anchored = own.size;
        log.anchors.push(id);
        log.own.append(Leaf::Entry(id));
        inner.entries.insert(place, (id, body, anchored.checkpoints));
        Ok(vec![id])
    }
}
