//! `motion`: something to be decided about somebody or something.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::document("motion", "Something to be decided about somebody or something.")
    .fields(&[
        Field::new("form", Type::Choice(FORMS), "What is to be decided.").required(),
        Field::new("title", Type::Line { max: 300 }, "What it is about."),
        Field::new("subject", Type::Named, "Whom or what it is about: an entry, or a name."),
        Field::new("text", Type::Text { max: LONG }, "The motion, markdown."),
    ])
    .title(&["title", "subject", "form"])
    .text("text");

const FORMS: &[&str] = &[
    "onboard",
    "offboard",
    "disband",
    "split",
    "oversight",
    "recommend",
    "other",
];
