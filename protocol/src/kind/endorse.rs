//! `endorse`: a signature under what somebody else wrote.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("endorse", "Stands behind the document, or behind one entry of it.")
    .fields(&[
        Field::new("entry", Type::Id, "The entry; the document as its author saw it if it is missing."),
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .undo(Undo::Retract);
