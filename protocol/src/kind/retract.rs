//! `retract`: one no longer stands by one's own words. They stay and are shown.

use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::act("retract", "Takes back one's own earlier entry, which stays readable.")
    .fields(&[
        Field::new("entry", Type::Id, "One's own entry in this document.").required(),
        Field::new("reason", Type::Text { max: 16 * 1024 }, "Why."),
    ])
    .text("reason")
    .target("entry");
