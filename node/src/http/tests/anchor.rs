//! What a bot brings back, and what a hostile member makes up. The blocks are written here, to the byte, as a chain would.

use alloy::primitives::keccak256;
use althing_protocol::anchor::batch::{self, Batch};
use althing_protocol::bundle;
use althing_protocol::hash::{Hash, Key};
use althing_protocol::log::checkpoint::{Checkpoint, Origin};
use althing_protocol::log::note::Note;
use data_encoding::HEXLOWER;

use super::*;

/// A block of a chain that nobody runs.
struct Block {
    header: Vec<u8>,
    receipt: Vec<u8>,
    batch: Batch,
    height: u64,
    time: u64,
}

const CONTRACT: [u8; 20] = [0xcc; 20];

impl Block {
    /// One that holds the root over these checkpoints.
    fn of(texts: &[&str], height: u64, time: u64) -> Self {
        let batch = Batch::new(texts.iter().map(|text| (*text).to_owned())).unwrap();
        let event = keccak256(b"Anchored(address,bytes32,bytes32)");
        let mut anchorer = [0; 32];
        anchorer[12..].fill(7);
        let topics = [event.0, anchorer, batch::scope().0];
        let topics: Vec<Vec<u8>> = topics.iter().map(|topic| bytes(topic)).collect();
        let log = list(&[bytes(&CONTRACT), list(&topics), bytes(&batch.root().0)]);
        let receipt = list(&[bytes(&[1]), bytes(&[0x5e, 0x44]), bytes(&[0; 256]), list(&[log])]);
        // A trie of one: the path of the key RLP(0), and the receipt.
        let leaf = list(&[bytes(&[0x20, 0x80]), bytes(&receipt)]);
        let root = keccak256(&leaf);
        let mut fields: Vec<Vec<u8>> = (0..15).map(|_| bytes(&[])).collect();
        fields[5] = bytes(&root.0);
        fields[8] = number(height);
        fields[11] = number(time);
        Self {
            header: list(&fields),
            receipt: leaf,
            batch,
            height,
            time,
        }
    }

    fn hash(&self) -> Hash {
        Hash(keccak256(&self.header).0)
    }

    /// The fields of an `anchor` entry, without heads.
    fn body(&self) -> Value {
        let checkpoint = |(index, text): (usize, &String)| {
            let path: Vec<u8> = self.batch.path(index).unwrap().iter().flat_map(|hash| hash.0).collect();
            json!({ "text": text, "index": index, "path": HEXLOWER.encode(&path) })
        };
        json!({
            "chain": 1,
            "contract": HEXLOWER.encode(&CONTRACT),
            "header": HEXLOWER.encode(&self.header),
            "index": 0,
            "receipt": [{ "node": HEXLOWER.encode(&self.receipt) }],
            "event": 0,
            "size": self.batch.texts().len(),
            "checkpoints": self.batch.texts().iter().enumerate().map(checkpoint).collect::<Vec<_>>(),
        })
    }

    fn fact(&self) -> Value {
        json!({ "items": [{ "chain": 1, "height": self.height, "hash": self.hash(), "time": self.time }] })
    }
}

/// A byte string in RLP.
fn bytes(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [one] if *one < 0x80 => vec![*one],
        _ => [head(0x80, bytes.len()), bytes.to_vec()].concat(),
    }
}

fn number(number: u64) -> Vec<u8> {
    let all = number.to_be_bytes();
    let zeros = all.iter().take_while(|byte| **byte == 0).count();
    bytes(&all[zeros..])
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let items = items.concat();
    [head(0xc0, items.len()), items].concat()
}

