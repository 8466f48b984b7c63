//! `committee`: whom a group of people is, and by which rules it works.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::space(
    "committee",
    "A group that keeps one record; its founders own its content.",
)
.fields(&[
    Field::new("name", Type::Line { max: 200 }, "What it is called.").required(),
    Field::new("purpose", Type::Text { max: 16 * 1024 }, "What it is for."),
    Field::new("charter", Type::Text { max: LONG }, "By which rules it works."),
    Field::new("calendar", Type::Text { max: 16 * 1024 }, "Its working days and terms, in words."),
    Field::new("weekend", Type::Lines { max: 6, each: 16 }, "Days of the week without work, such as `friday`; saturday and sunday if it is missing."),
    Field::new("holidays", Type::List { item: HOLIDAY, max: 1024 }, "Other days without work."),
    Field::new("practices", Type::List { item: PRACTICE, max: 128 }, "Practices to which it commits itself."),
    Field::new(
        "continues",
        Type::Id,
        "The committee whose work it goes on with, where that one lost its authority or its members' faith.",
    ),
    Field::new(
        "reason",
        Type::Text { max: 16 * 1024 },
        "Why it goes on in a committee of its own, markdown.",
    ),
])
.title(&["name"]);

const HOLIDAY: &[Field] = &[
    Field::new("day", Type::Date, "The day.").required(),
    Field::new("name", Type::Line { max: 200 }, "What it is called."),
];

const PRACTICE: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The practice.").required(),
    Field::new("since", Type::Date, "Since when."),
];
