//! Ids as people type them: whole, or the first digits.

use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::kind::{Field, Kind, Type};
use althing_protocol::state::State;
use serde_json::{Map, Value as Json};

use super::error::Problem;

/// Digits that a prefix must have.
pub(crate) const SHORTEST: usize = 8;

/// The id that a text means. A whole one need not be here.
pub(crate) fn id(state: &State, text: &str) -> Result<Id, Problem> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let bad = || Problem::BadId {
        text: text.chars().take(80).collect(),
    };
    let prefix = Prefix::read(text).ok_or_else(bad)?;
    let mut found = prefix.among(state, |_| true);
    match (found.pop(), found.is_empty()) {
        (Some(id), true) => Ok(id),
        (None, _) => Err(Problem::NoSuchId {
            prefix: text.to_owned(),
        }),
        (Some(_), false) => Err(Problem::Ambiguous {
            prefix: text.to_owned(),
        }),
    }
}

/// The entry that a text means.
pub(crate) fn num(state: &State, text: &str, what: &'static str) -> Result<(Num, Id), Problem> {
    let id = id(state, text)?;
    let num = state.graph().num(&id).ok_or(Problem::NotHere { what, id })?;
    Ok((num, id))
}

/// The document that a text means: a root of any kind, spaces included.
pub(crate) fn document(state: &State, text: &str) -> Result<(Num, Id), Problem> {
    let (num, id) = num(state, text, "document")?;
    match state.graph().node(num).class {
        Class::Document | Class::Committee | Class::Identity => Ok((num, id)),
        _ => {
            let doc = state.graph().id(state.graph().node(num).doc);
            let found = format!("an entry of the document {}", doc.short());
            Err(Problem::WrongSort {
                id,
                found,
                wanted: "a document",
            })
        }
    }
}

/// The committee that a text means, whose root is here.
pub(crate) fn committee(state: &State, text: &str) -> Result<(Num, Id), Problem> {
    let id = id(state, text)?;
    let num = state
        .graph()
        .num(&id)
        .ok_or(Problem::NotHere { what: "committee", id })?;
    if state.committee(&id).is_none() {
        return Err(Problem::WrongSort {
            id,
            found: "something else".to_owned(),
            wanted: "a committee",
        });
    }
    Ok((num, id))
}

/// Completes prefixes in what somebody wrote for these fields. A text that is no prefix of anything stays.
pub(crate) fn complete(state: &State, kind: &Kind, input: &mut Json) -> Result<(), Problem> {
    let Some(given) = input.as_object_mut() else {
        return Ok(());
    };
    let fields: Vec<Field> = kind.all_fields().copied().collect();
    let words = kind.is_document()
        && given
            .keys()
            .all(|key| althing_protocol::kind::read::FORM.contains(&key.as_str()));
    if words {
        for group in given.values_mut().filter_map(Json::as_object_mut) {
            complete_fields(state, &fields, group)?;
        }
        return Ok(());
    }
    complete_fields(state, &fields, given)
}

/// The same for an object with some of these fields.
pub(crate) fn complete_all(state: &State, fields: &[Field], input: &mut Json) -> Result<(), Problem> {
    match input.as_object_mut() {
        Some(given) => complete_fields(state, fields, given),
        None => Ok(()),
    }
}

fn complete_fields(state: &State, fields: &[Field], given: &mut Map<String, Json>) -> Result<(), Problem> {
    for (name, value) in given {
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            complete_value(state, &field.ty, value)?;
        }
    }
    Ok(())
}

fn complete_value(state: &State, ty: &Type, value: &mut Json) -> Result<(), Problem> {
    match (ty, value) {
        (Type::Id, Json::String(text)) if Prefix::read(text).is_some() => *text = id(state, text)?.to_string(),
        (Type::Named, Json::String(text)) => {
            // A name may look like a prefix; only one that means exactly one root is taken for it.
            let root = |class| matches!(class, Class::Identity | Class::Document | Class::Committee);
            let found = Prefix::read(text).map(|prefix| prefix.among(state, |num| root(state.graph().node(num).class)));
            if let Some([only]) = found.as_deref() {
                *text = only.to_string();
            }
        }
        (Type::Ids { .. }, Json::Array(all)) => {
            for one in all {
                complete_value(state, &Type::Id, one)?;
            }
        }
        (Type::Item, Json::String(text)) => {
            if let Some((entry, n)) = text.split_once(':') {
                *text = format!("{}:{n}", id(state, entry)?);
            }
        }
        (Type::Item, Json::Array(parts)) => {
            if let Some(entry) = parts.first_mut() {
                complete_value(state, &Type::Id, entry)?;
            }
        }
        (Type::List { item, .. }, Json::Array(items)) => {
            for fields in items.iter_mut().filter_map(Json::as_object_mut) {
                complete_fields(state, item, fields)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The first digits of an id.
#[derive(Debug, PartialEq, Eq)]
struct Prefix {
    bytes: Vec<u8>,
    half: Option<u8>,
}

impl Prefix {
    fn read(text: &str) -> Option<Self> {
        if !(SHORTEST..64).contains(&text.len()) {
            return None;
        }
        let digit = |b: u8| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'a'..=b'f' => Some(b - b'a' + 10),
            _ => None,
        };
        let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
        let mut bytes = Vec::with_capacity(digits.len() / 2);
        let mut half = None;
        for pair in digits.chunks(2) {
            match pair {
                [high, low] => bytes.push(high << 4 | low),
                [high] => half = Some(*high),
                _ => {}
            }
        }
        Some(Self { bytes, half })
    }

    fn fits(&self, id: &Id) -> bool {
        let next = id.as_bytes().get(self.bytes.len()).map(|b| b >> 4);
        id.as_bytes().starts_with(&self.bytes) && (self.half.is_none() || self.half == next)
    }

    /// Up to two entries whose id begins so.
    fn among(&self, state: &State, wanted: impl Fn(Num) -> bool) -> Vec<Id> {
        let graph = state.graph();
        let fits = graph
            .iter()
            .filter(|num| wanted(*num))
            .map(|num| graph.id(num))
            .filter(|id| self.fits(id));
        fits.take(2).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_odd_and_even_length() {
        let id: Id = "0123456789abcdef".repeat(4).parse().unwrap();
        for yes in ["01234567", "012345678", "0123456789abcde"] {
            assert!(Prefix::read(yes).unwrap().fits(&id), "{yes}");
        }
        for no in ["01234568", "012345679", "11234567"] {
            assert!(!Prefix::read(no).unwrap().fits(&id), "{no}");
        }
        for none in ["0123456", "0123456g", "0123456A", &id.to_string()] {
            assert_eq!(Prefix::read(none), None);
        }
    }
}
