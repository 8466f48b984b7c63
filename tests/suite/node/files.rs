//! Files between real nodes: over HTTP, on the command line, from whoever is there.

use std::fs;
use std::path::PathBuf;

use althing_tests::process::{Node, agree, text, wait_for};
use serde_json::Value;

use super::{World, follow, found, state};

/// Bytes that are not the same in any two places, so that a mixed-up chunk shows.
fn content(length: usize) -> Vec<u8> {
    let words = (0_u64..).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    words.take(length).collect()
}

/// A file on the disk of a test.
fn file(world: &World, name: &str, bytes: &[u8]) -> String {
    let path: PathBuf = world.dir().join(name);
    fs::write(&path, bytes).expect("files can be written");
    path.to_str().expect("a path of ASCII").to_owned()
}

/// Where a file stands at a node: its state, and how much of it is here while it is fetched.
fn stands(node: &Node, hash: &str) -> Option<(String, u64)> {
    let known = node.get(&format!("/files/{hash}/status"))?;
    let have = known.pointer("/fetch/have").and_then(Value::as_u64).unwrap_or(0);
    Some((text(&known, "state"), have))
}

/// A file as a node gives it over HTTP.
fn get(node: &Node, hash: &str) -> Option<Vec<u8>> {
    let url = format!("{}/api/v1/files/{hash}", node.api());
    let mut answer = ureq::get(&url).call().ok()?;
    answer.body_mut().with_config().limit(100 << 20).read_to_vec().ok()
}

#[test]
fn a_data_set_is_attached_on_one_node_and_fetched_on_another() {
    let world = World::new();
    let (ada, ben) = (world.begin("ada"), world.begin("ben"));
    let committee = found(&ada);
    follow(&ben, &committee, &ada);
    let bytes = content(5 * 1024 * 1024 + 321);
    let path = file(&world, "tides.parquet", &bytes);
    let attached = ada.cli(&["attach", &path]);
    let hash = text(&attached, "hash");
    assert_eq!(
        attached.get("length").and_then(Value::as_u64),
        u64::try_from(bytes.len()).ok()
    );
    assert_eq!(text(&attached, "name"), "tides.parquet");

    // The same bytes, in a document and in a post.
    let research = [
        "research",
        "--committee",
        &committee,
        "--set",
        "title=Tides",
        "--set",
        "findings=High",
        "--attach",
        &path,
    ];
    let doc = ada.write(&research);
    let table = file(&world, "table.csv", b"tide,depth\nhigh,9\n");
    ada.write(&["act", "post", &doc, "--attach", &table, "the table"]);
    agree(&[&ada, &ben], &committee, 3);
    let shown = wait_for("the document", || ben.get(&format!("/documents/{doc}")));
    let data = shown
        .pointer("/content/data/items/0/values/0/value/hash")
        .or(shown.pointer("/content/data/values/0/value/hash"));
    assert!(
        data.and_then(Value::as_str) == Some(&hash) || shown.to_string().contains(&hash),
        "{shown}"
    );

    assert_eq!(
        wait_for("its name", || stands(&ben, &hash)).0,
        "absent",
        "nobody asked for it"
    );
    assert_eq!(get(&ben, &hash), None);
    let out = world.dir().join("copy.parquet");
    let out = out.to_str().expect("a path of ASCII");
    let got = ben.cli(&["file", &hash, "-o", out]);
    assert_eq!(got.get("length"), attached.get("length"));
    assert!(fs::read(out).expect("it was written") == bytes, "the same bytes");
    assert!(get(&ben, &hash).expect("it is here") == bytes, "over HTTP too");

    // The other one over HTTP, in one request of its owner.
    let small = text(&ada.cli(&["attach", &table]), "hash");
    let token = fs::read_to_string(ben.data().join("token")).expect("a token");
    let url = format!("{}/api/v1/files/{small}?fetch", ben.api());
    let mut answer = ureq::get(&url)
        .header("Authorization", format!("Bearer {}", token.trim()))
        .call()
        .expect("it comes");
    assert_eq!(
        answer.body_mut().read_to_string().expect("text"),
        "tide,depth\nhigh,9\n"
    );
    assert!(ben.shown(&["file", &small]).contains("looks like text/plain"));
    let nobody = "ab".repeat(32);
    let why = ben.try_cli(&["file", &nobody, "-o", out]).expect_err("no such file");
    assert!(why.contains("not on this node") || why.contains("no entry"), "{why}");

    // Erased, it is gone at that node only.
    ben.cli(&["erase", &doc, "--reason", "too large for this disk"]);
    assert_eq!(get(&ben, &hash), None);
    assert!(get(&ada, &hash).is_some());
}

