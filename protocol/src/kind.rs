//! The closed list of kinds: what an entry of each kind says in its body, and where it may stand.
//!
//! A kind is one file beside this one and one line below. Everything else reads the declarations: bodies are
//! checked ([`read`]), built from what people type ([`json`]), tabled for people (`docs/spec/kinds.md`) and
//! exported for other languages (`vectors/kinds.json`).
//!
//! Invariant: a body either reads into values that keep every bound of its kind, or it is *void* for one named
//! reason. Admission never looks here: a kind that this release does not know is admitted all the same.

mod build;
mod check;
mod common;
pub mod json;
pub mod read;
mod schema;
pub mod state;
mod table;
mod typed;

pub use schema::{COMMON, Field, Kind, LONG, NAMED, Needs, On, Part, Proof, Shape, Type, Undo, Who};
pub use table::{schema_json, tables};
pub use typed::{ItemId, Record, Value};

use crate::control::{self, Owner};
use crate::hash::Id;

/// Declares each kind's module and puts its `KIND` into the list: the one line that a new kind needs.
macro_rules! kinds {
    ($($name:ident)*) => {
        $(mod $name;)*
        static ALL: &[&Kind] = &[$(&$name::KIND),*];
    };
}

kinds! {
    identity
    enroll
    retire
    rotate
    link
    disclose
    committee
    grant
    revoke
    cosign
    set_parameter
    vouch
    anchor
    fraud
    topic
    domain
    nomination
    statement
    research
    motion
    concern
    proposal
    evaluation
    decision
    register
    edit
    take_up
    post
    question
    answer
    stance
    objection
    dispose
    endorse
    cite
    fork
    amend
    retract
    label
    accept
    decline
    withdraw
    counter_budget
    agreement
    handover
    reply_right
    join
    conclude
    resolve
    escalate
    publish
    supersede
    audit
    sponsor
    execute
    incident
    measure
    value
    recommend
    decide
    rerun
    correct
    delegate
    instruct
    pledge
    claim
    promise
    credential
    holding
    poll
    draw
    commit
    reveal
}

/// Every kind that this release knows, spaces and documents with their own acts first.
#[must_use]
pub fn all() -> &'static [&'static Kind] {
    ALL
}

/// The kind of this name, if this release knows it.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.name == name)
}

/// Who owns a document that this author opens with this content: identities named in fields that hand over a part
/// own that part, the author owns the other parts. None when nobody is named, and the author owns all.
///
/// The identities become names in the root's control: the root waits wherever their own roots are not known yet.
#[must_use]
pub fn owners(kind: &Kind, author: Id, root: &read::Change) -> Option<control::Document> {
    let named = |part: &str| {
        let mut hands = kind.hands.iter().filter(|(_, to)| *to == part);
        hands.find_map(|(field, _)| root.set.get(field)?.as_id())
    };
    kind.parts.iter().find_map(|part| named(part.name))?;
    let owner = |part: &Part| Owner {
        identity: named(part.name).unwrap_or(author),
        part: Some(part.name.to_owned()),
    };
    let mut owners: Vec<Owner> = kind.parts.iter().map(owner).collect();
    owners.sort();
    Some(control::Document { owners })
}

#[cfg(test)]
mod tests;
