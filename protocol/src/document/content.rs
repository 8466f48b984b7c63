//! Content registers: each field holds the values of its maximal edits, each list item the same.
//!
//! A field counts when the edit's author owns its part. One maximal value is the text; more are a conflict, all
//! shown. A list item is added once, under the adding edit's name; it is replaced and removed by edits after that
//! one, and a replacement concurrent with a removal is a conflict. A body that is not here leaves every field
//! incomplete that its author owns and that no later edit sets.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::clock::Clocks;
use super::order::Graph;
use super::{Node, Owner, Said, owns};
use crate::hash::Id;
use crate::kind::read::Change;
use crate::kind::{Field, ItemId, Kind, Record, Value};

/// A document's content: only fields that were set, or may have been.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Fields with whole values.
    pub fields: BTreeMap<&'static str, Register>,
    /// Fields with items.
    pub lists: BTreeMap<&'static str, List>,
}

/// A field with whole values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// The values of its maximal edits, by the edit's id; more than one is a conflict.
    pub values: Vec<Version<Value>>,
    /// Whether a body that is not here may have set it.
    pub incomplete: bool,
}

/// A field with items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// Its items, sorted by the canonical order of the edits that added them, then by place.
    pub items: Vec<Item>,
    /// Whether a body that is not here may have changed it.
    pub incomplete: bool,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name, for as long as it lives.
    pub id: ItemId,
    /// What it holds, by the edit's id; more than one is a conflict.
    pub values: Vec<Version<Record>>,
    /// Removals concurrent with those values: another conflict.
    pub removed: Vec<Removal>,
}

/// A value and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version<T> {
    /// The value.
    pub value: Arc<T>,
    /// The author's identity.
    pub by: Id,
    /// The root or edit that set it.
    pub entry: Id,
}

/// A removal and who signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// The author's identity.
    pub by: Id,
    /// The edit.
    pub entry: Id,
}

impl Register {
    /// The value, when there is exactly one and no doubt about it.
    #[must_use]
    pub fn single(&self) -> Option<&Value> {
        match self.values.as_slice() {
            [one] => Some(&one.value),
            _ => None,
        }
    }
}

impl Item {
    /// Whether its edits contradict each other.
    #[must_use]
    pub fn conflict(&self) -> bool {
        self.values.len() + self.removed.len() > 1
    }
}

/// What became of an entry as an edit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is no edit, or says nothing that could count.
    #[default]
    None,
    /// Its fields count but for those refused.
    Counts { refused: Vec<&'static str> },
    /// None of its fields counts.
    Refused(Vec<&'static str>),
}

impl Verdict {
    /// Whether it is a version of the content.
    fn is_version(&self) -> bool {
        matches!(self, Self::Counts { .. })
    }
}

/// The content, a verdict on each entry, and which versions each has seen.
pub(super) fn compute(
    kind: Option<&'static Kind>,
    owners: &[Owner],
    graph: &Graph,
    nodes: &[Node],
) -> (Content, Vec<Verdict>, Clocks) {
    let Some(kind) = kind else {
        return (
            Content::default(),
            vec![Verdict::None; nodes.len()],
            Clocks::new(graph, |_| false),
        );
    };
    let fields: Vec<&'static Field> = kind.all_fields().collect();
    let mut work = Work {
        fields: &fields,
        ..Work::default()
    };
    let mut verdicts = Vec::with_capacity(nodes.len());
    for (n, node) in nodes.iter().enumerate() {
        let is_edit = n == 0 || node.kind_name == "edit";
        let mine = |field: &Field| owns(owners, node.by, kind.part_of(field));
        verdicts.push(match &*node.said {
            _ if !(is_edit && node.may_count()) => Verdict::None,
            Said::Change(change) => {
                let touched = change.fields().into_iter();
                let (counted, refused): (Vec<_>, Vec<_>) = touched.partition(|name| kind.field(name).is_some_and(mine));
                work.take(n, node, change, &counted);
                if counted.is_empty() && n > 0 {
                    Verdict::Refused(refused)
                } else {
                    Verdict::Counts { refused }
                }
            }
            Said::Silent => {
                let mine: Vec<usize> = (0..fields.len())
                    .filter(|f| fields.get(*f).is_some_and(|f| mine(f)))
                    .collect();
                let verdict = if mine.is_empty() && n > 0 {
                    Verdict::Refused(Vec::new())
                } else {
                    Verdict::Counts { refused: Vec::new() }
                };
                work.silent.extend(mine.into_iter().map(|f| (f, n)));
                verdict
            }
            _ => Verdict::None,
        });
    }
    let clocks = Clocks::new(graph, |n| verdicts.get(n).is_some_and(Verdict::is_version));
    (work.finish(graph, nodes, &clocks), verdicts, clocks)
}

#[derive(Default)]
struct Work<'a> {
    fields: &'a [&'static Field],
    /// (field, entry, value).
    sets: Vec<(usize, usize, Arc<Value>)>,
    /// In order of appearance: (list, item, adding entry, value).
    items: Vec<(usize, ItemId, usize, Arc<Record>)>,
    /// (list, item, entry, replacement or removal).
    ops: Vec<(usize, ItemId, usize, Option<Arc<Record>>)>,
    /// (field, entry whose body is not here).
    silent: Vec<(usize, usize)>,
}

