//! The test vectors in `protocol/vectors`, for readers in any language. Every case states in this source what must come
//! of it; `ALTHING_BLESS=1 cargo test -p althing-protocol vectors` writes the files anew, any other run compares them.

mod admit;
mod anchor;
mod authority;
mod effect;
mod entry;
mod log;
pub(crate) mod make;
mod proof;
mod record;
mod story;
pub(crate) mod world;

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

/// The specification names a vector for its rules; each has to be there.
#[test]
fn the_specification_cites_vectors_that_exist() {
    let files = [
        ("entry", include_str!("../vectors/entry.json")),
        ("admit", include_str!("../vectors/admit.json")),
        ("record", include_str!("../vectors/record.json")),
        ("authority", include_str!("../vectors/authority.json")),
        ("effect", include_str!("../vectors/effect.json")),
    ];
    let names = |text: &str| -> Vec<String> {
        let vectors: Value = serde_json::from_str(text).unwrap();
        let lists = ["accepted", "refused", "cases"]
            .iter()
            .filter_map(|list| vectors[*list].as_array());
        lists
            .flatten()
            .map(|case| case["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let known: BTreeMap<&str, Vec<String>> = files.iter().map(|(file, text)| (*file, names(text))).collect();
    let pages = [
        include_str!("../../docs/spec/entry.md"),
        include_str!("../../docs/spec/record.md"),
        include_str!("../../docs/spec/authority.md"),
    ];
    for page in pages {
        let mut file = "";
        // Code spans are every other part between backticks; `#name` is of the file that was named last.
        let cited = page
            .split('`')
            .skip(1)
            .step_by(2)
            .filter_map(|span| span.split_once('#'));
        let mut count = 0;
        for (in_file, name) in cited {
            if !in_file.is_empty() {
                file = in_file;
            }
            let found = known.get(file).is_some_and(|names| names.iter().any(|n| n == name));
            assert!(found || name.is_empty(), "the specification cites {file}#{name}");
            count += 1;
        }
        assert!(count > 7);
    }
    // The tables of faults name theirs in the last column.
    let tables = pages[0].split("| shown by `admit#` |\n").skip(1);
    let rows = tables.flat_map(|table| table.lines().skip(1).take_while(|line| line.starts_with('|')));
    let cells = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
    let cited: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(cited.len() > 30, "{cited:?}");
    for name in cited {
        assert!(
            known["admit"].iter().any(|n| n == name),
            "the specification cites admit#{name}"
        );
    }
}
