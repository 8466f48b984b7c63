//! `commit`: a promise to reveal what is not said yet.

use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::act("commit", "Commits to a text that is revealed later: the SHA-256 of 32 bytes of salt and the text.")
    .fields(&[
        Field::new("commitment", Type::Hash, "SHA-256 of salt and text.").required(),
        Field::new("until", Type::Date, "The day by which it is revealed."),
        Field::new("about", Type::Line { max: 1000 }, "What it is about, as far as that can be said."),
    ])
    .text("about");
