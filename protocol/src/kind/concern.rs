//! `concern`: something that is said to whom it is about before anybody moves against them.

use super::common::{EVIDENCE, PROSE, TITLE};
use super::state::{Scene, State};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::document("concern", "Something to be put right, said to whom it is about first.")
    .fields(&[
        Field::new("about", Type::Named, "Whom or what it is about: an entry, or a name.").required(),
        Field::new("form", Type::Choice(FORMS), "What sort of concern it is."),
        Field::new("title", TITLE, "What it is about, in one line."),
        Field::new("text", PROSE, "The concern, markdown.").required(),
        Field::new("wanted", PROSE, "What would put it right, markdown."),
        Field::new("evidence", EVIDENCE, "What it rests on."),
    ])
    .title(&["title", "about"])
    .text("text")
    .state(state);

const FORMS: &[&str] = &["conduct", "conflict", "performance", "process", "other"];

/// What came last stands: a concern that was resolved can still be escalated by its author.
fn state(scene: &Scene<'_>) -> State {
    let entries = |kind: &str| scene.entries(kind);
    let (name, by) = match (entries("escalate"), entries("resolve"), entries("reply_right")) {
        (escalated, ..) if !escalated.is_empty() => ("escalated", escalated),
        (_, resolved, _) if !resolved.is_empty() => ("resolved", resolved),
        (_, _, answered) if !answered.is_empty() => ("answered", answered),
        _ => ("open", Vec::new()),
    };
    State::new(name, by)
}
