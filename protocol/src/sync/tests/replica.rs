//! A replica in memory with the simplest rules that sync depends on: what is named comes first, members' entries and
//! what they name are the record, other entries are floor within a budget, waiting room is bounded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::digest::Tree;
use crate::entry::{self, Body, Header};
use crate::hash::{Id, Key, sha256};
use crate::sync::*;

/// All entries that a test made, by id: what their headers say need not be parsed again.
#[derive(Default)]
pub(super) struct World {
    pub(super) entries: BTreeMap<Id, Made>,
}

pub(super) struct Made {
    header: Vec<u8>,
    body: Option<Body>,
    by: Key,
    seq: u64,
    prev: Option<Id>,
    names: Vec<Id>,
    pub(super) depth: u32,
}

pub(super) const SPACE: Id = Id([9; 32]);

pub(super) fn key(n: u64) -> Key {
    Key(sha256(&[b"key", &n.to_be_bytes()]))
}

pub(super) fn random_id(n: u64) -> Id {
    Id(sha256(&[b"id", &n.to_be_bytes()]))
}

impl World {
    /// Makes an entry of a key's log. Nothing is signed: whether a signature holds is no matter of sync.
    pub(super) fn make(&mut self, by: Key, seq: u64, prev: Option<Id>, after: &[Id], body: usize) -> Id {
        let mut after = after.to_vec();
        after.sort_unstable();
        after.dedup();
        let salt = *sha256(&[&by.0, &seq.to_be_bytes()]).first_chunk().unwrap();
        let body = (body > 0).then(|| Body {
            salt,
            bytes: vec![7; body],
        });
        let (len, body_hash) = entry::commit_body(body.as_ref());
        let header = Header {
            v: 1,
            space: Some(SPACE),
            doc: Some(SPACE),
            by,
            cert: Some(random_id(0)),
            seq,
            prev,
            after: after.clone(),
            auth: vec![],
            not_before: None,
            time: 1_790_000_000_000 + seq,
            kind: "post".into(),
            control: None,
            len,
            body_hash,
        };
        let header = header.encode();
        let id = entry::entry_id(&header);
        let mut names = after;
        names.extend(prev);
        let depth = 1 + names.iter().map(|name| self.entries[name].depth).max().unwrap_or(0);
        self.entries.insert(
            id,
            Made {
                header,
                body,
                by,
                seq,
                prev,
                names,
                depth,
            },
        );
        id
    }

    pub(super) fn wire(&self, id: &Id) -> Vec<u8> {
        let made = &self.entries[id];
        entry::wire(&made.header, &[7; 64], made.body.as_ref())
    }
}

pub(super) struct Memory {
    pub(super) world: Rc<World>,
    pub(super) members: BTreeSet<Key>,
    pub(super) tree: Tree,
    pub(super) sequence: Vec<Id>,
    pub(super) generation: u64,
    pub(super) floor: BTreeSet<Id>,
    /// Heads of floor logs in order of change.
    pub(super) heads: Vec<Head>,
    pub(super) floor_budget: usize,
    pub(super) waiting: BTreeMap<Id, Vec<u8>>,
    pub(super) pool: usize,
    pub(super) most_waiting: usize,
    pub(super) bodies: BTreeSet<Id>,
    pub(super) wants_bodies: bool,
    /// What comes in from elsewhere, an entry at every step.
    pub(super) arriving: Vec<Id>,
}

impl Memory {
    pub(super) fn new(world: &Rc<World>, members: &[Key]) -> Self {
        Self {
            world: world.clone(),
            members: members.iter().copied().collect(),
            tree: Tree::new(),
            sequence: vec![],
            generation: 1,
            floor: BTreeSet::new(),
            heads: vec![],
            floor_budget: 10_000,
            waiting: BTreeMap::new(),
            pool: 10_000,
            most_waiting: 0,
            bodies: BTreeSet::new(),
            wants_bodies: true,
            arriving: vec![],
        }
    }

    /// Ids without entries: for large sets of which only the ids matter.
    pub(super) fn fill(&mut self, ids: impl Iterator<Item = Id> + Clone) {
        assert!(self.sequence.is_empty());
        self.tree = ids.clone().collect();
        self.sequence = ids.collect();
    }

    pub(super) fn put(&mut self, ids: &[Id]) {
        for id in ids {
            self.deliver(&self.world.wire(id));
        }
        self.tree.settle();
    }

    fn here(&self, id: &Id) -> bool {
        self.tree.contains(id) || self.floor.contains(id)
    }

