//! The test vectors in `protocol/vectors`, for readers in any language. Every case states in this source what must come
//! of it; `ALTHING_BLESS=1 cargo test -p althing-protocol vectors` writes the files anew, any other run compares them.

mod admit;
mod authority;
mod entry;
pub(crate) mod make;
mod record;
mod story;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::entry::Verified;
use crate::hash::Id;

/// Compares a file with what it must hold, or writes it.
#[expect(clippy::disallowed_methods, reason = "this test keeps files of the repository")]
fn hold(file: &str, value: &Value) {
    let path = format!("{}/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = format!("{}\n", serde_json::to_string_pretty(value).unwrap());
    if std::env::var_os("ALTHING_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    } else {
        let held = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            held == text,
            "{file} is out of date: run with ALTHING_BLESS=1 and look at what changed"
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Entries by name, as the cases of a file cite them.
#[derive(Default)]
struct Book {
    wires: BTreeMap<String, Vec<u8>>,
    ids: BTreeMap<Id, String>,
}

impl Book {
    /// One name, one entry.
    fn add(&mut self, name: &str, entry: &Verified) -> String {
        if let Some(known) = self.ids.get(&entry.id()) {
            return known.clone();
        }
        let before = self.wires.insert(name.to_owned(), entry.wire());
        assert!(before.is_none(), "two entries are called {name}");
        self.ids.insert(entry.id(), name.to_owned());
        name.to_owned()
    }

    fn name(&self, id: &Id) -> String {
        self.ids.get(id).cloned().unwrap_or_else(|| id.to_string())
    }

    fn json(&self) -> Value {
        let ids: BTreeMap<&String, &Id> = self.ids.iter().map(|(id, name)| (name, id)).collect();
        let entry = |(name, wire): (&String, &Vec<u8>)| (name.clone(), json!({ "id": ids[name], "wire": hex(wire) }));
        Value::Object(self.wires.iter().map(entry).collect())
    }
}
