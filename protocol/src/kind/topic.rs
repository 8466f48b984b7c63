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
        Field::new("text", Type::Text { max: LONG }, "The opening text, markdown."),
    ])
    .title(&["title"])
    .text("text");