#[test]
fn a_fetch_goes_on_from_another_node_when_the_first_one_stops_half_way() {
    let world = World::new();
    let (mut ada, ben, mut cleo) = (world.begin("ada"), world.begin("ben"), world.begin("cleo"));
    let committee = found(&ada);
    for node in [&ben, &cleo] {
        follow(node, &committee, &ada);
    }
    // More than a node gives another at once.
    let bytes = content(48 * 1024 * 1024 + 5);
    let path = file(&world, "large.bin", &bytes);
    let doc = state(&ada, &committee, "with data");
    ada.write(&["act", "post", &doc, "--attach", &path, "see"]);
    let hash = text(&ada.cli(&["attach", &path]), "hash");
    agree(&[&ada, &ben, &cleo], &committee, 3);
    let out = world.dir().join("cleo.bin");
    cleo.cli(&["file", &hash, "-o", out.to_str().expect("a path of ASCII")]);
    assert!(cleo.stop().expect("it ran").success());

    wait_for("the entry", || stands(&ben, &hash));
    wait_for("only ada is there", || {
        let peers = ben.get("/peers")?;
        (peers.get("items")?.as_array()?.len() == 1).then_some(())
    });
    let out = world.dir().join("ben.bin");
    let child = ben
        .command(&["file", &hash, "-o", out.to_str().expect("a path of ASCII")])
        .spawn();
    let mut child = child.expect("the command runs");
    let half = wait_for("a part of it", || {
        let (state, have) = stands(&ben, &hash)?;
        assert!(state != "here", "it was too fast to be stopped half way");
        (have > 0).then_some(have)
    });
    ada.kill();
    let total = u64::try_from(bytes.len()).expect("it fits");
    let before = wait_for("ada is gone", || {
        let peers = ben.get("/peers")?;
        let (_, have) = stands(&ben, &hash)?;
        peers.get("items")?.as_array()?.is_empty().then_some(have)
    });
    assert!(half <= before && before < total, "{half} {before}");
    cleo.start(&["--bootstrap", ben.peer()]);
    let mut seen = Vec::new();
    wait_for("the rest from cleo", || {
        let (state, have) = stands(&ben, &hash)?;
        seen.push(have);
        (state == "here").then_some(())
    });
    // It never began anew.
    assert!(
        seen.iter().filter(|have| **have > 0).all(|have| *have >= before),
        "{before} {seen:?}"
    );
    assert!(child.wait().expect("it ends").success());
    assert!(fs::read(&out).expect("it was written") == bytes, "the same bytes");
}

#[test]
fn a_node_that_is_killed_while_it_fetches_goes_on_where_it_was() {
    let world = World::new();
    let (ada, mut ben) = (world.begin("ada"), world.begin("ben"));
    let committee = found(&ada);
    follow(&ben, &committee, &ada);
    let bytes = content(40 * 1024 * 1024);
    let path = file(&world, "large.bin", &bytes);
    let doc = state(&ada, &committee, "with data");
    ada.write(&["act", "post", &doc, "--attach", &path, "see"]);
    let hash = text(&ada.cli(&["attach", &path]), "hash");
    agree(&[&ada, &ben], &committee, 3);
    wait_for("the entry", || stands(&ben, &hash));
    let out = world.dir().join("ben.bin");
    let out = out.to_str().expect("a path of ASCII");
    let mut child = ben
        .command(&["file", &hash, "-o", out])
        .spawn()
        .expect("the command runs");
    let have = wait_for("a part of it", || {
        let (state, have) = stands(&ben, &hash)?;
        assert!(state != "here", "it was too fast to be killed half way");
        (have > 0).then_some(have)
    });
    ben.kill();
    assert!(!child.wait().expect("it ends").success());
    ben.start(&[]);
    let mut child = ben
        .command(&["file", &hash, "-o", out])
        .spawn()
        .expect("the command runs");
    let mut seen = Vec::new();
    wait_for("the rest", || {
        let (state, have) = stands(&ben, &hash)?;
        seen.push(have);
        (state == "here").then_some(())
    });
    assert!(
        seen.iter().filter(|have| **have > 0).all(|now| *now >= have),
        "{have} {seen:?}"
    );
    assert!(child.wait().expect("it ends").success());
    assert!(fs::read(out).expect("it was written") == bytes, "the same bytes");
    assert!(ben.stop().expect("it ran").success());
    let report = ben.cli(&["fsck"]);
    assert_eq!(
        report.pointer("/files/files").and_then(Value::as_u64),
        Some(1),
        "{report}"
    );
    assert_eq!(report.get("clean"), Some(&Value::Bool(true)));
}
