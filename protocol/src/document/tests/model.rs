//! The same rules written the slow and plain way, with every closure spelled out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::desk::{Desk, Written};
use crate::control::Owner;
use crate::hash::Id;
use crate::kind::read::{self, Change};
use crate::kind::{self, ItemId, Kind, Record, json as values};

/// What each field and each item shows: (value, author, entry), and removals (author, entry).
#[derive(Debug, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) fields: BTreeMap<String, BTreeSet<(String, Id, Id)>>,
    pub(super) lists: BTreeMap<String, Vec<(ItemId, BTreeSet<(String, Id, Id)>, BTreeSet<(Id, Id)>)>>,
    pub(super) incomplete: BTreeSet<String>,
}

pub(super) fn content(desk: &Desk, owners: &[Owner]) -> Shown {
    let written: Vec<&Written> = desk.written.iter().filter(|w| w.in_record).collect();
    let root = written[0];
    let kind = kind::find(&root.entry.header().kind).unwrap();
    let ids: BTreeSet<Id> = written.iter().map(|w| w.entry.id()).collect();
    let mut past: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for w in &written {
        let mut all = BTreeSet::new();
        if w.entry.id() != root.entry.id() {
            all.insert(root.entry.id());
        }
        for name in w.entry.header().after.iter().filter(|id| ids.contains(id)) {
            all.insert(*name);
            all.extend(past[name].iter().copied());
        }
        past.insert(w.entry.id(), all);
    }
    let owns = |who: Id, field: &str| {
        let part = kind.part_of(kind.field(field).unwrap());
        owners
            .iter()
            .any(|o| o.identity == who && (o.part.is_none() || o.part.as_deref() == part))
    };
    let edits: Vec<(&Written, Option<Change>)> = written
        .iter()
        .filter(|w| w.entry.id() == root.entry.id() || w.entry.header().kind == "edit")
        .filter_map(|w| {
            let change = match (w.here, w.entry.id() == root.entry.id()) {
                (false, _) => return Some((*w, None)),
                (true, true) => read::root(kind, w.body.as_deref()).ok()?,
                (true, false) => read::edit(kind, w.body.as_deref()).ok()?,
            };
            Some((*w, Some(change)))
        })
        .collect();
    let mut out = Shown::default();
    for field in kind.all_fields() {
        let mine: Vec<_> = edits.iter().filter(|(w, _)| owns(w.author, field.name)).collect();
        if field.is_list() {
            items(&mut out, kind, field.name, &mine, &past, &order(desk, &past));
        } else {
            let sets: Vec<_> = mine
                .iter()
                .filter_map(|(w, c)| Some((w, c.as_ref()?.set.get(field.name)?)))
                .collect();
            let last = sets
                .iter()
                .filter(|(w, _)| !sets.iter().any(|(o, _)| past[&o.entry.id()].contains(&w.entry.id())));
            let shown: BTreeSet<_> = last
                .map(|(w, v)| (values::value(v).to_string(), w.author, w.entry.id()))
                .collect();
            if !shown.is_empty() {
                out.fields.insert(field.name.to_owned(), shown);
            }
            let silent = mine.iter().filter(|(_, change)| change.is_none());
            for (w, _) in silent {
                if !sets.iter().any(|(o, _)| past[&o.entry.id()].contains(&w.entry.id())) {
                    out.incomplete.insert(field.name.to_owned());
                }
            }
        }
    }
    out
}

