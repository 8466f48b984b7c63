//! More than anybody can use, all of it well formed: bounded, not punished.

use althing_tests::hostile::{Mode, identity};
use althing_tests::process::{agree, wait_for};
use serde_json::Value;

use super::Siege;
use crate::node::{World, follow};

/// What the middle node keeps on its floor.
fn floor(siege: &Siege) -> u64 {
    let status = siege.nodes[1].cli(&["status"]);
    let floor = status.pointer("/committees/0/floor").and_then(Value::as_u64);
    floor.unwrap_or_else(|| panic!("no floor in {status}"))
}

#[test]
fn a_mill_of_fresh_keys() {
    let siege = Siege::new();
    let attack = siege.attack(Mode::Keys, &["--keys", "1500", "--each", "4", "--rate", "2000"]);
    siege.talk();
    let before = siege.agree(10);
    // By gossip or by sync: strangers are heard, and change no record.
    wait_for("the flood is heard", || (floor(&siege) > 1000).then_some(()));
    siege.talk();
    assert_ne!(siege.agree(20), before);
    assert_eq!(siege.gained(), 20, "members' words and nobody else's");
    siege.end(attack, 20);
}

#[test]
fn a_first_entry_in_hundreds_of_versions() {
    let siege = Siege::new();
    let attack = siege.attack(Mode::Forks, &[]);
    siege.talk();
    wait_for("forks are heard", || (floor(&siege) >= 100).then_some(()));
    assert!(floor(&siege) <= 256 + 2, "one key has its budget: {}", floor(&siege));
    siege.agree(10);
    assert_eq!(siege.gained(), 10);
    siege.end(attack, 10);
}

#[test]
fn entries_that_wait_for_what_does_not_exist() {
    let siege = Siege::new();
    let attack = siege.attack(Mode::Wants, &["--keys", "6000"]);
    siege.talk();
    wait_for("it is asked for what is missing", || {
        (attack.told().asked > 5).then_some(())
    });
    siege.talk();
    siege.agree(20);
    assert_eq!(siege.gained(), 20);
    siege.end(attack, 20);
}

#[test]
fn ids_that_begin_alike_in_the_record() {
    let siege = Siege::new();
    let miner = identity("mined").identity.to_string();
    let attack = siege.attack(Mode::Mined, &["--rate", "200"]);
    let grant = ["grant", "voice", &miner, "--committee", &siege.committee];
    wait_for("the miner's identity", || siege.nodes[0].try_cli(&grant).ok());
    siege.talk();
    // The enrolment of its device, the grant, and all that it mined: one digest on all.
    siege.agree(10 + 1 + 1 + 251);
    siege.talk();
    siege.end(attack, 20 + 1 + 1 + 251);
}

#[test]
fn connections_beyond_counting() {
    let mut siege = Siege::new();
    let hub = &mut siege.nodes[1];
    let address = hub.peer().split("/p2p/").next().unwrap().to_owned();
    hub.stop().unwrap();
    hub.start(&["--listen", &address, "--per-address", "6"]);
    let attack = siege.attack(Mode::Connections, &[]);
    wait_for("connections are refused", || (attack.told().refused > 20).then_some(()));
    siege.talk();
    // Somebody new finds a way in meanwhile, from another address.
    let late = siege.world.begin("late");
    follow(&late, &siege.committee, &siege.nodes[1]);
    let [ada, hub, cleo] = &siege.nodes;
    agree(&[ada, hub, cleo, &late], &siege.committee, siege.base + 10);
    let peers = hub.get("/peers").unwrap();
    let count = peers.get("items").and_then(Value::as_array).unwrap().len();
    assert!(count <= 6 + 6, "{count} peers");
    siege.end(attack, 10);
}

/// The bound on connections holds for whoever comes from one address, honest or not.
#[test]
fn an_address_has_its_connections_and_no_more() {
    let world = World::new();
    let mut hub = world.init("hub");
    hub.start(&["--per-address", "3"]);
    let others: Vec<_> = (0..5)
        .map(|n| {
            let mut node = world.init(&format!("n{n}"));
            node.start(&["--bootstrap", hub.peer()]);
            node
        })
        .collect();
    let connected = || {
        let peers = hub.get("/peers").unwrap();
        peers.get("items").and_then(Value::as_array).unwrap().len()
    };
    wait_for("three are in", || (connected() == 3).then_some(()));
    for _ in 0..20 {
        // Fewer, if one breaks and is called again just now.
        assert!(connected() <= 3);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    wait_for("three are in still", || (connected() == 3).then_some(()));
    drop(others);
}