fn head(kind: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(length) if length < 56 => vec![kind + length],
        Ok(length) => vec![kind + 56, length],
        Err(_) => [&[kind + 57][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    }
}

fn offered(node: &Node) -> Value {
    node.write("/anchors/batch", &json!({}))["items"][0].clone()
}

/// The text of the checkpoint that is offered.
fn text(offer: &Value) -> String {
    Note::read(offer["checkpoint"].as_str().unwrap()).unwrap().text
}

fn not_after(node: &Node, entry: &str) -> Value {
    node.ok(&format!("/entries/{entry}?format=json"))["not_after"]["time"].clone()
}

fn proof(node: &Node, entry: &str) -> bundle::Verified {
    let mut answer = node
        .agent()
        .get(node.at(&format!("/entries/{entry}/proof")))
        .call()
        .unwrap();
    bundle::verify(&answer.body_mut().read_to_vec().unwrap()).unwrap()
}

#[test]
fn an_anchor_dates_what_the_log_held_once_its_block_is_final() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let offer = offered(&node);
    assert_eq!(offer["changed"], true);
    let block = Block::of(&[&text(&offer)], 20, 1000);
    let path = format!("/committees/{committee}/anchors");
    let written = node.write(&path, &block.body());
    assert_eq!(written["ids"].as_array().unwrap().len(), 1);
    assert_eq!(
        node.write(&path, &block.body()),
        written,
        "a bot that asks again gets the same entry"
    );
    assert_eq!(
        offered(&node)["changed"],
        false,
        "an anchor alone is no reason for another one"
    );
    let listed = node.ok(&path)["items"].clone();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["final"]),
        (1, &json!(false))
    );
    assert_eq!(
        not_after(&node, &topic),
        Value::Null,
        "nobody vouches for the block yet"
    );
    node.write("/facts", &block.fact());
    assert_eq!(
        (not_after(&node, &topic), not_after(&node, &committee)),
        (json!(1000), json!(1000))
    );
    assert_eq!(node.ok(&path)["items"][0]["final"], true);
    assert_eq!(proof(&node, &topic).anchor.unwrap().0.time, 1000);
    // What comes later is dated by a later one, and what was dated stays so.
    let post = id(&node.write(
        &format!("/documents/{topic}/acts"),
        &json!({ "kind": "post", "text": "later" }),
    ));
    assert_eq!(not_after(&node, &post), Value::Null);
    let offer = offered(&node);
    assert_eq!(offer["changed"], true);
    let later = Block::of(&[&text(&offer)], 30, 2000);
    node.write(&path, &later.body());
    node.write("/facts", &later.fact());
    assert_eq!(
        (not_after(&node, &topic), not_after(&node, &post)),
        (json!(1000), json!(2000))
    );
    let shown =
        |deadline: u64| node.ok(&format!("/documents/{topic}?deadline={deadline}"))["acts"][0]["timely"].clone();
    assert_eq!(
        (shown(1999), shown(2000), shown(500)),
        (json!("unproven"), json!("on_time"), json!("late"))
    );
}

#[test]
fn anchors_that_a_member_makes_up_stop_no_bot_and_date_nothing() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let mut eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    node.write(
        "/grants",
        &json!({ "committee": committee, "role": "voice", "to": eve.identity() }),
    );
    eve.learn(&node, &committee);
    let real = text(&offered(&node));
    // A checkpoint of this node's log far beyond its end, and the real one in a block that never was.
    let far = Checkpoint {
        origin: Origin {
            committee: committee.parse().unwrap(),
            node: Key(node.home.node_key().verifying_key().to_bytes()),
            generation: 0,
        },
        size: 1 << 30,
        root: Hash([9; 32]),
    };
    for made_up in [Block::of(&[&far.to_string()], 1, 10), Block::of(&[&real], 2, 20)] {
        let entry = eve.act(&node, &committee, &committee, "anchor", made_up.body());
        let listed = node.ok(&format!("/committees/{committee}/anchors"))["items"].clone();
        assert!(
            listed
                .as_array()
                .unwrap()
                .iter()
                .any(|item| item["entry"] == json!(entry)),
            "{listed}"
        );
    }
    assert_eq!(offered(&node)["changed"], true, "the bot goes on");
    assert_eq!(not_after(&node, &topic), Value::Null);
    assert!(proof(&node, &topic).anchor.is_none(), "nobody vouches for that block");
    // It cannot be handed in as this node's own either.
    let theirs = Block::of(&[&far.to_string().replace("/0\n", "/1\n")], 3, 30).body();
    let path = format!("/committees/{committee}/anchors");
    assert_eq!(node.post_with(&path, &theirs, None).0, 401);
}
