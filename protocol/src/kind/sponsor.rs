//! `sponsor`: somebody who carries a proposal to a vote.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("sponsor", "Carries a proposal towards its vote.")
    .on(&["proposal", "domain"])
    .fields(&[
        Field::new("weight", Type::Int { max: crate::limit::INT }, "The weight that stands behind it, in whole units."),
        Field::new("until", Type::Date, "The last day on which it holds."),
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .latest("sponsor")
    .undo(Undo::Retract);
