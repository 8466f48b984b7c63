//! Views: what a committee's record says, computed: who is on the ballot, what waits for an answer, what is due.
//!
//! A view is one file beside this one and one line below. It is a pure function of a [`World`], which holds documents,
//! parameters, roles and people as of one moment, and makes a [`Sheet`]: sentences, tables and plots. Commands print
//! sheets, the API gives them as JSON, pages draw them, exports write their tables as CSV. What each view says is
//! defined in `docs/spec/views.md`, and computed again from the JSON export by `tests/views/`.
//!
//! Invariant: nothing here changes what an entry counts for; entries that are not effective, or not in the record, are
//! never part of a view, unless it says so.

mod ballot;
pub mod calendar;
mod concerns;
mod confidence;
mod conflicts;
mod delegations;
mod forks;
mod handover;
mod influence;
mod instructions;
mod labels;
mod lent;
mod motions;
mod objections;
pub mod parameter;
mod people;
mod petitions;
mod polls;
mod procedure;
mod promises;
mod roles;
mod shared;
pub mod sheet;
mod tally;
mod term;
mod terms;
mod timeline;
mod turnover;
mod visions;
mod voice;
pub mod world;

pub use self::calendar::{Calendar, Day};
pub use self::parameter::PARAMETERS;
pub use self::sheet::{Cell, Column, Plot, Sheet, Table};
pub use self::world::{Act, Doc, Item, Person, Tenure, When, World};

/// A view.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Its name in commands and addresses, `[a-z_]{1,32}`.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The question that it answers, in one sentence.
    pub about: &'static str,
    /// What it is about.
    pub on: On,
    /// The kinds of documents that it reads. The committee's own document is always there.
    pub reads: &'static [&'static str],
    /// The requirements that it meets, by number (`docs/deliberation.md`).
    pub requirements: &'static [u8],
    /// Computes it; `None` for the committee as a whole.
    pub compute: fn(&World<'_>, Option<&Doc<'_>>) -> Sheet,
}

/// What a view is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The committee as a whole; a document only narrows it down, where the view says so.
    Committee,
    /// One document of any of these kinds.
    Document(&'static [&'static str]),
}

impl View {
    /// Whether it can be shown for a document of this kind.
    #[must_use]
    pub fn fits(&self, kind: &str) -> bool {
        match self.on {
            On::Committee => self.reads.contains(&kind),
            On::Document(kinds) => kinds.contains(&kind),
        }
    }
}

/// Declares each view's module and puts its `VIEW` into the list: the one line that a new view needs.
macro_rules! views {
    ($($name:ident)*) => {
        static ALL: &[&View] = &[$(&$name::VIEW),*];
    };
}

views! {
    ballot
    timeline
    motions
    petitions
    concerns
    objections
    promises
    tally
    confidence
    polls
    delegations
    instructions
    influence
    conflicts
    labels
    people
    forks
    visions
    handover
    roles
    terms
    turnover
}

/// Every view.
#[must_use]
pub fn all() -> &'static [&'static View] {
    ALL
}

/// The view of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static View> {
    ALL.iter().copied().find(|view| view.name == name)
}

#[cfg(test)]
mod tests;
