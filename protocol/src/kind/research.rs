//! `research`: an input to an evaluation.

use super::common::FILE;
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
        Field::new("data", Type::List { item: FILE, max: 256 }, "The data that it rests on."),
        Field::new("claims", Type::List { item: CLAIM, max: 256 }, "What it claims, so that others can try it again."),
        Field::new("evidence_kind", Type::Choice(EVIDENCE), "What sort of evidence it is: no sort outranks another."),
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
    Field::new("text", Type::Text { max: 4096 }, "The question, in the words of the evaluation.").required(),
    Field::new("question", Type::Item, "The item of the programme or the evaluation that asks it."),
    Field::new("answer", Type::Text { max: 16 * 1024 }, "The answer in short."),
];

const CLAIM: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The claim.").required(),
    Field::new("data", Type::Hash, "SHA-256 of the data that shows it."),
    Field::new("method", Type::Text { max: 16 * 1024 }, "How to get there from the data, markdown."),
];

const EVIDENCE: &[&str] = &["quantitative", "qualitative", "survey", "expert", "experience", "other"];
