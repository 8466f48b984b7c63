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

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use thiserror::Error;

use self::descent::Descent;
use self::floor::Floor;
use self::reading::Reading;
use super::frame::{self, Answer, Ask, Head, Malformed, Place, Request, Summary};
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

/// How a session goes about it. Positions come from the last [`Report`] about this peer and committee.
#[derive(Debug, Clone)]
pub struct Config {
    /// The committee's root entry.
    pub committee: Id,
    /// Bodies of up to so many bytes come along: [`super::INLINE`], or 0 for headers only.
    pub inline: u64,
    /// How far this node has read the peer's sequence.
    pub read: Option<Place>,
    /// What this node takes of the peer's floor.
    pub floor: FloorBudget,
    /// Bounds.
    pub limits: Limits,
}

/// What a session may take from the peer's floor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FloorBudget {
    /// How far this node has read the peer's floor heads.
    pub read: Option<Place>,
    /// Entries that it may take; 0 leaves the floor alone.
    pub entries: u64,
}

/// Bounds of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Questions.
    pub requests: u32,
    /// Bytes in both directions.
    pub bytes: u64,
    /// Bytes in both directions without a new entry, beside 64 for each entry in this node's record, which an honest
    /// comparison may cost. A question counts as 16 KiB at least.
    pub fruitless: u64,
    /// Milliseconds without a new entry.
    pub idle: u64,
    /// A sequence that is at most so much longer than what was read of it is listed rather than searched.
    pub listed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 8192,
            bytes: 4 << 30,
            fruitless: 8 << 20,
            idle: 120_000,
            listed: 512,
        }
    }
}

/// What happens to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Begin. The first input, once.
    Start,
    /// The answer to the last question, undecoded.
    Answer(Vec<u8>),
    /// The entries of the oldest [`Output::Deliver`] that is not acknowledged yet went through ingest: so many of
    /// them, or of their bodies, are new here. The replica must show them by now.
    Stored {
        /// How many.
        gained: u64,
    },
    /// There will be no answer: a timeout, a closed connection, a node that stops.
    Failed,
}

/// What a session wants done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this request; answer with [`Input::Answer`] or [`Input::Failed`].
    Send(Vec<u8>),
    /// Put these wire forms through ingest; answer with [`Input::Stored`].
    Deliver {
        /// The wire forms, parents first.
        wires: Vec<Vec<u8>>,
        /// As what the peer gave them.
        claim: Claim,
    },
    /// The peer did what no honest one does. The session ends.
    Penalise(Fault),
    /// It is over. The last output, once.
    Done(Report),
}

/// As what entries came: it decides in which budget they wait until they are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// As part of the peer's record. They deserve the session's staging room, until the session ends.
    Record,
    /// Because [`Replica::wants`] named them.
    Want,
    /// For a body that [`Replica::bodies`] named.
    Body,
    /// As floor.
    Floor,
}

/// What came of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Why it ended.
    pub end: End,
    /// Whether this node's digest is the one that the peer last stated.
    pub same: bool,
    /// Whether this node holds all that the peer's record held when it last stated it, as far as it let see.
    pub complete: bool,
    /// Entries and bodies that are new here.
    pub gained: u64,
    /// Where to go on reading the peer's sequence: the next [`Config::read`].
    pub read: Option<Place>,
    /// Where to go on reading its floor: the next [`FloorBudget::read`].
    pub floor: Option<Place>,
    /// Questions asked.
    pub requests: u32,
    /// Bytes of questions.
    pub sent: u64,
    /// Bytes of answers.
    pub received: u64,
}

impl Report {
    /// Whether the session was for nothing, so that the next one should wait longer: see [`super::backoff`].
    #[must_use]
    pub fn fruitless(&self) -> bool {
        !self.same && self.gained == 0
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing was left to ask.
    Finished,
    /// There was no answer.
    Failed,
    /// The peer does not follow the committee.
    Unknown,
    /// A limit was reached. If something was gained, the next session goes on from there.
    Limit,
    /// The peer was at fault.
    Penalised,
}

/// What no honest peer does.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The answer is no frame.
    #[error("the answer is no frame: {0}")]
    Malformed(#[from] Malformed),
    /// The answer belongs to another question, or to none.
    #[error("the answer does not belong to the question")]
    Unexpected,
    /// An answer that claims to go on and holds nothing, or positions that run backwards.
    #[error("the answer makes no progress")]
    Stalled,
    /// Digest, count and marks contradict each other.
    #[error("the peer's digest, count and marks contradict each other")]
    Summary,
    /// A part of the tree has a wrong shape, or ids of another place.
    #[error("the peer's tree is none: a part has a wrong shape or ids of another place")]
    Tree,
    /// An entry that nobody asked for, twice the same, or no entry.
    #[error("the answer holds an entry that was not asked for")]
    Unasked,
    /// The peer lists entries and gives none of them.
    #[error("the peer lists entries in its record and gives none of them")]
    Withheld,
}

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
