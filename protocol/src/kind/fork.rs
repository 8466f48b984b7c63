//! `fork`: a thread that is carried on elsewhere.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("fork", "Carries this thread on in another document, which names this one in `fork_of`.")
    .fields(&[
        Field::new("doc", Type::Id, "The document in which it goes on.").required(),
        Field::new("entry", Type::Id, "The entry from which it goes on."),
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .undo(Undo::Retract);
