//! `rerun`: whether others get the same result.

use super::common::{FILES, WORDS};
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("rerun", "Says whether others get the same result from the same data.")
    .on(&["research"])
    .fields(&[
        Field::new("claim", Type::Item, "The claim that was tried again."),
        Field::new("result", Type::Choice(&["same", "partly", "different", "failed"]), "What came out.").required(),
        Field::new("text", WORDS, "How, markdown.").required(),
        Field::new("data", FILES, "The data of this run."),
    ])
    .text("text")
    .undo(Undo::Amend);
