//! `objection`: something that speaks against a document, and waits for an answer with a reason.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("objection", "Speaks against the document, a field or one line of it, and stays listed until it is disposed of.")
    .fields(&[
        Field::new("text", WORDS, "The objection, markdown.").required(),
        Field::new("field", Type::Line { max: 64 }, "The field that it is about."),
        Field::new("item", Type::Item, "The item of that field that it is about."),
        Field::new("entry", Type::Id, "The entry that it is about."),
    ])
    .text("text")
    .undo(Undo::Amend);
