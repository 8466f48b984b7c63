//! One value against the type that its field declares.

use std::collections::BTreeSet;

use ipld_core::ipld::Ipld;

use super::read::{Breach, Wrong, breach};
use super::{Field, ItemId, NAMED, Record, Type, Value};
use crate::codec::Map;
use crate::hash::{Hash, Id, Key};

/// Checks a value against a field's type, and makes it a [`Value`].
pub(super) fn value(ty: &Type, found: Ipld, at: &str) -> Result<Value, Breach> {
    let err = |what| breach(at, what);
    match (ty, found) {
        (Type::Line { max }, Ipld::String(text)) => {
            check_text(&text, *max, false).map_err(err)?;
            Ok(Value::Text(text))
        }
        (Type::Text { max }, Ipld::String(text)) => {
            check_text(&text, *max, true).map_err(err)?;
            Ok(Value::Text(text))
        }
        (Type::Named, Ipld::String(text)) => {
            check_text(&text, NAMED, false).map_err(err)?;
            Ok(Value::Text(text))
        }
        (Type::Choice(words), Ipld::String(text)) if words.contains(&text.as_str()) => Ok(Value::Text(text)),
        (Type::Choice(words), _) => Err(err(Wrong::Choice(words))),
        (Type::Date, Ipld::String(text)) if is_date(&text) => Ok(Value::Text(text)),
        (Type::Int { max }, Ipld::Integer(n)) => match u64::try_from(n) {
            Ok(n) if n <= *max => Ok(Value::Int(n)),
            Ok(n) => Err(err(Wrong::TooLarge { value: n, max: *max })),
            Err(_) => Err(err(Wrong::Type(expected(ty)))),
        },
        (Type::Flag, Ipld::Bool(yes)) => Ok(Value::Flag(yes)),
        (Type::Id | Type::Named, Ipld::Bytes(bytes)) => bytes32(&bytes, ty, at).map(|b| Value::Id(Id(b))),
        (Type::Key, Ipld::Bytes(bytes)) => bytes32(&bytes, ty, at).map(|b| Value::Key(Key(b))),
        (Type::Hash, Ipld::Bytes(bytes)) => bytes32(&bytes, ty, at).map(|b| Value::Hash(Hash(b))),
        (Type::Bytes { max }, Ipld::Bytes(bytes)) if bytes.len() > *max => Err(err(Wrong::TooLong {
            size: bytes.len(),
            max: *max,
        })),
        (Type::Bytes { .. }, Ipld::Bytes(bytes)) => Ok(Value::Bytes(bytes)),
        (Type::Money, Ipld::Map(found)) => money(found, at),
        (Type::Item, found) => item(found, at).map(Value::Item),
        (Type::Ids { max }, Ipld::List(found)) => {
            let ids = each(found, *max, at, |one, at| match one {
                Ipld::Bytes(bytes) => bytes32(&bytes, &Type::Id, at).map(Id),
                _ => Err(breach(at, Wrong::Type(expected(&Type::Id)))),
            })?;
            distinct(&ids)
                .then_some(Value::Ids(ids))
                .ok_or_else(|| err(Wrong::Twice))
        }
        (Type::Lines { max, each: most }, Ipld::List(found)) => {
            let lines = each(found, *max, at, |one, at| match one {
                Ipld::String(text) => check_text(&text, *most, false)
                    .map(|()| text)
                    .map_err(|w| breach(at, w)),
                _ => Err(breach(at, Wrong::Type(expected(&Type::Line { max: *most })))),
            })?;
            distinct(&lines)
                .then_some(Value::Lines(lines))
                .ok_or_else(|| err(Wrong::Twice))
        }
        (Type::List { item, max }, Ipld::List(found)) => {
            each(found, *max, at, |one, at| record(item, map(one, at)?, at)).map(Value::List)
        }
        _ => Err(err(Wrong::Type(expected(ty)))),
    }
}

