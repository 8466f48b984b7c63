//! From body bytes to values that keep every bound of their kind, or the one reason why the body is void.
//!
//! The body of a document's root and of an `edit` have one form, `{set, add, replace, remove}`; the body of an act
//! is a map of its fields. Unknown fields are refused everywhere: a reader that skipped them would show less than
//! was signed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipld_core::ipld::Ipld;
use thiserror::Error;

use super::check::{each, item, list, map, record, value};
use super::{Field, ItemId, Kind, Record, Type, Value, typed as values};
use crate::codec::{self, Map};

/// The words of the form of roots and edits. No field may be named so.
pub const FORM: [&str; 4] = ["set", "add", "replace", "remove"];

/// Why a body is void.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{what}", if .at.is_empty() { String::new() } else { format!("{}: ", .at) })]
pub struct Breach {
    /// Where, such as `budget[2].amount`; empty for the body as a whole.
    pub at: String,
    /// What is wrong there.
    pub what: Wrong,
}

/// What can be wrong with a value or a body.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Wrong {
    /// Not canonical.
    #[error(transparent)]
    Encoding(#[from] codec::Refusal),
    /// The kind has no such field.
    #[error("the kind has no such field")]
    Unknown,
    /// A field without which the body is void.
    #[error("is required and missing")]
    Missing,
    /// A value of another type.
    #[error("must be {0}")]
    Type(&'static str),
    /// Too many bytes.
    #[error("has {size} bytes, at most {max} are allowed")]
    TooLong {
        /// Bytes, of UTF-8 where it is text.
        size: usize,
        /// How many are allowed.
        max: usize,
    },
    /// Too many elements.
    #[error("has {count} elements, at most {max} are allowed")]
    TooMany {
        /// How many.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
    /// Too large a number.
    #[error("is {value}, at most {max} is allowed")]
    TooLarge {
        /// The number.
        value: u64,
        /// The largest allowed.
        max: u64,
    },
    /// None of the words.
    #[error("must be one of: {}", .0.join(", "))]
    Choice(&'static [&'static str]),
    /// Characters that could steer a terminal.
    #[error("holds the control character U+{0:04X}")]
    Control(u32),
    /// Says nothing.
    #[error("is empty")]
    Empty,
    /// The same element twice.
    #[error("names the same element twice")]
    Twice,
    /// `set` of a list.
    #[error("is a list: its items are added, replaced or removed")]
    List,
    /// `add`, `replace` or `remove` on what is no list.
    #[error("is no list: it can only be set")]
    NoList,
    /// A root that changes items: there are none yet.
    #[error("a root has no items to change yet")]
    RootItems,
}

/// A change to content: the body of a root or of an edit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// New whole values.
    pub set: BTreeMap<&'static str, Arc<Value>>,
    /// New items; each is named by this entry and its place here.
    pub add: BTreeMap<&'static str, Vec<Arc<Record>>>,
    /// New whole items in place of others.
    pub replace: BTreeMap<&'static str, Vec<(ItemId, Arc<Record>)>>,
    /// Items that go.
    pub remove: BTreeMap<&'static str, Vec<ItemId>>,
}

impl Change {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
            && self.add.values().all(Vec::is_empty)
            && self.replace.values().all(Vec::is_empty)
            && self.remove.values().all(Vec::is_empty)
    }

    /// The names of the fields that it touches, each once.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&'static str> {
        let lists = self.add.keys().chain(self.replace.keys()).chain(self.remove.keys());
        self.set.keys().chain(lists).copied().collect()
    }

    /// The canonical body.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        fn group<T>(from: &BTreeMap<&'static str, T>, each: impl Fn(&T) -> Ipld) -> Ipld {
            Ipld::Map(from.iter().map(|(k, v)| ((*k).to_owned(), each(v))).collect())
        }
        let mut body = Map::new();
        let mut put = |word: &str, empty: bool, value: Ipld| {
            if !empty {
                body.insert(word.to_owned(), value);
            }
        };
        put("set", self.set.is_empty(), group(&self.set, |v| v.to_ipld()));
        let records = |items: &Vec<Arc<Record>>| Ipld::List(items.iter().map(|r| values::record_ipld(r)).collect());
        put("add", self.add.is_empty(), group(&self.add, records));
        let replaced = |(item, record): &(ItemId, Arc<Record>)| {
            let [entry, n] = values::item_ipld(*item);
            Ipld::List(vec![entry, n, values::record_ipld(record)])
        };
        let each = |items: &Vec<_>| Ipld::List(items.iter().map(replaced).collect());
        put("replace", self.replace.is_empty(), group(&self.replace, each));
        let each =
            |items: &Vec<_>| Ipld::List(items.iter().map(|i| Ipld::List(values::item_ipld(*i).into())).collect());
        put("remove", self.remove.is_empty(), group(&self.remove, each));
        codec::encode(&Ipld::Map(body))
    }
}

