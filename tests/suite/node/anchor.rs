//! From a post to a proof on a real chain: real nodes, the real bot, a stranger with one file.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use althing_tests::chain::Anvil;
use althing_tests::process::{Node, agree, text, wait_for};
use serde_json::Value;

use super::{World, state, three};
use crate::interop;

fn deploy(node: &Node, chain: &Anvil) -> String {
    text(
        &node.cli(&["anchor", "deploy", "--rpc", chain.url(), "--dev-key", "--pause", "1"]),
        "contract",
    )
}

fn anchor(node: &Node, chain: &Anvil, contract: &str) {
    let bot = [
        "anchor",
        "run",
        "--rpc",
        chain.url(),
        "--contract",
        contract,
        "--dev-key",
        "--pause",
        "1",
    ];
    node.cli(&[&bot[..], &["--period", "1", "--once"]].concat());
}

fn act(node: &Node, doc: &str, id: &str) -> Value {
    let shown = node.cli(&["show", doc]);
    let acts = shown.get("acts").and_then(Value::as_array).expect("a list");
    let act = acts.iter().find(|act| act.get("id").is_some_and(|found| found == id));
    act.expect("the act").clone()
}

#[test]
fn a_stranger_with_one_file_knows_who_said_what_and_when_at_the_latest() {
    let (world, chain) = (World::new(), Anvil::start());
    let ([ada, hub, cleo], committee) = three(&world);
    let nodes = [&ada, &hub, &cleo];
    let topic = state(&ada, &committee, "ferries");
    let post = hub.write(&["post", &topic, "they should run at night"]);
    agree(&nodes, &committee, 5);
    // Both others cosign, so that the anchored checkpoint has their word.
    wait_for("two cosignatures", || {
        let made = ada.cli(&["checkpoint", "--committee", &committee, "--cut"]);
        (made["cosigners"].as_array()?.len() == 2).then_some(())
    });
    for node in nodes {
        node.cli(&["checkpoint", "--committee", &committee]);
    }
    let contract = deploy(&ada, &chain);
    let dry = ada.cli(&[
        "anchor",
        "run",
        "--rpc",
        chain.url(),
        "--contract",
        &contract,
        "--dev-key",
        "--dry-run",
    ]);
    assert!(dry["digest"].is_string() && dry["gas"].as_u64() < Some(30_000), "{dry}");
    assert!(chain.anchored(&contract).is_empty(), "a dry run sends nothing");
    anchor(&ada, &chain, &contract);
    assert_eq!(chain.anchored(&contract).len(), 1);
    // Nothing but the anchor itself is new: nothing is due.
    anchor(&ada, &chain, &contract);
    assert_eq!(chain.anchored(&contract).len(), 1);

    let dated = act(&ada, &topic, &post);
    let block = dated["not_after"]["time"].as_u64().expect("a time");
    assert!(
        block.abs_diff(dated["time"].as_u64().expect("a time") / 1000) < 3600,
        "{dated}"
    );
    // What comes now names the final block: it was signed no earlier.
    let late = ada.write(&["post", &topic, "who pays?"]);
    assert!(act(&ada, &topic, &late)["not_before"]["time"].as_u64() >= Some(block));
    assert_eq!(act(&ada, &topic, &late)["not_after"], Value::Null);
    // The others hold the anchor, and date by it once somebody tells them that its block is final.
    agree(&nodes, &committee, 7);
    assert_eq!(act(&cleo, &topic, &post)["not_after"], Value::Null);
    cleo.cli(&["anchor", "watch", "--rpc", chain.url(), "--once"]);
    assert_eq!(act(&cleo, &topic, &post)["not_after"]["time"].as_u64(), Some(block));

    // Each proves by its own log: the batch held theirs too.
    for node in [&ada, &cleo] {
        let file = world.dir().join(format!("{}.zip", node.name()));
        let path = file.to_str().expect("a path");
        let made = node.cli(&["prove", &post, "-o", path]);
        assert_eq!(made["facts"]["entry"], post, "{made}");
        assert_eq!(made["facts"]["anchor"]["time"].as_u64(), Some(block), "{made}");
        assert_eq!(node.cli(&["verify", path])["valid"], true);
        // A changed byte is refused.
        let mut bytes = std::fs::read(&file).expect("the file");
        let middle = bytes.len() / 50;
        bytes[middle] ^= 1;
        let spoilt = world.dir().join("spoilt.zip");
        std::fs::write(&spoilt, bytes).expect("a file");
        let refused = node.try_cli(&["verify", spoilt.to_str().expect("a path")]);
        assert!(refused.expect_err("refused").contains("proves nothing"));
        // A second and a third reader say the same.
        for said in [interop::python(&["bundle", path]), interop::page(&["bundle", path])] {
            assert!(said.contains(&post), "{said}");
        }
    }
    // An auditor finds the others' logs whole.
    for other in [&hub, &cleo] {
        other.cli(&["checkpoint", "--committee", &committee]);
        let audit = ada.cli(&["audit", other.api(), "--committee", &committee]);
        assert_eq!(audit["faults"], 0, "{audit}");
        assert_eq!(audit["items"][0]["lacks"].as_array().map(Vec::len), Some(0), "{audit}");
    }
}

#[test]
fn a_bot_killed_at_any_moment_anchors_nothing_twice_and_loses_nothing() {
    let (world, chain) = (World::new(), Anvil::start());
    let ada = world.begin("ada");
    let committee = super::found(&ada);
    let topic = state(&ada, &committee, "ferries");
    let contract = deploy(&ada, &chain);
    let mut posts = Vec::new();
    for round in 0..12_u64 {
        posts.push(ada.write(&["post", &topic, &format!("round {round}")]));
        let bot = [
            "anchor",
            "run",
            "--rpc",
            chain.url(),
            "--contract",
            &contract,
            "--dev-key",
            "--pause",
            "1",
            "--period",
            "1",
        ];
        let mut bot = ada
            .command(&bot)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        // Anywhere between asking and recording.
        std::thread::sleep(Duration::from_millis(150 + 331 * round % 2600));
        bot.kill().expect("it can be killed");
        bot.wait().expect("it ends");
    }
    anchor(&ada, &chain, &contract);
    let digests = chain.anchored(&contract);
    let distinct: BTreeSet<&String> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "anchored twice: {digests:?}");
    for post in &posts {
        assert!(act(&ada, &topic, post)["not_after"].is_object(), "{post} is not dated");
    }
    // Every anchor is in the record, each transaction once.
    let listed = ada.cli(&["anchor", "list", "--committee", &committee]);
    let listed = listed["items"].as_array().expect("a list");
    let blocks: BTreeSet<String> = listed.iter().map(|item| text(item, "digest")).collect();
    assert_eq!(
        (listed.len(), blocks.len()),
        (digests.len(), digests.len()),
        "{listed:?}"
    );
}
