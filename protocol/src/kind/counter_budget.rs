//! `counter_budget`: another budget for the same goals.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("counter_budget", "Puts another budget beside the one in the document, line by line.")
    .on(&["nomination", "statement", "proposal"])
    .fields(&[
        Field::new("lines", Type::List { item: COUNTER, max: 512 }, "Its lines. One that names an item replaces that line, one that names none is new.").required(),
        Field::new("text", WORDS, "Why, markdown."),
    ])
    .text("text")
    .latest("counter_budget")
    .undo(Undo::Retract);

const COUNTER: &[Field] = &[
    Field::new("line", Type::Item, "The line of the document that it replaces."),
    Field::new("item", Type::Line { max: 300 }, "What is paid for.").required(),
    Field::new("amount", Type::Money, "How much; nothing if it is missing."),
    Field::new("note", Type::Text { max: 4096 }, "Why."),
];
