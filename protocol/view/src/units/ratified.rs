//! `ratified`: the version that was ratified beside the one that stands (R61).

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::units::unit;
use crate::{Cell, DOCUMENTS_AND_ITS_OWN, Doc, On, Sheet, Table, View, World};
use althing_protocol::document::Edit;
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "ratified",
    title: "Ratified versions",
    about: "Is what stands today what was ratified, and if not, what changed since?",
    on: On::Committee,
    reads: DOCUMENTS_AND_ITS_OWN,
    requirements: &[61],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "versions",
        "Ratified versions",
        &[
            ("decision", "Decision"),
            ("day", "On"),
            ("by", "Written by"),
            ("member", "A member"),
            ("document", "Document"),
            ("ratified", "Ratified"),
            ("newest", "Newest"),
            ("state", "State"),
            ("fields", "Changed since"),
            ("edits", "By edits"),
        ],
        "Nothing is ratified yet. A decision names in `ratifies` the versions that it ratifies.",
    );
    let mut changed = 0;
    for decision in world.of("decision") {
        for entry in decision.value("ratifies").map_or(&[][..], Value::as_ids) {
            let doc = holder(world, *entry);
            let about = |only: &Doc<'_>| only.id() == decision.id() || doc.is_some_and(|doc| doc.id() == only.id());
            if only.is_some_and(|only| !about(only)) {
                continue;
            }
            let later = doc.map(|doc| later(doc, *entry)).unwrap_or_default();
            let state = match doc {
                None => "not here",
                Some(doc) if doc.document.outcome(*entry).is_some_and(|outcome| !outcome.in_record) => {
                    "not in the record"
                }
                Some(_) if later.is_empty() => "same",
                Some(_) => "changed since",
            };
            changed += usize::from(state == "changed since");
            let fields: BTreeSet<&'static str> = later.iter().flat_map(|edit| edit.fields.iter().copied()).collect();
            table.row(vec![
                Cell::Doc(decision.id()),
                Cell::Day(
                    decision
                        .day("day")
                        .unwrap_or_else(|| Day::of(decision.opened().claimed)),
                ),
                Cell::Person(decision.by()),
                Cell::Flag(unit::opened_by_member(world, decision)),
                Cell::of(doc, |doc| Cell::Doc(doc.id())),
                Cell::Entry(*entry),
                Cell::of(doc.and_then(|doc| doc.document.versions().pop()), |edit| {
                    Cell::Entry(edit.entry)
                }),
                Cell::Word(state),
                Cell::List(fields.into_iter().map(Cell::Word).collect()),
                Cell::List(later.iter().map(|edit| Cell::Entry(edit.entry)).collect()),
            ]);
        }
    }
    Sheet::new("Ratified versions")
        .say(match changed {
            0 => "Nothing that was ratified has changed since.".to_owned(),
            1 => "One text has changed since it was ratified.".to_owned(),
            n => format!("{n} texts have changed since they were ratified."),
        })
        .say("An entry's id is the SHA-256 of its header, which fixes its body and everything before it.")
        .table(table)
}

/// The document that holds an entry; the committee's own too, whose charter may be ratified.
fn holder<'w, 'a>(world: &'w World<'a>, entry: Id) -> Option<&'w Doc<'a>> {
    let mut all = world.everything();
    all.find(|doc| doc.document.outcome(entry).is_some())
}

/// The versions that the ratified one does not rest on, in canonical order.
fn later(doc: &Doc<'_>, entry: Id) -> Vec<Edit> {
    let then = doc.document.at(entry).map(|then| then.versions()).unwrap_or_default();
    let known: BTreeSet<Id> = then.into_iter().map(|edit| edit.entry).collect();
    let mut versions = doc.document.versions();
    versions.retain(|edit| !known.contains(&edit.entry));
    versions
}
