//! `statement`: what a facilitator or another role holder publishes.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::document("statement", "What a facilitator or another role holder publishes.")
    .fields(&[
        Field::new("form", Type::Choice(FORMS), "What sort of statement it is.").required(),
        Field::new("title", Type::Line { max: 300 }, "What it is about."),
        Field::new("domain", Type::Named, "The domain or unit that it speaks for."),
        Field::new("about", Type::Named, "Whom or what it is about: an entry, or a name."),
        Field::new("vision", Type::Line { max: 200 }, "The vision that a position belongs to."),
        Field::new("level", Type::Choice(LEVELS), "For a mandate or an audit: what is claimed or found."),
        Field::new("period", Type::Line { max: 100 }, "The time that it covers, in words."),
        Field::new("start", Type::Date, "The first day that it covers."),
        Field::new("end", Type::Date, "The last day that it covers."),
        Field::new("text", Type::Text { max: LONG }, "The statement, markdown."),
        Field::new(
            "items",
            Type::List { item: ITEM, max: 1024 },
            "Its goals, budget lines, results or commitments.",
        ),
    ])
    .title(&["title", "period", "form"])
    .text("text");

const FORMS: &[&str] = &[
    "platform",
    "report",
    "status",
    "okr",
    "mandate",
    "budget",
    "audit",
    "off_record",
    "influence",
    "position",
];

const LEVELS: &[&str] = &["draft", "submitted", "accepted", "rejected", "obsolete", "withdrawn"];

const ITEM: &[Field] = &[
    Field::new("text", Type::Text { max: 16 * 1024 }, "The item.").required(),
    Field::new(
        "group",
        Type::Line { max: 200 },
        "What it belongs to, such as an objective.",
    ),
    Field::new("amount", Type::Money, "Its amount, in a budget."),
    Field::new("measure", Type::Text { max: 4096 }, "How one sees that it is reached."),
    Field::new("result", Type::Text { max: 4096 }, "What was reached."),
    Field::new("evidence", Type::Line { max: 1000 }, "Where that can be seen."),
    Field::new("due", Type::Date, "By when."),
    Field::new("target", Type::Int { max: crate::limit::INT }, "The value that a key result has to reach."),
    Field::new("reached", Type::Int { max: crate::limit::INT }, "The value that it has."),
    Field::new("who", Type::Named, "For a talk off the record: with whom."),
    Field::new("day", Type::Date, "On which day."),
    Field::new("bundle", Type::Id, "The entry that it stands or falls with."),
];
