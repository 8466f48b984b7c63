//! `poll`: a vote held elsewhere, and its result.

use super::common::WORDS;
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("poll", "Links a vote that is held elsewhere, on a chain or not, and says how it went.")
    .fields(&[
        Field::new("url", Type::Line { max: 1000 }, "Where it is.").required(),
        Field::new("chain", Type::Int { max: crate::limit::INT }, "The chain on which it is held, by EIP-155."),
        Field::new("reference", Type::Line { max: 200 }, "Its number or transaction there."),
        Field::new("block", Type::Int { max: crate::limit::INT }, "The block as of which the result was read."),
        Field::new("class", Type::Line { max: 64 }, "The stakeholder class that votes."),
        Field::new("from", Type::Date, "Its first day."),
        Field::new("until", Type::Date, "Its last day."),
        Field::new("results", Type::List { item: RESULT, max: 64 }, "How it went, option by option."),
        Field::new("text", WORDS, "Anything to add, markdown."),
    ])
    .text("text")
    .undo(Undo::Amend);

const RESULT: &[Field] = &[
    Field::new("option", Type::Line { max: 200 }, "The option: `support`, `oppose` and `abstain` are compared with stances.").required(),
    Field::new("weight", Type::Int { max: crate::limit::INT }, "Its weight.").required(),
    Field::new("voters", Type::Int { max: crate::limit::INT }, "How many voted for it."),
];
