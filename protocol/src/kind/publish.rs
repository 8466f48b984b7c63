//! `publish`: a version that stands for its author.

use super::{Field, Kind, Type, Who};

pub(super) static KIND: Kind = Kind::act("publish", "Says that the document stands as its author saw it: not a draft any more.")
    .on(&["statement", "research", "proposal"])
    .by(&[Who::Owner("")])
    .fields(&[
        Field::new("note", Type::Text { max: 4096 }, "Anything to add."),
    ])
    .text("note");
