//! `participation`: who took part in what, counted from entries by formula `v1` (R17).

use std::collections::{BTreeMap, BTreeSet};

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::document::Effect;
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "participation",
    title: "Participation",
    about: "Who took part in what, in numbers that anybody can count again?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[17],
    compute,
};

/// The formula's name. What it says never changes; another way of counting is another name.
const FORMULA: &str = "v1";

/// Kinds of acts that formula `v1` counts in columns of their own.
const COLUMNS: &[(&str, &str)] = &[
    ("edit", "Edits"),
    ("post", "Posts"),
    ("question", "Questions"),
    ("answer", "Answers"),
    ("objection", "Objections"),
    ("stance", "Stances"),
];

/// One person's entries.
#[derive(Default)]
struct Record<'w> {
    kinds: BTreeMap<&'w str, u64>,
    documents: u64,
    threads: BTreeSet<Id>,
    days: BTreeSet<Day>,
    first: u64,
    last: u64,
}

/// Formula `v1`: every entry in the record that is effective and does not claim to come after now counts once, for its
/// author, under its kind; `retract` counts for nothing.
fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut people: BTreeMap<Id, Record<'_>> = BTreeMap::new();
    for doc in world
        .everything()
        .filter(|doc| narrow.is_none_or(|narrow| narrow.id() == doc.id()))
    {
        for (n, outcome) in doc.document.outcomes().iter().enumerate() {
            let at = doc.when(outcome.id).claimed;
            let counts = outcome.effect == Effect::Effective && outcome.in_record && outcome.kind != "retract";
            if !counts || at > world.now {
                continue;
            }
            let record = people.entry(outcome.by).or_default();
            *record.kinds.entry(&outcome.kind).or_default() += 1;
            record.documents += u64::from(n == 0);
            record.threads.insert(doc.id());
            record.days.insert(Day::of(at));
            record.first = if record.first == 0 { at } else { record.first.min(at) };
            record.last = record.last.max(at);
        }
    }
    let mut order: Vec<(Id, &Record<'_>)> = people.iter().map(|(id, record)| (*id, record)).collect();
    order.sort_by_key(|(id, record)| (record.first, *id));
    let sheet = Sheet::new("Participation")
        .say(format!(
            "{} people took part, counted by formula {FORMULA}.",
            order.len()
        ))
        .say("The counts say how much somebody wrote, not how good it was; nothing here is a weight in a vote.");
    sheet.table(people_table(&order)).table(kind_table(&order))
}

fn people_table(order: &[(Id, &Record<'_>)]) -> Table {
    let mut columns = vec![
        ("person", "Who"),
        ("formula", "Formula"),
        ("entries", "Entries"),
        ("threads", "Documents written in"),
        ("documents", "Documents opened"),
    ];
    columns.extend(COLUMNS);
    columns.extend([
        ("other", "Other acts"),
        ("days", "Days"),
        ("weeks", "Weeks"),
        ("first", "First"),
        ("last", "Last"),
    ]);
    let mut table = Table::new("people", "People", &columns, "Nobody has written anything yet.");
    let size = |n: usize| Cell::Int(u64::try_from(n).unwrap_or(u64::MAX));
    for (id, record) in order {
        let all: u64 = record.kinds.values().sum();
        let of = |kind: &str| record.kinds.get(kind).copied().unwrap_or(0);
        let named: u64 = COLUMNS.iter().map(|(kind, _)| of(kind)).sum();
        let weeks: BTreeSet<String> = record.days.iter().map(|day| day.week()).collect();
        let mut row = vec![
            Cell::Person(*id),
            Cell::Word(FORMULA),
            Cell::Int(all),
            size(record.threads.len()),
            Cell::Int(record.documents),
        ];
        row.extend(COLUMNS.iter().map(|(kind, _)| Cell::Int(of(kind))));
        row.extend([
            Cell::Int(all.saturating_sub(named + record.documents)),
            size(record.days.len()),
            size(weeks.len()),
            Cell::Day(Day::of(record.first)),
            Cell::Day(Day::of(record.last)),
        ]);
        table.row(row);
    }
    table
}

fn kind_table(order: &[(Id, &Record<'_>)]) -> Table {
    let mut table = Table::new(
        "kinds",
        "Kind by kind",
        &[("person", "Who"), ("kind", "Kind"), ("entries", "Entries")],
        "Nobody has written anything yet.",
    );
    for (id, record) in order {
        for (kind, n) in &record.kinds {
            table.row(vec![Cell::Person(*id), Cell::Text((*kind).to_owned()), Cell::Int(*n)]);
        }
    }
    table
}
