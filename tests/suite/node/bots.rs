//! The example of docs/bots.md, as it stands there, against a real node.

use std::fs;
use std::path::Path;
use std::process::Command;

use althing_tests::process::{text, wait_for};
use serde_json::Value;

use super::{World, found, state};

#[test]
fn the_bot_in_the_book_signs_by_itself_and_is_heard() {
    let world = World::new();
    let ada = world.begin("ada");
    let committee = found(&ada);
    let doc = state(&ada, &committee, "Quay");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/bots.md");
    let page = fs::read_to_string(page).expect("the page is in the book");
    let (_, rest) = page.split_once("```python\n").expect("the page has an example");
    let (example, _) = rest.split_once("```").expect("the example ends");
    let script = world.dir().join("bot.py");
    fs::write(&script, example).expect("the folder is writable");
    let python = std::env::var("ALTHING_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let say = |words: &str| {
        let output = Command::new(&python)
            .args(["-B", "bot.py", ada.api(), &committee, &doc, words])
            .current_dir(world.dir())
            .env("no_proxy", "*")
            .output()
            .expect("Python is here");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let first = say("Good morning from a bot.");
    assert_eq!(
        first.matches("\"admitted\"").count(),
        3,
        "identity, device, post: {first}"
    );
    let second = say("And once more: ä, 日本, 🐝");
    assert_eq!(second.matches("\"admitted\"").count(), 1, "{second}");
    let acts = || ada.get(&format!("/documents/{doc}"))?.get("acts")?.as_array().cloned();
    let said = wait_for("what the bot said", || acts().filter(|acts| acts.len() == 2));
    // Neither names the other: which one stands first is up to their ids.
    let mut texts: Vec<String> = said.iter().map(|act| text(act, "text")).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["And once more: ä, 日本, 🐝", "Good morning from a bot."]);
    assert_eq!(
        said.first().and_then(|act| act.pointer("/by/name")?.as_str()),
        Some("A bot in Python")
    );
    assert!(
        said.iter().all(|act| act.get("record") == Some(&Value::Bool(false))),
        "nobody took it up yet"
    );
    let ids: Vec<String> = said.iter().map(|act| text(act, "id")).collect();
    let mut take_up = vec!["take-up"];
    take_up.extend(ids.iter().map(String::as_str));
    ada.cli(&take_up);
    let acts = acts().expect("the document is here");
    assert!(
        acts.iter()
            .filter(|act| act.get("effect") == Some(&Value::from("effective")))
            .count()
            >= 2,
        "{acts:?}"
    );
}
