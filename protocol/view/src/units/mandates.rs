//! `mandates`: every version of every mandate (R51).

use std::collections::BTreeSet;

use crate::units::unit;
use crate::units::unit::Unit;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "mandates",
    title: "Mandates",
    about: "Which versions has each unit's mandate had, and which one is the newest?",
    on: On::Committee,
    reads: &["domain", "statement"],
    requirements: &[51],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "versions",
        "Versions",
        &[
            ("unit", "Unit"),
            ("mandate", "Mandate"),
            ("version", "Version"),
            ("document", "Document"),
            ("entry", "Entry"),
            ("by", "By"),
            ("time", "Time"),
            ("speaks", "Speaks for the unit"),
            ("from", "Came as"),
            ("fields", "Changed"),
            ("newest", "Newest"),
            ("superseded", "Superseded by"),
        ],
        "No unit has a mandate yet. Write one in a domain, or publish a statement of the form mandate.",
    );
    let mandates = world.of("statement").filter(|doc| doc.text("form") == Some("mandate"));
    for (unit, docs) in unit::group(world, mandates) {
        if !unit.wanted(only) {
            continue;
        }
        let mut lines: Vec<Vec<&Doc<'_>>> = unit.domain.into_iter().map(|domain| vec![domain]).collect();
        lines.extend(lineages(&docs));
        for line in lines {
            let shown = only.is_none_or(|only| only.kind() == "domain" || line.iter().any(|doc| doc.id() == only.id()));
            if shown {
                versions(world, &mut table, &unit, &line);
            }
        }
    }
    let last = table
        .columns
        .iter()
        .position(|column| column.name == "newest")
        .unwrap_or(0);
    let newest = table
        .rows
        .iter()
        .filter(|row| row.get(last) == Some(&Cell::Flag(true)))
        .count();
    Sheet::new("Mandates")
        .say(format!(
            "{newest} mandates have had {} versions in all.",
            table.rows.len()
        ))
        .table(table)
}

/// The mandates of a unit, each line of documents that supersede each other by itself. A document that supersedes two
/// goes on with the first of them; one in a circle is taken once.
fn lineages<'w, 'a>(docs: &[&'w Doc<'a>]) -> Vec<Vec<&'w Doc<'a>>> {
    let newer: BTreeSet<Id> = docs.iter().filter_map(|doc| unit::superseded(doc)).collect();
    let (later, first): (Vec<_>, Vec<_>) = docs.iter().copied().partition(|doc| newer.contains(&doc.id()));
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for head in first.into_iter().chain(later) {
        let mut line = Vec::new();
        let mut at = Some(head);
        while let Some(doc) = at.filter(|doc| taken.insert(doc.id())) {
            line.push(doc);
            let next = unit::superseded(doc);
            at = docs.iter().copied().find(|doc| Some(doc.id()) == next);
        }
        out.push(line);
    }
    out.retain(|line| !line.is_empty());
    out
}

/// The versions of one mandate. Of a domain's document, only those that change what makes up its mandate.
fn versions(world: &World<'_>, table: &mut Table, unit: &Unit<'_, '_>, line: &[&Doc<'_>]) {
    let mut rows = Vec::new();
    for (place, doc) in line.iter().enumerate() {
        for version in doc.document.versions() {
            if doc.kind() == "domain" && !version.fields.contains("mandate") {
                continue;
            }
            let from = match (version.entry == doc.id(), place) {
                (true, 0) => "opened",
                (true, _) => "superseding",
                (false, _) => "edit",
            };
            rows.push((*doc, version, from));
        }
    }
    let count = rows.len();
    let head = line.first().map(|doc| doc.id());
    for (n, (doc, version, from)) in rows.into_iter().enumerate() {
        table.row(vec![
            Cell::Text(unit.name.clone()),
            Cell::of(head, Cell::Doc),
            unit::count(n + 1),
            Cell::Doc(doc.id()),
            Cell::Entry(version.entry),
            Cell::Person(version.by),
            Cell::Time(doc.when(version.entry).claimed),
            Cell::Flag(unit::speaks(world, unit, version.by, doc.when(version.entry).claimed)),
            Cell::Word(from),
            Cell::List(version.fields.iter().map(|field| Cell::Word(field)).collect()),
            Cell::Flag(n + 1 == count),
            Cell::of(unit::superseded(doc), Cell::Doc),
        ]);
    }
}
