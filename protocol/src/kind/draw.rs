//! `draw`: people drawn by lot, so that anybody can draw again.

use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("draw", "Draws people by lot from a list, by a published seed (`docs/spec/views.md`).")
    .on(&["committee", "evaluation", "motion", "domain"])
    .fields(&[
        Field::new("pool", Type::Ids { max: 1024 }, "The identities drawn from.").required(),
        Field::new("seed", Type::Hash, "The seed.").required(),
        Field::new("source", Type::Line { max: 1000 }, "Where the seed was published, and when it was not known yet.").required(),
        Field::new("count", Type::Int { max: 1024 }, "How many are drawn.").required(),
        Field::new("purpose", Type::Line { max: 1000 }, "For what."),
    ])
    .text("purpose")
    .undo(Undo::Retract);
