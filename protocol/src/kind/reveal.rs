//! `reveal`: what was committed to.

use super::common::PROSE;
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::act("reveal", "Reveals what an earlier `commit` of the same author in this document committed to.")
    .fields(&[
        Field::new("entry", Type::Id, "The `commit`.").required(),
        Field::new("salt", Type::Bytes { max: 32 }, "The salt, 32 bytes.").required(),
        Field::new("text", PROSE, "The text, word for word.").required(),
    ])
    .text("text");
