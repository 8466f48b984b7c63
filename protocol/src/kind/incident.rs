//! `incident`: something that went wrong.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("incident", "Something that went wrong, and where it stands.")
    .on(&["proposal", "domain"])
    .fields(&[
        Field::new("text", WORDS, "What happened, markdown.").required(),
        Field::new("day", Type::Date, "When."),
        Field::new("severity", Type::Choice(&["low", "medium", "high"]), "How bad it is."),
        Field::new("threat", Type::Item, "The threat that came true."),
        Field::new("state", Type::Choice(&["open", "contained", "over"]), "Where it stands."),
    ])
    .text("text")
    .undo(Undo::Amend);
