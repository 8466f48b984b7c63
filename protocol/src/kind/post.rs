//! `post`: what people say.

use super::common::FILES;
use super::{Field, Kind, LONG, Type, Undo};

pub(super) static KIND: Kind = Kind::act("post", "Something said, possibly in reply.")
    .fields(&[
        Field::new("text", Type::Text { max: LONG }, "What is said, markdown.").required().local(),
        Field::new("reply_to", Type::Id, "The entry that it replies to."),
        Field::new(
            "quotes",
            Type::List { item: QUOTE, max: 64 },
            "Passages that it quotes.",
        ),
        Field::new("files", FILES, "Files that belong to it."),
    ])
    .text("text")
    .undo(Undo::Amend);

const QUOTE: &[Field] = &[
    Field::new("entry", Type::Id, "The entry quoted.").required(),
    Field::new("start", PLACE, "First character of its text, in code points from 0."),
    Field::new("end", PLACE, "The character after the last."),
];

/// No text has more characters than a body has bytes.
const PLACE: Type = Type::Int { max: 256 * 1024 };
