//! `identity`: who somebody is, as they say it themselves.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::space(
    "identity",
    "A person, team or bot: a space in which only its devices write.",
)
.fields(&[
    Field::new("name", Type::Line { max: 200 }, "What they are called."),
    Field::new("about", Type::Text { max: LONG }, "Who they are."),
    Field::new(
        "links",
        Type::List { item: LINK, max: 64 },
        "Where else they are found.",
    ),
    Field::new(
        "disclosures",
        Type::List {
            item: DISCLOSURE,
            max: 256,
        },
        "Interests that others should know of.",
    ),
])
.title(&["name"]);

const LINK: &[Field] = &[
    Field::new("url", Type::Line { max: 1000 }, "The address.").required(),
    Field::new("label", Type::Line { max: 200 }, "What is there."),
];

const DISCLOSURE: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The interest.").required(),
    Field::new("since", Type::Date, "Since when."),
    Field::new("until", Type::Date, "Until when."),
];
