//! `label`: a moderator's word about an entry. It hides nothing: readers choose which labels they filter by.

use super::{Field, Kind, Needs, Type, Undo};

pub(super) static KIND: Kind = Kind::act(
    "label",
    "Puts a label on an entry, with the reason. Nothing is hidden by it.",
)
.fields(&[
    Field::new("entry", Type::Id, "The entry.").required(),
    Field::new(
        "label",
        Type::Line { max: 64 },
        "The label, such as `spam` or `off topic`.",
    )
    .required(),
    Field::new("reason", Type::Text { max: 16 * 1024 }, "Why, markdown.").required(),
])
.text("reason")
.needs(Needs::Role("moderator"))
.undo(Undo::Retract);
