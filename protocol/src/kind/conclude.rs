//! `conclude`: how a motion ended.

use super::common::WORDS;
use super::{Field, Kind, Needs, Type, Undo};

pub(super) static KIND: Kind = Kind::act("conclude", "Says how a motion ended, and why.")
    .on(&["motion"])
    .fields(&[
        Field::new("outcome", Type::Choice(OUTCOMES), "How it ended.").required(),
        Field::new("reason", WORDS, "Why, markdown.").required(),
        Field::new("decision", Type::Id, "The decision that says so."),
        Field::new("from", Type::Date, "The day from which it holds."),
    ])
    .text("reason")
    .needs(Needs::Member)
    .undo(Undo::Retract);

pub(super) const OUTCOMES: &[&str] = &[
    "retained",
    "removed",
    "resigned",
    "onboarded",
    "carried",
    "rejected",
    "withdrawn",
    "lapsed",
];
