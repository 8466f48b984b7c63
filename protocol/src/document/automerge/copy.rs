//! From an edited copy back to a change that an owner can sign.
//!
//! [`read`] takes bytes that somebody made: **call it only in a child process under limits of time and memory**.
//! A hundred hostile bytes cost Automerge seconds and gigabytes, and some make it panic. What it returns is plain
//! data that crosses to the node, where [`change`] compares it with the document as of which the copy was made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::{Automerge, LoadOptions, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, TextEncoding, Value as Found};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use super::{AFTER, DOCUMENT, KIND};
use crate::document::{Document, Item, Register};
use crate::hash::Id;
use crate::kind::read::{self as body, Change};
use crate::kind::{Field, ItemId, Kind, LONG, Record, Type, Value, json as values};

/// Bytes of a copy that are read at all.
const BYTES: usize = 16 * 1024 * 1024;

/// Keys that a copy may have in its root, and items in a list.
const KEYS: usize = 512;
const ITEMS: usize = 100_000;

/// What an edited copy holds, as plain data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// The document that it is a copy of.
    pub document: String,
    /// Its kind.
    pub kind: String,
    /// The entries as of which it was made.
    pub after: Vec<String>,
    /// Fields with all their values.
    pub fields: BTreeMap<String, Vec<Json>>,
    /// Lists: items by key with all their values, null for removed.
    pub lists: BTreeMap<String, Items>,
}

/// Items by key with all their values, null for removed.
pub type Items = BTreeMap<String, Vec<Option<Map<String, Json>>>>;

/// Why bytes are no copy.
#[derive(Debug, Error)]
pub enum Unread {
    /// Too large.
    #[error("{what} is larger than the {limit} allowed")]
    Large {
        /// What.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// No Automerge document.
    #[error("no Automerge document: {0}")]
    Automerge(#[from] automerge::AutomergeError),
    /// An Automerge document of something else.
    #[error(
        "the Automerge document has no {0:?} in its root; only a copy that was exported from a document can come back"
    )]
    Foreign(&'static str),
    /// A value that no field can hold.
    #[error("{0:?} holds something else than text, whole numbers, booleans and, in lists, maps of these")]
    Value(String),
}

/// Reads an edited copy, see the module for where to call it.
///
/// # Errors
/// See [`Unread`].
pub fn read(bytes: &[u8]) -> Result<Copy, Unread> {
    if bytes.len() > BYTES {
        return Err(Unread::Large {
            what: "the copy",
            limit: BYTES,
        });
    }
    let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
    let document = Automerge::load_with_options(bytes, options)?;
    let text = |key: &'static str| match first(&document, &ROOT, key)? {
        Some(Json::String(text)) => Ok(text),
        _ => Err(Unread::Foreign(key)),
    };
    let after = text(AFTER)?.split_whitespace().map(str::to_owned).collect();
    let mut out = Copy {
        document: text(DOCUMENT)?,
        kind: text(KIND)?,
        after,
        ..Copy::default()
    };
    for key in keys(&document, &ROOT, KEYS, "the root")? {
        if [DOCUMENT, KIND, AFTER].contains(&key.as_str()) {
            continue;
        }
        match document.get(ROOT, key.as_str())? {
            Some((Found::Object(ObjType::Map | ObjType::Table), list)) => {
                let mut items = BTreeMap::new();
                for item in keys(&document, &list, ITEMS, "a list")? {
                    let found = all_items(&document, &list, &item)?;
                    items.insert(item, found);
                }
                out.lists.insert(key, items);
            }
            _ => {
                let found = document.get_all(ROOT, key.as_str())?;
                let found = found.into_iter().map(|(value, id)| plain(&document, &value, &id, &key));
                out.fields.insert(key.clone(), found.collect::<Result<_, _>>()?);
            }
        }
    }
    Ok(out)
}

