//! `concern`: something that is said to whom it is about before anybody moves against them.

use super::common::{EVIDENCE, PROSE, TITLE};
use super::state::{Scene, State};
use super::{Field, Kind, Type};
use crate::hash::Id;

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

/// Only who raised it can say that it is put right: whom it is about would otherwise close it. What came last stands: a
/// concern that was resolved can still be escalated by its author.
fn state(scene: &Scene<'_>) -> State {
    let settled = scene.acts.iter().filter(|act| {
        let whole = act.fields.is_some_and(|fields| !fields.contains_key("entry"));
        act.kind == "resolve" && scene.opener == Some(act.by) && whole
    });
    let settled: Vec<_> = settled.map(|act| act.entry).collect();
    let escalated = scene.entries("escalate");
    let answered = scene.entries("reply_right");
    let last = |entries: &[Id]| entries.iter().filter_map(|entry| scene.place(*entry)).max();
    let (name, by) = match (last(&escalated), last(&settled)) {
        (Some(up), down) if down.is_none_or(|down| down < up) => ("escalated", escalated),
        (_, Some(_)) => ("resolved", settled),
        _ if !answered.is_empty() => ("answered", answered),
        _ => ("open", Vec::new()),
    };
    State::new(name, by)
}
