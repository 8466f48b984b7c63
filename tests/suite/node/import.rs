//! Imports by the real command into a real node.

use std::fs;
use std::process::Stdio;

use althing_tests::forum;
use althing_tests::process::{put, wait_for};
use serde_json::{Value, json};

use super::{World, found};

fn figure(report: &Value, name: &str) -> u64 {
    report
        .get(name)
        .and_then(Value::as_u64)
        .expect("a report has its figures")
}

fn path(world: &World, name: &str) -> String {
    world.dir().join(name).to_str().expect("a path of ASCII").to_owned()
}

#[test]
fn a_forum_is_imported_by_a_command_that_is_killed_and_run_again() {
    const TOPICS: u64 = 1200;
    let world = World::new();
    let node = world.begin("ada");
    let committee = found(&node);
    forum::write(&world.dir().join("forum"), TOPICS).expect("files");
    let dir = path(&world, "forum");
    put(&world.dir().join("forum/latest.json"), "{\"topic_list\": {}}");
    put(&world.dir().join("forum/broken.json"), "{\"id\": 1");
    let args = [
        "import",
        "discourse",
        &dir,
        "--committee",
        &committee,
        "--site",
        "https://forum.example",
    ];
    let mut import = node.command(&args);
    let mut import = import
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command runs");
    wait_for("some of it", || {
        node.digest(&committee).filter(|(_, entries)| *entries > 150)
    });
    import.kill().expect("it runs");
    import.wait().expect("it ends");
    let here = node.digest(&committee).expect("the committee").1;
    let report = node.cli(&args);
    assert_eq!(
        figure(&report, "added") + figure(&report, "changed") + figure(&report, "already"),
        TOPICS,
        "{here} {report}"
    );
    assert!(
        figure(&report, "already") > 100 && figure(&report, "added") > 0,
        "{report}"
    );
    let skipped = report["skipped"].as_array().expect("a list");
    let why: Vec<(&str, &str)> = skipped
        .iter()
        .map(|s| (s["file"].as_str().unwrap(), s["why"].as_str().unwrap()))
        .collect();
    assert_eq!(
        why.iter().map(|(file, _)| *file).collect::<Vec<_>>(),
        ["broken.json", "latest.json"]
    );
    assert!(
        why[0].1.starts_with("no JSON") && why[1].1.starts_with("no topic"),
        "{why:?}"
    );

    let before = node.digest(&committee).expect("the committee");
    let again = node.cli(&args);
    assert_eq!(
        (
            figure(&again, "added"),
            figure(&again, "changed"),
            figure(&again, "already")
        ),
        (0, 0, TOPICS)
    );
    assert_eq!(node.digest(&committee).expect("the committee"), before, "nothing new");

    // One post edited there, one gone, one new: one entry.
    let file = world.dir().join("forum/t/5.json");
    let mut topic: Value = serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
    let posts = topic["post_stream"]["posts"].as_array_mut().expect("posts");
    posts[1]["version"] = json!(9);
    posts[1]["cooked"] = json!("<p>Better.</p>");
    let mut late = posts[2].clone();
    late["post_number"] = json!(40);
    posts.remove(3);
    posts.push(late);
    put(&file, &topic.to_string());
    let changed = node.cli(&args);
    assert_eq!(
        (figure(&changed, "changed"), figure(&changed, "already")),
        (1, TOPICS - 1)
    );
    assert!(
        changed["notes"].to_string().contains("1 posts that were read before"),
        "{}",
        changed["notes"]
    );
    assert_eq!(node.digest(&committee).expect("the committee").1, before.1 + 1);
    let found = node
        .get(&format!(
            "/search?q=%22offboarding%20number%205%22&committee={committee}"
        ))
        .expect("an answer");
    assert!(
        found["items"].as_array().is_some_and(|items| !items.is_empty()),
        "{found}"
    );
}

