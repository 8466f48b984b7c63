//! `holding`: what somebody holds, as of a block.

use super::{Field, Kind, Needs, Type, Undo};

pub(super) static KIND: Kind = Kind::act("holding", "Attests what an address or a person held as of a block.")
    .on(&["register"])
    .fields(&[
        Field::new("holder", Type::Named, "The holder.").required(),
        Field::new("class", Type::Line { max: 64 }, "The stakeholder class."),
        Field::new("weight", Type::Int { max: crate::limit::INT }, "How much, in whole units.").required(),
        Field::new("block", Type::Int { max: crate::limit::INT }, "The block."),
        Field::new("day", Type::Date, "The day of that block."),
        Field::new("source", Type::Line { max: 1000 }, "Where that can be seen.").required(),
    ])
    .needs(Needs::Role("registrar"))
    .undo(Undo::Retract);
