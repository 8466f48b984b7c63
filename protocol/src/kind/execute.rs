//! `execute`: what was done to carry a decision out.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("execute", "Says what was done to carry it out.")
    .on(&["proposal", "decision", "motion"])
    .fields(&[
        Field::new("text", WORDS, "What was done, markdown.").required(),
        Field::new("day", Type::Date, "When."),
        Field::new("amount", Type::Money, "What was minted or paid."),
        Field::new("reference", Type::Line { max: 1000 }, "Where that can be seen: a transaction, or a page."),
    ])
    .text("text")
    .undo(Undo::Amend);
