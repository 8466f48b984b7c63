//! The node's views against those that a program of its own computes from the JSON export (`tests/views/`).

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use althing_tests::process::{Node, text};
use serde_json::{Value, json};

use super::node::{World, found};

/// Everything that can be asked of a committee on a day: each view of it, and each view of each document that fits.
fn asked(node: &Node, committee: &str, day: &str) -> Vec<Value> {
    let views = node.cli(&["view"]);
    let documents = node.cli(&["list", "--committee", committee]);
    let empty = Vec::new();
    let items = |json: &Value| json.get("items").and_then(Value::as_array).unwrap_or(&empty).clone();
    let mut out = Vec::new();
    for view in items(&views) {
        let name = text(&view, "name");
        let of: Vec<String> = view
            .get("of")
            .and_then(Value::as_array)
            .unwrap_or(&empty)
            .iter()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect();
        let docs: Vec<Option<String>> = match of.is_empty() {
            true => vec![None],
            // Every kind several times over, and not every paper of hundreds: the same rule reads them all.
            false => {
                let fits = items(&documents);
                let fits = fits.iter().filter(|item| of.contains(&text(item, "kind")));
                fits.take(12).map(|item| Some(text(item, "id"))).collect()
            }
        };
        for doc in docs {
            let mut args = vec!["view", &name];
            args.extend(doc.as_deref());
            args.extend(["--at", day]);
            if doc.is_none() {
                args.extend(["--committee", committee]);
            }
            let answer = node.cli(&args);
            let tables = answer.get("tables").cloned().unwrap_or_default();
            out.push(json!({ "view": name, "doc": doc, "at": day, "tables": tables }));
        }
    }
    out
}

/// Compares all views of a committee, and answers what the other program says.
fn compare(node: &Node, committee: &str, dir: &Path, day: &str) -> String {
    let (export, views) = (dir.join("export.json"), dir.join("views.json"));
    let file = export.to_string_lossy().into_owned();
    node.cli(&["export", "json", "--committee", committee, "-o", &file]);
    let asked = asked(node, committee, day);
    assert!(asked.len() > 60, "only {} views", asked.len());
    serde_json::to_writer(File::create(&views).expect("a file"), &asked).expect("it can be written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("views/compare.py");
    let out = Command::new("python3").arg(script).arg(&export).arg(&views).output();
    let out = out.expect("python3 runs");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}\n{wrong}");
    said
}

/// A day on which nothing is later than what the test writes.
const LATER: &str = "2099-12-31";

#[test]
fn views_of_the_real_papers_are_those_that_another_program_computes() {
    let Some(corpus) = std::env::var_os("ALTHING_CORPUS") else {
        eprintln!("skipped: ALTHING_CORPUS names no folder with real papers");
        return;
    };
    let world = World::new();
    let node = world.begin("ada");
    let committee = found(&node);
    let papers = Path::new(&corpus).join("mips").to_string_lossy().into_owned();
    node.cli(&["import", "mips", &papers, "--committee", &committee]);
    let said = compare(&node, &committee, world.dir(), LATER);
    eprintln!("{said}");
}

#[test]
fn the_other_program_has_tests_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("views");
    assert!(fs::exists(folder.join("compare.py")).is_ok_and(|there| there));
    let out = Command::new("python3")
        .args(["-m", "unittest", "-q"])
        .current_dir(folder)
        .output();
    let out = out.expect("python3 runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
