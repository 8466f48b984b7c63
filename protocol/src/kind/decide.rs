//! `decide`: how a programme goes on.

use super::common::{EVIDENCE, WORDS};
use super::{Field, Kind, Needs, Type, Undo};

pub(super) static KIND: Kind = Kind::act("decide", "Says how a programme goes on. Each word has checks of its own.")
    .on(&["proposal", "evaluation"])
    .fields(&[
        Field::new("action", Type::Choice(&["stop", "kill", "pause", "continue", "iterate"]), "How it goes on.").required(),
        Field::new("epoch", Type::Int { max: 1000 }, "The epoch that it opens."),
        Field::new("from", Type::Date, "From which day."),
        Field::new("reason", WORDS, "Why, markdown.").required(),
        Field::new("evidence", EVIDENCE, "What it rests on."),
        Field::new("steps", Type::List { item: STEP, max: 64 }, "For a kill: who was told, and when."),
        Field::new("conditions", Type::List { item: CONDITION, max: 64 }, "For a pause: what it waits for."),
        Field::new("changes", Type::List { item: CHANGE, max: 256 }, "For another iteration: what becomes of the parameters."),
        Field::new("decision", Type::Id, "The decision that it carries out."),
    ])
    .text("reason")
    .needs(Needs::Member)
    .undo(Undo::Retract);

const STEP: &[Field] = &[
    Field::new("day", Type::Date, "The day.").required(),
    Field::new("text", Type::Text { max: 4096 }, "What was done, and who was told.").required(),
];

const CONDITION: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The condition.").required(),
    Field::new("source", Type::Line { max: 1000 }, "Where its state is to be seen.").required(),
    Field::new("state", Type::Choice(&["open", "met", "failed"]), "How it stands."),
];

const CHANGE: &[Field] = &[
    Field::new("name", Type::Line { max: 200 }, "The parameter.").required(),
    Field::new("before", Type::Line { max: 1000 }, "Its value until now."),
    Field::new("value", Type::Line { max: 1000 }, "Its value from now on."),
];