/// Reads the body of a document's root. No body at all is an empty one.
///
/// # Errors
/// The first thing that makes it void.
pub fn root(kind: &Kind, body: Option<&[u8]>) -> Result<Change, Breach> {
    let change = change(kind, body)?;
    if !(change.replace.is_empty() && change.remove.is_empty()) {
        return Err(breach("", Wrong::RootItems));
    }
    for field in kind.all_fields().filter(|f| f.required) {
        let there = match change.set.get(field.name).map(Arc::as_ref) {
            Some(Value::Text(text)) => !text.trim().is_empty(),
            Some(_) => true,
            None => change.add.get(field.name).is_some_and(|items| !items.is_empty()),
        };
        if !there {
            return Err(breach(field.name, Wrong::Missing));
        }
    }
    Ok(change)
}

/// Reads the body of an `edit` in a document of this kind.
///
/// # Errors
/// The first thing that makes it void; an edit that changes nothing is [`Wrong::Empty`].
pub fn edit(kind: &Kind, body: Option<&[u8]>) -> Result<Change, Breach> {
    let change = change(kind, body)?;
    if change.is_empty() {
        return Err(breach("", Wrong::Empty));
    }
    Ok(change)
}

/// Reads the body of an act of this kind. No body at all is an empty one.
///
/// # Errors
/// The first thing that makes it void.
pub fn act(kind: &Kind, body: Option<&[u8]>) -> Result<Record, Breach> {
    record(kind.fields, map(decode(body)?, "")?, "")
}

pub(super) fn breach(at: impl Into<String>, what: Wrong) -> Breach {
    Breach { at: at.into(), what }
}

fn decode(body: Option<&[u8]>) -> Result<Ipld, Breach> {
    match body {
        Some(bytes) => codec::decode_value(bytes).map_err(|e| breach("", e.into())),
        None => Ok(Ipld::Map(Map::new())),
    }
}

fn change(kind: &Kind, body: Option<&[u8]>) -> Result<Change, Breach> {
    let mut out = Change::default();
    for (word, found) in map(decode(body)?, "")? {
        let fields = map(found, &word)?;
        match word.as_str() {
            "set" => {
                for (name, found) in fields {
                    let field = known(kind, &name)?;
                    if field.is_list() {
                        return Err(breach(name, Wrong::List));
                    }
                    out.set.insert(field.name, Arc::new(value(&field.ty, found, &name)?));
                }
            }
            "add" => {
                for (name, found) in fields {
                    let (field, item, max) = known_list(kind, &name)?;
                    let items = each(list(found, &name)?, max, &name, |one, at| {
                        record(item, map(one, at)?, at).map(Arc::new)
                    })?;
                    out.add.insert(field.name, items);
                }
            }
            "replace" => {
                for (name, found) in fields {
                    let (field, item, max) = known_list(kind, &name)?;
                    let items = each(list(found, &name)?, max, &name, |one, at| replaced(item, one, at))?;
                    out.replace.insert(field.name, items);
                }
            }
            "remove" => {
                for (name, found) in fields {
                    let (field, _, max) = known_list(kind, &name)?;
                    let items = each(list(found, &name)?, max, &name, item)?;
                    out.remove.insert(field.name, items);
                }
            }
            _ => return Err(breach(word, Wrong::Unknown)),
        }
    }
    once(&out)?;
    Ok(out)
}

fn known(kind: &Kind, name: &str) -> Result<&'static Field, Breach> {
    kind.field(name).ok_or_else(|| breach(name, Wrong::Unknown))
}

fn known_list(kind: &Kind, name: &str) -> Result<(&'static Field, &'static [Field], usize), Breach> {
    let field = known(kind, name)?;
    match field.ty {
        Type::List { item, max } => Ok((field, item, max)),
        _ => Err(breach(name, Wrong::NoList)),
    }
}

fn replaced(fields: &[Field], found: Ipld, at: &str) -> Result<(ItemId, Arc<Record>), Breach> {
    let mut parts = list(found, at)?;
    let (Some(last), 2) = (parts.pop(), parts.len()) else {
        return Err(breach(
            at,
            Wrong::Type("an item and what replaces it: [entry, n, record]"),
        ));
    };
    let item = item(Ipld::List(parts), at)?;
    Ok((item, Arc::new(record(fields, map(last, at)?, at)?)))
}

/// One edit names an item at most once, so that it cannot contradict itself.
fn once(change: &Change) -> Result<(), Breach> {
    let named = change
        .replace
        .iter()
        .flat_map(|(field, items)| items.iter().map(move |(item, _)| (*field, *item)));
    let removed = change
        .remove
        .iter()
        .flat_map(|(field, items)| items.iter().map(move |item| (*field, *item)));
    let mut seen = BTreeSet::new();
    for (field, item) in named.chain(removed) {
        if !seen.insert((field, item)) {
            return Err(breach(field, Wrong::Twice));
        }
    }
    Ok(())
}
