//! The side that asks: a session pulls from one peer what this node lacks of one committee.
//!
//! One question is under way at a time. What to ask next is decided from what is left to do ([`plan`]), so that every
//! answer may arrive late, short or false, and the session still goes on or ends. Bounds: [`Limits`] for questions,
//! bytes and time; the constants below for what is kept in memory.

mod answer;
mod descent;
mod floor;
mod plan;
mod reading;
mod terms;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::descent::Descent;
use self::floor::Floor;
use self::reading::Reading;
pub use self::terms::{Claim, Config, End, Fault, FloorBudget, Input, Limits, Output, Report};
use super::frame::{self, Answer, Ask, Head, Place, Request, Summary};
use super::{Replica, claimed_id, respond};
use crate::digest::Prefix;
use crate::hash::{Hash, Id};

/// Ids that a session holds as found lacking. More, and it reads the peer's sequence instead.
const LACKING: usize = 16_384;

/// Places of the tree that a session holds as different.
const PLACES: usize = 16_384;

/// Wants and bodies that a session asks for, each once.
const ASKED: usize = 8192;

/// How often a session compares again after it gained something and is not there yet.
const ROUNDS: u32 = 8;

/// Asking for so many entries that the peer has just listed, and getting none, is no accident.
const WITHHELD: usize = 8;

/// A session. See the module's head.
#[derive(Debug)]
pub struct Session {
    config: Config,
    /// The question under way.
    pending: Option<Pending>,
    /// Deliveries that are not acknowledged, oldest first.
    storing: VecDeque<Delivery>,
    /// How the peer stands, by its last word.
    peer: Option<Summary>,
    reading: Option<Reading>,
    descent: Descent,
    floor: Floor,
    /// Found lacking, to be fetched: parents first, as far as the peer says.
    lacking: BTreeSet<(u64, Id)>,
    /// Ids to ask for at once; adapts to the peer's frames.
    batch: usize,
    asked_wants: BTreeSet<Id>,
    asked_bodies: BTreeSet<Id>,
    rounds: u32,
    gained_before: u64,
    report: Report,
    spent_in_vain: u64,
    gained_at: u64,
    over: bool,
}

/// A question under way, and what its answer is checked against.
#[derive(Debug)]
enum Pending {
    /// With the digest that was named.
    Hello(Hash),
    Tree(Vec<Prefix>),
    Sequence(u64),
    Index(u64),
    /// The orders by which the ids come back into `lacking` if the frame was full.
    Entries(Claim, BTreeMap<Id, u64>),
    Floor(u64),
    /// Heads, and the `seq` from which each was asked for.
    Chains(Vec<(Head, u64)>),
}

/// Entries on their way through ingest.
#[derive(Debug)]
struct Delivery {
    entries: u64,
    /// The position that is read up to once these are stored.
    position: Option<u64>,
}

impl Session {
    /// A session that has not begun.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let report = Report {
            end: End::Finished,
            same: false,
            complete: false,
            gained: 0,
            read: config.read,
            floor: config.floor.read,
            requests: 0,
            sent: 0,
            received: 0,
        };
        Self {
            floor: Floor::new(config.floor),
            config,
            pending: None,
            storing: VecDeque::new(),
            peer: None,
            reading: None,
            descent: Descent::default(),
            lacking: BTreeSet::new(),
            batch: frame::IDS,
            asked_wants: BTreeSet::new(),
            asked_bodies: BTreeSet::new(),
            rounds: 0,
            gained_before: 0,
            report,
            spent_in_vain: 0,
            gained_at: 0,
            over: false,
        }
    }

    /// Takes an input and says what to do. `now` is in milliseconds of a clock that never runs backwards. After
    /// [`Output::Done`] it does nothing any more.
    pub fn handle(&mut self, replica: &impl Replica, now: u64, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        if self.over {
            return out;
        }
        match input {
            Input::Start => self.gained_at = now,
            Input::Failed => {
                self.end(replica, End::Failed, &mut out);
                return out;
            }
            Input::Stored { gained } => self.stored(now, gained),
            Input::Answer(bytes) => {
                self.count(bytes.len(), false);
                if let Err(fault) = self.answer(replica, &bytes, &mut out) {
                    out.push(Output::Penalise(fault));
                    self.end(replica, End::Penalised, &mut out);
                    return out;
                }
            }
        }
        if !self.over {
            self.go_on(replica, now, &mut out);
        }
        out
    }

    fn go_on(&mut self, replica: &impl Replica, now: u64, out: &mut Vec<Output>) {
        if self.pending.is_some() {
            return;
        }
        if self.spent(replica, now) {
            // What is on its way through ingest still counts.
            if self.storing.is_empty() {
                self.end(replica, End::Limit, out);
            }
            return;
        }
        match self.plan(replica) {
            plan::Step::Ask(ask, pending) => {
                let committee = self.config.committee;
                let bytes = Request { committee, ask }.encode();
                self.count(bytes.len(), true);
                self.pending = Some(pending);
                out.push(Output::Send(bytes));
            }
            plan::Step::Wait => {}
            plan::Step::Done => self.end(replica, End::Finished, out),
        }
    }

    fn stored(&mut self, now: u64, gained: u64) {
        let Some(delivery) = self.storing.pop_front() else {
            return;
        };
        let gained = gained.min(delivery.entries);
        self.report.gained += gained;
        if gained > 0 {
            self.spent_in_vain = 0;
            self.gained_at = now;
        }
        if let (Some(reading), Some(position)) = (&mut self.reading, delivery.position) {
            reading.stored(position, delivery.entries, gained);
        }
    }

    fn end(&mut self, replica: &impl Replica, end: End, out: &mut Vec<Output>) {
        self.over = true;
        self.report.end = end;
        if let Some(peer) = &self.peer {
            self.report.same = replica.tree().root() == peer.digest;
            self.report.complete = self.report.same || (end == End::Finished && self.descent.complete(replica));
            self.report.read = match &self.reading {
                // All that its record held is here: no need to read what the sequence says.
                _ if self.report.complete => Some(peer.sequence),
                Some(reading) => Some(reading.read()),
                None => self
                    .config
                    .read
                    .filter(|read| read.generation == peer.sequence.generation),
            };
        }
        self.report.floor = self.floor.read();
        out.push(Output::Done(self.report.clone()));
    }

    fn count(&mut self, bytes: usize, question: bool) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        if question {
            self.report.requests += 1;
            self.report.sent = self.report.sent.saturating_add(bytes);
        } else {
            self.report.received = self.report.received.saturating_add(bytes);
        }
        let least = if question { 16 * 1024 } else { 0 };
        self.spent_in_vain = self.spent_in_vain.saturating_add(bytes.max(least));
    }

    fn spent(&self, replica: &impl Replica, now: u64) -> bool {
        let limits = &self.config.limits;
        let held = u64::try_from(replica.tree().len()).unwrap_or(u64::MAX);
        self.report.requests >= limits.requests
            || self.report.sent.saturating_add(self.report.received) >= limits.bytes
            || self.spent_in_vain >= limits.fruitless.saturating_add(held.saturating_mul(64))
            || now.saturating_sub(self.gained_at) >= limits.idle
    }

    /// Hands entries on.
    fn deliver(&mut self, wires: Vec<Vec<u8>>, claim: Claim, position: Option<u64>, out: &mut Vec<Output>) {
        let entries = u64::try_from(wires.len()).unwrap_or(u64::MAX);
        self.storing.push_back(Delivery { entries, position });
        out.push(Output::Deliver { wires, claim });
    }
}
