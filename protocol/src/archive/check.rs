//! Reading an archive as somebody who trusts nobody: every signature, every rule of admission, the record and its digest,
//! computed from the entries alone.
//!
//! Bounds: memory as for a node that follows the committee; [`NAMED`] entries that do not stand are named, the others counted.

use std::collections::BTreeMap;

use hashbrown::HashSet;
use serde::Serialize;

use crate::anchor::Anchor;
use crate::anchor::time::Fact;
use crate::entry::{Carried, Verified};
use crate::file;
use crate::floor;
use crate::hash::{Hash, Id};
use crate::kind;
use crate::state::{Event, Limits, Outcome, State};
use crate::waiting::Source;

/// Entries that do not stand and are named one by one.
pub const NAMED: usize = 100;

/// An archive is one source.
const SOURCE: Source = 1;

/// Entries on their way through the rules.
#[derive(Debug)]
pub struct Check {
    state: State,
    committee: Id,
    entries: u64,
    without_body: u64,
    wrong_body: u64,
    files: BTreeMap<Hash, u64>,
    anchors: Vec<(Id, Anchor)>,
    unsound: Vec<(Id, String)>,
    more_unsound: u64,
    events: Vec<Event>,
}

/// What an archive's entries amount to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The digest of the record that they make; none without the committee's root.
    pub digest: Option<Hash>,
    /// Entries of the record.
    pub record: u64,
    /// Entries that stand.
    pub entries: u64,
    /// People who wrote.
    pub authors: u64,
    /// Entries whose text is not in the archive.
    pub without_body: u64,
    /// Entries that came with a text other than the one that they commit to.
    pub wrong_body: u64,
    /// Entries that do not stand, and why.
    pub unsound: Vec<(Id, String)>,
    /// Further ones.
    pub more_unsound: u64,
    /// The attachments that they name, and how long these are said to be.
    pub files: BTreeMap<Hash, u64>,
    /// The blocks that date its logs, by entry. That they are blocks of their chains has to be looked up.
    pub anchors: Vec<(Id, Fact)>,
}

impl Check {
    /// An archive of this committee.
    #[must_use]
    pub fn new(committee: Id) -> Self {
        let all = u32::MAX;
        let mut state = State::new(Limits {
            floor: floor::Limits {
                per_key: all,
                total: all,
                per_member: all,
            },
            ..Limits::default()
        });
        state.follow(committee);
        Self {
            state,
            committee,
            entries: 0,
            without_body: 0,
            wrong_body: 0,
            files: BTreeMap::new(),
            anchors: Vec::new(),
            unsound: Vec::new(),
            more_unsound: 0,
            events: Vec::new(),
        }
    }

    /// The next entry, whose signature stands.
    pub fn take(&mut self, entry: Verified) {
        let id = entry.id();
        self.events.clear();
        match self.state.offer(entry, SOURCE, &mut self.events) {
            Outcome::Rejected(fault) => self.refuse(id, fault.to_string()),
            Outcome::Refused(why) => self.refuse(id, why.to_string()),
            // Whether it still waits shows in the end.
            Outcome::Admitted(_) | Outcome::Known(_) | Outcome::Waiting(_) => {}
        }
        for event in std::mem::take(&mut self.events) {
            match event {
                Event::Admitted(_, entry) => self.admitted(&entry),
                Event::Rejected { id, fault, .. } => self.refuse(id, fault.to_string()),
                Event::Refused { id, why } => self.refuse(id, why.to_string()),
                Event::Joined { .. }
                | Event::Left { .. }
                | Event::Made { .. }
                | Event::Forked { .. }
                | Event::Evicted(..) => {}
            }
        }
    }

    /// Something that is no entry, or whose signature does not stand.
    pub fn refuse(&mut self, id: Id, why: String) {
        if self.unsound.len() < NAMED {
            self.unsound.push((id, why));
        } else {
            self.more_unsound += 1;
        }
    }

    fn admitted(&mut self, entry: &Verified) {
        self.entries += 1;
        match entry.body() {
            Carried::Absent => self.without_body += 1,
            Carried::Mismatch => self.wrong_body += 1,
            Carried::Bodiless => {}
            Carried::Here(body) => {
                let named = file::named(&body.bytes);
                self.files
                    .extend(named.into_iter().map(|file| (file.hash, file.length)));
                if entry.header().kind == "anchor" {
                    self.anchors
                        .extend(anchor(&body.bytes).map(|anchor| (entry.id(), anchor)));
                }
            }
        }
    }

    /// What a node would know after the entries so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What they amount to.
    #[must_use]
    pub fn finish(mut self) -> Checked {
        for id in self.state.waiting().ids() {
            self.refuse(id, "it builds on an entry that is not in the archive".to_owned());
        }
        if let Some(committee) = self.state.committee_mut(&self.committee) {
            committee.record_mut().tree_mut().settle();
        }
        let graph = self.state.graph();
        let committee = self.state.committee(&self.committee);
        let record = committee.map(|committee| committee.record());
        let in_record = |id: &Id| {
            let num = graph.num(id);
            record.zip(num).is_some_and(|(record, num)| record.contains(num, graph))
        };
        let anchors = self
            .anchors
            .iter()
            .filter(|(id, _)| in_record(id))
            .filter_map(|(id, anchor)| {
                let anchoring = anchor.verify(self.committee).ok()?.anchoring;
                let fact = Fact {
                    block: anchoring.block,
                    time: anchoring.time,
                };
                Some((*id, fact))
            });
        let authors: HashSet<_> = committee
            .into_iter()
            .flat_map(|c| c.authors())
            .map(|(who, _)| who)
            .collect();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Checked {
            digest: record.map(|record| record.tree().root()),
            record: record.map_or(0, |record| count(record.len())),
            authors: count(authors.len()),
            anchors: anchors.collect(),
            entries: self.entries,
            without_body: self.without_body,
            wrong_body: self.wrong_body,
            files: self.files,
            unsound: self.unsound,
            more_unsound: self.more_unsound,
        }
    }
}

fn anchor(body: &[u8]) -> Option<Anchor> {
    let record = kind::read::act(kind::find("anchor")?, Some(body)).ok()?;
    Anchor::read(&record).ok()
}
