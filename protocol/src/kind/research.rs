//! `research`: an input to an evaluation.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::document("research", "Research that an evaluation can rest on.")
    .fields(&[
        Field::new("title", Type::Line { max: 300 }, "What it is about."),
        Field::new("evaluation", Type::Named, "The evaluation that it is for."),
        Field::new(
            "questions",
            Type::List {
                item: QUESTION,
                max: 256,
            },
            "The questions that it answers.",
        ),
        Field::new("method", Type::Text { max: LONG }, "How it was done, markdown."),
        Field::new("findings", Type::Text { max: LONG }, "What was found, markdown."),
        Field::new("limits", Type::Text { max: LONG }, "What it cannot show, markdown."),
        Field::new(
            "data",
            Type::List { item: DATA, max: 256 },
            "The data that it rests on.",
        ),
        Field::new("funding", Type::Text { max: 16 * 1024 }, "Who paid for it."),
        Field::new(
            "interests",
            Type::Text { max: 16 * 1024 },
            "What its authors have at stake.",
        ),
    ])
    .title(&["title"])
    .text("findings");

const QUESTION: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The question.").required(),
    Field::new("answer", Type::Text { max: 16 * 1024 }, "The answer in short."),
];

const DATA: &[Field] = &[
    Field::new("hash", Type::Hash, "SHA-256 of the data.").required(),
    Field::new("length", Type::Int { max: crate::limit::INT }, "Its length in bytes.").required(),
    Field::new("type", Type::Line { max: 200 }, "Its media type.").required(),
    Field::new("name", Type::Line { max: 300 }, "A file name."),
    Field::new("url", Type::Line { max: 1000 }, "Where it may be had."),
];
