//! Between JSON, which people and programs write, and bodies, which are signed.
//!
//! The declarations say which fields are bytes: ids, keys and hashes are 64 hexadecimal digits in JSON and 32 bytes
//! in bodies, other bytes two digits each. Text is accepted where the type leaves no doubt (`"12"` for a number, `"12500 DAI"` for money,
//! JSON for lists), because a command line only has text. What comes out has been read back by [`super::read`].

use std::sync::Arc;

use data_encoding::HEXLOWER;
use ipld_core::ipld::Ipld;
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use super::check::{self, expected};
use super::read::{self, Breach, Change, FORM, Wrong};
use super::{Field, ItemId, Kind, Record, Type, Value, typed as values};
use crate::codec;
use crate::hash::Id;
use crate::limit;

/// Why what somebody wrote is no body.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Not an object at all.
    #[error("{at} must be a JSON object of fields and their values, such as {{\"text\": \"…\"}}")]
    Object {
        /// Where.
        at: String,
    },
    /// A field that the kind does not have.
    #[error("{kind} has no field {at:?}; it has: {known}")]
    Unknown {
        /// The kind.
        kind: &'static str,
        /// The field.
        at: String,
        /// The fields that exist.
        known: String,
    },
    /// A value of another type.
    #[error("{at} must be {expected}; write it as {example}")]
    Value {
        /// Where.
        at: String,
        /// What was expected.
        expected: &'static str,
        /// How it is written.
        example: &'static str,
    },
    /// A value out of bounds, or a field that is missing.
    #[error("{0}; see the fields of {1} in docs/spec/kinds.md")]
    Breach(Breach, &'static str),
    /// Larger than any body may be.
    #[error(
        "the body has {size} bytes, at most {} are allowed; shorten it or split it over several entries",
        limit::BODY
    )]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
}

/// The canonical body of a document's root or of an act of this kind.
///
/// A root may be written flat, `{field: value}`, lists as arrays; or in the form `{set, add}`.
///
/// # Errors
/// What is wrong, why, and how to write it.
pub fn body(kind: &'static Kind, input: &Json) -> Result<Vec<u8>, Error> {
    if kind.is_document() {
        let bytes = encode(&form(kind, input)?)?;
        read::root(kind, Some(&bytes)).map_err(|e| Error::Breach(e, kind.name))?;
        Ok(bytes)
    } else {
        let bytes = encode(&record(kind, kind.fields, input, "")?)?;
        read::act(kind, Some(&bytes)).map_err(|e| Error::Breach(e, kind.name))?;
        Ok(bytes)
    }
}

/// The canonical body of an `edit` in a document of this kind: flat, where a list's array adds items, or in the
/// form `{set, add, replace, remove}`.
///
/// # Errors
/// As [`body`].
pub fn edit(document: &'static Kind, input: &Json) -> Result<Vec<u8>, Error> {
    let bytes = encode(&form(document, input)?)?;
    read::edit(document, Some(&bytes)).map_err(|e| Error::Breach(e, document.name))?;
    Ok(bytes)
}

/// The canonical body of an act of this kind that a program made.
///
/// # Errors
/// What is out of bounds, or [`Error::TooLarge`].
pub(crate) fn written(kind: &'static str, record: &Record) -> Result<Vec<u8>, Error> {
    let bytes = encode(&values::record_ipld(record))?;
    if let Some(kind) = super::find(kind) {
        read::act(kind, Some(&bytes)).map_err(|e| Error::Breach(e, kind.name))?;
    }
    Ok(bytes)
}

/// What `field=value` arguments say, as JSON for [`body`] and [`edit`]: a name given several times is an array.
#[must_use]
pub fn pairs<'a>(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Json {
    let mut out = Map::new();
    for (name, value) in given {
        let value = json!(value);
        match out.get_mut(name) {
            None => drop(out.insert(name.to_owned(), value)),
            Some(Json::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Json::Object(out)
}

/// One field's value out of JSON.
///
/// # Errors
/// As [`body`].
pub fn field(kind: &'static Kind, field: &Field, input: &Json) -> Result<Value, Error> {
    let ipld = convert(kind, &field.ty, input, field.name)?;
    check::value(&field.ty, ipld, field.name).map_err(|e| Error::Breach(e, kind.name))
}

/// A value as JSON.
#[must_use]
pub fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Int(n) => json!(n),
        Value::Flag(yes) => json!(yes),
        Value::Id(id) => json!(id),
        Value::Key(key) => json!(key),
        Value::Hash(hash) => json!(hash),
        Value::Bytes(bytes) => json!(HEXLOWER.encode(bytes)),
        Value::Money { amount, currency } => json!({ "amount": amount, "currency": currency }),
        Value::Ids(ids) => json!(ids),
        Value::Lines(lines) => json!(lines),
        Value::Item(item) => item_id(*item),
        Value::List(items) => items.iter().map(fields).collect(),
    }
}

