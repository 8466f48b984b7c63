//! `dispose`: what became of an objection.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("dispose", "Says what became of an objection, with the reason.")
    .fields(&[
        Field::new("entry", Type::Id, "The objection, in the same document.").required(),
        Field::new("outcome", Type::Choice(&["accepted", "declined", "deferred"]), "What became of it.").required(),
        Field::new("reason", WORDS, "Why, markdown.").required(),
        Field::new("until", Type::Date, "The day to which it is deferred."),
    ])
    .text("reason")
    .undo(Undo::Retract);
