//! Nodes that cannot reach each other, and meet again.

use althing_tests::process::{agree, text, wait_for};
use serde_json::Value;

use super::{World, admit, follow, found, state, three};

#[test]
fn both_sides_of_a_cut_write_and_agree_again() {
    let world = World::new();
    let mut hub = world.begin("hub");
    // Ada and Cleo let nobody in, as behind a router: without the hub they are cut off from each other.
    let [ada, cleo] = ["ada", "cleo"].map(|name| {
        let mut node = world.init(name);
        node.start(&["--per-address", "0", "--bootstrap", hub.peer()]);
        node
    });
    let committee = found(&ada);
    follow(&hub, &committee, &ada);
    agree(&[&ada, &hub], &committee, 1);
    follow(&cleo, &committee, &hub);
    for node in [&hub, &cleo] {
        admit(&ada, &committee, node);
    }
    let topic = state(&ada, &committee, "before");
    let before = agree(&[&ada, &hub, &cleo], &committee, 4);

    let address = hub.peer().split("/p2p/").next().expect("an address").to_owned();
    assert!(hub.stop().expect("it ran").success(), "a clean end");
    for n in 0..10 {
        state(&ada, &committee, &format!("here {n}"));
        state(&cleo, &committee, &format!("there {n}"));
    }
    ada.write(&["post", &topic, "said here"]);
    cleo.write(&["post", &topic, "said there"]);
    let (here, there) = (ada.digest(&committee), cleo.digest(&committee));
    assert!(here != there && here.as_ref().is_some_and(|(digest, _)| *digest != before));

    hub.start(&["--listen", &address]);
    let after = agree(&[&ada, &hub, &cleo], &committee, 26);
    assert_ne!(after, before);
    let show = |node: &althing_tests::process::Node| -> Vec<String> {
        let shown = node.cli(&["show", &topic]);
        let acts = shown.get("acts").and_then(Value::as_array).cloned().unwrap_or_default();
        acts.iter()
            .filter(|act| act.get("text").is_some_and(Value::is_string))
            .map(|act| text(act, "text"))
            .collect()
    };
    let said = wait_for("both posts", || Some(show(&hub)).filter(|said| said.len() == 2));
    assert_eq!((show(&ada), show(&cleo)), (said.clone(), said));
}

#[test]
fn a_late_joiner_gets_everything() {
    let world = World::new();
    let ([ada, hub, cleo], committee) = three(&world);
    for n in 0..40 {
        state(&ada, &committee, &format!("number {n}"));
    }
    let late = world.begin("late");
    follow(&late, &committee, &cleo);
    agree(&[&ada, &hub, &cleo, &late], &committee, 43);
    let titles = late.cli(&["list", "--committee", &committee, "--kind", "statement"]);
    assert_eq!(titles.get("items").and_then(Value::as_array).map(Vec::len), Some(40));
    let first = wait_for("a connected peer", || {
        let peers = late.cli(&["peers"]);
        peers.pointer("/items/0/address")?.as_str().map(ToOwned::to_owned)
    });
    assert!(first.starts_with("/ip4/127.0.0.1/"), "{first}");
    wait_for("the peers' records compare", || {
        let peers = late.get("/peers")?;
        peers.pointer("/items/0/committees/0/same")?.as_bool()?.then_some(())
    });
}

#[test]
fn a_node_restarts_on_its_old_data_and_catches_up_untold() {
    let world = World::new();
    let ([ada, hub, mut cleo], committee) = three(&world);
    let mine = state(&cleo, &committee, "mine");
    agree(&[&ada, &hub, &cleo], &committee, 4);
    assert!(cleo.stop().expect("it ran").success());
    for n in 0..20 {
        state(&ada, &committee, &format!("meanwhile {n}"));
    }
    cleo.start(&[]);
    agree(&[&ada, &hub, &cleo], &committee, 24);
    assert_eq!(text(&cleo.cli(&["show", &mine]), "title"), "mine");
    assert!(cleo.stop().expect("it ran").success());
    let report = cleo.cli(&["fsck"]);
    assert!(report.is_object(), "{report}");
}

#[test]
fn quic_does_as_well() {
    let world = World::new();
    let mut ada = world.init("ada");
    ada.start(&["--listen", "/ip4/127.0.0.1/udp/0/quic-v1"]);
    let committee = found(&ada);
    state(&ada, &committee, "over QUIC");
    assert!(ada.peer().contains("/quic-v1/"), "{}", ada.peer());
    let mut ben = world.init("ben");
    ben.start(&[
        "--listen",
        "/ip4/127.0.0.1/udp/0/quic-v1",
        "--bootstrap",
        ada.peer(),
        "--follow",
        &committee,
    ]);
    agree(&[&ada, &ben], &committee, 2);
}