/// What a value of this type must be, in words.
pub(super) fn expected(ty: &Type) -> &'static str {
    match ty {
        Type::Line { .. } => "one line of text",
        Type::Text { .. } => "text",
        Type::Int { .. } => "a whole number from 0 to 2^53 - 1",
        Type::Flag => "true or false",
        Type::Id => "an entry's id of 32 bytes",
        Type::Key => "a public key of 32 bytes",
        Type::Hash => "a SHA-256 of 32 bytes",
        Type::Bytes { .. } => "bytes",
        Type::Choice(_) => "one of its words",
        Type::Date => "a calendar day such as 2026-11-21",
        Type::Money => "an amount in minor units and a currency of 2 to 12 capital letters or digits",
        Type::Named => "an entry's id of 32 bytes, or a name of one line",
        Type::Ids { .. } => "a list of entry ids",
        Type::Lines { .. } => "a list of lines",
        Type::Item => "an item: the id of the entry that added it, and its place there from 0",
        Type::List { .. } => "a list of records",
    }
}

pub(super) fn record(fields: &[Field], found: Map, at: &str) -> Result<Record, Breach> {
    let mut out = Record::new();
    for (name, found) in found {
        let at = if at.is_empty() {
            name.clone()
        } else {
            format!("{at}.{name}")
        };
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(breach(at, Wrong::Unknown));
        };
        out.insert(field.name, value(&field.ty, found, &at)?);
    }
    for field in fields.iter().filter(|field| field.required) {
        let there = match out.get(field.name) {
            Some(Value::Text(text)) => !text.trim().is_empty(),
            other => other.is_some(),
        };
        if !there {
            let at = if at.is_empty() {
                field.name.to_owned()
            } else {
                format!("{at}.{}", field.name)
            };
            return Err(breach(at, Wrong::Missing));
        }
    }
    Ok(out)
}

pub(super) fn each<T>(
    found: Vec<Ipld>,
    max: usize,
    at: &str,
    mut read: impl FnMut(Ipld, &str) -> Result<T, Breach>,
) -> Result<Vec<T>, Breach> {
    if found.len() > max {
        return Err(breach(
            at,
            Wrong::TooMany {
                count: found.len(),
                max,
            },
        ));
    }
    found
        .into_iter()
        .enumerate()
        .map(|(i, one)| read(one, &format!("{at}[{i}]")))
        .collect()
}

pub(super) fn check_text(text: &str, max: usize, lines: bool) -> Result<(), Wrong> {
    if text.len() > max {
        return Err(Wrong::TooLong { size: text.len(), max });
    }
    match text
        .chars()
        .find(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t')))
    {
        Some(c) => Err(Wrong::Control(c.into())),
        None => Ok(()),
    }
}

fn bytes32(bytes: &[u8], ty: &Type, at: &str) -> Result<[u8; 32], Breach> {
    bytes.try_into().map_err(|_| breach(at, Wrong::Type(expected(ty))))
}

pub(super) fn item(found: Ipld, at: &str) -> Result<ItemId, Breach> {
    let wrong = || breach(at, Wrong::Type(expected(&Type::Item)));
    let Ipld::List(parts) = found else { return Err(wrong()) };
    match <[Ipld; 2]>::try_from(parts) {
        Ok([Ipld::Bytes(entry), Ipld::Integer(n)]) => Ok(ItemId {
            entry: Id(bytes32(&entry, &Type::Item, at)?),
            n: u64::try_from(n).map_err(|_| wrong())?,
        }),
        _ => Err(wrong()),
    }
}

fn money(mut found: Map, at: &str) -> Result<Value, Breach> {
    match (found.remove("amount"), found.remove("currency"), found.is_empty()) {
        (Some(Ipld::Integer(amount)), Some(Ipld::String(currency)), true) if is_currency(&currency) => {
            let amount = u64::try_from(amount).map_err(|_| breach(at, Wrong::Type(expected(&Type::Money))))?;
            Ok(Value::Money { amount, currency })
        }
        _ => Err(breach(at, Wrong::Type(expected(&Type::Money)))),
    }
}

fn is_currency(text: &str) -> bool {
    (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether a text is a day of the Gregorian calendar, written `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u16>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

fn distinct<T: Ord>(list: &[T]) -> bool {
    list.iter().collect::<BTreeSet<_>>().len() == list.len()
}

pub(super) fn map(found: Ipld, at: &str) -> Result<Map, Breach> {
    match found {
        Ipld::Map(map) => Ok(map),
        _ => Err(breach(at, Wrong::Type("a map of fields"))),
    }
}

pub(super) fn list(found: Ipld, at: &str) -> Result<Vec<Ipld>, Breach> {
    match found {
        Ipld::List(items) => Ok(items),
        _ => Err(breach(at, Wrong::Type("a list"))),
    }
}
