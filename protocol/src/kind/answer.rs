//! `answer`: to a question.

use super::{Field, Kind, LONG, Type, Undo};

pub(super) static KIND: Kind = Kind::act("answer", "An answer to a question in the same document.")
    .fields(&[
        Field::new("reply_to", Type::Id, "The question.").required(),
        Field::new("text", Type::Text { max: LONG }, "The answer, markdown.").required(),
    ])
    .text("text")
    .undo(Undo::Amend);
