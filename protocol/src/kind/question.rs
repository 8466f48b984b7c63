//! `question`: asked about a document, a field or one line of a list.

use super::{Field, Kind, LONG, Type, Undo};

pub(super) static KIND: Kind = Kind::act("question", "A question about the document, a field or one line of it.")
    .fields(&[
        Field::new("text", Type::Text { max: LONG }, "The question, markdown.").required(),
        Field::new("field", Type::Line { max: 64 }, "The field that it is about."),
        Field::new("item", Type::Item, "The item of that field that it is about."),
        Field::new(
            "to",
            Type::Ids { max: 16 },
            "The identities that are asked; the owners if it is missing.",
        ),
    ])
    .text("text")
    .undo(Undo::Amend);