/// A record as JSON.
#[must_use]
pub fn fields(record: &Record) -> Json {
    let pairs = record.iter().map(|(name, v)| ((*name).to_owned(), value(v)));
    Json::Object(pairs.collect())
}

/// The name of an item as JSON.
#[must_use]
pub fn item_id(item: ItemId) -> Json {
    json!({ "entry": item.entry, "n": item.n })
}

/// A change as JSON, in the form that [`edit`] reads.
#[must_use]
pub fn change(change: &Change) -> Json {
    let mut out = Map::new();
    let records = |items: &Vec<Arc<Record>>| items.iter().map(|r| fields(r)).collect::<Json>();
    let replaced = |items: &Vec<(ItemId, Arc<Record>)>| {
        let each = items.iter().map(|(item, r)| json!([item.entry, item.n, fields(r)]));
        each.collect::<Json>()
    };
    let removed = |items: &Vec<ItemId>| items.iter().map(|i| json!([i.entry, i.n])).collect::<Json>();
    let mut put = |word: &str, group: Map<String, Json>| {
        if !group.is_empty() {
            out.insert(word.to_owned(), Json::Object(group));
        }
    };
    let name = |name: &&'static str| (*name).to_owned();
    put("set", change.set.iter().map(|(k, v)| (name(k), value(v))).collect());
    put("add", change.add.iter().map(|(k, v)| (name(k), records(v))).collect());
    put(
        "replace",
        change.replace.iter().map(|(k, v)| (name(k), replaced(v))).collect(),
    );
    put(
        "remove",
        change.remove.iter().map(|(k, v)| (name(k), removed(v))).collect(),
    );
    Json::Object(out)
}

fn encode(body: &Ipld) -> Result<Vec<u8>, Error> {
    let bytes = codec::encode(body);
    if bytes.len() > limit::BODY {
        return Err(Error::TooLarge { size: bytes.len() });
    }
    Ok(bytes)
}

fn object<'a>(input: &'a Json, at: &str) -> Result<&'a Map<String, Json>, Error> {
    let at = if at.is_empty() { "the input" } else { at };
    input.as_object().ok_or_else(|| Error::Object { at: at.to_owned() })
}

/// The form of roots and edits, from itself or from flat fields.
fn form(kind: &'static Kind, input: &Json) -> Result<Ipld, Error> {
    let given = object(input, "")?;
    let mut out = codec::Map::new();
    if !given.is_empty() && given.keys().all(|key| FORM.contains(&key.as_str())) {
        for (word, group) in given {
            let mut fields = codec::Map::new();
            for (name, input) in object(group, word)? {
                fields.insert(name.clone(), formed(kind, word, name, input)?);
            }
            out.insert(word.clone(), Ipld::Map(fields));
        }
        return Ok(Ipld::Map(out));
    }
    let (mut set, mut add) = (codec::Map::new(), codec::Map::new());
    for (name, input) in given {
        let field = known(kind, name)?;
        let group = if field.is_list() { &mut add } else { &mut set };
        group.insert(name.clone(), convert(kind, &field.ty, input, name)?);
    }
    for (word, group) in [("set", set), ("add", add)] {
        if !group.is_empty() {
            out.insert(word.to_owned(), Ipld::Map(group));
        }
    }
    Ok(Ipld::Map(out))
}

