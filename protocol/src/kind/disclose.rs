//! `disclose`: an interest that others should know of, with its own date and its own place to answer to.

use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("disclose", "An interest that others should know of.")
    .fields(&[
        Field::new("text", Type::Text { max: 16 * 1024 }, "The interest, markdown.").required(),
        Field::new("about", Type::Named, "Whom or what it concerns: an entry, or a name."),
        Field::new("since", Type::Date, "Since when."),
        Field::new("until", Type::Date, "Until when."),
    ])
    .text("text")
    .undo(Undo::Amend);
