//! The simulated world: virtual time, a network that delays, loses, repeats and cuts, and what happens when.
//!
//! Everything follows from one seed. No real time passes but that of computing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use althing_protocol::hash::{Hash, Id};
use althing_protocol::state::Limits;
use althing_protocol::sync::{self, Claim, Config, FloorBudget, Input, Output, Request, Session, respond};
use althing_protocol::{floor, waiting};
use althing_tests::kit::{Dice, Person, Town};

use super::flaw::Flaw;
use super::hostile;
use super::node::{Active, Node};
use super::people;
use super::shared::Shared;

/// What a simulation is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) nodes: usize,
    /// Of these, hostile ones, in percent.
    pub(super) hostile: usize,
    /// How long people write, in virtual seconds.
    pub(super) writing: u64,
    /// Entries that people write in all, roughly.
    pub(super) entries: u64,
    /// Messages lost, in percent.
    pub(super) loss: usize,
    pub(super) flaw: Flaw,
}

/// What there is to tell about a simulation that ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Story {
    pub(super) digest: Hash,
    pub(super) record: usize,
    pub(super) members: usize,
    pub(super) forks: usize,
    pub(super) messages: u64,
    pub(super) sessions: u64,
    pub(super) banned: usize,
    /// Virtual milliseconds from the last healing to agreement.
    pub(super) healing: u64,
}

/// Why it did not.
#[derive(Debug)]
pub(super) struct Apart(pub(super) String);

enum What {
    Gossip {
        to: usize,
        from: usize,
        wire: Rc<Vec<u8>>,
    },
    Ask {
        to: usize,
        from: usize,
        question: u64,
        bytes: Vec<u8>,
    },
    Answer {
        to: usize,
        from: usize,
        question: u64,
        bytes: Vec<u8>,
    },
    Timeout {
        node: usize,
        question: u64,
    },
    Tick(usize),
    Write(usize),
    Misbehave(usize),
    Stop(usize),
    Start(usize),
    Cut(u64),
    Heal,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) dice: Dice,
    pub(super) town: Town,
    pub(super) nodes: Vec<Node>,
    pub(super) shared: Shared,
    pub(super) now: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    due: std::collections::HashMap<u64, What>,
    order: u64,
    /// The side on which each node is while the network is cut.
    sides: Vec<u64>,
    cut: bool,
    /// Lossless: the end of the simulation.
    calm: bool,
    frame: usize,
    messages: u64,
    sessions: u64,
    question: u64,
}

