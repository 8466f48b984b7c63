//! `stance`: where somebody stands on a document, as of the version that they saw.

use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act(
    "stance",
    "Where somebody stands on the version of the document that they saw.",
)
.fields(&[
    Field::new(
        "position",
        Type::Choice(&["support", "oppose", "abstain"]),
        "For or against.",
    )
    .required(),
    Field::new("confidence", Type::Int { max: 100 }, "How sure they are, in percent."),
    Field::new(
        "class",
        Type::Line { max: 64 },
        "The stakeholder class in which they speak.",
    ),
    Field::new("reason", Type::Text { max: 64 * 1024 }, "Why, markdown."),
    Field::new(
        "conditions",
        Type::Text { max: 64 * 1024 },
        "What would change it, markdown.",
    ),
])
.text("reason")
.latest("stance")
.undo(Undo::Retract);
