//! `pledge`: somebody's word to pay under a condition; nothing is held here.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("pledge", "Promises to pay under a condition. It is recorded; nothing is held.")
    .fields(&[
        Field::new("to", Type::Named, "For whom or what.").required(),
        Field::new("amount", Type::Money, "How much.").required(),
        Field::new("reference", Type::Line { max: 1000 }, "Where the means are: a transaction or a contract on a chain.").required(),
        Field::new("condition", Type::Text { max: 16 * 1024 }, "When it is released, markdown.").required(),
        Field::new("until", Type::Date, "The last day on which it holds."),
        Field::new("text", WORDS, "Why, markdown."),
    ])
    .text("condition")
    .undo(Undo::Retract);
