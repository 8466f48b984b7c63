//! `claim`: that a pledge is due, or is to be forfeited.

use super::common::{EVIDENCE, WORDS};
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("claim", "Claims a reward that is due, or that a pledge is forfeited. Whom it is about may reply.")
    .fields(&[
        Field::new("form", Type::Choice(&["reward", "slash"]), "What is claimed.").required(),
        Field::new("entry", Type::Id, "The pledge."),
        Field::new("about", Type::Named, "Who should get it, or lose it.").required(),
        Field::new("amount", Type::Money, "How much."),
        Field::new("evidence", EVIDENCE, "What it rests on.").required(),
        Field::new("text", WORDS, "The claim, markdown."),
    ])
    .text("text")
    .undo(Undo::Amend);
