//! Clocks wrong by years: time is shown, and decides nothing.

use std::path::Path;

use althing_tests::fault::Shim;
use althing_tests::process::{Node, Program, agree, text};
use serde_json::Value;

const YEARS: i64 = 10 * 365 * 24 * 3600;

fn node(dir: &Path, name: &str, shim: &Shim, wrong: i64) -> Node {
    let mut node = Node::init(&Program::at(env!("CARGO_BIN_EXE_althing-under-test")), dir, name);
    node.set_env("LD_PRELOAD", shim.library().to_str().expect("a path of ASCII"));
    node.set_env("ALTHING_FAIL_CLOCK", &wrong.to_string());
    node.start(&[]);
    node
}

#[test]
fn nodes_ten_years_apart_agree() {
    let dir = tempfile::tempdir().unwrap();
    let Some(shim) = Shim::build(dir.path()) else {
        eprintln!("skipped: no C compiler, or not Linux");
        return;
    };
    let [now, ahead, behind] =
        [("now", 0), ("ahead", YEARS), ("behind", -YEARS)].map(|(name, wrong)| node(dir.path(), name, &shim, wrong));
    let committee = now.write(&[
        "committee",
        "create",
        "--name",
        "H",
        "--purpose",
        "p",
        "--threshold",
        "1",
    ]);
    let link = text(&now.cli(&["committee", "invite", &committee]), "invitation");
    for node in [&ahead, &behind] {
        node.write(&["committee", "follow", &link]);
        agree(&[&now, node], &committee, 1);
        let grant = ["grant", "voice", node.identity(), "--committee", &committee];
        althing_tests::process::wait_for("the identity of a new member", || now.try_cli(&grant).ok());
    }
    agree(&[&now, &ahead, &behind], &committee, 3);
    let posts = [&ahead, &behind, &now].map(|node| node.write(&["post", &committee, "what time is it?"]));
    agree(&[&now, &ahead, &behind], &committee, 6);
    let shown = now.cli(&["show", &committee]);
    let acts = shown.get("acts").and_then(Value::as_array).expect("acts");
    let time = |id: &String| {
        let act = acts.iter().find(|act| text(act, "id") == *id).expect("the post");
        assert_eq!(text(act, "effect"), "effective", "{act}");
        act.get("time").and_then(Value::as_i64).expect("a time")
    };
    let [ahead, behind, now] = posts.each_ref().map(time);
    assert!(
        ahead - now > YEARS * 900 && now - behind > YEARS * 900,
        "what each clock said is shown: {ahead} {now} {behind}"
    );
}
