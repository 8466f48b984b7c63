//! `supersede`: a newer document in place of this one.

use super::common::WORDS;
use super::{Field, Kind, Type, Who};

pub(super) static KIND: Kind = Kind::act("supersede", "Puts a newer document in place of this one.")
    .on(&["statement", "research", "proposal"])
    .by(&[Who::Owner("")])
    .fields(&[
        Field::new("doc", Type::Id, "The newer document.").required(),
        Field::new("reason", WORDS, "Why, markdown."),
    ])
    .text("reason")
    .latest("supersede");
