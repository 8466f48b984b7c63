//! Logs through restarts, lost stores and damage.

use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use tokio::runtime::Runtime;

use super::*;

fn sign(node: &Node, committee: Id) -> Result<Checkpoint, Unsigned> {
    let runtime = Runtime::new().unwrap();
    let signed = runtime.block_on(node.ingest.checkpoint(committee, true))?;
    Ok(Note::read(&signed.note).unwrap().text.parse().unwrap())
}

#[test]
fn a_log_goes_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    for n in 0..300 {
        node.post(committee, &n.to_string());
    }
    let first = sign(&node, committee).unwrap();
    assert_eq!(
        (first.origin.generation, first.origin),
        (0, node.ingest.origin(committee))
    );
    node.stop_and_check();
    let node = Node::start(&dir);
    assert_eq!(sign(&node, committee).unwrap(), first, "nothing changed");
    node.post(committee, "more");
    let second = sign(&node, committee).unwrap();
    assert!(second.size > first.size && second.origin == first.origin);
    let root = node
        .ingest
        .look_at_log(&committee, |log| log.tree().root_at(first.size).unwrap());
    assert_eq!(root, Some(first.root), "it only grew");
    node.stop_and_check();
}

#[test]
fn a_lost_store_begins_another_generation() {
    let dir = tempfile::tempdir().unwrap();
    for generation in 0..3 {
        let node = Node::start(&dir);
        let committee = node.found();
        assert_eq!(sign(&node, committee).unwrap().origin.generation, generation);
        let store = node.home.store_dir();
        node.stop();
        let node = Node::start(&dir);
        assert_eq!(
            node.ingest.origin(committee).generation,
            generation,
            "a restart loses nothing"
        );
        node.stop();
        std::fs::remove_dir_all(store).unwrap();
    }
}

#[test]
fn a_log_that_is_not_the_signed_one_is_noticed_when_it_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    node.post(committee, "one");
    sign(&node, committee).unwrap();
    let store = node.ingest.store().clone();
    let mut signed = store.signed(&committee).unwrap().unwrap();
    let folder = node.home.store_dir();
    node.stop();
    if let Some(peak) = signed.peaks.first_mut() {
        peak.0[0] ^= 1;
    }
    let mut batch = store.batch();
    batch.signed(&committee, &signed);
    store.write(batch).unwrap();
    drop(store);
    let error = Node::try_start(dir.path(), Limits::default()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("not the one that was signed"), "{error}");
    let report = fsck(&folder, |_, _| {}).unwrap();
    assert!(report.to_string().contains("not the one that was signed"), "{report}");
}
