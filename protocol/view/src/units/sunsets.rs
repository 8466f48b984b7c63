//! `sunsets`: on which day working groups end (R87).

use crate::calendar::Day;
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "sunsets",
    title: "Sunsets",
    about: "Which working groups end when, and which ones have no end?",
    on: On::Committee,
    reads: &["domain"],
    requirements: &[87],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "groups",
        "Working groups",
        &[
            ("domain", "Group"),
            ("form", "Form"),
            ("opened", "Opened"),
            ("sunset", "Sunset"),
            ("days", "Days until then"),
            ("moved", "Put off"),
            ("asked", "Asked for one from"),
            ("state", "State"),
        ],
        "There is no working group, and nothing else with a sunset.",
    );
    let near = world.parameter("term_reminder_days");
    let (mut over, mut missing) = (0, 0);
    for doc in world
        .of("domain")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        let group = doc.text("form") == Some("working_group");
        let sunset = doc.day("sunset");
        if !group && sunset.is_none() {
            continue;
        }
        let opened = Day::of(doc.opened().claimed);
        let asked = opened.after(world.parameter("sunset_days"));
        let left = sunset.map(|sunset| world.today().until(sunset));
        let state = match left {
            _ if doc.text("stage") == Some("ended") => "ended",
            None if world.today() >= asked => "missing and asked for",
            None => "missing",
            Some(left) if left < 0 => "over",
            Some(left) if u64::try_from(left).is_ok_and(|left| left <= near) => "near",
            Some(_) => "set",
        };
        over += usize::from(state == "over");
        missing += usize::from(state.starts_with("missing"));
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::text(doc.text("form")),
            Cell::Day(opened),
            Cell::of(sunset, Cell::Day),
            Cell::of(left, Cell::Signed),
            Cell::Int(moved(doc)),
            if sunset.is_none() {
                Cell::Day(asked)
            } else {
                Cell::Empty
            },
            Cell::Word(state),
        ]);
    }
    Sheet::new("Sunsets")
        .say(format!(
            "{over} are past their sunset and have not ended; {missing} working groups have none."
        ))
        .table(table)
}

/// How often a version put the sunset off to a later day than the one before it.
fn moved(doc: &Doc<'_>) -> u64 {
    let (mut before, mut count) = (None, 0);
    for version in doc.document.versions().iter().filter(|v| v.fields.contains("sunset")) {
        let outcome = doc.document.outcome(version.entry);
        let text = outcome.and_then(|outcome| outcome.change()?.set.get("sunset")?.as_text());
        let Some(day) = text.and_then(Day::read) else { continue };
        count += u64::from(before.is_some_and(|before| day > before));
        before = Some(day);
    }
    count
}
