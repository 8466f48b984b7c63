//! `reply_right`: the reply of whom a document is about; it is shown first.

use super::common::PROSE;
use super::{Field, Kind, Type, Undo, Who};

pub(super) static KIND: Kind = Kind::act("reply_right", "The reply of whom the document is about. It is shown before everything else.")
    .on(&["motion", "concern"])
    .by(&[Who::Holder { part: "subject", field: "subject" }, Who::Holder { part: "about", field: "about" }])
    .fields(&[
        Field::new("text", PROSE, "The reply, markdown.").required(),
        Field::new("entry", Type::Id, "The entry that it replies to; the document if it is missing."),
    ])
    .text("text")
    .undo(Undo::Amend);
