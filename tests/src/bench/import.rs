//! Imports through the real command and a real node; what a committee of that size costs to look at and to carry away.

use std::path::Path;

use std::time::Duration;

use serde_json::Value;

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
    views(&node, &committee);
    archives(&node, &committee, folder);
}

/// Every view of the committee as a page, each the best of three: the slowest one.
fn views(node: &Node, committee: &str) {
    let page = |path: &str| -> Duration {
        let url = format!("{}{path}", node.api());
        let once = || timed(|| ureq::get(&url).call().expect("a page").body_mut().read_to_vec()).0;
        (0..3).map(|_| once()).min().unwrap_or_default()
    };
    let all = node.get("/views").expect("views");
    let all = all.get("items").and_then(Value::as_array).expect("a list");
    let of_committee = all
        .iter()
        .filter(|view| view.get("of").and_then(Value::as_array).is_some_and(Vec::is_empty));
    let mut times: Vec<(Duration, &str)> = of_committee
        .filter_map(|view| view.get("name")?.as_str())
        .map(|name| (page(&format!("/c/{committee}/views/{name}")), name))
        .collect();
    times.sort_unstable();
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    if let (Some((slowest, name)), Some((median, _))) = (times.last(), times.get(times.len() / 2)) {
        let what = format!("slowest of {} views of {TOPICS} documents, as a page", times.len());
        row(
            &what,
            &ms(*slowest),
            "50 ms",
            &format!("{name}; median {}", ms(*median)),
        );
    }
    row(
        "the committee's page",
        &ms(page(&format!("/c/{committee}"))),
        "50 ms",
        "",
    );
}

fn archives(node: &Node, committee: &str, folder: &Path) {
    let path = |name: &str| folder.join(name).to_str().expect("a path of ASCII").to_owned();
    let (tar, site) = (path("a.tar"), path("site"));
    let export = |args: &[&str]| {
        let (time, report) = timed(|| node.cli(args));
        let figure = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
        let told = format!(
            "{} entries, {} files, {} MiB",
            figure("entries"),
            figure("files"),
            figure("bytes") >> 20
        );
        (format!("{:.1} s", time.as_secs_f64()), told)
    };
    let (time, told) = export(&["export", "archive", "--bare", "--committee", committee, "-o", &tar]);
    row("export archive --bare", &time, "", &told);
    let (time, _) = timed(|| node.cli(&["verify", &tar]));
    row("verify", &format!("{:.1} s", time.as_secs_f64()), "", "");
    let (time, told) = export(&["export", "site", "--committee", committee, "-o", &site]);
    row("export site", &time, "", &told);
}
