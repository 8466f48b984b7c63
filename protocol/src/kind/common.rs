//! Records that fields of several kinds hold.

use super::{Field, LONG, Type};

/// A file, named by its content (`docs/spec/files.md`).
pub(super) const FILE: &[Field] = &[
    Field::new("hash", Type::Hash, "SHA-256 of the file.").required(),
    Field::new("length", Type::Int { max: crate::limit::INT }, "Its length in bytes.").required(),
    Field::new("type", Type::Line { max: 200 }, "Its media type, as its author says.").required(),
    Field::new("name", Type::Line { max: 300 }, "A file name."),
    Field::new("url", Type::Line { max: 1000 }, "Where else it may be had."),
];

/// Files that one body may name.
pub(super) const FILES: Type = Type::List { item: FILE, max: 64 };

/// What somebody wants to reach.
pub(super) const GOAL: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The goal.").required(),
    Field::new("measure", Type::Text { max: 4096 }, "How one sees that it is reached."),
    Field::new("unmeasured", Type::Flag, "That it cannot be measured."),
    Field::new("due", Type::Date, "By when."),
];

/// A line of a budget.
pub(super) const LINE: &[Field] = &[
    Field::new("item", Type::Line { max: 300 }, "What is paid for.").required(),
    Field::new("amount", Type::Money, "How much."),
    Field::new("period", Type::Line { max: 100 }, "For how long, or how often."),
    Field::new("note", Type::Text { max: 4096 }, "Why."),
];

/// What somebody rests a claim on.
pub(super) const EVIDENCE: Type = Type::List { item: PROOF, max: 256 };

const PROOF: &[Field] = &[
    Field::new("text", Type::Text { max: 16 * 1024 }, "What it shows, markdown.").required(),
    Field::new("entry", Type::Id, "The entry that shows it."),
    Field::new("url", Type::Line { max: 1000 }, "Where it is to be seen."),
    Field::new("hash", Type::Hash, "SHA-256 of the file that shows it."),
];

/// A long text of a document, markdown.
pub(super) const PROSE: Type = Type::Text { max: LONG };

/// A text of an act, markdown.
pub(super) const WORDS: Type = Type::Text { max: 64 * 1024 };

/// A title.
pub(super) const TITLE: Type = Type::Line { max: 300 };

/// A share, in parts per million.
pub(super) const PPM: Type = Type::Int { max: 1_000_000 };

/// Days.
pub(super) const DAYS: Type = Type::Int { max: 36_500 };
