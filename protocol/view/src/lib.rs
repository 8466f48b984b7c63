//! Views: what a committee's record says, computed: who is on the ballot, what waits for an answer, what is due.
//!
//! A view is one file in the folder of what it is about, and one line below. It is a pure function of a [`World`], which holds documents,
//! parameters, roles and people as of one moment, and makes a [`Sheet`]: sentences, tables and plots. Commands print
//! sheets, the API gives them as JSON, pages draw them, exports write their tables as CSV. What each view says is
//! defined in `docs/spec/views/`, and computed again from the JSON export by `tests/views/`.
//!
//! Invariant: nothing here changes what an entry counts for; entries that are not effective, or not in the record, are
//! never part of a view, unless it says so.

pub mod calendar;
mod dot;
mod motions;
pub mod parameter;
mod programmes;
mod seats;
pub mod sheet;
mod units;
pub mod world;

pub use self::calendar::{Calendar, Day};
pub use self::parameter::PARAMETERS;
pub use self::programmes::agenda;
pub use self::seats::threads;
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
    ($($group:ident::$name:ident)*) => {
        static ALL: &[&View] = &[$(&$group::$name::VIEW),*];
    };
}

views! {
    seats::ballot
    programmes::proposals
    programmes::emission
    programmes::list
    programmes::windows
    programmes::coverage
    programmes::inputs
    programmes::clashes
    programmes::schedule
    programmes::workload
    programmes::inflation
    programmes::payouts
    programmes::appraisers
    programmes::provenance
    programmes::uptake
    motions::timeline
    motions::list
    motions::petitions
    motions::concerns
    motions::objections
    motions::promises
    motions::tally
    motions::confidence
    motions::polls
    motions::delegations
    motions::instructions
    motions::influence
    motions::conflicts
    motions::labels
    seats::people
    motions::forks
    motions::visions
    motions::handover
    motions::roles
    motions::terms
    motions::turnover
    units::list
    units::mandates
    units::backlog
    units::okrs
    units::gaps
    units::templates
    units::practices
    units::incubation
    units::sponsorships
    units::commitments
    units::bundles
    units::ratified
    units::scorecard
    units::discarded
    units::reruns
    units::threats
    units::kpis
    units::offforum
    units::panels
    units::sunsets
    units::maturity
    units::questions
    seats::compare
    seats::completeness
    seats::unanswered
    seats::budget
    seats::list
    seats::redundancy
    seats::overdue
    seats::agreements
    seats::rulesets
    seats::load
    seats::threads
    seats::pledges
    seats::credentials
    seats::participation
    seats::classes
}

/// Every kind of document in a committee but its own, for views of acts that may stand in any of them.
const DOCUMENTS: &[&str] = &[
    "topic",
    "domain",
    "nomination",
    "statement",
    "research",
    "motion",
    "concern",
    "proposal",
    "evaluation",
    "decision",
    "register",
];

/// The same and the committee's own document.
const DOCUMENTS_AND_ITS_OWN: &[&str] = &[
    "committee",
    "topic",
    "domain",
    "nomination",
    "statement",
    "research",
    "motion",
    "concern",
    "proposal",
    "evaluation",
    "decision",
    "register",
];

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
