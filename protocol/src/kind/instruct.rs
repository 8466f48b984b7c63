//! `instruct`: what a delegate is asked to do, in the open.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("instruct", "Asks a delegate in public to act so on this document.")
    .fields(&[
        Field::new("to", Type::Id, "The delegate.").required(),
        Field::new("position", Type::Choice(&["support", "oppose", "abstain"]), "How they should act."),
        Field::new("text", WORDS, "What they should do, and why, markdown.").required(),
    ])
    .text("text")
    .undo(Undo::Amend);
