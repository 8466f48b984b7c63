//! `recommend`: what somebody would do, without deciding it.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("recommend", "Recommends a course. It decides nothing.")
    .on(&["evaluation", "proposal", "motion"])
    .fields(&[
        Field::new("option", Type::Line { max: 200 }, "What should be done.").required(),
        Field::new("reason", WORDS, "Why, markdown.").required(),
    ])
    .text("reason")
    .latest("recommend")
    .undo(Undo::Retract);
