//! A document without the words that only its own page shows: what views of a whole committee are computed from.
//!
//! A committee that brought in its old forum has a hundred megabytes of posts. A view asks each thread for its title, its
//! people and its acts, so what fields marked [`local`](crate::kind::Field::local) hold may be left out: the document is
//! computed as before, effects and state included, with empty texts in their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::{Document, Node, Said};
use crate::kind::read::Change;
use crate::kind::{Field, Kind, Record, Type, Value};

/// What a field in a map takes in memory beside the value's own bytes, roughly: its name, its value, its share of the tree.
const FIELD: usize = 64;

/// What an item of a list takes beside its record: its name, its author, the entry, twice.
const ITEM: usize = 256;

/// Records with the same first text among which one that is the same is looked for.
const ALIKE: usize = 8;

impl Document {
    /// The same document with nothing in its [`local`](crate::kind::Field::local) fields.
    #[must_use]
    pub fn gist(&self) -> Self {
        let mut records = Records::default();
        let nodes = self.nodes.iter().map(|node| Node {
            said: self.short(node, &mut records),
            ..node.clone()
        });
        Self::compute(
            self.kind_name.clone(),
            self.kind,
            self.owners.clone(),
            self.graph.clone(),
            nodes.collect(),
        )
    }

    fn short(&self, node: &Node, records: &mut Records) -> Arc<Said> {
        match (&*node.said, self.kind, node.kind) {
            (Said::Change(change), Some(kind), _) => Arc::new(Said::Change(change.gist(kind, records))),
            (Said::Act(record), _, Some(kind)) => {
                let kept = record.iter().filter(|(name, _)| !is_local(kind.fields, name));
                Arc::new(Said::Act(kept.map(|(name, value)| (*name, value.clone())).collect()))
            }
            _ => Arc::clone(&node.said),
        }
    }

    /// How many bytes its bodies take in memory, roughly. What several items share counts once.
    #[must_use]
    pub fn weight(&self) -> usize {
        let mut seen = HashSet::new();
        let said = self.nodes.iter().map(|node| match &*node.said {
            Said::Act(record) => record_weight(record),
            Said::Change(change) => {
                let set: usize = change.set.values().map(|value| FIELD + value_weight(value)).sum();
                let added = change.add.values().flatten();
                let replaced = change.replace.values().flatten().map(|(_, record)| record);
                let items = added.chain(replaced).map(|record| {
                    let first = seen.insert(Arc::as_ptr(record));
                    ITEM + if first { record_weight(record) } else { 0 }
                });
                set + items.sum::<usize>()
            }
            Said::Nothing(..) | Said::Silent => 0,
        });
        said.sum()
    }
}

impl Change {
    fn gist(&self, kind: &Kind, records: &mut Records) -> Self {
        // What an edit touches decides whether it counts, so a field stays, with nothing in it.
        let empty = Arc::new(Value::Text(String::new()));
        let set = self.set.iter().map(|(name, value)| {
            let local = kind.field(name).is_some_and(|field| field.local);
            (*name, Arc::clone(if local { &empty } else { value }))
        });
        let mut add = BTreeMap::new();
        for (name, items) in &self.add {
            let fields = item_fields(kind, name);
            let items = items.iter().map(|record| records.short(record, fields));
            add.insert(*name, items.collect());
        }
        let mut replace = BTreeMap::new();
        for (name, items) in &self.replace {
            let fields = item_fields(kind, name);
            let items = items
                .iter()
                .map(|(item, record)| (*item, records.short(record, fields)));
            replace.insert(*name, items.collect());
        }
        Self {
            set: set.collect(),
            add,
            replace,
            remove: self.remove.clone(),
        }
    }
}

/// Shortened records of lists. A thousand posts by ten people become ten.
#[derive(Default)]
struct Records(HashMap<String, Vec<Arc<Record>>>);

impl Records {
    fn short(&mut self, record: &Arc<Record>, fields: &[Field]) -> Arc<Record> {
        if !fields.iter().any(|field| field.local) {
            return Arc::clone(record);
        }
        let kept = record.iter().filter(|(name, _)| !is_local(fields, name));
        let kept: Record = kept.map(|(name, value)| (*name, value.clone())).collect();
        let first = kept.values().find_map(Value::as_text).unwrap_or_default();
        let alike = self.0.entry(first.to_owned()).or_default();
        if let Some(same) = alike.iter().rev().take(ALIKE).find(|one| ***one == kept) {
            return Arc::clone(same);
        }
        let kept = Arc::new(kept);
        alike.push(Arc::clone(&kept));
        kept
    }
}

fn item_fields(kind: &Kind, list: &str) -> &'static [Field] {
    match kind.field(list).map(|field| field.ty) {
        Some(Type::List { item, .. }) => item,
        _ => &[],
    }
}

fn is_local(fields: &[Field], name: &str) -> bool {
    fields.iter().any(|field| field.name == name && field.local)
}

fn record_weight(record: &Record) -> usize {
    record.values().map(|value| FIELD + value_weight(value)).sum()
}

fn value_weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Ids(ids) => size_of_val(ids.as_slice()),
        Value::Lines(lines) => lines.iter().map(|line| FIELD + line.len()).sum(),
        Value::List(records) => records.iter().map(record_weight).sum(),
        Value::Money { currency, .. } => currency.len(),
        Value::Int(_) | Value::Flag(_) | Value::Id(_) | Value::Key(_) | Value::Hash(_) | Value::Item(_) => 0,
    }
}
