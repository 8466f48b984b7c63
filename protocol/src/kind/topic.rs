//! `topic`: a thread.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::document("topic", "A thread, which says what its outcome is worth.")
    .fields(&[
        Field::new("title", Type::Line { max: 300 }, "What it is about.").required(),
        Field::new(
            "label",
            Type::Choice(&["discussion", "signal", "binding"]),
            "What its outcome is worth.",
        ),
        Field::new("domain", Type::Named, "The domain that it belongs to."),
        Field::new("origin", Type::Line { max: 1000 }, "Where it was held, if it was held elsewhere.").elsewhere(),
        Field::new("consent", Type::Text { max: 16 * 1024 }, "Who agreed that it is shown here, and where that can be seen.").elsewhere(),
        Field::new("posts", Type::List { item: POST, max: 1024 }, "The posts of an imported thread. Nobody signed them but the importer.").elsewhere(),
        Field::new("text", Type::Text { max: LONG }, "The opening text, markdown.").local(),
    ])
    .title(&["title"])
    .text("text");

const POST: &[Field] = &[
    Field::new("number", Type::Int { max: crate::limit::INT }, "Its number in the thread.").required().local(),
    Field::new("author", Type::Line { max: 200 }, "Who wrote it, by the name used there.").required(),
    Field::new("time", Type::Line { max: 64 }, "When, as written there.").local(),
    Field::new("edited", Type::Line { max: 64 }, "When it was changed last, as written there.").local(),
    Field::new("version", Type::Int { max: crate::limit::INT }, "Its version there, from 1.").local(),
    Field::new("reply_to", Type::Int { max: crate::limit::INT }, "The number of the post that it replies to.").local(),
    Field::new("quotes", Type::Lines { max: 64, each: 300 }, "What it quotes: the number of the post and its author.").local(),
    Field::new("url", Type::Line { max: 1000 }, "Where it was read.").local(),
    Field::new("hash", Type::Hash, "SHA-256 of the text that was read there.").local(),
    Field::new("text", Type::Text { max: 128 * 1024 }, "Its text, markdown.").required().local(),
];
