//! `decision`: what was decided, and the entries that it rests on, fixed by id.

use super::{Field, Kind, LONG, Type};

/// Entries that one decision rests on: their ids are a quarter of the largest body.
const INPUTS: usize = 1024;

pub(super) static KIND: Kind = Kind::document("decision", "What was decided, on which inputs, and why.")
    .fields(&[
        Field::new("title", Type::Line { max: 200 }, "Its title.").required(),
        Field::new("outcome", Type::Text { max: LONG / 4 }, "What was decided, markdown.").required(),
        Field::new(
            "options",
            Type::Lines { max: 64, each: 200 },
            "The options that there were.",
        ),
        Field::new(
            "inputs",
            Type::Ids { max: INPUTS },
            "The entries that it rests on. One that loses its effect later is flagged; the decision stays.",
        ),
        Field::new(
            "link",
            Type::Line { max: 1000 },
            "The vote or poll elsewhere, as a URL.",
        ),
        Field::new("about", Type::Id, "The motion, nomination, proposal or evaluation that it decides."),
        Field::new("day", Type::Date, "The day on which it was decided."),
        Field::new("ratifies", Type::Ids { max: 64 }, "The versions of documents that it ratifies."),
        Field::new("class", Type::Line { max: 64 }, "Its decision class, such as `operational`."),
        Field::new("reason", Type::Text { max: LONG / 4 }, "Why, markdown."),
    ])
    .title(&["title"]);
