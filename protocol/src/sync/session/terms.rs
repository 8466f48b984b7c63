//! What goes into a session and what comes out of it.

use thiserror::Error;

use crate::hash::Id;
#[cfg(doc)]
use crate::sync::Replica;
use crate::sync::frame::{Malformed, Place};

/// How a session goes about it. Positions come from the last [`Report`] about this peer and committee.
#[derive(Debug, Clone)]
pub struct Config {
    /// The committee's root entry.
    pub committee: Id,
    /// Bodies of up to so many bytes come along: [`crate::sync::INLINE`], or 0 for headers only.
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
    /// Whether the session was for nothing, so that the next one should wait longer: see [`crate::sync::backoff`].
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
