//! `escalate`: a concern that was not put right.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo, Who};

pub(super) static KIND: Kind = Kind::act("escalate", "Takes a concern further, because it was not put right.")
    .on(&["concern"])
    .by(&[Who::Owner("")])
    .fields(&[
        Field::new("doc", Type::Id, "The motion to which it leads."),
        Field::new("reason", WORDS, "Why, markdown.").required(),
    ])
    .text("reason")
    .undo(Undo::Retract);
