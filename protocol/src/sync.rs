//! Anti-entropy: what makes two nodes hold the same record, whatever gossip lost (`docs/spec/sync.md`).
//!
//! Two sides per peer and committee. One answers: [`respond`] is a function of a [`Replica`] and a question, and
//! remembers nothing. The other asks: a [`Session`] takes inputs and answers with what to do. Both sides pull; a node
//! that is asked with a digest other than its own starts a session of its own.
//!
//! Invariant: whatever a peer answers, a session ends after a bounded number of questions and bytes, holds a bounded
//! number of ids, and hands on only entries that it asked for.

mod backoff;
mod claim;
mod frame;
mod packed;
mod respond;
mod session;

use crate::digest::Tree;
use crate::hash::Id;

pub use self::backoff::backoff;
pub use self::claim::claimed_id;
pub use self::frame::{Answer, Ask, Chain, Head, Malformed, Mark, Part, Place, Request, Summary};
pub use self::respond::respond;
pub use self::session::{Claim, Config, End, Fault, FloorBudget, Input, Limits, Output, Report, Session};

/// Bytes of entries that an answer aims at. It holds at least one entry if there is one, so it may exceed this by one.
pub const FRAME: usize = 1024 * 1024;

/// Largest body that travels beside other entries. Larger ones are fetched one by one afterwards.
pub const INLINE: u64 = 48 * 1024;

/// What both sides read of one committee as this node holds it, at one moment.
///
/// Everything is answered from memory, [`Replica::wire`] excepted. Lists are as short as the caller asks, and in the
/// order that the implementor thinks best where none is stated.
pub trait Replica {
    /// The tree over the record, settled.
    fn tree(&self) -> &Tree;

    /// Where the sequence of record entries ends. A new generation means that positions start anew.
    fn sequence_end(&self) -> Place;

    /// The entry at a position before [`Replica::sequence_end`]. What it names comes at lower positions.
    fn sequence_at(&self, position: u64) -> Option<Id>;

    /// The depth of an admitted entry, in the record or not: more than that of everything it names.
    fn depth(&self, id: &Id) -> Option<u32>;

    /// Whether the entry need not be sent: it is admitted, waits for others, or is known to be rejected.
    fn has(&self, id: &Id) -> bool;

    /// The wire form of an admitted entry, with its body if that is here and has at most `inline` bytes.
    fn wire(&self, id: &Id, inline: u64) -> Option<Vec<u8>>;

    /// Names that entries waiting here lack and that may be fetched outside the budgets, children before parents.
    fn wants(&self, max: usize) -> Vec<Id>;

    /// Admitted entries whose body is absent and wanted.
    fn bodies(&self, max: usize) -> Vec<Id>;

    /// Where the list of floor heads ends. A new generation means that positions start anew.
    fn floor_end(&self) -> Place;

    /// At most `max` heads of floor logs that changed at or after a position, those of this node's own people first;
    /// and the position to go on from: that of [`Replica::floor_end`] after the last.
    fn floor(&self, from: u64, max: usize) -> (Vec<Head>, u64);

    /// The `seq` from which entries up to this head are lacking here and would be kept. None if there is no need or
    /// no room. An entry that waits for others is not lacking.
    fn lacks(&self, head: &Head) -> Option<u64>;

    /// The ids on the `prev` chain of `head` from `seq` on, ascending, at most `max`; none if it is not here.
    fn chain(&self, head: &Id, from: u64, max: usize) -> Vec<Id>;
}

#[cfg(test)]
mod tests;
