//! Lists whose items have keys of their own where they come from: posts have numbers, holders have names. Such a list
//! is read in parts, and read again it changes item by item. What is no longer there stays here: somebody may have
//! answered it.

use std::collections::HashMap;
use std::sync::Arc;

use althing_protocol::document::{Content, Item};
use althing_protocol::kind::json;
use althing_protocol::kind::read::Change;
use althing_protocol::kind::{Field, Kind, Record};

/// Kind, list, and the fields that tell its items apart.
const KEYED: &[(&str, &str, &[&str])] = &[
    ("topic", "posts", &["number"]),
    ("register", "holders", &["holder", "class"]),
];

/// The list of a kind whose items have keys.
pub(super) fn list(kind: &Kind) -> Option<(&'static str, &'static [&'static str])> {
    let found = KEYED.iter().find(|(of, ..)| *of == kind.name)?;
    Some((found.1, found.2))
}

/// The keys of this list's items, if they have some.
pub(super) fn keys(kind: &Kind, field: &Field) -> Option<&'static [&'static str]> {
    list(kind).filter(|(list, _)| *list == field.name).map(|(_, keys)| keys)
}

/// Adds what is new and replaces what changed.
pub(super) fn merge(field: &Field, keys: &[&str], content: &Content, new: &Change, out: &mut Change) {
    let key = |record: &Record| -> Vec<String> {
        let values = keys
            .iter()
            .map(|name| record.get(name).map(|value| json::value(value).to_string()));
        values.map(Option::unwrap_or_default).collect()
    };
    let items = content
        .lists
        .get(field.name)
        .map(|list| list.items.as_slice())
        .unwrap_or_default();
    let mut here: HashMap<Vec<String>, &Item> = HashMap::new();
    for item in items {
        if let Some(version) = item.values.first() {
            here.entry(key(&version.value)).or_insert(item);
        }
    }
    let same = |item: &Item, record: &Record| {
        !item.conflict() && item.values.first().is_some_and(|version| *version.value == *record)
    };
    for record in new.add.get(field.name).into_iter().flatten() {
        match here.get(&key(record)) {
            None => out.add.entry(field.name).or_default().push(Arc::clone(record)),
            Some(item) if same(item, record) => {}
            Some(item) => out
                .replace
                .entry(field.name)
                .or_default()
                .push((item.id, Arc::clone(record))),
        }
    }
}
