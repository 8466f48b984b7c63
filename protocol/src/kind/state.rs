//! How a document stands, as its kind reads its acts.

use std::collections::BTreeMap;

use super::Value;
use crate::hash::Id;

/// What a reducer sees: only acts that count, in canonical order.
pub struct Scene<'a> {
    /// Acts that are effective.
    pub acts: &'a [Act<'a>],
    /// The holders of a part, see [`super::Who::Holder`].
    pub holders: &'a dyn Fn(&str, &str) -> Vec<Id>,
    /// The value of a field that has exactly one.
    pub value: &'a dyn Fn(&str) -> Option<&'a Value>,
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