    /// Takes wire bytes in; 1 if they brought something new.
    pub(super) fn deliver(&mut self, wire: &[u8]) -> u64 {
        let Some(id) = claimed_id(wire) else { return 0 };
        let world = self.world.clone();
        let Some(made) = world.entries.get(&id) else { return 0 };
        let body = made.body.is_some() && wire == world.wire(&id);
        if self.here(&id) {
            return u64::from(body && self.bodies.insert(id));
        }
        if self.waiting.contains_key(&id) {
            return 0;
        }
        let pinned = self.pinned(&id);
        if made.names.iter().all(|name| self.here(name)) {
            if !self.admit(&id, pinned) {
                return 0;
            }
            if body {
                self.bodies.insert(id);
            }
            self.wake();
            return 1;
        }
        let unpinned = self.waiting.keys().filter(|id| !self.pinned(id)).count();
        if !pinned && unpinned >= self.pool {
            return 0;
        }
        self.waiting.insert(id, wire.to_vec());
        self.most_waiting = self.most_waiting.max(self.waiting.len());
        1
    }

    /// Whether it is a member's, or needed by a member's entry that waits.
    fn pinned(&self, id: &Id) -> bool {
        self.members.contains(&self.world.entries[id].by)
            || self
                .waiting
                .keys()
                .any(|w| self.world.entries[w].names.contains(id) && self.pinned(w))
    }

    fn admit(&mut self, id: &Id, pinned: bool) -> bool {
        let made = &self.world.entries[id];
        if self.members.contains(&made.by) {
            let world = self.world.clone();
            self.promote(&world, *id);
            return true;
        }
        if !pinned && self.floor.len() >= self.floor_budget {
            return false;
        }
        let head = Head {
            by: made.by,
            space: SPACE,
            seq: made.seq,
            id: *id,
        };
        self.heads.push(head);
        self.floor.insert(*id)
    }

    fn promote(&mut self, world: &World, id: Id) {
        let mut todo = vec![(id, false)];
        while let Some((id, done)) = todo.pop() {
            if done {
                if self.tree.insert(id) {
                    self.sequence.push(id);
                    self.floor.remove(&id);
                }
            } else if !self.tree.contains(&id) {
                todo.push((id, true));
                todo.extend(world.entries[&id].names.iter().map(|name| (*name, false)));
            }
        }
    }

    fn wake(&mut self) {
        let world = self.world.clone();
        while let Some(id) = self
            .waiting
            .keys()
            .find(|id| world.entries[*id].names.iter().all(|name| self.here(name)))
            .copied()
        {
            let pinned = self.pinned(&id);
            let wire = self.waiting.remove(&id).unwrap();
            if self.admit(&id, pinned) && wire == world.wire(&id) && world.entries[&id].body.is_some() {
                self.bodies.insert(id);
            }
        }
    }
}

impl Replica for Memory {
    fn tree(&self) -> &Tree {
        &self.tree
    }

    fn sequence_end(&self) -> Place {
        Place {
            generation: self.generation,
            at: u64::try_from(self.sequence.len()).unwrap(),
        }
    }

    fn sequence_at(&self, position: u64) -> Option<Id> {
        self.sequence.get(usize::try_from(position).unwrap()).copied()
    }

    fn depth(&self, id: &Id) -> Option<u32> {
        self.here(id)
            .then(|| self.world.entries.get(id).map_or(1, |made| made.depth))
    }

    fn has(&self, id: &Id) -> bool {
        self.here(id) || self.waiting.contains_key(id)
    }

    fn wire(&self, id: &Id, inline: u64) -> Option<Vec<u8>> {
        let made = self.world.entries.get(id).filter(|_| self.here(id))?;
        let fits = |body: &&Body| self.bodies.contains(id) && u64::try_from(body.bytes.len()).unwrap() <= inline;
        Some(entry::wire(&made.header, &[7; 64], made.body.as_ref().filter(fits)))
    }

    fn wants(&self, max: usize) -> Vec<Id> {
        let names = self
            .waiting
            .keys()
            .filter(|id| self.pinned(id))
            .flat_map(|id| &self.world.entries[id].names);
        let lacking: BTreeSet<Id> = names.filter(|name| !self.has(name)).copied().collect();
        lacking.into_iter().take(max).collect()
    }

    fn bodies(&self, max: usize) -> Vec<Id> {
        let absent =
            |id: &&Id| !self.bodies.contains(id) && self.world.entries.get(id).is_some_and(|made| made.body.is_some());
        if !self.wants_bodies {
            return vec![];
        }
        // Ids without entries come first in large sets: look at the end.
        self.sequence
            .iter()
            .rev()
            .take(200_000)
            .chain(&self.floor)
            .filter(absent)
            .take(max)
            .copied()
            .collect()
    }

