//! Reading the peer's sequence: entries in whole frames, or ids in pages of which only what lacks is fetched.
//!
//! A node that has little reads entries. When two frames bring little that is new it goes over to ids, and back when
//! nearly all of a page is lacking: whatever the two nodes have in common costs 32 bytes an entry, not a thousand.

use super::frame;
use super::{Place, Summary};

/// How far the peer's sequence is read.
#[derive(Debug)]
pub(super) struct Reading {
    generation: u64,
    /// The position to ask for next.
    at: u64,
    /// All before it is here, or was refused here.
    read: u64,
    /// Where the sequence ended at last.
    end: u64,
    /// Entries rather than ids.
    whole: bool,
    /// Frames in a row that brought little.
    dry: u8,
    /// Not compared since.
    open: bool,
}

impl Reading {
    /// Reads from where this node left off, if reading is the cheapest way to what is lacking: if nearly all that
    /// comes is lacking, or if there is little of it.
    pub(super) fn worthwhile(peer: &Summary, read: Option<Place>, held: u64, listed: u64) -> Option<Self> {
        let from = Self::start(peer, read);
        let ahead = peer.sequence.at.saturating_sub(from);
        let lacking = peer.count.saturating_sub(held);
        let whole = ahead <= lacking.saturating_add(lacking / 4);
        (ahead > 0 && (whole || ahead <= listed)).then(|| Self::new(peer, from, whole))
    }

    /// Lists from where this node left off; from the beginning if it left off at the end.
    pub(super) fn listing(peer: &Summary, read: Option<Place>) -> Self {
        let from = Self::start(peer, read);
        Self::new(peer, if from < peer.sequence.at { from } else { 0 }, false)
    }

    fn start(peer: &Summary, read: Option<Place>) -> u64 {
        match read {
            Some(read) if read.generation == peer.sequence.generation && read.at <= peer.sequence.at => read.at,
            _ => 0,
        }
    }

    fn new(peer: &Summary, from: u64, whole: bool) -> Self {
        Self {
            generation: peer.sequence.generation,
            at: from,
            read: from,
            end: peer.sequence.at,
            whole,
            dry: 0,
            open: true,
        }
    }

    /// The position of the next frame of entries to ask for.
    pub(super) fn next_frame(&self) -> Option<u64> {
        (self.open && self.whole && self.at < self.end).then_some(self.at)
    }

    /// The position of the next page of ids. Only when what the last one lacked is fetched.
    pub(super) fn next_page(&mut self) -> Option<u64> {
        self.read = self.at;
        (self.open && !self.whole && self.at < self.end).then_some(self.at)
    }

    /// Goes on behind an answer; false if the answer does not: then the peer is at fault. `held` things came with it.
    pub(super) fn advance(&mut self, end: Place, next: u64, held: usize) -> bool {
        let progress = next > self.at && next <= end.at;
        let fits = u64::try_from(held).is_ok_and(|held| held <= next.saturating_sub(self.at));
        self.at = next;
        self.end = end.at;
        progress && fits
    }

    /// Whether an answer is about the same sequence.
    pub(super) fn same(&self, end: Place) -> bool {
        self.generation == end.generation
    }

    /// A frame was stored.
    pub(super) fn stored(&mut self, position: u64, entries: u64, gained: u64) {
        self.read = self.read.max(position);
        let dry = gained < entries.div_ceil(2);
        self.dry = if dry { self.dry.saturating_add(1) } else { 0 };
        if self.dry >= 2 {
            self.whole = false;
        }
    }

    /// A page of ids from a position on lacks so many here. True if entries are read from there instead.
    pub(super) fn listed(&mut self, from: u64, ids: usize, lacking: usize) -> bool {
        let whole = ids >= frame::INDEX / 8 && lacking >= ids / 10 * 9;
        if whole {
            self.at = from;
            self.whole = true;
            self.dry = 0;
        }
        whole
    }

    /// Ends it, if it has not been compared since; false if it has.
    pub(super) fn close(&mut self) -> bool {
        self.read = self.at;
        std::mem::take(&mut self.open)
    }

    /// How far this node has read.
    pub(super) fn read(&self) -> Place {
        Place {
            generation: self.generation,
            at: self.read,
        }
    }
}
