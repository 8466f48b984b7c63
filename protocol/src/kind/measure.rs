//! `measure`: a number for something that is measured.

use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("measure", "A value of something that is measured.")
    .on(&["proposal"])
    .fields(&[
        Field::new("kpi", Type::Item, "What is measured: an item of the proposal.").required(),
        Field::new("day", Type::Date, "The day to which it belongs.").required(),
        Field::new("value", Type::Int { max: crate::limit::INT }, "The value.").required(),
        Field::new("reference", Type::Line { max: 1000 }, "Where it was read."),
    ])
    .undo(Undo::Retract);
