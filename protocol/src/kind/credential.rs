//! `credential`: what somebody has shown, said by somebody else.

use super::common::EVIDENCE;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("credential", "Says of somebody that they have shown something. It cannot be passed on, and its author may take it back.")
    .on(&["committee", "domain", "identity"])
    .fields(&[
        Field::new("to", Type::Id, "The identity that has shown it.").required(),
        Field::new("what", Type::Line { max: 300 }, "What they have shown.").required(),
        Field::new("evidence", EVIDENCE, "Where that can be seen.").required(),
        Field::new("until", Type::Date, "The last day on which it holds."),
    ])
    .text("what")
    .undo(Undo::Retract);
