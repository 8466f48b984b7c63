//! One simulated node: the shipped state machines, and around them what a real node has: bodies, peers, a restart.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::author::Draft;
use althing_protocol::digest::Tree;
use althing_protocol::entry::Carried;
use althing_protocol::graph::{Class, Graph, Num};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::state::{Event, LOCAL, Limits, Outcome, State};
use althing_protocol::sync::{self, Head, Place, Replica, Report, Session};
use althing_tests::kit::{Device, Person};

use super::flaw::Flaw;
use super::floors::Floors;
use super::shared::Shared;

/// A session that asks, and whom.
pub(super) struct Active {
    pub(super) peer: usize,
    pub(super) session: Session,
    /// The question under way; answers to others are late.
    pub(super) question: u64,
}

/// What a node remembers of a peer.
#[derive(Default, Clone, Copy)]
pub(super) struct Known {
    pub(super) read: Option<Place>,
    pub(super) floor: Option<Place>,
    pub(super) fruitless: u32,
    pub(super) not_before: u64,
    pub(super) banned: bool,
}

pub(super) struct Node {
    pub(super) state: State,
    pub(super) person: Person,
    /// Where it counts as in the record: bodies that are here.
    pub(super) bodies: BTreeSet<Id>,
    /// Admitted entries whose body is not here.
    pub(super) absent: BTreeSet<Id>,
    pub(super) floors: Floors,
    pub(super) peers: Vec<usize>,
    pub(super) known: BTreeMap<usize, Known>,
    pub(super) active: Option<Active>,
    pub(super) hostile: bool,
    pub(super) up: bool,
    pub(super) flaw: Flaw,
    /// Ids that a flawed node remembers wrongly.
    pub(super) grudges: BTreeSet<Id>,
    committee: Id,
    limits: Limits,
}

impl Node {
    pub(super) fn new(person: Person, committee: Id, limits: Limits, flaw: Flaw) -> Self {
        let mut state = State::new(limits);
        state.follow(committee);
        Self {
            state,
            person,
            bodies: BTreeSet::new(),
            absent: BTreeSet::new(),
            floors: Floors::default(),
            peers: Vec::new(),
            known: BTreeMap::new(),
            active: None,
            hostile: false,
            up: true,
            flaw,
            grudges: BTreeSet::new(),
            committee,
            limits,
        }
    }

    /// The one door. Tells whether an entry or its body is new here, and which entries are to be gossiped on.
    pub(super) fn accept(&mut self, shared: &mut Shared, bytes: &[u8], source: u64) -> (bool, Vec<Id>) {
        let Some(entry) = shared.verify(bytes) else {
            self.flaw.resent(&mut self.grudges, bytes);
            return (false, Vec::new());
        };
        if source != LOCAL && self.flaw.drops(&self.state, self.committee, &entry, &self.grudges) {
            return (false, Vec::new());
        }
        let id = entry.id();
        let late = matches!(entry.body(), Carried::Here(_));
        let mut events = Vec::new();
        let outcome = self.state.offer(entry, source, &mut events);
        let mut gained = matches!(outcome, Outcome::Admitted(_) | Outcome::Waiting(_));
        if matches!(outcome, Outcome::Known(_)) && late && self.absent.remove(&id) {
            self.bodies.insert(id);
            gained = true;
        }
        let mut fresh = Vec::new();
        for event in &events {
            self.note(event, &mut fresh);
        }
        if !events.is_empty()
            && let Some(committee) = self.state.committee_mut(&self.committee)
        {
            committee.record_mut().tree_mut().settle();
        }
        (gained, fresh)
    }

    fn note(&mut self, event: &Event, fresh: &mut Vec<Id>) {
        let committee = self.state.committee(&self.committee);
        match event {
            Event::Admitted(num, entry) => {
                let id = entry.id();
                fresh.push(id);
                match entry.body() {
                    Carried::Here(_) => drop(self.bodies.insert(id)),
                    Carried::Absent | Carried::Mismatch => drop(self.absent.insert(id)),
                    Carried::Bodiless => {}
                }
                // It may have been evicted again by what came after it.
                if self.state.graph().num(&id) == Some(*num) {
                    self.floors.touch(*num, committee, &self.state);
                }
            }
            Event::Left { num, .. } => self.floors.touch(*num, committee, &self.state),
            Event::Evicted(_, id) => {
                self.bodies.remove(id);
                self.absent.remove(id);
            }
            _ => {}
        }
    }

    /// Signs what a draft says with the node's person's device, and takes it in.
    pub(super) fn write(&mut self, shared: &mut Shared, draft: Draft) -> Option<Vec<Id>> {
        let device: Device = self.person.device.clone();
        let entry = althing_protocol::author::write(&self.state, self.committee, &device.writer(), draft).ok()?;
        shared.note(&entry);
        let (gained, fresh) = self.accept(shared, &entry.wire(), LOCAL);
        // A broken rule may also keep a node from admitting its own entry; it then falls apart from the others.
        assert!(
            gained || !matches!(self.flaw, Flaw::None),
            "a node admits what it writes"
        );
        Some(fresh)
    }

    pub(super) fn digest(&self) -> Hash {
        self.state
            .committee(&self.committee)
            .map_or(Hash::ZERO, |c| c.record().tree().root())
    }

    /// Who holds which role, by which grant.
    pub(super) fn holders(&self) -> BTreeSet<(String, Id, Id)> {
        let graph = self.state.graph();
        let committee = self.state.committee(&self.committee);
        let roles = committee.into_iter().flat_map(|c| c.authority().roles(graph));
        roles.map(|r| (r.role, graph.id(r.to), graph.id(r.grant))).collect()
    }

