//! A committee that lost its authority goes on in another one that names it.

use althing_tests::process::{agree, text, wait_for};
use serde_json::Value;

use super::{World, follow, found, state};

#[test]
fn a_fork_names_what_it_continues_and_is_shown_both_ways() {
    let world = World::new();
    let (ada, ben) = (world.begin("ada"), world.begin("ben"));
    let old = found(&ada);
    let topic = state(&ada, &old, "what we decided");
    follow(&ben, &old, &ada);
    agree(&[&ada, &ben], &old, 2);

    let purpose = "to keep the harbour open after all";
    let reason = "a founder's machine was stolen, and founders cannot be revoked";
    let fork = ben.write(&[
        "committee",
        "fork",
        &old[..8],
        "--name",
        "New Harbour",
        "--purpose",
        purpose,
        "--reason",
        reason,
    ]);
    follow(&ada, &fork, &ben);
    agree(&[&ada, &ben], &fork, 1);
    for node in [&ada, &ben] {
        let shown = wait_for("the fork's content", || {
            let shown = node.try_cli(&["committee", "show", &fork]).ok()?;
            shown.pointer("/continues/id").is_some().then_some(shown)
        });
        assert_eq!(shown.pointer("/continues/id"), Some(&old.as_str().into()));
        assert_eq!(shown.pointer("/continues/name"), Some(&"Harbour".into()));
        assert_eq!(shown.pointer("/continues/reason"), Some(&reason.into()));
        let shown = node.cli(&["committee", "show", &old]);
        let forks = shown
            .get("forks")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let ids: Vec<String> = forks.iter().map(|fork| text(fork, "id")).collect();
        assert_eq!(ids, [fork.as_str()]);
        let listed = node.shown(&["committee", "list"]);
        assert!(
            listed.contains("New Harbour") && listed.contains("is continued by"),
            "{listed}"
        );
    }
    // The work goes on, about the documents of before, and the old record is as it was.
    let motion = ben.write(&[
        "open",
        "motion",
        "--committee",
        &fork,
        "--set",
        "form=other",
        "--set",
        &format!("subject={topic}"),
    ]);
    agree(&[&ada, &ben], &fork, 2);
    agree(&[&ada, &ben], &old, 2);
    let shown = ada.cli(&["show", &motion]);
    assert_eq!(
        shown.pointer("/content/subject/values/0/value"),
        Some(&topic.as_str().into()),
        "{shown}"
    );

    let no = ben
        .try_cli(&["committee", "fork", &topic, "--name", "Of a document"])
        .unwrap_err();
    assert!(no.contains("not a committee"), "{no}");
}
