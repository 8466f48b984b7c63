//! `delegate`: a vote that is lent.

use super::common::{PPM, WORDS};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::act("delegate", "Lends one's voice to somebody; without `to`, takes it back.")
    .on(&["committee", "domain", "register"])
    .fields(&[
        Field::new("to", Type::Id, "Who speaks for the author from now on; nobody if it is missing."),
        Field::new("scope", Type::Line { max: 200 }, "For what; everything if it is missing."),
        Field::new("share", PPM, "Which share, in parts per million; all if it is missing."),
        Field::new("from", Type::Date, "The first day; that of the entry if it is missing."),
        Field::new("until", Type::Date, "The last day."),
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .latest("delegate");
