//! `agreement`: work agreed between a facilitator and somebody, without a vote.

use super::common::WORDS;
use super::{Field, Kind, Needs, Type, Undo};

pub(super) static KIND: Kind = Kind::act("agreement", "Agrees work with somebody; their `endorse` of it signs it for them.")
    .on(&["domain"])
    .fields(&[
        Field::new("worker", Type::Named, "Who does the work.").required(),
        Field::new("scope", WORDS, "What is to be done, markdown.").required(),
        Field::new("pay", Type::Money, "What is paid."),
        Field::new("period", Type::Line { max: 100 }, "For how long, or how often."),
        Field::new("from", Type::Date, "The first day."),
        Field::new("until", Type::Date, "The last day."),
    ])
    .text("scope")
    .needs(Needs::Role("facilitator"))
    .undo(Undo::Amend);
