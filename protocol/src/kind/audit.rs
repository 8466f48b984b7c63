//! `audit`: somebody else's look at what was reported.

use super::common::{EVIDENCE, WORDS};
use super::{Field, Kind, Type, Undo};

pub(super) static KIND: Kind = Kind::act("audit", "Says of a report, a practice or a budget whether it holds.")
    .on(&["committee", "statement", "domain", "proposal", "research"])
    .fields(&[
        Field::new("entry", Type::Id, "The entry that was looked at; the document if it is missing."),
        Field::new("item", Type::Item, "The item of a list that was looked at."),
        Field::new("result", Type::Choice(&["holds", "partly", "fails"]), "What was found.").required(),
        Field::new("text", WORDS, "How it was looked at, and what was found, markdown.").required(),
        Field::new("evidence", EVIDENCE, "Where that can be seen."),
    ])
    .text("text")
    .undo(Undo::Amend);
