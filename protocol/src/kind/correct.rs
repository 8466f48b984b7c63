//! `correct`: a mistake in what was written down of a decision.

use super::common::PROSE;
use super::{Field, Kind, Undo};

pub(super) static KIND: Kind = Kind::act("correct", "Corrects what was written down of a decision. The decision itself stays.")
    .on(&["decision"])
    .fields(&[
        Field::new("text", PROSE, "What is wrong, and how it should read, markdown.").required(),
    ])
    .text("text")
    .undo(Undo::Amend);
