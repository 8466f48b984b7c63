//! `handover`: what passes from one holder of a seat to the next.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("handover", "Lists what passes from one holder to the next, and who acts until then.")
    .on(&["domain", "motion"])
    .fields(&[
        Field::new("from", Type::Named, "Who hands over."),
        Field::new("to", Type::Named, "Who takes over."),
        Field::new("interim", Type::Named, "Who acts until then."),
        Field::new("items", Type::List { item: ITEM, max: 256 }, "What passes on."),
        Field::new("text", WORDS, "Anything to add, markdown."),
    ])
    .text("text")
    .undo(Undo::Amend);

const ITEM: &[Field] = &[
    Field::new("text", Type::Line { max: 1000 }, "What it is.").required(),
    Field::new("done", Type::Flag, "That it has passed on."),
    Field::new("until", Type::Date, "By when."),
];