/// Milliseconds until an unanswered question counts as failed.
const TIMEOUT: u64 = 4000;

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        let mut dice = Dice::new(plan.seed);
        let threshold = [1, 2, 2, 2, 3][dice.below(5)];
        let town = Town::new(&format!("sim {}", plan.seed), 3, threshold);
        let frame = [600, 4096, 65_536, sync::FRAME][dice.below(4)];
        let mut nodes = Vec::new();
        for n in 0..plan.nodes {
            let person = match town.founders.get(n) {
                Some(founder) => founder.clone(),
                None => Person::new(&format!("sim {} person {n}", plan.seed)),
            };
            // Every fifth node has next to no room for strangers.
            let poor = dice.chance(20);
            let mut room = |least: usize, more: usize| if poor { dice.below(6) } else { least + dice.below(more) };
            let limits = Limits {
                floor: floor::Limits {
                    per_key: u32::try_from(room(8, 30)).expect("small"),
                    total: u32::try_from(room(60, 400)).expect("small"),
                    ..floor::Limits::default()
                },
                waiting: waiting::Limits {
                    per_source: room(20, 100),
                    total: room(50, 500),
                    ..waiting::Limits::default()
                },
                own: Some(person.identity),
            };
            let flaw = if dice.chance(50) { plan.flaw } else { Flaw::None };
            let mut node = Node::new(person, town.id, limits, flaw);
            // Founders are honest here: a threshold of hostile ones may do what it likes.
            node.hostile = n >= 3 && dice.chance(plan.hostile);
            nodes.push(node);
        }
        let mut world = Self {
            plan,
            dice,
            town,
            sides: vec![0; plan.nodes],
            nodes,
            shared: Shared::default(),
            now: 0,
            queue: BinaryHeap::new(),
            due: std::collections::HashMap::new(),
            order: 0,
            cut: false,
            calm: false,
            frame,
            messages: 0,
            sessions: 0,
            question: 0,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let all: Vec<usize> = (0..self.plan.nodes).collect();
        for n in 0..self.plan.nodes {
            let mut peers: Vec<usize> = all.iter().copied().filter(|p| *p != n).collect();
            self.dice.shuffle(&mut peers);
            // At least one way through honest nodes, as role holders' nodes keep to each other.
            let honest: Vec<usize> = peers
                .iter()
                .copied()
                .filter(|p| !self.nodes[*p].hostile)
                .take(4)
                .collect();
            peers.truncate(4);
            let more: Vec<usize> = honest.into_iter().filter(|p| !peers.contains(p)).collect();
            peers.extend(more);
            // A connection serves both ways.
            for peer in &peers {
                self.nodes[*peer].peers.push(n);
            }
            self.nodes[n].peers.extend(peers);
        }
        for n in 0..self.plan.nodes {
            self.nodes[n].peers.sort_unstable();
            self.nodes[n].peers.dedup();
            self.dice.shuffle(&mut self.nodes[n].peers);
            for entry in self.nodes[n].person.entries.clone() {
                self.take_own(n, &entry.wire());
            }
        }
        let root = self.town.root.clone();
        for entry in self.town.entries() {
            self.shared.note(&entry);
        }
        for n in 0..3 {
            for entry in self.town.entries() {
                self.take_own(n, &entry.wire());
            }
        }
        assert!(self.nodes[0].state.graph().num(&root.id()).is_some());
        let span = self.plan.writing * 1000;
        for n in 0..self.plan.nodes {
            let first = self.dice.below(3000) as u64;
            self.at(first, What::Tick(n));
            if self.nodes[n].hostile {
                let every = span / 6;
                for i in 0..5 {
                    let when = i * every + self.dice.below(usize::try_from(every).expect("short")) as u64;
                    self.at(when, What::Misbehave(n));
                }
            }
            if self.dice.chance(20) {
                let down = self.dice.any() % span;
                let long = 1000 + self.dice.any() % 20_000;
                self.at(down, What::Stop(n));
                self.at(down + long, What::Start(n));
            }
        }
        for _ in 0..self.plan.entries {
            let when = self.dice.any() % span;
            // Founders write more: they grant, cosign and revoke.
            let who = if self.dice.chance(40) {
                self.dice.below(3)
            } else {
                self.dice.below(self.plan.nodes)
            };
            self.at(when, What::Write(who));
        }
        for i in 0..3 {
            let start = span * (2 * i + 1) / 7;
            let sides = 2 + self.dice.any() % 2;
            self.at(start, What::Cut(sides));
            self.at(start + span / 7, What::Heal);
        }
    }

    /// Runs until all honest nodes agree after the last healing, or until it is clear that they will not.
    pub(super) fn run(mut self) -> Result<Story, Apart> {
        let span = self.plan.writing * 1000;
        self.until(span);
        self.calm = true;
        self.cut = false;
        for n in 0..self.plan.nodes {
            if !self.nodes[n].up {
                self.start(n);
            }
        }
        let mut patience = span;
        while patience < span + 1_800_000 {
            patience += 2000;
            self.until(patience);
            if self.disagreement().is_none() {
                return self.story(span);
            }
        }
        Err(Apart(self.disagreement().unwrap_or_default()))
    }

    fn until(&mut self, end: u64) {
        while let Some(Reverse((time, order))) = self.queue.peek().copied() {
            if time > end {
                break;
            }
            self.queue.pop();
            self.now = time;
            let what = self.due.remove(&order).expect("each is due once");
            self.happen(what);
        }
        self.now = end;
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Gossip { to, from, wire } => {
                if self.nodes[to].up && !self.nodes[to].known.get(&from).is_some_and(|k| k.banned) {
                    self.take(to, &wire, 1 + from as u64);
                }
            }
            What::Ask {
                to,
                from,
                question,
                bytes,
            } => self.answer(to, from, question, &bytes),
            What::Answer {
                to,
                from,
                question,
                bytes,
            } => {
                let fits = |a: &Active| a.question == question && a.peer == from;
                if self.nodes[to].up && self.nodes[to].active.as_ref().is_some_and(fits) {
                    self.step(to, Input::Answer(bytes));
                }
            }
            What::Timeout { node, question } => {
                if self.nodes[node].active.as_ref().is_some_and(|a| a.question == question) {
                    self.step(node, Input::Failed);
                }
            }
            What::Tick(n) => self.tick(n),
            What::Write(n) => {
                if self.nodes[n].up {
                    people::write(self, n);
                }
            }
            What::Misbehave(n) => {
                if self.nodes[n].up {
                    hostile::act(self, n);
                }
            }
            What::Stop(n) => self.nodes[n].stop(),
            What::Start(n) => {
                if !self.nodes[n].up {
                    self.start(n);
                }
            }
            What::Cut(sides) => {
                self.cut = true;
                for n in 0..self.plan.nodes {
                    self.sides[n] = self.dice.any() % sides;
                }
            }
            What::Heal => self.cut = false,
        }
    }

    fn start(&mut self, n: usize) {
        let mut nodes = std::mem::take(&mut self.nodes);
        nodes[n].start(&self.shared);
        self.nodes = nodes;
    }

    /// Bytes of a node's own person.
    pub(super) fn take_own(&mut self, n: usize, wire: &[u8]) {
        self.take(n, wire, althing_protocol::state::LOCAL);
    }

    /// Bytes come to a node; what is new is gossiped on.
    fn take(&mut self, n: usize, wire: &[u8], source: u64) -> bool {
        let (gained, fresh) = self.nodes[n].accept(&mut self.shared, wire, source);
        self.gossip(n, &fresh);
        gained
    }

    /// Sends entries to a node's gossip neighbours.
    pub(super) fn gossip(&mut self, n: usize, fresh: &[Id]) {
        for id in fresh {
            let with_body = self.nodes[n].bodies.contains(id);
            let Some(wire) = self.shared.wire(id, with_body) else {
                continue;
            };
            let wire = Rc::new(wire);
            for to in self.nodes[n].peers.clone().into_iter().take(4) {
                self.send_gossip(n, to, &wire);
            }
        }
    }

    pub(super) fn send_gossip(&mut self, from: usize, to: usize, wire: &Rc<Vec<u8>>) {
        for _ in 0..self.copies(from, to) {
            let when = self.now + self.delay();
            self.at(
                when,
                What::Gossip {
                    to,
                    from,
                    wire: Rc::clone(wire),
                },
            );
        }
    }

    /// Asks one peer, if no session is under way.
    fn tick(&mut self, n: usize) {
        let next = self.now + 1000 + self.dice.below(2000) as u64;
        self.at(next, What::Tick(n));
        if !self.nodes[n].up || self.nodes[n].active.is_some() {
            return;
        }
        let now = self.now;
        let node = &self.nodes[n];
        let known = |p: &usize| node.known.get(p).copied().unwrap_or_default();
        let open: Vec<usize> = node
            .peers
            .iter()
            .copied()
            .filter(|p| !known(p).banned && known(p).not_before <= now)
            .collect();
        let Some(peer) = self.dice.pick(&open).copied() else {
            return;
        };
        let known = self.nodes[n].known.get(&peer).copied().unwrap_or_default();
        let config = Config {
            committee: self.town.id,
            inline: sync::INLINE,
            read: known.read,
            floor: FloorBudget {
                read: known.floor,
                entries: 100,
            },
            limits: sync::Limits::default(),
        };
        self.sessions += 1;
        self.nodes[n].active = Some(Active {
            peer,
            session: Session::new(config),
            question: 0,
        });
        self.step(n, Input::Start);
    }

    /// Drives a node's session by one input and everything that follows at once.
    fn step(&mut self, n: usize, input: Input) {
        let mut inputs = std::collections::VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let Some(mut active) = self.nodes[n].active.take() else {
                return;
            };
            let outputs = active
                .session
                .handle(&self.nodes[n].view(&self.shared), self.now, input);
            let peer = active.peer;
            self.nodes[n].active = Some(active);
            for output in outputs {
                match output {
                    Output::Send(bytes) => self.ask(n, peer, &bytes),
                    Output::Deliver { wires, claim } => {
                        let mut gained = 0;
                        for wire in wires {
                            gained += u64::from(self.take(n, &wire, source(peer, claim)));
                        }
                        inputs.push_back(Input::Stored { gained });
                    }
                    Output::Penalise(fault) => {
                        let honest = !self.nodes[peer].hostile;
                        assert!(
                            !honest,
                            "seed {}: an honest peer was penalised: {fault}",
                            self.plan.seed
                        );
                        self.nodes[n].known.entry(peer).or_default().banned = true;
                    }
                    Output::Done(report) => {
                        let jitter = self.dice.any();
                        self.nodes[n].ended(peer, &report, self.now, jitter);
                    }
                }
            }
        }
    }

    fn ask(&mut self, n: usize, peer: usize, bytes: &[u8]) {
        self.question += 1;
        let question = self.question;
        if let Some(active) = &mut self.nodes[n].active {
            active.question = question;
        }
        self.send_question(n, peer, question, bytes);
        self.at(self.now + TIMEOUT, What::Timeout { node: n, question });
    }

    /// A question whose answer nobody waits for.
    pub(super) fn question(&mut self, from: usize, to: usize, bytes: &[u8]) {
        self.question += 1;
        self.send_question(from, to, self.question, bytes);
    }

    fn send_question(&mut self, from: usize, to: usize, question: u64, bytes: &[u8]) {
        for _ in 0..self.copies(from, to) {
            let when = self.now + self.delay();
            let bytes = bytes.to_vec();
            self.at(
                when,
                What::Ask {
                    to,
                    from,
                    question,
                    bytes,
                },
            );
        }
    }

    fn answer(&mut self, n: usize, from: usize, question: u64, bytes: &[u8]) {
        if !self.nodes[n].up {
            return;
        }
        let Ok(request) = Request::decode(bytes) else { return };
        let mut answer = respond(&self.nodes[n].view(&self.shared), &request.ask, self.frame).encode();
        if self.nodes[n].hostile {
            answer = hostile::twist(self, n, answer);
        }
        for _ in 0..self.copies(n, from) {
            let when = self.now + self.delay();
            self.at(
                when,
                What::Answer {
                    to: from,
                    from: n,
                    question,
                    bytes: answer.clone(),
                },
            );
        }
    }

    /// How often a message arrives.
    fn copies(&mut self, from: usize, to: usize) -> usize {
        self.messages += 1;
        if self.cut && self.sides[from] != self.sides[to] {
            return 0;
        }
        let lost = !self.calm && self.dice.chance(self.plan.loss);
        if lost { 0 } else { 1 + usize::from(self.dice.chance(5)) }
    }

    fn delay(&mut self) -> u64 {
        let slow = if self.dice.chance(5) { 1500 } else { 120 };
        5 + self.dice.below(slow) as u64
    }

    fn at(&mut self, time: u64, what: What) {
        self.order += 1;
        self.queue.push(Reverse((time.max(self.now), self.order)));
        self.due.insert(self.order, what);
    }

    fn honest(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().filter(|(_, n)| !n.hostile)
    }

    /// Which honest nodes differ, and in what; none if they agree.
    fn disagreement(&self) -> Option<String> {
        let first = &self.nodes[0];
        let committee = first.state.committee(&self.town.id).expect("a founder has it");
        let tree = committee.record().tree();
        for (n, node) in self.honest() {
            if node.digest() != first.digest() {
                let other = node.state.committee(&self.town.id).map(|c| c.record().tree());
                let lacks = tree.iter().filter(|id| !other.is_some_and(|t| t.contains(id))).count();
                let more = other.map_or(0, |t| t.iter().filter(|id| !tree.contains(id)).count());
                let examples: Vec<String> = tree
                    .iter()
                    .filter(|id| !other.is_some_and(|t| t.contains(id)))
                    .take(6)
                    .map(|id| self.describe(node, id))
                    .collect();
                let peers: Vec<String> = node.peers.iter().map(|p| self.peer(node, *p)).collect();
                return Some(format!(
                    "node {n} lacks {lacks} entries of node 0's record and has {more} more; {} wait there; {}; its peers: {}",
                    node.state.waiting().len(),
                    examples.join("; "),
                    peers.join("; ")
                ));
            }
            if node.holders() != first.holders() {
                return Some(format!(
                    "node {n} has node 0's digest and other holders of roles: {:?}, not {:?}",
                    node.holders(),
                    first.holders()
                ));
            }
        }
        // Bodies: what one honest node has, all get.
        for (n, node) in self.honest() {
            let lacking = node
                .absent
                .iter()
                .find(|id| tree.contains(id) && self.honest().any(|(_, o)| o.bodies.contains(id)));
            if let Some(id) = lacking {
                return Some(format!("node {n} lacks the body of {id}"));
            }
        }
        None
    }

    fn peer(&self, node: &Node, peer: usize) -> String {
        let known = node.known.get(&peer).copied().unwrap_or_default();
        let other = &self.nodes[peer];
        let asked = node.active.as_ref().is_some_and(|a| a.peer == peer);
        let wait = known.not_before.saturating_sub(self.now);
        let sort = if other.hostile { "hostile" } else { "honest" };
        let same = if other.digest() == self.nodes[0].digest() {
            "up to date"
        } else {
            "behind"
        };
        format!(
            "{peer} ({sort}, {same}) asked: {asked}, banned: {}, fruitless: {}, to wait: {wait} ms",
            known.banned, known.fruitless
        )
    }

    /// How an entry stands at a node, for whoever reads a failure.
    fn describe(&self, node: &Node, id: &Id) -> String {
        let header = self.shared.entry(id).expect("it was sent").header();
        let missing: Vec<String> = althing_protocol::admit::names(header)
            .iter()
            .filter(|n| node.state.graph().num(n).is_none())
            .map(|n| {
                if node.state.waiting().contains(n) {
                    format!("{n:?} (waiting)")
                } else {
                    format!("{n:?}")
                }
            })
            .collect();
        let state = if node.state.graph().num(id).is_some() {
            "on the floor"
        } else if node.state.waiting().contains(id) {
            "waiting"
        } else if node.state.is_rejected(id) {
            "rejected"
        } else {
            "absent"
        };
        let author = self
            .nodes
            .iter()
            .position(|n| n.person.device.key.verifying_key().as_bytes() == &header.by.0);
        format!(
            "{id:?}, a {} of node {author:?}, is {state} and lacks [{}]",
            header.kind,
            missing.join(", ")
        )
    }

    fn story(&self, span: u64) -> Result<Story, Apart> {
        let committee = self.nodes[0].state.committee(&self.town.id).expect("a founder has it");
        let members = |node: &Node| {
            let committee = node.state.committee(&self.town.id).expect("they agree on it");
            let mut ids: Vec<Id> = committee.members().map(|m| node.state.graph().id(m)).collect();
            ids.sort_unstable();
            ids
        };
        let expected = members(&self.nodes[0]);
        for (n, node) in self.honest() {
            if members(node) != expected {
                return Err(Apart(format!("node {n} has other members under one digest")));
            }
            super::judge::node(node, &self.shared, self.town.id);
        }
        let graph = self.nodes[0].state.graph();
        let forks = graph
            .logs()
            .flat_map(|(_, _, log)| log.forks())
            .filter(|(_, all)| all.iter().filter(|n| committee.record().contains(**n, graph)).count() > 1);
        Ok(Story {
            digest: self.nodes[0].digest(),
            record: committee.record().len(),
            members: expected.len(),
            forks: forks.count(),
            messages: self.messages,
            sessions: self.sessions,
            banned: self
                .honest()
                .map(|(_, n)| n.known.values().filter(|k| k.banned).count())
                .sum(),
            healing: self.now - span,
        })
    }
}

/// Each peer has a budget in the waiting pool; what it claims to be of its record has one of its own.
fn source(peer: usize, claim: Claim) -> u64 {
    let base = 2 * (1 + peer as u64);
    base + u64::from(claim == Claim::Record)
}
