//! `forks`: which threads carry on elsewhere, as said on both sides (R45).

use std::collections::BTreeSet;

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "forks",
    title: "Forks",
    about: "Which threads carry on in another document, and do both sides say so?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[45],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "forks",
        "Forks",
        &[
            ("origin", "From"),
            ("entry", "From the entry"),
            ("fork", "Carries on in"),
            ("said", "Said by"),
            ("by", "By"),
            ("day", "On"),
            ("reason", "Why"),
        ],
        "No thread carries on elsewhere.",
    );
    let mut matched: BTreeSet<(Id, Id)> = BTreeSet::new();
    let mut single = 0;
    let touches = |origin: Option<Id>, fork: Id| only.is_none_or(|only| origin == Some(only.id()) || fork == only.id());
    for origin in world.everything() {
        for act in origin.acts("fork") {
            let Some(fork) = act.named("doc") else { continue };
            let back = world
                .doc(fork)
                .and_then(|fork| came_from(world, fork))
                .and_then(|(doc, _)| doc);
            let said = match (world.doc(fork), back) {
                (Some(_), Some(back)) if back == origin.id() => "both",
                (Some(_), _) => "the origin only",
                (None, _) => "the origin only and the other is not here",
            };
            matched.insert((origin.id(), fork));
            if !touches(Some(origin.id()), fork) {
                continue;
            }
            single += usize::from(said != "both");
            table.row(vec![
                Cell::Doc(origin.id()),
                Cell::of(act.named("entry"), Cell::Entry),
                Cell::Doc(fork),
                Cell::Word(said),
                Cell::Person(act.by),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::text(act.text("reason")),
            ]);
        }
    }
    for fork in &world.documents {
        let Some((origin, entry)) = came_from(world, fork) else {
            continue;
        };
        let known = origin.is_some_and(|origin| matched.contains(&(origin, fork.id())));
        if known || !touches(origin, fork.id()) {
            continue;
        }
        single += 1;
        table.row(vec![
            Cell::of(origin, Cell::Doc),
            Cell::Entry(entry),
            Cell::Doc(fork.id()),
            Cell::Word(if origin.is_some() {
                "the fork only"
            } else {
                "the fork only and the other is not here"
            }),
            Cell::Person(fork.by()),
            Cell::Day(Day::of(fork.opened().claimed)),
            Cell::Empty,
        ]);
    }
    let sheet = Sheet::new("Forks");
    let sheet = match single {
        0 => sheet,
        n => sheet.say(format!(
            "{n} are said by one side only: the other has not agreed to it, and need not."
        )),
    };
    sheet.table(table)
}

/// What a document says that it carries on from: the document that holds it, if it is here, and the entry.
fn came_from(world: &World<'_>, fork: &Doc<'_>) -> Option<(Option<Id>, Id)> {
    let entry = fork.named("fork_of")?;
    let origin = world
        .everything()
        .find(|doc| doc.document.outcome(entry).is_some_and(|found| found.in_record));
    Some((origin.map(Doc::id), entry))
}
