//! What turns a document as it is into what was read now.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::document::Content;
use althing_protocol::hash::Hash;
use althing_protocol::kind::read::Change;
use althing_protocol::kind::{Field, Kind, Record, Type, Value};

use super::keyed;
use crate::http::load::Loaded;

/// Whether the document was imported from the bytes with this hash.
pub(super) fn came_from(content: &Content, hash: Hash) -> bool {
    let values = content
        .fields
        .get("source_hash")
        .map(|register| register.values.as_slice());
    values
        .unwrap_or_default()
        .iter()
        .any(|version| *version.value == Value::Hash(hash))
}

/// Whether a change brings nothing that anybody would see: other bytes with the same words in them, such as a forum's
/// counters. The first hash is noted all the same: it says that the document is whole.
pub(super) fn says_nothing(change: &Change, content: &Content) -> bool {
    let only_hash = change.set.keys().all(|name| *name == "source_hash");
    let has_hash = change.set.is_empty() || content.fields.contains_key("source_hash");
    only_hash && has_hash && change.add.is_empty() && change.replace.is_empty() && change.remove.is_empty()
}

/// The change. Fields that no import wrote are left alone.
pub(super) fn to(kind: &'static Kind, loaded: &Loaded, new: &Change) -> Change {
    let content = loaded.document.content();
    let imported: BTreeSet<&'static str> = loaded
        .document
        .outcomes()
        .iter()
        .filter_map(|outcome| outcome.change())
        .filter(|change| change.set.contains_key("source") || change.set.contains_key("source_hash"))
        .flat_map(Change::fields)
        .collect();
    let mut out = Change::default();
    for field in kind
        .all_fields()
        .filter(|f| imported.contains(f.name) || new.fields().contains(f.name))
    {
        if let Some(keys) = keyed::keys(kind, field) {
            keyed::merge(field, keys, content, new, &mut out);
        } else if field.is_list() {
            change_list(field, content, new, &mut out);
        } else {
            change_field(field, content, new, &mut out);
        }
    }
    out
}

fn change_field(field: &Field, content: &Content, new: &Change, out: &mut Change) {
    let old = content.fields.get(field.name).and_then(|register| register.single());
    match new.set.get(field.name) {
        Some(value) if old != Some(&**value) => {
            out.set.insert(field.name, Arc::clone(value));
        }
        // A field cannot be unset; a text can be empty. Others keep their value, and the preamble shows what is true.
        None if matches!(field.ty, Type::Line { .. } | Type::Text { .. }) && !field.required && old.is_some() => {
            out.set.insert(field.name, Arc::new(Value::Text(String::new())));
        }
        _ => {}
    }
}

fn change_list(field: &Field, content: &Content, new: &Change, out: &mut Change) {
    let items = content
        .lists
        .get(field.name)
        .map(|list| list.items.as_slice())
        .unwrap_or_default();
    let now: Vec<Option<&Record>> = items
        .iter()
        .map(|item| match item.values.as_slice() {
            [one] if !item.conflict() => Some(&*one.value),
            _ => None,
        })
        .collect();
    let read: &[Arc<Record>] = new.add.get(field.name).map(Vec::as_slice).unwrap_or_default();
    if now.len() == read.len() && now.iter().zip(read).all(|(old, new)| *old == Some(&**new)) {
        return;
    }
    if !items.is_empty() {
        out.remove
            .insert(field.name, items.iter().map(|item| item.id).collect());
    }
    if !read.is_empty() {
        out.add.insert(field.name, read.to_vec());
    }
}
