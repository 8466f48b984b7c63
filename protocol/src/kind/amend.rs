//! `amend`: another text for one's own words. The first text stays and is shown.

use super::{Field, Kind, LONG, Type};

pub(super) static KIND: Kind = Kind::act(
    "amend",
    "Puts another text beside one's own earlier one. Every version stays.",
)
.fields(&[
    Field::new("entry", Type::Id, "One's own entry in this document.").required(),
    Field::new("text", Type::Text { max: LONG }, "The new text, markdown.").required(),
])
.text("text")
.target("entry");
