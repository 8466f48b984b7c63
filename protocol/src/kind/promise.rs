//! `promise`: a commitment that holds under a condition.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("promise", "Commits its author to something, under a condition.")
    .fields(&[
        Field::new("text", WORDS, "What its author will do, markdown.").required(),
        Field::new("condition", Type::Text { max: 16 * 1024 }, "Under which condition.").required(),
        Field::new("until", Type::Date, "By when."),
        Field::new("vision", Type::Line { max: 200 }, "The vision that it belongs to."),
    ])
    .text("text")
    .undo(Undo::Amend);
