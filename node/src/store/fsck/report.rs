//! What a check found, for people and for programs.

use std::fmt;

use althing_protocol::graph::Num;
use althing_protocol::hash::{Hash, Id};
use serde::Serialize;

/// Findings that are listed; further ones are counted.
const LISTED: usize = 1000;

/// The result of [`super::fsck`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Entries whose header and signature are sound.
    pub entries: u64,
    /// Bodies that are here and sound.
    pub bodies: u64,
    /// Bodies that are not here.
    pub absent: u64,
    /// The committees that are followed.
    pub committees: Vec<Committee>,
    /// How many things are wrong.
    pub damaged: u64,
    /// What is wrong, at most 1,000 of it.
    pub damage: Vec<Finding>,
}

/// One committee, as computed anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Committee {
    /// Its id.
    pub id: Id,
    /// Entries of its record.
    pub entries: usize,
    /// The digest over them.
    pub digest: Hash,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// Under which number, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Of which entry or committee, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Id>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A stored header with its signature.
    Header,
    /// A stored body.
    Body,
    /// A stored row of the graph.
    Row,
    /// A committee's stored sequence.
    Sequence,
    /// A committee's log.
    Log,
    /// A committee's record.
    Record,
    /// The store as a whole.
    Store,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.damaged == 0
    }

    pub(super) fn find(&mut self, place: Place, num: Num, id: Option<Id>, what: impl Into<String>) {
        self.push(place, Some(num.0), id, what.into());
    }

    pub(super) fn find_in(&mut self, place: Place, id: Option<Id>, what: impl Into<String>) {
        self.push(place, None, id, what.into());
    }

    fn push(&mut self, place: Place, number: Option<u32>, id: Option<Id>, what: String) {
        self.damaged += 1;
        if self.damage.len() < LISTED {
            self.damage.push(Finding {
                place,
                number,
                id,
                what,
                remedy: place.remedy(),
            });
        }
    }
}

impl Place {
    fn remedy(self) -> &'static str {
        match self {
            Self::Body => {
                "start the node: when this entry is read it gives the body up and fetches it from peers again"
            }
            Self::Header => {
                "start the node: when this entry is read it fetches it from peers again; if it does not start, run \
                 `althing fsck --repair`"
            }
            Self::Row | Self::Sequence | Self::Log | Self::Record | Self::Store => {
                "run `althing fsck --repair`: it makes a new store of what is sound, and the rest comes from peers again"
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Body => "body",
            Self::Row => "row",
            Self::Sequence => "sequence",
            Self::Log => "log",
            Self::Record => "record",
            Self::Store => "store",
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} entries verified, {} bodies here, {} absent",
            self.entries, self.bodies, self.absent
        )?;
        for committee in &self.committees {
            let Committee { id, entries, digest } = committee;
            writeln!(f, "committee {id}: {entries} entries in its record, digest {digest}")?;
        }
        if self.is_clean() {
            return write!(f, "nothing is damaged");
        }
        for finding in &self.damage {
            writeln!(f, "{finding}")?;
        }
        let unlisted = self.damaged - u64::try_from(self.damage.len()).unwrap_or(self.damaged);
        if unlisted > 0 {
            writeln!(f, "and {unlisted} more")?;
        }
        write!(f, "{} things are damaged", self.damaged)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place.name())?;
        if let Some(number) = self.number {
            write!(f, " {number}")?;
        }
        if let Some(id) = self.id {
            write!(f, " ({id})")?;
        }
        write!(f, " {}; {}", self.what, self.remedy)
    }
}
