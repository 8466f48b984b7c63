//! `labels`: what moderators put labels on, and why. Nothing is hidden by a label (R43).

use std::collections::BTreeMap;

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::{chosen, count, plain};
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "labels",
    title: "Labels",
    about: "Which entries have labels, by whom and why?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[43],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut rows = Vec::new();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for doc in chosen(world, only) {
        for act in doc.acts("label") {
            let (Some(entry), Some(label)) = (act.named("entry"), act.text("label")) else {
                continue;
            };
            *used.entry(plain(label)).or_default() += 1;
            let labelled = doc.document.outcome(entry);
            let cells = vec![
                Cell::Doc(doc.id()),
                Cell::Entry(entry),
                Cell::of(labelled, |entry| Cell::Text(entry.kind.to_string())),
                Cell::of(labelled, |entry| Cell::Person(entry.by)),
                Cell::Text(plain(label)),
                Cell::text(act.text("reason")),
                Cell::Person(act.by),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::Entry(act.id),
            ];
            rows.push((act.when.claimed, cells));
        }
    }
    rows.sort_by_key(|(time, _)| *time);
    let mut table = Table::new(
        "labels",
        "Labels",
        &[
            ("doc", "In"),
            ("entry", "Entry"),
            ("kind", "Kind"),
            ("author", "Author"),
            ("label", "Label"),
            ("reason", "Why"),
            ("by", "By"),
            ("day", "On"),
            ("act", "Act"),
        ],
        "Nothing has a label.",
    );
    table.rows = rows.into_iter().map(|(_, cells)| cells).collect();
    let columns = [("label", "Label"), ("entries", "Times used")];
    let mut words = Table::new("words", "Labels in use", &columns, "No label is in use.");
    for (label, times) in used {
        words.row(vec![Cell::Text(label), Cell::Int(count(times))]);
    }
    Sheet::new("Labels")
        .say("A label deletes and hides nothing. Whoever wants to read without what has a label chooses so for themselves.")
        .table(table)
        .table(words)
}
