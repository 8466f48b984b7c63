//! Damage on one node's disk, and peers who have what it lost.

use std::path::Path;

use althing_protocol::entry::entry_id;
use althing_tests::process::{Node, agree, wait_for};
use rocksdb::{DB, IteratorMode, Options};
use serde_json::Value;

use super::{World, three};

/// Spoils the stored header of an entry, as a failing disk would, but so that no checksum of the database notices.
fn spoil(store: &Path, id: &str) {
    let path = store.join("db");
    let families = DB::list_cf(&Options::default(), &path).expect("it is a database");
    let db = DB::open_cf(&Options::default(), &path, families).expect("nobody uses it");
    let headers = db.cf_handle("header").expect("it was opened");
    let is_it = |value: &[u8]| {
        let header = value.get(..value.len().saturating_sub(64)).unwrap_or_default();
        entry_id(header).to_string() == id
    };
    let mut all = db.iterator_cf(headers, IteratorMode::Start).map_while(Result::ok);
    let (key, value) = all.find(|(_, value)| is_it(value)).expect("the entry is stored");
    let mut value = value.into_vec();
    if let Some(byte) = value.get_mut(50) {
        *byte ^= 8;
    }
    db.put_cf(headers, key, value).expect("the disk takes it");
}

fn texts(node: &Node, doc: &str) -> Option<Vec<String>> {
    let shown = node.get(&format!("/documents/{doc}"))?;
    let acts = shown.get("acts")?.as_array()?;
    Some(
        acts.iter()
            .filter_map(|act| act.get("text").and_then(Value::as_str).map(str::to_owned))
            .collect(),
    )
}

#[test]
fn a_spoilt_header_comes_back_from_peers_unasked() {
    let world = World::new();
    let ([ada, mut hub, cleo], committee) = three(&world);
    let said = ["first", "second", "third"];
    let posts = said.map(|text| ada.write(&["post", &committee, text]));
    let digest = agree(&[&ada, &hub, &cleo], &committee, 6);
    wait_for("the texts", || texts(&hub, &committee).filter(|all| all.len() == 3));
    assert!(hub.stop().expect("it ran").success());
    let [_, second, _] = &posts;
    spoil(&hub.data().join("store"), second);
    assert!(hub.try_cli(&["fsck"]).is_err(), "the check finds it");
    hub.start(&[]);
    // The first reader is refused, and peers are asked; nobody has to say so.
    let all = wait_for("all texts again", || {
        texts(&hub, &committee).filter(|all| all.len() == 3)
    });
    assert_eq!(all, said);
    assert_eq!(agree(&[&ada, &hub, &cleo], &committee, 6), digest);
    assert!(hub.stop().expect("it ran").success());
    let report = hub.cli(&["fsck"]);
    assert_eq!(report.get("clean"), Some(&Value::Bool(true)), "{report}");
}
