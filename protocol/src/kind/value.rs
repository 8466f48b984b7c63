//! `value`: what a delegate thinks research is worth.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("value", "How much each input of research was worth, by one who weighed them.")
    .on(&["evaluation"])
    .fields(&[
        Field::new("points", Type::List { item: POINTS, max: 256 }, "Points for each.").required(),
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .latest("value")
    .undo(Undo::Retract);

const POINTS: &[Field] = &[
    Field::new("research", Type::Id, "The research.").required(),
    Field::new("points", Type::Int { max: 1_000_000 }, "How many; what counts is their share of all points of this act.").required(),
    Field::new("reason", Type::Text { max: 4096 }, "Why, markdown."),
];
