//! Values that keep their type's bounds, and their one encoding.

use std::collections::BTreeMap;
use std::fmt;

use ipld_core::ipld::Ipld;

use crate::hash::{Hash, Id, Key};

/// Fields by name. Names are those of the declarations.
pub type Record = BTreeMap<&'static str, Value>;

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A line, a text, a word out of a choice, a day, or a name not yet claimed.
    Text(String),
    /// A whole number.
    Int(u64),
    /// Yes or no.
    Flag(bool),
    /// An entry, or what it roots.
    Id(Id),
    /// A public key.
    Key(Key),
    /// A SHA-256.
    Hash(Hash),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An amount of money.
    Money {
        /// In minor units, such as cents.
        amount: u64,
        /// Its code.
        currency: String,
    },
    /// Entries.
    Ids(Vec<Id>),
    /// Lines.
    Lines(Vec<String>),
    /// An item of a list.
    Item(ItemId),
    /// Records of an act.
    List(Vec<Record>),
}

/// Names an item of a document's list: the entry that added it, and its place among those that the entry added
/// to that list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId {
    /// The entry.
    pub entry: Id,
    /// The place, from 0.
    pub n: u64,
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entry, self.n)
    }
}

impl Value {
    /// The text of a value that is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a list of some.
    #[must_use]
    pub fn as_ids(&self) -> &[Id] {
        match self {
            Self::Ids(ids) => ids,
            _ => &[],
        }
    }

    /// The id of a value that is one.
    #[must_use]
    pub fn as_id(&self) -> Option<Id> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The number of a value that is one.
    #[must_use]
    pub fn as_int(&self) -> Option<u64> {
        match self {
            Self::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The bytes of a value that is some.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The records, if it is a list of some.
    #[must_use]
    pub fn as_list(&self) -> &[Record] {
        match self {
            Self::List(records) => records,
            _ => &[],
        }
    }

    /// The decoded form of its encoding.
    #[must_use]
    pub fn to_ipld(&self) -> Ipld {
        let bytes = |bytes: &[u8; 32]| Ipld::Bytes(bytes.to_vec());
        match self {
            Self::Text(text) => Ipld::String(text.clone()),
            Self::Int(n) => Ipld::Integer(i128::from(*n)),
            Self::Flag(yes) => Ipld::Bool(*yes),
            Self::Id(id) => bytes(&id.0),
            Self::Key(key) => bytes(&key.0),
            Self::Hash(hash) => bytes(&hash.0),
            Self::Bytes(bytes) => Ipld::Bytes(bytes.clone()),
            Self::Money { amount, currency } => Ipld::Map(BTreeMap::from([
                ("amount".to_owned(), Ipld::Integer(i128::from(*amount))),
                ("currency".to_owned(), Ipld::String(currency.clone())),
            ])),
            Self::Ids(ids) => Ipld::List(ids.iter().map(|id| bytes(&id.0)).collect()),
            Self::Lines(lines) => Ipld::List(lines.iter().map(|line| Ipld::String(line.clone())).collect()),
            Self::Item(item) => Ipld::List(item_ipld(*item).into()),
            Self::List(items) => Ipld::List(items.iter().map(record_ipld).collect()),
        }
    }
}

/// The decoded form of a record's encoding.
#[must_use]
pub(super) fn record_ipld(record: &Record) -> Ipld {
    Ipld::Map(
        record
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_ipld()))
            .collect(),
    )
}

/// `[entry, n]`, decoded.
pub(super) fn item_ipld(item: ItemId) -> [Ipld; 2] {
    [Ipld::Bytes(item.entry.0.to_vec()), Ipld::Integer(i128::from(item.n))]
}
