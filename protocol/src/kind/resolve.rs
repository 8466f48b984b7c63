//! `resolve`: something is put right.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("resolve", "Says that it is put right, or that a promise was kept, and how.")
    .fields(&[
        Field::new("entry", Type::Id, "The entry in this document that is settled; the document if it is missing."),
        Field::new("outcome", Type::Choice(&["settled", "kept", "broken", "void"]), "How it ended."),
        Field::new("text", WORDS, "How, markdown.").required(),
    ])
    .text("text")
    .undo(Undo::Retract);