impl Work<'_> {
    fn take(&mut self, n: usize, node: &Node, change: &Change, counted: &[&'static str]) {
        for (f, field) in self
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| counted.contains(&field.name))
        {
            if let Some(value) = change.set.get(field.name) {
                self.sets.push((f, n, Arc::clone(value)));
            }
            for (place, record) in (0..).zip(change.add.get(field.name).into_iter().flatten()) {
                self.items.push((
                    f,
                    ItemId {
                        entry: node.id,
                        n: place,
                    },
                    n,
                    Arc::clone(record),
                ));
            }
            for (item, record) in change.replace.get(field.name).into_iter().flatten() {
                self.ops.push((f, *item, n, Some(Arc::clone(record))));
            }
            for item in change.remove.get(field.name).into_iter().flatten() {
                self.ops.push((f, *item, n, None));
            }
        }
    }

    fn finish(self, graph: &Graph, nodes: &[Node], clocks: &Clocks) -> Content {
        let mut content = Content::default();
        let author = |n: usize| nodes.get(n).map_or((Id::ZERO, Id::ZERO), |node| (node.by, node.id));
        for field in self.fields {
            if field.is_list() {
                content.lists.insert(field.name, List::default());
            } else {
                content.fields.insert(field.name, Register::default());
            }
        }
        let name = |f: usize| self.fields.get(f).map_or("", |field| field.name);

        let setters: Vec<(usize, usize)> = self.sets.iter().map(|(f, n, _)| (*f, *n)).collect();
        for ((f, n, value), covered) in self.sets.iter().zip(graph.covered(&setters, &setters)) {
            if let (Some(register), false) = (content.fields.get_mut(name(*f)), covered) {
                let (by, entry) = author(*n);
                register.values.push(Version {
                    value: Arc::clone(value),
                    by,
                    entry,
                });
            }
        }
        for ((f, _), covered) in self.silent.iter().zip(graph.covered(&setters, &self.silent)) {
            if let Some(register) = content.fields.get_mut(name(*f)) {
                register.incomplete |= !covered;
            }
            if let Some(list) = content.lists.get_mut(name(*f)) {
                list.incomplete = true;
            }
        }

        let numbers: HashMap<(usize, ItemId), usize> = self
            .items
            .iter()
            .enumerate()
            .map(|(i, (f, item, ..))| ((*f, *item), i))
            .collect();
        // What an edit's `after` does not reach, it does not change. (Given-up clocks do not know: it counts.)
        let seen = |i: &usize, n: usize| {
            self.items
                .get(*i)
                .is_some_and(|(_, _, add, _)| clocks.saw(n, *add) != Some(false))
        };
        let ops: Vec<(usize, usize, &Option<Arc<Record>>)> = self
            .ops
            .iter()
            .filter_map(|(f, item, n, op)| Some((*numbers.get(&(*f, *item))?, *n, op)))
            .filter(|(i, n, _)| seen(i, *n))
            .collect();
        let mut last: Vec<(Vec<Version<Record>>, Vec<Removal>)> = vec![Default::default(); self.items.len()];
        for ((i, n, op), covered) in ops.iter().zip(contested(graph, &ops)) {
            let (by, entry) = author(*n);
            if let (Some((values, removed)), false) = (last.get_mut(*i), covered) {
                match op {
                    Some(value) => values.push(Version {
                        value: Arc::clone(value),
                        by,
                        entry,
                    }),
                    None => removed.push(Removal { by, entry }),
                }
            }
        }
        for ((f, id, n, added), (mut values, mut removed)) in self.items.into_iter().zip(last) {
            if values.is_empty() && removed.is_empty() {
                let (by, entry) = author(n);
                values.push(Version {
                    value: added,
                    by,
                    entry,
                });
            }
            values.sort_by_key(|version| version.entry);
            removed.sort_by_key(|removal| removal.entry);
            let field = self.fields.get(f).map_or("", |field| field.name);
            if let (Some(list), false) = (content.lists.get_mut(field), values.is_empty()) {
                list.items.push(Item { id, values, removed });
            }
        }
        for register in content.fields.values_mut() {
            register.values.sort_by_key(|version| version.entry);
        }
        content
            .fields
            .retain(|_, register| register.incomplete || !register.values.is_empty());
        content
            .lists
            .retain(|_, list| list.incomplete || !list.items.is_empty());
        content
    }
}

/// For each change to an item, whether a later change to the same item covers it. Only items with several changes
/// need the graph.
fn contested(graph: &Graph, ops: &[(usize, usize, &Option<Arc<Record>>)]) -> Vec<bool> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for (i, ..) in ops {
        *counts.entry(*i).or_default() += 1;
    }
    let mut registers: HashMap<usize, usize> = HashMap::new();
    let mut touched = Vec::new();
    let mut which = Vec::new();
    for (at, (i, n, _)) in ops.iter().enumerate() {
        if counts.get(i).is_some_and(|count| *count > 1) {
            let next = registers.len();
            touched.push((*registers.entry(*i).or_insert(next), *n));
            which.push(at);
        }
    }
    let mut out = vec![false; ops.len()];
    for (at, covered) in which.into_iter().zip(graph.covered(&touched, &touched)) {
        if let Some(place) = out.get_mut(at) {
            *place = covered;
        }
    }
    out
}
