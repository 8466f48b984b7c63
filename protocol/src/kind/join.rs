//! `join`: a signature under a motion.

use super::common::WORDS;
use super::{Field, Kind, Undo};

pub(super) static KIND: Kind = Kind::act("join", "Signs a motion or a petition beside its opener. Whom it is about consents to it so.")
    .on(&["motion", "proposal"])
    .fields(&[
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .latest("join")
    .undo(Undo::Retract);
