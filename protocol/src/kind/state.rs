//! How a document stands, as its kind reads its acts.

use std::collections::BTreeMap;

use super::{Record, Value};
use crate::hash::Id;

/// What a reducer sees: only acts that count, in canonical order.
pub struct Scene<'a> {
    /// Acts that are effective.
    pub acts: &'a [Act<'a>],
    /// Who opened the document; none while its root is not in the record.
    pub opener: Option<Id>,
    /// The holders of a part, see [`super::Who::Holder`].
    pub holders: &'a dyn Fn(&str, &str) -> Vec<Id>,
    /// The value of a field that has exactly one.
    pub value: &'a dyn Fn(&str) -> Option<&'a Value>,
    /// Whether the author of an entry had seen a field as it stands now. Not where that cannot be told.
    pub saw: &'a dyn Fn(Id, &str) -> bool,
    /// Who set the values that a field has now; nobody where it was never set.
    pub set_by: &'a dyn Fn(&str) -> Vec<Id>,
}

impl Scene<'_> {
    /// The acts of a kind.
    #[must_use]
    pub fn entries(&self, kind: &str) -> Vec<Id> {
        let found = self.acts.iter().filter(|act| act.kind == kind);
        found.map(|act| act.entry).collect()
    }

    /// Where an act stands in canonical order.
    #[must_use]
    pub fn place(&self, entry: Id) -> Option<usize> {
        self.acts.iter().position(|act| act.entry == entry)
    }
}

/// An act that counts.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The entry.
    pub entry: Id,
    /// Its author's identity.
    pub by: Id,
    /// Its kind.
    pub kind: &'a str,
    /// What it says; none where its body is not here.
    pub fields: Option<&'a Record>,
}

/// A document's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// One word, such as `open`.
    pub name: &'static str,
    /// The entries that made it so; none for the state that a document opens in.
    pub by: Vec<Id>,
    /// What else the kind tells about it.
    pub facts: BTreeMap<&'static str, Value>,
}

impl State {
    /// A state without further facts.
    #[must_use]
    pub const fn new(name: &'static str, by: Vec<Id>) -> Self {
        Self {
            name,
            by,
            facts: BTreeMap::new(),
        }
    }
}