/// Why a copy does not become a change.
#[derive(Debug, Error)]
pub enum Unfit {
    /// A copy of another document.
    #[error("this is a copy of document {found}, not of {expected}")]
    Other {
        /// The document asked for.
        expected: Id,
        /// What the copy says.
        found: String,
    },
    /// Made as of entries that are not here.
    #[error("the copy was made as of entry {0}, which is not here; sync first")]
    Missing(String),
    /// This release does not know the document's kind.
    #[error("this release does not know documents of kind {0}; a newer one may")]
    Kind(String),
    /// Still in conflict.
    #[error("{0} still holds several versions; keep one of them and import again")]
    Conflict(String),
    /// A field that is gone from the copy.
    #[error("{0} is gone from the copy; a field cannot be unset, give it another value")]
    Unset(&'static str),
    /// A value that breaks the kind's schema.
    #[error(transparent)]
    Value(#[from] values::Error),
}

/// The change that a copy makes to the document as of which it was made, and the entries that the signed edit must
/// name in `after`. None when it changes nothing.
///
/// Compared with the document as it was then, not as it is now: what others changed meanwhile stays changed, and
/// shows as a conflict where it is one.
///
/// # Errors
/// See [`Unfit`].
pub fn change(document: &Document, copy: &Copy) -> Result<Option<(Change, Vec<Id>)>, Unfit> {
    if copy.document != document.id().to_string() {
        return Err(Unfit::Other {
            expected: document.id(),
            found: copy.document.clone(),
        });
    }
    let kind = document
        .kind()
        .ok_or_else(|| Unfit::Kind(document.kind_name().to_owned()))?;
    let missing = |id: &String| Unfit::Missing(id.clone());
    let after = copy.after.iter().map(|id| id.parse::<Id>().map_err(|_| missing(id)));
    let after = after.collect::<Result<Vec<_>, _>>()?;
    for (id, text) in after.iter().zip(&copy.after) {
        document.number(*id).ok_or_else(|| missing(text))?;
    }
    let then = document.at_all(&after).ok_or_else(|| missing(&copy.document))?;
    let mut out = Change::default();
    for field in kind.all_fields() {
        if field.is_list() {
            let empty = Items::new();
            let items = then.content().lists.get(field.name).map(|list| list.items.as_slice());
            let edited = copy.lists.get(field.name).unwrap_or(&empty);
            list(kind, field, items.unwrap_or_default(), edited, &mut out)?;
        } else {
            let edited = copy.fields.get(field.name).map(Vec::as_slice).unwrap_or_default();
            scalar(kind, field, then.content().fields.get(field.name), edited, &mut out)?;
        }
    }
    let known = |name: &String| kind.field(name).is_some();
    if let Some(name) = copy.fields.keys().chain(copy.lists.keys()).find(|name| !known(name)) {
        // Says which fields there are.
        values::edit(kind, &json!({ name: "" }))?;
    }
    if out.is_empty() {
        return Ok(None);
    }
    let bytes = out.encode();
    let checked = body::edit(kind, Some(&bytes)).map_err(|e| values::Error::Breach(e, kind.name))?;
    Ok(Some((checked, after)))
}

fn scalar(
    kind: &'static Kind,
    field: &'static Field,
    then: Option<&Register>,
    edited: &[Json],
    out: &mut Change,
) -> Result<(), Unfit> {
    let then: Vec<&Value> = then
        .into_iter()
        .flat_map(|r| &r.values)
        .map(|version| &*version.value)
        .collect();
    let edited = edited
        .iter()
        .map(|json| values::field(kind, field, &typed(&field.ty, json)));
    let edited = edited.collect::<Result<Vec<_>, _>>()?;
    let same = edited.len() == then.len() && edited.iter().all(|value| then.contains(&value));
    match (edited.as_slice(), same) {
        (_, true) => {}
        ([one], _) => drop(out.set.insert(field.name, Arc::new(one.clone()))),
        ([], _) => match field.ty {
            Type::Line { .. } | Type::Text { .. } => {
                out.set.insert(field.name, Arc::new(Value::Text(String::new())));
            }
            _ => return Err(Unfit::Unset(field.name)),
        },
        _ => return Err(Unfit::Conflict(field.name.to_owned())),
    }
    Ok(())
}

fn list(
    kind: &'static Kind,
    field: &'static Field,
    then: &[Item],
    edited: &Items,
    out: &mut Change,
) -> Result<(), Unfit> {
    let (mut add, mut replace, mut remove) = (Vec::new(), Vec::new(), Vec::new());
    let items: BTreeMap<String, &Item> = then.iter().map(|item| (item.id.to_string(), item)).collect();
    for (key, found) in edited {
        let item = items.get(key);
        let mut records = BTreeSet::new();
        for record in found.iter().flatten() {
            records.insert(values::fields(&read_record(kind, field, record)?).to_string());
        }
        let gone = found.iter().any(Option::is_none) || found.is_empty();
        let was: BTreeSet<String> = item
            .into_iter()
            .flat_map(|item| &item.values)
            .map(|version| values::fields(&version.value).to_string())
            .collect();
        let was_gone = item.is_none_or(|item| !item.removed.is_empty());
        let one = found.iter().flatten().next();
        match (item, one) {
            // A key that names no item then: a new item, or the trace of a removed one.
            (None, Some(record)) if item_id(key).is_none() => add.push(Arc::new(read_record(kind, field, record)?)),
            (None, _) => {}
            (Some(_), _) if records == was && gone == was_gone => {}
            (Some(item), None) => remove.push(item.id),
            (Some(item), Some(record)) if records.len() == 1 && !gone => {
                replace.push((item.id, Arc::new(read_record(kind, field, record)?)));
            }
            _ => return Err(Unfit::Conflict(format!("{} {key}", field.name))),
        }
    }
    remove.extend(
        items
            .iter()
            .filter(|(key, _)| !edited.contains_key(*key))
            .map(|(_, item)| item.id),
    );
    if !add.is_empty() {
        out.add.insert(field.name, add);
    }
    if !replace.is_empty() {
        out.replace.insert(field.name, replace);
    }
    if !remove.is_empty() {
        out.remove.insert(field.name, remove);
    }
    Ok(())
}

fn read_record(kind: &'static Kind, field: &Field, record: &Map<String, Json>) -> Result<Record, Unfit> {
    let Type::List { item, .. } = field.ty else {
        return Ok(Record::new());
    };
    let typed = record.iter().map(|(name, value)| {
        let ty = item.iter().find(|f| f.name == name).map(|f| f.ty);
        (name.clone(), ty.map_or_else(|| value.clone(), |ty| typed(&ty, value)))
    });
    match values::field(kind, field, &json!([Json::Object(typed.collect())]))? {
        Value::List(mut records) => Ok(records.pop().unwrap_or_default()),
        _ => Ok(Record::new()),
    }
}

/// Lines are written as one text; anything else reads as it stands.
fn typed(ty: &Type, value: &Json) -> Json {
    match (ty, value) {
        (Type::Lines { .. }, Json::String(text)) => text.lines().collect(),
        _ => value.clone(),
    }
}

fn keys(document: &Automerge, object: &ObjId, limit: usize, what: &'static str) -> Result<Vec<String>, Unread> {
    let keys: Vec<String> = document.keys(object).take(limit + 1).collect();
    if keys.len() > limit {
        return Err(Unread::Large { what, limit });
    }
    Ok(keys)
}

fn first(document: &Automerge, object: &ObjId, key: &str) -> Result<Option<Json>, Unread> {
    match document.get(object, key)? {
        Some((value, id)) => plain(document, &value, &id, key).map(Some),
        None => Ok(None),
    }
}

fn all_items(document: &Automerge, list: &ObjId, key: &str) -> Result<Vec<Option<Map<String, Json>>>, Unread> {
    let mut out = Vec::new();
    for (value, id) in document.get_all(list, key)? {
        out.push(match value {
            Found::Scalar(value) if *value == ScalarValue::Null => None,
            Found::Object(ObjType::Map | ObjType::Table) => {
                let mut record = Map::new();
                for name in keys(document, &id, KEYS, "an item")? {
                    if let Some(value) = first(document, &id, &name)? {
                        record.insert(name, value);
                    }
                }
                Some(record)
            }
            _ => return Err(Unread::Value(key.to_owned())),
        });
    }
    Ok(out)
}

/// Text, numbers and booleans, however an Automerge program may have written them.
fn plain(document: &Automerge, value: &Found<'_>, id: &ObjId, key: &str) -> Result<Json, Unread> {
    let refused = || Unread::Value(key.to_owned());
    let text = match value {
        Found::Object(ObjType::Text) => document.text(id)?,
        Found::Object(_) => return Err(refused()),
        Found::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => text.to_string(),
            ScalarValue::Uint(n) => return Ok(json!(n)),
            ScalarValue::Int(n) => return Ok(json!(n)),
            ScalarValue::F64(n) => return whole(*n).map(|n| json!(n)).ok_or_else(refused),
            ScalarValue::Boolean(yes) => return Ok(json!(yes)),
            _ => return Err(refused()),
        },
    };
    if text.len() > LONG {
        return Err(Unread::Large {
            what: "a text",
            limit: LONG,
        });
    }
    Ok(Json::String(text))
}

/// JavaScript writes whole numbers as floats at times.
#[expect(
    clippy::disallowed_types,
    reason = "reads what another program wrote; nothing is computed with it"
)]
fn whole(n: f64) -> Option<u64> {
    (n >= 0.0 && n.fract() == 0.0).then(|| format!("{n}").parse().ok())?
}

fn item_id(key: &str) -> Option<ItemId> {
    let (entry, n) = key.split_once(':')?;
    Some(ItemId {
        entry: entry.parse().ok()?,
        n: n.parse().ok()?,
    })
}