fn items(
    out: &mut Shown,
    kind: &'static Kind,
    list: &'static str,
    mine: &[&(&Written, Option<Change>)],
    past: &BTreeMap<Id, BTreeSet<Id>>,
    order: &[Id],
) {
    assert!(kind.field(list).is_some());
    if mine.iter().any(|(_, change)| change.is_none()) {
        out.incomplete.insert(list.to_owned());
    }
    let show = |w: &Written, r: &Record| (values::fields(r).to_string(), w.author, w.entry.id());
    let mut shown = Vec::new();
    for id in order {
        let Some((w, Some(change))) = mine.iter().find(|(w, _)| w.entry.id() == *id) else {
            continue;
        };
        for (n, record) in (0..).zip(change.add.get(list).into_iter().flatten()) {
            let item = ItemId { entry: *id, n };
            let mut ops: Vec<(&Written, Option<&Record>)> = Vec::new();
            for (o, change) in mine.iter().filter_map(|(o, c)| Some((o, c.as_ref()?))) {
                if !past[&o.entry.id()].contains(id) {
                    continue;
                }
                let replaced = change
                    .replace
                    .get(list)
                    .into_iter()
                    .flatten()
                    .filter(|(i, _)| *i == item);
                ops.extend(replaced.map(|(_, r)| (*o, Some(&**r))));
                let removed = change.remove.get(list).into_iter().flatten().filter(|i| **i == item);
                ops.extend(removed.map(|_| (*o, None)));
            }
            let last: Vec<_> = ops
                .iter()
                .filter(|(a, _)| !ops.iter().any(|(b, _)| past[&b.entry.id()].contains(&a.entry.id())))
                .collect();
            let mut values: BTreeSet<_> = last.iter().filter_map(|(o, r)| Some(show(o, (*r)?))).collect();
            let removed: BTreeSet<_> = last
                .iter()
                .filter(|(_, r)| r.is_none())
                .map(|(o, _)| (o.author, o.entry.id()))
                .collect();
            if last.is_empty() {
                values.insert(show(w, record));
            }
            if !values.is_empty() {
                shown.push((item, values, removed));
            }
        }
    }
    if !shown.is_empty() {
        out.lists.insert(list.to_owned(), shown);
    }
}

/// Kahn's algorithm, lowest ready id first, by search.
fn order(desk: &Desk, past: &BTreeMap<Id, BTreeSet<Id>>) -> Vec<Id> {
    let mut left: BTreeSet<Id> = desk
        .written
        .iter()
        .filter(|w| w.in_record)
        .map(|w| w.entry.id())
        .collect();
    let mut out: Vec<Id> = Vec::new();
    while let Some(next) = left.iter().copied().find(|id| past[id].iter().all(|p| out.contains(p))) {
        left.remove(&next);
        out.push(next);
    }
    out
}

/// The same of a document as computed.
pub(super) fn shown(document: &crate::document::Document) -> Shown {
    let mut out = Shown::default();
    for (name, register) in &document.content().fields {
        let values: BTreeSet<_> = register
            .values
            .iter()
            .map(|v| (values::value(&v.value).to_string(), v.by, v.entry))
            .collect();
        if register.incomplete {
            out.incomplete.insert((*name).to_owned());
        }
        if !values.is_empty() {
            out.fields.insert((*name).to_owned(), values);
        }
    }
    for (name, list) in &document.content().lists {
        if list.incomplete {
            out.incomplete.insert((*name).to_owned());
        }
        let items: Vec<_> = list
            .items
            .iter()
            .map(|item| {
                let values = item
                    .values
                    .iter()
                    .map(|v| (values::fields(&v.value).to_string(), v.by, v.entry));
                (
                    item.id,
                    values.collect(),
                    item.removed.iter().map(|r| (r.by, r.entry)).collect(),
                )
            })
            .collect();
        if !items.is_empty() {
            out.lists.insert((*name).to_owned(), items);
        }
    }
    out
}

/// The values alone, for comparing with an Automerge document: sorted, as JSON.
pub(super) fn plain(shown: &Shown) -> Json {
    let fields: BTreeMap<_, Vec<&String>> = shown
        .fields
        .iter()
        .map(|(name, values)| {
            let mut values: Vec<&String> = values.iter().map(|(v, ..)| v).collect();
            values.sort();
            (name, values)
        })
        .collect();
    let lists: BTreeMap<_, BTreeMap<String, Vec<String>>> = shown
        .lists
        .iter()
        .map(|(name, items)| {
            let items = items.iter().map(|(id, values, removed)| {
                let mut all: Vec<String> = values.iter().map(|(v, ..)| v.clone()).collect();
                all.extend(removed.iter().map(|_| "null".to_owned()));
                all.sort();
                (id.to_string(), all)
            });
            (name, items.collect())
        })
        .collect();
    json!({ "fields": fields, "lists": lists })
}