#[test]
fn a_register_of_many_holders_is_whole_and_the_same_twice() {
    let world = World::new();
    let node = world.begin("ada");
    let committee = found(&node);
    let mut csv = "address,class,balance\n".to_owned();
    for n in 1..=20_000 {
        csv.push_str(&format!("0x{n:040X},holders,{n}.5\n"));
    }
    put(&world.dir().join("holders.csv"), &csv);
    let file = path(&world, "holders.csv");
    let import = |block: &str| {
        node.try_cli(&[
            "import",
            "register",
            &file,
            "--committee",
            &committee,
            "--title",
            "Holders",
            "--chain",
            "1",
            "--block",
            block,
            "--source",
            "an archive node",
            "--decimals",
            "2",
            "--unit",
            "MKR",
            "--day",
            "2023-01-01",
        ])
    };
    let report = import("100").expect("it is read");
    assert_eq!(
        (figure(&report, "added"), figure(&report, "already")),
        (1, 0),
        "{report}"
    );
    let before = node.digest(&committee).expect("the committee");
    let again = import("100").expect("it is read");
    assert_eq!((figure(&again, "added"), figure(&again, "already")), (0, 1), "{again}");
    assert_eq!(node.digest(&committee).expect("the committee"), before, "nothing new");
    let list = node
        .get(&format!("/documents?committee={committee}&kind=register"))
        .expect("a list");
    let [register] = list["items"].as_array().expect("items").as_slice() else {
        panic!("{list}")
    };
    let shown = node
        .get(&format!("/documents/{}", register["id"].as_str().expect("an id")))
        .expect("it");
    let holders = shown["content"]["holders"]["items"].as_array().expect("items");
    assert_eq!(holders.len(), 20_000);
    let last = &holders[19_999]["values"][0]["value"];
    assert_eq!(
        last,
        &json!({ "holder": format!("0x{:040x}", 20_000), "class": "holders", "weight": 2_000_050 })
    );
    assert_eq!(
        figure(&import("101").expect("it is read"), "added"),
        1,
        "another block, another register"
    );

    put(
        &world.dir().join("holders.csv"),
        &format!("{csv}0x{:040x},holders,1\n", 7),
    );
    let why = import("102").expect_err("one stands there twice");
    assert!(why.contains("lines 8 and 20002"), "{why}");
}

/// Proposals of one unit: what belongs together is linked, in one run and in the next.
#[test]
fn proposals_of_a_unit_are_linked_with_its_domain() {
    let world = World::new();
    let node = world.begin("ada");
    let committee = found(&node);
    let file = |name: &str, title: &str, number: &str, text: &str| {
        let text =
            format!("# {title}\n\n## Preamble\n```\n{number}\nTags: cu-quay-001\nStatus: Accepted\n```\n{text}\n");
        put(&world.dir().join("mips").join(name), &text);
    };
    file(
        "a.md",
        "MIP41c5-SP1: Facilitator Offboarding - Ada (QUAY-001)",
        "MIP41c5-SP#: 1",
        "## Motivation\nTired. See MIP41c4-SP2.",
    );
    file(
        "b.md",
        "MIP41c4-SP2: Facilitator Onboarding",
        "MIP41c4-SP#: 2",
        "## Facilitator name and information\n- Name: Eve",
    );
    file(
        "c.md",
        "MIP39c2-SP3: Adding",
        "MIP39c2-SP#: 3",
        "## Core Unit Name\n\nThe Quay",
    );
    file(
        "d.md",
        "MIP40c3-SP4: Budget",
        "MIP40c3-SP#: 4",
        "## Costs\n\n|Item|Amount|\n|-|-|\n|Pay|1,500 DAI|",
    );
    let dir = path(&world, "mips");
    let args = ["import", "mips", &dir, "--committee", &committee];
    assert_eq!(figure(&node.cli(&args), "added"), 5, "four proposals and their unit");
    let before = node.digest(&committee).expect("the committee");
    assert_eq!(figure(&node.cli(&args), "already"), 5);
    assert_eq!(node.digest(&committee).expect("the committee"), before, "nothing new");
    let list = node.get(&format!("/documents?committee={committee}")).expect("a list");
    let shown: Vec<Value> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            node.get(&format!("/documents/{}", item["id"].as_str().expect("an id")))
                .expect("it")
        })
        .collect();
    let of = |source: &str| {
        let found = shown
            .iter()
            .find(|doc| doc["content"]["source"]["values"][0]["value"] == source);
        found.unwrap_or_else(|| panic!("no {source}"))
    };
    let value = |doc: &Value, field: &str| doc["content"][field]["values"][0]["value"].clone();
    let unit = of("unit QUAY-001");
    assert_eq!(
        (value(unit, "name"), value(unit, "code")),
        (json!("The Quay"), json!("QUAY-001"))
    );
    for source in ["a.md", "b.md", "c.md", "d.md"] {
        assert_eq!(value(of(source), "domain"), unit["id"], "{source}");
    }
    assert_eq!(value(of("a.md"), "replacement"), of("b.md")["id"]);
    assert_eq!(value(of("a.md"), "subject"), "Ada");
    assert_eq!(of("a.md")["state"]["voluntary"], "unknown", "{}", of("a.md")["state"]);
    let line = &of("d.md")["content"]["items"]["items"][0]["values"][0]["value"];
    assert_eq!(
        line,
        &json!({ "text": "Pay", "group": "Costs", "amount": { "amount": 1500, "currency": "DAI" } })
    );
}
