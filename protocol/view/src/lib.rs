//! Views: what a committee's record says, computed: who is on the ballot, what waits for an answer, what is due.
//!
//! A view is one file beside this one and one line below. It is a pure function of a [`World`], which holds documents,
//! parameters, roles and people as of one moment, and makes a [`Sheet`]: sentences, tables and plots. Commands print
//! sheets, the API gives them as JSON, pages draw them, exports write their tables as CSV. What each view says is
//! defined in `docs/spec/views/`, and computed again from the JSON export by `tests/views/`.
//!
//! Invariant: nothing here changes what an entry counts for; entries that are not effective, or not in the record, are
//! never part of a view, unless it says so.

pub mod agenda;
mod agreements;
mod appraisal;
mod appraisers;
mod backlog;
mod ballot;
mod budget;
mod bundles;
pub mod calendar;
mod clashes;
mod classes;
mod commitments;
mod compare;
mod completeness;
mod concerns;
mod confidence;
mod conflicts;
mod course;
mod coverage;
mod credentials;
mod delegations;
mod discarded;
mod dot;
mod emission;
mod exact;
mod forks;
mod gaps;
mod handover;
mod incubation;
mod inflation;
mod influence;
mod input;
mod inputs;
mod instructions;
mod iteration;
mod kpis;
mod labels;
mod lent;
mod load;
mod lookup;
mod mandates;
mod maturity;
mod motions;
mod objections;
mod offforum;
mod okrs;
mod overdue;
mod panels;
pub mod parameter;
mod participation;
mod payouts;
mod people;
mod petitions;
mod pledges;
mod polls;
mod practices;
mod procedure;
mod programme;
mod programmes;
mod promises;
mod proposals;
mod provenance;
mod questions;
mod ratified;
mod redundancy;
mod reruns;
mod roles;
mod rulesets;
mod schedule;
mod scorecard;
mod seat;
mod seats;
mod shared;
pub mod sheet;
mod sponsorships;
mod status;
mod sunsets;
mod tally;
mod templates;
mod term;
mod terms;
pub mod threads;
mod threats;
mod timeline;
mod turnover;
mod unanswered;
mod unit;
mod units;
mod uptake;
mod visions;
mod voice;
mod windows;
mod workload;
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
    proposals
    emission
    programmes
    windows
    coverage
    inputs
    clashes
    schedule
    workload
    inflation
    payouts
    appraisers
    provenance
    uptake
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
    units
    mandates
    backlog
    okrs
    gaps
    templates
    practices
    incubation
    sponsorships
    commitments
    bundles
    ratified
    scorecard
    discarded
    reruns
    threats
    kpis
    offforum
    panels
    sunsets
    maturity
    questions
    compare
    completeness
    unanswered
    budget
    seats
    redundancy
    overdue
    agreements
    rulesets
    load
    threads
    pledges
    credentials
    participation
    classes
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
