//! The files that a body names, read by shape and never by known kind, so that files of kinds that a later release brings
//! are kept and passed on, too (`docs/decisions/0003-control-by-shape.md`).

use ipld_core::ipld::Ipld;

use crate::codec;
use crate::hash::Hash;
use crate::kind::{Field, Record, Type, Value};
use crate::limit;

/// Files that one body may name; further ones are passed over. No kind's lists have as many.
pub const NAMED: usize = 512;

/// A file as an entry names it. Nothing but the hash is certain: the rest is what its author says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Its length in bytes.
    pub length: u64,
    /// Its media type.
    pub ty: String,
    /// A name for it.
    pub name: Option<String>,
}

impl Named {
    /// A file in a record of a kind that names files.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let Some(Value::Hash(hash)) = record.get("hash") else {
            return None;
        };
        let text = |name: &str| record.get(name).and_then(Value::as_text);
        Some(Self {
            hash: *hash,
            length: record.get("length")?.as_int()?,
            ty: text("type")?.to_owned(),
            name: text("name").map(str::to_owned),
        })
    }

    /// Whether a field is a list of files.
    #[must_use]
    pub fn is_list(field: &Field) -> bool {
        match field.ty {
            Type::List { item, .. } => Self::is_item(item),
            _ => false,
        }
    }

    /// Whether items of a list are files.
    #[must_use]
    pub fn is_item(item: &[Field]) -> bool {
        ["hash", "length", "type"]
            .iter()
            .all(|name| item.iter().any(|field| field.name == *name))
    }
}

/// Before the value of a key `hash` that holds 32 bytes, in canonical CBOR: most bodies name no file, and are not decoded.
const MARK: &[u8] = b"\x64hash\x58\x20";

/// The files that a body names: maps that hold a `hash` of 32 bytes, a `length` and a `type`, wherever they are. Each once,
/// as it is named first.
#[must_use]
pub fn named(body: &[u8]) -> Vec<Named> {
    if !body.windows(MARK.len()).any(|bytes| bytes == MARK) {
        return Vec::new();
    }
    let mut found: Vec<Named> = Vec::new();
    // The decoder bounds how deep a body nests.
    let mut left: Vec<Ipld> = codec::decode_value(body).into_iter().collect();
    while let Some(value) = left.pop().filter(|_| found.len() < NAMED) {
        match value {
            Ipld::List(items) => left.extend(items.into_iter().rev()),
            Ipld::Map(map) => {
                match file(&map) {
                    Some(file) if found.iter().all(|other| other.hash != file.hash) => found.push(file),
                    _ => {}
                }
                left.extend(map.into_values().filter(|v| matches!(v, Ipld::List(_) | Ipld::Map(_))));
            }
            _ => {}
        }
    }
    found
}

fn file(map: &codec::Map) -> Option<Named> {
    let Ipld::Bytes(hash) = map.get("hash")? else {
        return None;
    };
    let Ipld::Integer(length) = map.get("length")? else {
        return None;
    };
    let text = |name: &str| match map.get(name) {
        Some(Ipld::String(text)) => Some(text.clone()),
        _ => None,
    };
    Some(Named {
        hash: Hash(hash.as_slice().try_into().ok()?),
        length: u64::try_from(*length).ok().filter(|length| *length <= limit::INT)?,
        ty: text("type")?,
        name: text("name"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kind;

    fn a(n: u8) -> String {
        Hash([n; 32]).to_string()
    }

    #[test]
    fn files_of_every_kind_that_names_some_are_found() {
        let file = |n: u8| json!({ "hash": a(n), "length": 5, "type": "text/csv", "name": "data.csv" });
        let mut kinds = 0;
        for kind in kind::all().iter().filter(|kind| kind.shape != kind::Shape::Edit) {
            let lists: Vec<&str> = kind
                .all_fields()
                .filter(|f| Named::is_list(f))
                .map(|f| f.name)
                .collect();
            for list in lists {
                kinds += 1;
                let body = json!({ list: [file(1), file(2), file(1)] });
                let Ok(body) = kind::json::body(kind, &body) else {
                    continue;
                };
                let found = named(&body);
                let hashes: Vec<Hash> = found.iter().map(|f| f.hash).collect();
                assert_eq!(hashes, [Hash([1; 32]), Hash([2; 32])], "{} {list}", kind.name);
                assert_eq!((found[0].length, found[0].ty.as_str()), (5, "text/csv"));
                assert_eq!(found[0].name.as_deref(), Some("data.csv"));
            }
        }
        assert!(kinds > 10, "{kinds}");
        let topic = kind::find("topic").unwrap();
        let edit = kind::json::edit(topic, &json!({ "add": { "files": [file(3)] } })).unwrap();
        assert_eq!(named(&edit).len(), 1);
    }

    #[test]
    fn other_hashes_are_no_files_and_nonsense_is_none() {
        let cite = kind::find("post").unwrap();
        let plain = kind::json::body(cite, &json!({ "text": "words" })).unwrap();
        assert!(named(&plain).is_empty());
        let bytes = |n: usize| Ipld::Bytes(vec![1; n]);
        let map =
            |fields: &[(&str, Ipld)]| Ipld::Map(fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
        let ty = || Ipld::String("x".to_owned());
        for none in [
            map(&[("hash", bytes(32))]),
            map(&[("hash", bytes(31)), ("length", Ipld::Integer(1)), ("type", ty())]),
            map(&[("hash", bytes(32)), ("length", Ipld::Integer(-1)), ("type", ty())]),
            map(&[("hash", bytes(32)), ("length", Ipld::Integer(1 << 60)), ("type", ty())]),
        ] {
            assert!(named(&codec::encode(&none)).is_empty(), "{none:?}");
        }
        assert!(named(MARK).is_empty() && named(&[]).is_empty());
        let many = (0..2 * NAMED).map(|n| {
            let mut hash = vec![0; 32];
            hash[..8].copy_from_slice(&n.to_be_bytes());
            map(&[
                ("hash", Ipld::Bytes(hash)),
                ("length", Ipld::Integer(1)),
                ("type", ty()),
            ])
        });
        let many = codec::encode(&Ipld::List(many.collect()));
        assert_eq!(named(&many).len(), NAMED);
    }
}
