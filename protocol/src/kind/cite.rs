//! `cite`: a reference to something elsewhere.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("cite", "Names something elsewhere that bears on this.")
    .fields(&[
        Field::new("entry", Type::Id, "The entry or document cited."),
        Field::new("url", Type::Line { max: 1000 }, "Where it is, if it is no entry."),
        Field::new("hash", Type::Hash, "SHA-256 of what was found there."),
        Field::new("use", Type::Choice(&["supports", "contradicts", "answers", "uses", "mentions"]), "What it does for this document."),
        Field::new("text", WORDS, "What it says, markdown."),
    ])
    .text("text")
    .undo(Undo::Amend);
