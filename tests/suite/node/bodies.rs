//! Bodies by choice, and large ones.

use althing_tests::process::{Node, agree, put, text, wait_for};
use serde_json::Value;

use super::{World, found, state};

fn follow(node: &Node, committee: &str, of: &Node, bodies: &[&str]) {
    let link = text(&of.cli(&["committee", "invite", committee]), "invitation");
    let mut args = vec!["committee", "follow", link.as_str(), "--bodies"];
    args.extend(bodies);
    node.write(&args);
}

/// The length of a document's text at a node, if it has it.
fn length(node: &Node, doc: &str) -> Option<usize> {
    let shown = node.get(&format!("/documents/{doc}"))?;
    Some(shown.pointer("/content/text/values/0/value")?.as_str()?.len())
}

#[test]
fn all_none_and_some_of_them_with_one_of_200_kib() {
    let world = World::new();
    let [ada, all, none, some] = ["ada", "all", "none", "some"].map(|name| world.begin(name));
    let committee = found(&ada);
    let long = "All of it. ".repeat(200 * 1024 / 11 + 1);
    let file = world.dir().join("long.md");
    put(&file, &long);
    let file = file.to_str().expect("a path of ASCII");
    let large = ada.write(&[
        "state",
        "--committee",
        &committee,
        "--set",
        "form=report",
        "--set",
        "title=long",
        "--file",
        file,
    ]);
    let small = state(&ada, &committee, "short");
    follow(&all, &committee, &ada, &["all"]);
    follow(&none, &committee, &ada, &["none"]);
    follow(&some, &committee, &ada, &[&large]);
    agree(&[&ada, &all, &none, &some], &committee, 3);

    for node in [&all, &some] {
        assert_eq!(wait_for("a large body", || length(node, &large)), long.len());
    }
    assert!(wait_for("a small one", || length(&all, &small)) > 0);
    assert_eq!(length(&some, &small), None);
    assert_eq!((length(&none, &small), length(&none, &large)), (None, None));
    // Without bodies a node knows of every entry all the same.
    let log = none.cli(&["log", &large]);
    assert_eq!(
        log.pointer("/items/0/body").and_then(Value::as_str),
        Some("absent"),
        "{log}"
    );

    // A large one while everybody is connected, and a change of mind.
    let another = ada.write(&[
        "state",
        "--committee",
        &committee,
        "--set",
        "form=report",
        "--set",
        "title=again",
        "--file",
        file,
    ]);
    assert_eq!(wait_for("another large body", || length(&all, &another)), long.len());
    follow(&none, &committee, &ada, &["all"]);
    for doc in [&small, &large, &another] {
        wait_for("bodies that were not wanted before", || length(&none, doc));
    }
    agree(&[&ada, &all, &none, &some], &committee, 4);
}