/// One field under one word of the form.
fn formed(kind: &'static Kind, word: &str, name: &str, input: &Json) -> Result<Ipld, Error> {
    let field = known(kind, name)?;
    let breach = |what| Err(Error::Breach(read::breach(name, what), kind.name));
    let item = match (word, field.ty) {
        ("set", Type::List { .. }) => return breach(Wrong::List),
        ("set", ty) => return convert(kind, &ty, input, name),
        (_, Type::List { item, .. }) => item,
        _ => return breach(Wrong::NoList),
    };
    if word == "add" {
        return convert(kind, &field.ty, input, name);
    }
    let named = |given: &Json, at: &str| convert(kind, &Type::Item, given, at);
    let given = input.as_array().ok_or_else(|| wrong(&Type::Item, name))?;
    let each = given.iter().enumerate().map(|(i, one)| {
        let at = format!("{name}[{i}]");
        match (word, one.as_array().map(Vec::as_slice)) {
            ("replace", Some([entry, n, with])) => {
                let Ipld::List(mut parts) = named(&json!([entry, n]), &at)? else {
                    return Err(wrong(&Type::Item, &at));
                };
                parts.push(record(kind, item, with, &at)?);
                Ok(Ipld::List(parts))
            }
            ("replace", _) => Err(Error::Value {
                at,
                expected: "an item and what replaces it",
                example: "[entry, n, {…}]",
            }),
            _ => named(one, &at),
        }
    });
    each.collect::<Result<_, _>>().map(Ipld::List)
}

fn known(kind: &'static Kind, name: &str) -> Result<&'static Field, Error> {
    kind.field(name).ok_or_else(|| unknown(kind, kind.all_fields(), name))
}

fn unknown<'a>(kind: &'static Kind, fields: impl Iterator<Item = &'a Field>, at: &str) -> Error {
    let known: Vec<&str> = fields.map(|f| f.name).collect();
    Error::Unknown {
        kind: kind.name,
        at: at.to_owned(),
        known: if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        },
    }
}

fn record(kind: &'static Kind, fields: &'static [Field], input: &Json, at: &str) -> Result<Ipld, Error> {
    if let Json::String(text) = input
        && let Ok(parsed @ Json::Object(_)) = serde_json::from_str(text)
    {
        return record(kind, fields, &parsed, at);
    }
    // Other plain text stands for the one field that an item cannot do without.
    if let (Json::String(_), Some(main)) = (input, fields.iter().find(|f| f.required)) {
        let value = convert(kind, &main.ty, input, at)?;
        return Ok(Ipld::Map(codec::Map::from([(main.name.to_owned(), value)])));
    }
    let mut out = codec::Map::new();
    for (name, input) in object(input, at)? {
        let at = if at.is_empty() {
            name.clone()
        } else {
            format!("{at}.{name}")
        };
        let field = fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| unknown(kind, fields.iter(), &at))?;
        out.insert(name.clone(), convert(kind, &field.ty, input, &at)?);
    }
    Ok(Ipld::Map(out))
}