    pub(super) fn view<'a>(&'a self, shared: &'a Shared) -> View<'a> {
        View {
            node: self,
            shared,
            empty: Tree::new(),
        }
    }

    /// Stops: whatever was only in memory is gone.
    pub(super) fn stop(&mut self) {
        self.up = false;
        self.active = None;
    }

    /// Starts again on what was stored.
    pub(super) fn start(&mut self, shared: &Shared) {
        let before = (self.digest(), self.state.graph().len());
        let old = self.state.graph();
        let mut graph = Graph::default();
        let ids: BTreeMap<Num, Id> = old.iter().map(|n| (n, old.id(n))).collect();
        for num in ids.keys() {
            graph
                .restore(*num, old.row(*num).as_bytes())
                .expect("a row that was stored");
        }
        let sequence: Vec<Num> = self
            .state
            .committee(&self.committee)
            .map_or_else(Vec::new, |c| c.record().sequence().to_vec());
        self.state = State::restore(
            self.limits,
            [self.committee],
            graph,
            |num| shared.entry(ids.get(&num)?).map(|e| e.header().clone()),
            |_| Some(sequence.clone()),
        )
        .expect("what was stored is sound");
        if let Some(committee) = self.state.committee_mut(&self.committee) {
            committee.record_mut().tree_mut().settle();
        }
        assert_eq!(
            (self.digest(), self.state.graph().len()),
            before,
            "a restart changes nothing"
        );
        let generation = self.floors.generation + 1;
        self.floors = Floors {
            generation,
            ..Floors::default()
        };
        let committee = self.state.committee(&self.committee);
        for num in self.state.graph().iter() {
            self.floors.touch(num, committee, &self.state);
        }
        self.up = true;
    }

    /// Notes how a session ended.
    pub(super) fn ended(&mut self, peer: usize, report: &Report, now: u64, jitter: u64) {
        self.active = None;
        let known = self.known.entry(peer).or_default();
        known.read = report.read;
        known.floor = report.floor;
        known.fruitless = if report.fruitless() { known.fruitless + 1 } else { 0 };
        if known.fruitless > 0 {
            known.not_before = now + sync::backoff(known.fruitless, jitter);
        }
    }
}

/// What sync reads of a node.
pub(super) struct View<'a> {
    node: &'a Node,
    shared: &'a Shared,
    empty: Tree,
}

impl View<'_> {
    fn graph(&self) -> &Graph {
        self.node.state.graph()
    }
}

impl Replica for View<'_> {
    fn tree(&self) -> &Tree {
        self.node
            .state
            .committee(&self.node.committee)
            .map_or(&self.empty, |c| c.record().tree())
    }

    fn sequence_end(&self) -> Place {
        let committee = self.node.state.committee(&self.node.committee);
        Place {
            generation: 1,
            at: committee.map_or(0, |c| c.record().sequence().len() as u64),
        }
    }

    fn sequence_at(&self, position: u64) -> Option<Id> {
        let committee = self.node.state.committee(&self.node.committee)?;
        let num = committee.record().sequence().get(usize::try_from(position).ok()?)?;
        Some(self.graph().id(*num))
    }

    fn depth(&self, id: &Id) -> Option<u32> {
        self.graph().num(id).map(|n| self.graph().node(n).depth)
    }

    fn has(&self, id: &Id) -> bool {
        let state = &self.node.state;
        state.graph().num(id).is_some() || state.waiting().contains(id) || state.is_rejected(id)
    }

    fn wire(&self, id: &Id, inline: u64) -> Option<Vec<u8>> {
        self.graph().num(id)?;
        let len = self.shared.entry(id)?.header().len;
        self.shared.wire(id, len <= inline && self.node.bodies.contains(id))
    }

    fn wants(&self, max: usize) -> Vec<Id> {
        self.node.state.waiting().wants(max)
    }

    fn bodies(&self, max: usize) -> Vec<Id> {
        self.node.absent.iter().take(max).copied().collect()
    }

    fn floor_end(&self) -> Place {
        self.node.floors.end()
    }

    fn floor(&self, from: u64, max: usize) -> (Vec<Head>, u64) {
        let state = &self.node.state;
        self.node
            .floors
            .heads(from, max, state.committee(&self.node.committee), state)
    }

    fn lacks(&self, head: &Head) -> Option<u64> {
        if self.has(&head.id) {
            return None;
        }
        let Some(space) = self.graph().num(&head.space) else {
            return Some(0);
        };
        if head.space != self.node.committee && self.graph().node(space).class != Class::Identity {
            return None;
        }
        let here = self.graph().log(&head.by, space).map_or(0, |log| log.len() as u64);
        Some(if here <= head.seq {
            here
        } else {
            head.seq.saturating_sub(64)
        })
    }

    fn chain(&self, head: &Id, from: u64, max: usize) -> Vec<Id> {
        let graph = self.graph();
        let mut ids = Vec::new();
        let mut at = graph.num(head);
        while let Some(num) = at
            && u64::from(graph.node(num).seq) >= from
        {
            ids.push(graph.id(num));
            let before = graph.node(num).seq.checked_sub(1);
            at = before.and_then(|seq| {
                graph
                    .log_of(num)
                    .at(seq)
                    .iter()
                    .find(|n| graph.names(num).contains(n))
                    .copied()
            });
        }
        ids.reverse();
        ids.truncate(max);
        ids
    }
}
