//! Each requirement of deliberation has a test by its number and a line in the documentation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The last requirement.
const LAST: usize = 89;

fn read_all(folder: &Path, ending: &str, out: &mut String) {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    found.sort();
    for path in found {
        if path.is_dir() {
            read_all(&path, ending, out);
        } else if path.to_string_lossy().ends_with(ending) {
            out.push_str(&fs::read_to_string(&path).expect("it can be read"));
        }
    }
}

#[test]
fn each_requirement_has_a_test_and_a_line_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut code, mut docs) = (String::new(), String::new());
    read_all(&root.join("protocol/view/src"), ".rs", &mut code);
    read_all(&root.join("docs/deliberation"), ".md", &mut docs);
    let documented: BTreeSet<usize> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next()?.trim().parse().ok())
        .collect();
    let missing: Vec<String> = (1..=LAST)
        .filter(|n| !code.contains(&format!("fn r{n:02}_")) || !documented.contains(n))
        .map(|n| format!("R{n}"))
        .collect();
    assert!(missing.is_empty(), "without a test or a line: {}", missing.join(", "));
}
