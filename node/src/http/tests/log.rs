//! Logs as others read them: what is signed is what the tiles hold, and what the record holds.

use althing_protocol::digest::Tree;
use althing_protocol::hash::Hash;
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use althing_protocol::log::receipt::Receipt;
use althing_protocol::log::tile::{self, Tile};
use althing_protocol::log::{Frontier, Leaf};

use super::*;

fn bytes(node: &Node, path: &str) -> (u16, Vec<u8>) {
    let mut answer = node.agent().get(format!("{}{path}", node.url)).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
}

fn signed(node: &Node, committee: &str) -> (Note, Checkpoint) {
    let (status, text) = bytes(node, &format!("/log/{committee}/checkpoint"));
    assert_eq!(status, 200);
    let note = Note::read(&String::from_utf8(text).unwrap()).unwrap();
    let checkpoint: Checkpoint = note.text.parse().unwrap();
    let verifier = checkpoint.origin.verifier().unwrap();
    assert_eq!(note.signed_by(&verifier), Ok(Some(0)));
    (note, checkpoint)
}

/// All leaves, tile by tile.
fn leaves(node: &Node, committee: &str, size: u64) -> Vec<Leaf> {
    let mut all = Vec::new();
    while (all.len() as u64) < size {
        let first = all.len() as u64;
        let width = (size - first).min(tile::WIDTH);
        let level = None;
        let at = Tile {
            level,
            index: first / tile::WIDTH,
            width,
        };
        let (status, bytes) = bytes(node, &format!("/log/{committee}/tile/{at}"));
        assert_eq!(status, 200, "{at}");
        all.extend(tile::read_leaves(&bytes).unwrap());
    }
    all
}

fn root(leaves: &[Leaf]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(leaf.hash(), |_| {});
    }
    frontier.root()
}

#[test]
fn a_log_can_be_read_again_from_its_tiles_and_comes_to_the_digest() {
    let node = Node::new();
    let committee = node.committee();
    assert_eq!(
        bytes(&node, &format!("/log/{committee}/checkpoint")).0,
        404,
        "nothing is signed yet"
    );
    assert_eq!(bytes(&node, &format!("/log/{committee}/tile/entries/000.p/1")).0, 404);
    let topic = node.topic(&committee);
    let path = format!("/committees/{committee}/checkpoint");
    let first = node.write(&path, &json!({ "cut": true }));
    assert_eq!(first["cosigners"], json!([]));
    assert_eq!(first["satisfied"], true, "a threshold of one is the node itself");
    let (_, old) = signed(&node, &committee);
    // Nothing changed, so nothing is signed anew.
    assert_eq!(node.write(&path, &json!({ "cut": true })), first);
    for n in 0..300 {
        node.write(
            &format!("/documents/{topic}/acts"),
            &json!({ "kind": "post", "text": format!("post {n}") }),
        );
    }
    node.write(&path, &json!({ "cut": true }));
    let (_, new) = signed(&node, &committee);
    assert_eq!(new.origin, old.origin);
    let all = leaves(&node, &committee, new.size);
    assert_eq!(root(&all), new.root);
    assert_eq!(root(&all[..old.size as usize]), old.root, "it only grew");
    // Whoever replays the leaves holds, at each cut, the record of that moment.
    let mut replayed = Tree::default();
    let mut cuts = 0;
    for leaf in &all {
        match leaf {
            Leaf::Entry(id) => assert!(replayed.insert(*id)),
            Leaf::Left(id) => assert!(replayed.remove(id)),
            Leaf::Cut(digest) => {
                cuts += 1;
                assert_eq!(replayed.settle(), *digest);
            }
        }
    }
    assert_eq!(cuts, 2);
    assert!(matches!(all.last(), Some(Leaf::Cut(_))));
    let digest = node.ok(&format!("/committees/{committee}/digest"))["digest"].clone();
    assert_eq!(json!(replayed.root().to_string()), digest);
    // The hashes above the leaves, as a monitor reads them.
    let tile = format!("/log/{committee}/tile/1/000.p/1");
    let (status, above) = bytes(&node, &tile);
    assert_eq!((status, above.len()), (200, 32));
    assert_eq!(above, root(&all[..256]).as_bytes());
    for missing in ["1/000.p/2", "2/000.p/1", "entries/001", "entries/x000/001", "nonsense"] {
        let (status, _) = bytes(&node, &format!("/log/{committee}/tile/{missing}"));
        assert!(status == 404 || status == 400, "{missing}: {status}");
    }
    let shown = node.ok(&format!("/committees/{committee}/log"));
    assert_eq!(shown["checkpoint"]["size"], new.size);
    assert_eq!(shown["size"], new.size);
}

#[test]
fn whoever_posts_gets_a_receipt_that_the_log_keeps() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let read = |json: &Value| {
        let note = Note::read(json["receipt"].as_str().unwrap()).unwrap();
        let receipt: Receipt = note.text.parse().unwrap();
        assert_eq!(note.signed_only_by(&receipt.origin.verifier().unwrap()), Ok(true));
        receipt
    };
    let receipt = read(&node.ok(&format!("/entries/{topic}/receipt")));
    assert_eq!(receipt.entry.to_string(), topic);
    node.write(&format!("/committees/{committee}/checkpoint"), &json!({}));
    let (_, checkpoint) = signed(&node, &committee);
    assert_eq!(checkpoint.origin, receipt.origin);
    let all = leaves(&node, &committee, checkpoint.size);
    assert_eq!(all[receipt.index as usize], Leaf::Entry(receipt.entry));
    // A newcomer's entry is on the floor: no promise is made for it.
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    for wire in eve.home.initial_entries() {
        node.raw(wire);
    }
    let (post, wire) = eve.post(&committee, &topic, "hello");
    let (status, answer) = node.raw(wire.clone());
    assert_eq!((status, answer.get("receipt")), (200, None), "{answer}");
    assert_eq!(node.get(&format!("/entries/{post}/receipt")).0, 404);
    node.write("/take-ups", &json!({ "entries": [post] }));
    assert_eq!(read(&node.ok(&format!("/entries/{post}/receipt"))).entry, post);
    assert_eq!(
        read(&node.raw(wire).1).entry,
        post,
        "and whoever posts it again is told"
    );
}
