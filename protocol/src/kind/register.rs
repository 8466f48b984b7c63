//! `register`: who holds what as of a block, by class.

use super::common::{PROSE, TITLE};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::document("register", "Who holds what as of a block: classes and weights.")
    .fields(&[
        Field::new("title", TITLE, "What it lists.").required(),
        Field::new("chain", Type::Int { max: crate::limit::INT }, "The chain, by EIP-155."),
        Field::new("block", Type::Int { max: crate::limit::INT }, "The height of the block as of which it was taken."),
        Field::new("block_hash", Type::Hash, "That block's hash."),
        Field::new("day", Type::Date, "The day of that block."),
        Field::new("source_text", Type::Line { max: 1000 }, "Where the list was taken from.").required(),
        Field::new("method", PROSE, "How it was made, so that others can make it again, markdown."),
        Field::new("unit", Type::Line { max: 32 }, "The unit of its weights, such as MKR."),
        Field::new("decimals", Type::Int { max: 18 }, "Digits of a weight after the decimal point."),
        Field::new("holders", Type::List { item: HOLDER, max: 4096 }, "The holders."),
    ])
    .title(&["title"])
    .text("method");

const HOLDER: &[Field] = &[
    Field::new(
        "holder",
        Type::Named,
        "The holder: an identity, or an address or a name as the source has it.",
    )
    .required(),
    Field::new("class", Type::Line { max: 64 }, "The stakeholder class.").required(),
    Field::new("weight", Type::Int { max: crate::limit::INT }, "The weight, in units of the last digit.").required(),
];
