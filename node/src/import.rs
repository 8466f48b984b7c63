//! Importers: texts of other systems, read into documents of our kinds.
//!
//! Invariant: reading is pure and loses nothing. Whatever a reader does not understand stays in the text or in the
//! preamble, word for word; what it cannot place is skipped, and said to be. An importer attests what it read: the
//! people named in it signed nothing here.

pub mod mips;

use althing_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

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
}
