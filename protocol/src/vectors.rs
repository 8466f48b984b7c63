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

/// Bytes as what they share with others, and the rest.
fn parts(of: &[u8], bytes: &[u8]) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut own: Vec<u8> = Vec::new();
    let flush = |own: &mut Vec<u8>, parts: &mut Vec<Value>| {
        for run in own.chunk_by(|a, b| a == b) {
            match parts
                .last_mut()
                .and_then(|last| last.as_array_mut())
                .map(Vec::as_mut_slice)
            {
                _ if run.len() > 64 => parts.push(json!([hex(&run[..1]), run.len()])),
                Some([Value::String(text), times]) if *times == json!(1) => text.push_str(&hex(run)),
                _ => parts.push(json!([hex(run), 1])),
            }
        }
        own.clear();
    };
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, of, bytes) {
        let (old, new) = (op.old_range(), op.new_range());
        if op.tag() == similar::DiffTag::Equal && old.len() > 16 {
            flush(&mut own, &mut parts);
            parts.push(json!([old.start, old.end]));
        } else {
            own.extend_from_slice(&bytes[new]);
        }
    }
    flush(&mut own, &mut parts);
    parts
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
        ("log", include_str!("../vectors/log.json")),
        ("anchor", include_str!("../vectors/anchor.json")),
        ("proof", include_str!("../vectors/proof.json")),
    ];
    let names = |text: &str| -> Vec<String> {
        let vectors: Value = serde_json::from_str(text).unwrap();
        let lists = vectors.as_object().unwrap().values().filter_map(Value::as_array);
        lists
            .flatten()
            .filter_map(|case| Some(case["name"].as_str()?.to_owned()))
            .collect()
    };
    let known: BTreeMap<&str, Vec<String>> = files.iter().map(|(file, text)| (*file, names(text))).collect();
    let pages = [
        include_str!("../../docs/spec/entry.md"),
        include_str!("../../docs/spec/record.md"),
        include_str!("../../docs/spec/authority.md"),
        include_str!("../../docs/spec/log.md"),
        include_str!("../../docs/spec/anchor.md"),
        include_str!("../../docs/spec/proof.md"),
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
    // Tables name theirs in the last column.
    let mut count = 0;
    for page in pages {
        for table in page.split("| shown by `").skip(1) {
            let (file, table) = table.split_once("#` |\n").unwrap();
            let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
            let cells = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
            for name in cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
                let found = known[file].iter().any(|n| n == name);
                assert!(found, "the specification cites {file}#{name}");
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}
