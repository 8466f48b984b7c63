//! Erasing and refusing, with real nodes: what one drops, others still have and give.

use std::path::PathBuf;

use althing_tests::fault::{self, strange};
use althing_tests::process::{Node, agree, text, wait_for};
use serde_json::Value;

use super::{World, follow, three};

/// Files of a node that hold these bytes.
fn holding(node: &Node, needle: &[u8]) -> Vec<PathBuf> {
    fault::holding(node.data(), needle).expect("the folder can be read")
}

/// An act as `show` has it.
fn act(node: &Node, doc: &str, id: &str) -> Option<Value> {
    let shown = node.get(&format!("/documents/{doc}"))?;
    let acts = shown.get("acts")?.as_array()?;
    acts.iter()
        .find(|act| act.get("id").and_then(Value::as_str) == Some(id))
        .cloned()
}

fn body(node: &Node, doc: &str, id: &str) -> Option<String> {
    Some(act(node, doc, id)?.get("body")?.as_str()?.to_owned())
}

#[test]
fn what_one_node_erases_another_still_gives() {
    let world = World::new();
    let ([ada, mut hub, cleo], committee) = three(&world);
    let said = strange(1);
    let needle: Vec<u8> = said.bytes().skip(60).take(60).collect();
    let post = ada.write(&["post", &committee, &said]);
    let digest = agree(&[&ada, &hub, &cleo], &committee, 4);
    for node in [&hub, &cleo] {
        wait_for("the text", || {
            act(node, &committee, &post)?
                .get("text")?
                .as_str()
                .map(|t| assert_eq!(t, said))
        });
    }
    assert!(!holding(&hub, &needle).is_empty(), "it was there");

    let answer = hub.cli(&["erase", &post, "--reason", "somebody's address"]);
    assert_eq!(
        (text(&answer, "id"), text(&answer, "body")),
        (post.clone(), "erased".to_owned())
    );
    assert_eq!(holding(&hub, &needle), Vec::<PathBuf>::new());
    let shown = act(&hub, &committee, &post).expect("the header stays");
    assert_eq!(text(&shown, "body"), "erased");
    assert_eq!(shown.get("text"), Some(&Value::Null));
    let why = shown.get("erased").expect("a notice");
    assert_eq!(text(why, "reason"), "somebody's address");
    assert_eq!(
        why.pointer("/by/identity").and_then(Value::as_str),
        Some(hub.identity())
    );
    let log = hub.cli(&["log", &committee]);
    assert!(log.to_string().contains("somebody's address"), "{log}");
    assert!(hub.shown(&["show", &committee]).contains("erased by hub"));
    let listed = hub.cli(&["erase", "--list"]);
    assert_eq!(
        listed.pointer("/items/0/id").and_then(Value::as_str),
        Some(post.as_str())
    );
    assert_eq!(hub.digest(&committee).map(|d| d.0), Some(digest.clone()));

    // Somebody who only knows the hub when it follows gets the entry there, and the text from another, of whom the hub
    // tells.
    let late = world.begin("late");
    follow(&late, &committee, &hub);
    assert_eq!(agree(&[&hub, &late], &committee, 4), digest);
    wait_for("the text from another", || {
        act(&late, &committee, &post)?
            .get("text")?
            .as_str()
            .map(|t| assert_eq!(t, said))
    });

    // It stays so over a restart among others who have it.
    assert!(hub.stop().expect("it ran").success());
    hub.cli(&["fsck"]);
    hub.start(&[]);
    let more = cleo.write(&["post", &committee, "and on"]);
    agree(&[&ada, &hub, &cleo, &late], &committee, 5);
    wait_for("a later text", || {
        act(&hub, &committee, &more)?.get("text")?.as_str().map(drop)
    });
    assert_eq!(body(&hub, &committee, &post).as_deref(), Some("erased"));
    assert_eq!(holding(&hub, &needle), Vec::<PathBuf>::new());
    let refused = hub
        .try_cli(&["erase", "0123456789", "--reason", "x"])
        .expect_err("no such entry");
    assert!(refused.contains("nothing here"), "{refused}");
}

#[test]
fn a_refused_identity_says_nothing_here_until_it_is_taken_back() {
    let world = World::new();
    let ([ada, hub, cleo], committee) = three(&world);
    let first = cleo.write(&["post", &committee, "first"]);
    let own = ada.write(&["post", &committee, "mine"]);
    agree(&[&ada, &hub, &cleo], &committee, 5);
    wait_for("the text", || (body(&hub, &committee, &first)? == "here").then_some(()));
    wait_for("the text", || (body(&hub, &committee, &own)? == "here").then_some(()));
    hub.cli(&["refuse", cleo.identity(), "--reason", "spam"]);
    let later = cleo.write(&["post", &committee, "later"]);
    agree(&[&ada, &hub, &cleo], &committee, 6);
    for id in [&first, &later] {
        assert_eq!(body(&hub, &committee, id).as_deref(), Some("erased"));
        assert_eq!(body(&ada, &committee, id).as_deref(), Some("here"));
    }
    assert_eq!(body(&hub, &committee, &own).as_deref(), Some("here"));
    let listed = hub.cli(&["refuse", "--list"]);
    assert_eq!(
        listed.pointer("/items/0/reason").and_then(Value::as_str),
        Some("spam"),
        "{listed}"
    );
    hub.cli(&["refuse", cleo.identity(), "--undo"]);
    for id in [&first, &later] {
        wait_for("texts that come again", || {
            (body(&hub, &committee, id)? == "here").then_some(())
        });
    }
    let none = hub
        .try_cli(&["refuse", cleo.identity(), "--undo"])
        .expect_err("not refused");
    assert!(none.contains("not refused"), "{none}");
}