/// The body's form of a JSON value. Bounds are checked later, by reading the body.
fn convert(kind: &'static Kind, ty: &Type, input: &Json, at: &str) -> Result<Ipld, Error> {
    let err = || wrong(ty, at);
    let bytes = |text: &str| text.parse::<Id>().map(|id| Ipld::Bytes(id.0.to_vec()));
    match (ty, input) {
        (Type::Line { .. } | Type::Text { .. } | Type::Choice(_) | Type::Date, Json::String(text)) => {
            Ok(Ipld::String(text.clone()))
        }
        (Type::Named, Json::String(text)) => Ok(bytes(text).unwrap_or_else(|_| Ipld::String(text.clone()))),
        (Type::Id | Type::Key | Type::Hash, Json::String(text)) => bytes(text).map_err(|_| err()),
        (Type::Bytes { .. }, Json::String(text)) => {
            let bytes = HEXLOWER.decode(text.as_bytes());
            bytes.map(Ipld::Bytes).map_err(|_| err())
        }
        (Type::Int { .. }, Json::Number(n)) => n.as_u64().map(|n| Ipld::Integer(n.into())).ok_or_else(err),
        (Type::Int { .. }, Json::String(text)) => int(text).ok_or_else(err),
        (Type::Flag, Json::Bool(yes)) => Ok(Ipld::Bool(*yes)),
        (Type::Flag, Json::String(text)) => match text.as_str() {
            "true" | "yes" => Ok(Ipld::Bool(true)),
            "false" | "no" => Ok(Ipld::Bool(false)),
            _ => Err(err()),
        },
        (Type::Money, Json::String(text)) => {
            let (amount, currency) = text.trim().split_once(' ').ok_or_else(err)?;
            let parts = [
                ("amount".to_owned(), int(amount).ok_or_else(err)?),
                ("currency".to_owned(), Ipld::String(currency.trim().to_owned())),
            ];
            Ok(Ipld::Map(parts.into()))
        }
        (Type::Money, Json::Object(parts)) => match (parts.get("amount"), parts.get("currency"), parts.len()) {
            (Some(amount), Some(Json::String(currency)), 2) => {
                let amount = convert(kind, &Type::Int { max: limit::INT }, amount, at).map_err(|_| err())?;
                let currency = Ipld::String(currency.clone());
                Ok(Ipld::Map(
                    [("amount".to_owned(), amount), ("currency".to_owned(), currency)].into(),
                ))
            }
            _ => Err(err()),
        },
        (Type::Item, _) => item(input).ok_or_else(err),
        (Type::Ids { .. } | Type::Lines { .. } | Type::List { .. }, Json::String(text)) => {
            let text = text.trim();
            match (serde_json::from_str(text), ty) {
                (Ok(parsed @ (Json::Array(_) | Json::Object(_))), _) => convert(kind, ty, &parsed, at),
                (_, Type::Ids { .. }) => text
                    .split([',', ' '])
                    .filter(|t| !t.is_empty())
                    .map(bytes)
                    .collect::<Result<_, _>>()
                    .map(Ipld::List)
                    .map_err(|_| err()),
                (_, Type::Lines { .. }) => Ok(Ipld::List(
                    text.lines().map(|line| Ipld::String(line.to_owned())).collect(),
                )),
                _ => convert(kind, ty, &json!([text]), at),
            }
        }
        (Type::Ids { .. }, Json::Array(given)) => elements(given, at, |one, at| convert(kind, &Type::Id, one, at)),
        (Type::Lines { .. }, Json::Array(given)) => {
            elements(given, at, |one, at| convert(kind, &Type::Line { max: 0 }, one, at))
        }
        (Type::List { item, .. }, Json::Array(given)) => elements(given, at, |one, at| record(kind, item, one, at)),
        (Type::List { .. }, Json::Object(_)) => convert(kind, ty, &json!([input]), at),
        _ => Err(err()),
    }
}

fn elements(given: &[Json], at: &str, each: impl Fn(&Json, &str) -> Result<Ipld, Error>) -> Result<Ipld, Error> {
    let converted = given
        .iter()
        .enumerate()
        .map(|(i, one)| each(one, &format!("{at}[{i}]")));
    converted.collect::<Result<_, _>>().map(Ipld::List)
}

fn int(text: &str) -> Option<Ipld> {
    text.trim().parse::<u64>().ok().map(|n| Ipld::Integer(n.into()))
}

/// `[entry, n]`, `{entry, n}` or `"entry:n"`.
fn item(input: &Json) -> Option<Ipld> {
    let (entry, n) = match input {
        Json::String(text) => {
            let (entry, n) = text.split_once(':')?;
            (entry.parse::<Id>().ok()?, n.parse().ok()?)
        }
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(entry), Json::Number(n)] => (entry.parse().ok()?, n.as_u64()?),
            _ => return None,
        },
        Json::Object(parts) if parts.len() == 2 => {
            (parts.get("entry")?.as_str()?.parse().ok()?, parts.get("n")?.as_u64()?)
        }
        _ => return None,
    };
    Some(Ipld::List(values::item_ipld(ItemId { entry, n }).into()))
}

fn wrong(ty: &Type, at: &str) -> Error {
    let example = match ty {
        Type::Line { .. } | Type::Text { .. } | Type::Choice(_) => "\"…\"",
        Type::Int { .. } => "12",
        Type::Flag => "true",
        Type::Id | Type::Key | Type::Hash => "64 digits of 0-9 and a-f",
        Type::Bytes { .. } => "\"00ff\": two digits of 0-9 and a-f for each",
        Type::Date => "\"2026-11-21\"",
        Type::Money => "{\"amount\": 12500, \"currency\": \"DAI\"} or \"12500 DAI\"",
        Type::Named => "64 digits of 0-9 and a-f, or a name",
        Type::Ids { .. } => "[\"…\", \"…\"], each 64 digits of 0-9 and a-f",
        Type::Lines { .. } => "[\"…\", \"…\"]",
        Type::Item => "[\"64 digits of 0-9 and a-f\", 0]",
        Type::List { .. } => "[{…}, {…}]",
    };
    Error::Value {
        at: at.to_owned(),
        expected: expected(ty),
        example,
    }
}
