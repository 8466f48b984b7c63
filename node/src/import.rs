//! Importers: texts of other systems, read into documents of our kinds.
//!
//! Invariant: reading is pure and loses nothing. Whatever a reader does not understand stays in the text or in the
//! preamble, word for word; what it cannot place is skipped, and said to be. An importer attests what it read: the
//! people named in it signed nothing here.

pub mod discourse;
pub mod mips;
pub mod register;

use althing_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// Bytes of JSON of the items in one part: what one entry takes, with room for its other fields and for the names of
/// items that it replaces.
const PART: usize = 192 << 10;

/// One document as an importer read it: what the API's import takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Where it was read, relative to the folder that was imported: the key by which it is found again.
    pub source: String,
    /// SHA-256 of the bytes that were read there.
    pub source_hash: Hash,
    /// The kind of document.
    pub kind: String,
    /// Its content fields, flat, without `source` and `source_hash`.
    pub content: Map<String, Json>,
    /// That further parts of it follow, each with items of its lists: the hash is noted with the last one, so that an
    /// import which ends in between goes on the next time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// A document and the items of one of its lists, in parts of at most so many items that fit into one entry each. All
/// but the last say that more follows; there is always one.
#[must_use]
pub fn parts(document: Document, list: &str, items: Vec<Json>, most: usize) -> Vec<Document> {
    let mut cuts: Vec<Vec<Json>> = vec![Vec::new()];
    let mut bytes = 0;
    for item in items {
        let size = item.to_string().len();
        let full = cuts
            .last()
            .is_some_and(|cut| cut.len() == most || (bytes + size > PART && !cut.is_empty()));
        if full {
            cuts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(cut) = cuts.last_mut() {
            cut.push(item);
        }
    }
    let last = cuts.len() - 1;
    let part = |(n, items): (usize, Vec<Json>)| {
        let mut part = document.clone();
        if !items.is_empty() {
            part.content.insert(list.to_owned(), json!(items));
        }
        part.more = n < last;
        part
    };
    cuts.into_iter().enumerate().map(part).collect()
}