    fn floor_end(&self) -> Place {
        Place {
            generation: self.generation,
            at: u64::try_from(self.heads.len()).unwrap(),
        }
    }

    fn floor(&self, from: u64, max: usize) -> (Vec<Head>, u64) {
        let heads: Vec<Head> = self
            .heads
            .iter()
            .skip(usize::try_from(from).unwrap())
            .take(max)
            .copied()
            .collect();
        let next = from + u64::try_from(heads.len()).unwrap();
        (heads, next)
    }

    fn lacks(&self, head: &Head) -> Option<u64> {
        if self.has(&head.id) || self.floor.len() >= self.floor_budget {
            return None;
        }
        let held = self
            .floor
            .iter()
            .chain(self.tree.iter())
            .filter_map(|id| self.world.entries.get(id));
        Some(
            held.filter(|made| made.by == head.by)
                .map(|made| made.seq + 1)
                .max()
                .unwrap_or(0),
        )
    }

    fn chain(&self, head: &Id, from: u64, max: usize) -> Vec<Id> {
        let mut chain = VecDeque::new();
        let mut at = Some(*head);
        while let Some(id) = at.filter(|id| self.here(id)) {
            let made = &self.world.entries[&id];
            if made.seq < from {
                break;
            }
            chain.push_front(id);
            at = made.prev;
        }
        chain.truncate(max);
        chain.into()
    }
}

pub(super) fn config() -> Config {
    Config {
        committee: SPACE,
        inline: INLINE,
        read: None,
        floor: FloorBudget::default(),
        limits: Limits::default(),
    }
}

/// What a session did.
pub(super) struct Ran {
    pub(super) report: Report,
    pub(super) faults: Vec<Fault>,
}

/// Runs a session to its end. `order` decides what comes first when both an answer and a store are due.
pub(super) fn run(asker: &mut Memory, config: Config, order: u64, mut peer: impl FnMut(&[u8]) -> Input) -> Ran {
    let mut session = Session::new(config);
    let mut answers = VecDeque::from([Input::Start]);
    let mut stores: VecDeque<Vec<Vec<u8>>> = VecDeque::new();
    let mut faults = vec![];
    let mut now = 0;
    for step in 0_u64.. {
        now += 1;
        let arriving = asker.arriving.pop();
        asker.put(arriving.as_slice());
        let store_first = sha256(&[&order.to_be_bytes(), &step.to_be_bytes()])[0] & 1 == 0;
        let input = match (answers.pop_front(), stores.pop_front()) {
            (None, None) => panic!("the session waits for nothing"),
            (Some(input), None) => input,
            (answer, Some(wires)) if store_first || answer.is_none() => {
                answers.extend(answer);
                let gained = wires.iter().map(|wire| asker.deliver(wire)).sum();
                asker.tree.settle();
                Input::Stored { gained }
            }
            (answer, wires) => {
                stores.extend(wires);
                stores.rotate_right(1);
                answer.unwrap()
            }
        };
        for output in session.handle(asker, now, input) {
            match output {
                Output::Send(bytes) => {
                    assert!(bytes.len() <= Request::MAX);
                    answers.push_back(peer(&bytes));
                    assert!(answers.len() == 1, "one question at a time");
                }
                Output::Deliver { wires, .. } => {
                    stores.push_back(wires);
                    assert!(stores.len() <= 2, "two deliveries at a time");
                }
                Output::Penalise(fault) => faults.push(fault),
                Output::Done(report) => {
                    for wires in stores {
                        wires.iter().for_each(|wire| _ = asker.deliver(wire));
                    }
                    asker.tree.settle();
                    assert!(
                        session.handle(asker, now, Input::Failed).is_empty(),
                        "nothing comes after the end"
                    );
                    return Ran { report, faults };
                }
            }
        }
    }
    unreachable!()
}

/// A session with an honest peer.
pub(super) fn pull(asker: &mut Memory, peer: &Memory, config: Config, frame: usize, order: u64) -> Report {
    let ran = run(asker, config, order, |bytes| {
        let request = Request::decode(bytes).unwrap();
        assert_eq!(request.committee, SPACE);
        let answer = respond(peer, &request.ask, frame).encode();
        assert!(answer.len() <= Answer::MAX);
        Input::Answer(answer)
    });
    assert_eq!(ran.faults, [], "an honest peer is not penalised");
    ran.report
}
