//! `evaluation`: whether a programme did what it was for.

use super::common::{PROSE, TITLE};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::document("evaluation", "Whether a programme did what it was for.")
    .fields(&[
        Field::new("programme", Type::Id, "The proposal that is evaluated.").required(),
        Field::new("epoch", Type::Int { max: 1000 }, "Which of its epochs; the whole if it is missing."),
        Field::new("title", TITLE, "What it is about."),
        Field::new("text", PROSE, "What is asked, markdown."),
        Field::new("questions", Type::List { item: QUESTION, max: 256 }, "Questions beyond those of the programme."),
        Field::new("from", Type::Date, "The first day for inputs; the day after the programme's end if it is missing."),
        Field::new("until", Type::Date, "The last one; by the programme's own rule if it is missing."),
        Field::new("schema", PROSE, "The form that inputs take, markdown."),
        Field::new("reward", Type::Money, "What is paid for research, in all."),
    ])
    .title(&["title"])
    .text("text");

const QUESTION: &[Field] = &[Field::new("text", Type::Text { max: 4096 }, "The question.").required()];
