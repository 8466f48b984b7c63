//! Nodes cosign each other's logs, and notice one that tells two stories.

use althing_tests::process::{agree, text, wait_for};
use serde_json::Value;

use super::{World, state, three};

fn cosigners(checkpoint: &Value) -> Vec<String> {
    let all = checkpoint["cosigners"].as_array().expect("a list");
    let mut names: Vec<String> = all.iter().map(|c| text(&c["by"], "name")).collect();
    names.sort();
    names
}

#[test]
fn members_nodes_cosign_what_only_grew() {
    let world = World::new();
    let ([ada, hub, cleo], committee) = three(&world);
    let nodes = [&ada, &hub, &cleo];
    state(&ada, &committee, "ferries");
    agree(&nodes, &committee, 2);
    let checkpoint =
        |node: &althing_tests::process::Node| node.cli(&["checkpoint", "--committee", &committee, "--cut"]);
    // Peers show whose they are a moment after they met.
    let first = wait_for("two cosignatures", || {
        let made = checkpoint(&ada);
        (cosigners(&made).len() == 2).then_some(made)
    });
    assert_eq!(cosigners(&first), ["cleo", "hub"]);
    assert_eq!(first["satisfied"], true);
    // It grows, and they follow: the second time from where they were.
    state(&hub, &committee, "bridges");
    agree(&nodes, &committee, 3);
    let second = wait_for("two cosignatures of more", || {
        let made = checkpoint(&ada);
        (made["size"].as_u64() > first["size"].as_u64() && cosigners(&made).len() == 2).then_some(made)
    });
    assert_ne!(first["root"], second["root"]);
    // Everybody sees whose logs they cosigned.
    let log = hub.get(&format!("/committees/{committee}/log")).expect("an answer");
    let others = log["others"].as_array().expect("a list");
    let of_ada = others
        .iter()
        .find(|other| other["by"]["name"] == "ada")
        .expect("Ada's log");
    assert_eq!(of_ada["size"], second["size"]);
    assert_eq!(log["doubted"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_old_copy_of_a_data_folder_goes_on_under_another_name() {
    let world = World::new();
    let ([mut ada, hub, cleo], committee) = three(&world);
    state(&ada, &committee, "ferries");
    agree(&[&ada, &hub, &cleo], &committee, 2);
    assert!(ada.stop().expect("it ran").success());
    let copy = world.dir().join("copy");
    copy_folder(ada.data(), &copy);
    ada.start(&[]);
    state(&hub, &committee, "bridges");
    agree(&[&ada, &hub, &cleo], &committee, 3);
    let checkpoint = |node: &althing_tests::process::Node| node.cli(&["checkpoint", "--committee", &committee]);
    let signed = wait_for("cosignatures", || {
        let made = checkpoint(&ada);
        (cosigners(&made).len() == 2).then_some(made)
    });
    let generation = |made: &Value| text(made, "note").lines().next().map(str::to_owned);
    assert!(generation(&signed).expect("a line").ends_with("/0"));

    // The disk is lost; a copy from before is put back.
    assert!(ada.stop().expect("it ran").success());
    std::fs::remove_dir_all(ada.data()).expect("it can be removed");
    std::fs::rename(&copy, ada.data()).expect("it can be put back");
    // She goes on without the others: what she signs now is no continuation of what they cosigned.
    let peers = ada.data().join("peers");
    let known = std::fs::read(&peers).expect("the list of peers");
    std::fs::remove_file(&peers).expect("it can be removed");
    ada.start(&[]);
    state(&ada, &committee, "tunnels");
    checkpoint(&ada);
    assert!(ada.stop().expect("it ran").success());
    std::fs::write(&peers, known).expect("it can be put back");
    ada.start(&[]);
    let again = wait_for("cosignatures under another name", || {
        let made = checkpoint(&ada);
        (cosigners(&made).len() == 2 && generation(&made)?.ends_with("/1")).then_some(made)
    });
    assert_ne!(again["root"], Value::Null);
}

#[test]
fn an_audit_finds_what_a_node_dropped() {
    let world = World::new();
    let ([ada, mut hub, mut cleo], committee) = three(&world);
    state(&ada, &committee, "ferries");
    agree(&[&ada, &hub, &cleo], &committee, 4);
    hub.cli(&["checkpoint", "--committee", &committee]);
    assert!(hub.stop().expect("it ran").success());
    let copy = world.dir().join("copy");
    copy_folder(hub.data(), &copy);
    hub.start(&[]);
    let topic = state(&cleo, &committee, "bridges");
    agree(&[&ada, &hub, &cleo], &committee, 5);
    hub.cli(&["checkpoint", "--committee", &committee]);
    let receipt = hub.get(&format!("/entries/{topic}/receipt")).expect("a receipt");
    let file = world.dir().join("receipt");
    std::fs::write(&file, text(&receipt, "receipt")).expect("a file");
    let audit = |hub: &althing_tests::process::Node| {
        ada.try_cli(&[
            "audit",
            hub.api(),
            "--committee",
            &committee[..12],
            "--receipt",
            file.to_str().expect("a path"),
        ])
    };
    let clean = audit(&hub).expect("nothing is wrong");
    assert_eq!(
        (&clean["faults"], clean["items"][0]["lacks"].as_array().map(Vec::len)),
        (&0.into(), Some(0)),
        "{clean}"
    );

    // It comes back without its last day, and alone, so that nobody can give it back.
    assert!(hub.stop().expect("it ran").success());
    std::fs::remove_dir_all(hub.data()).expect("it can be removed");
    std::fs::rename(&copy, hub.data()).expect("it can be put back");
    std::fs::remove_file(hub.data().join("peers")).expect("the list of peers");
    assert!(cleo.stop().expect("it ran").success());
    hub.start(&[]);
    let refused = audit(&hub).expect_err("it lacks what it promised");
    assert!(refused.contains("broke its word"), "{refused}");
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    let mode = std::fs::metadata(from).expect("a folder").permissions();
    std::fs::set_permissions(to, mode).expect("its mode");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("a copy");
        }
    }
}
