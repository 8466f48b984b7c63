//! Imports through the real command and a real node.

use std::path::Path;

use super::table::{per_second, row};
use super::{rate, timed};
use crate::forum;
use crate::process::{Node, Program};

/// Topics of the forum.
const TOPICS: u64 = 5000;

/// Five thousand topics of a forum in one run, and the same again.
///
/// # Panics
/// When the node or the command fails.
pub fn rows(folder: &Path) {
    let program = Program::this().expect("the program knows where it is");
    let node = Node::begin(&program, folder, "ada");
    let committee = node.write(&[
        "committee",
        "create",
        "--name",
        "Harbour",
        "--purpose",
        "to keep it open",
    ]);
    let dir = folder.join("forum");
    let bytes = forum::write(&dir, TOPICS).expect("the files can be written");
    let dir = dir.to_str().expect("a path of ASCII");
    let import = [
        "import",
        "discourse",
        dir,
        "--committee",
        &committee,
        "--site",
        "https://forum.example",
    ];
    let topics = usize::try_from(TOPICS).unwrap_or(0);
    let (first, report) = timed(|| node.cli(&import));
    assert_eq!(
        report.get("added").and_then(serde_json::Value::as_u64),
        Some(TOPICS),
        "{report}"
    );
    row(
        &format!("import of {TOPICS} topics, {} MiB of JSON", bytes >> 20),
        &format!("{:.1} s ({})", first.as_secs_f64(), per_second(rate(topics, first))),
        "",
        &format!("the node held {} MiB at most", node.peak()),
    );
    let (again, report) = timed(|| node.cli(&import));
    assert_eq!(
        report.get("already").and_then(serde_json::Value::as_u64),
        Some(TOPICS),
        "{report}"
    );
    row(
        "the same again",
        &format!("{:.1} s ({})", again.as_secs_f64(), per_second(rate(topics, again))),
        "nothing new",
        &format!("the node held {} MiB at most", node.peak()),
    );
}
