//! Logs as others read them: what is signed is what the tiles hold, and what the record holds.

use althing_protocol::digest;
use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::log::checkpoint::{Checkpoint, Origin};
use althing_protocol::log::note::{Note, Use, Verifier};
use althing_protocol::log::receipt::Receipt;
use althing_protocol::log::tile::{self, Tile};
use althing_protocol::log::witness::{self, Request};
use althing_protocol::log::{Frontier, Leaf, Tree, consistency};

use super::*;

fn len<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap()
}

fn place(index: u64) -> usize {
    usize::try_from(index).unwrap()
}

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
    while len(&all) < size {
        let first = len(&all);
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
    assert_eq!(root(&all[..place(old.size)]), old.root, "it only grew");
    // Whoever replays the leaves holds, at each cut, the record of that moment.
    let mut replayed = digest::Tree::default();
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
    assert_eq!(all[place(receipt.index)], Leaf::Entry(receipt.entry));
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

/// A member whose node keeps a log of its own, by hand.
struct Keeper {
    eve: Stranger,
    origin: Origin,
}

impl Keeper {
    fn member(node: &Node, committee: &str) -> Self {
        let eve = Stranger::new();
        node.write("/identities", &json!({ "entries": eve.wires() }));
        let body = json!({ "committee": committee, "role": "voice", "to": eve.identity() });
        node.write("/grants", &body);
        Self::of(eve, committee)
    }

    fn of(eve: Stranger, committee: &str) -> Self {
        let origin = Origin {
            committee: committee.parse().unwrap(),
            node: Key(eve.home.node_key().verifying_key().to_bytes()),
            generation: 0,
        };
        Self { eve, origin }
    }

    fn note(&self, leaves: &[Leaf]) -> Note {
        let checkpoint = Checkpoint {
            origin: self.origin,
            size: len(leaves),
            root: root(leaves),
        };
        self.origin
            .sign(&checkpoint.to_string(), self.eve.home.node_key())
            .unwrap()
    }

    /// Asks for a cosignature of these leaves, with the proof that they go on from the first `old` of `before`.
    fn ask(&self, node: &Node, old: u64, before: &[Leaf], leaves: &[Leaf]) -> (u16, String, String) {
        let hashes: Vec<Hash> = before.iter().map(Leaf::hash).collect();
        let tree = Tree::new(len(&hashes), |level, index| {
            (level == 0).then(|| hashes.get(place(index)).copied()).flatten()
        });
        let proof = consistency(&tree, old, len(leaves)).unwrap().unwrap_or_default();
        let request = Request::new(old, proof, self.note(leaves)).unwrap().to_string();
        post(node, &request)
    }
}

fn post(node: &Node, request: &str) -> (u16, String, String) {
    let url = format!("{}/add-checkpoint", node.url);
    let mut answer = node.agent().post(url).send(request.as_bytes()).unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (
        answer.status().as_u16(),
        answer.body_mut().read_to_string().unwrap(),
        kind,
    )
}

fn leaf(n: u8) -> Leaf {
    Leaf::Entry(Id([n; 32]))
}

#[test]
fn a_witness_cosigns_what_only_grows() {
    let node = Node::new();
    let committee = node.committee();
    let keeper = Keeper::member(&node, &committee);
    let all: Vec<Leaf> = (0..9).map(leaf).collect();
    let (status, line, _) = keeper.ask(&node, 0, &all, &all[..5]);
    assert_eq!(status, 200, "{line}");
    let key = Key(node.home.node_key().verifying_key().to_bytes());
    let note = Note::read(&format!("{}\n{line}", keeper.note(&all[..5]).text)).unwrap();
    let verifier = Verifier::new(&witness::name(&key), Use::Cosignature, key).unwrap();
    assert!(
        note.signed_by(&verifier)
            .unwrap()
            .is_some_and(|time| time > 1_700_000_000)
    );
    // From another size than the one that the witness knows: it tells that.
    let (status, size, kind) = keeper.ask(&node, 3, &all, &all[..7]);
    assert_eq!((status, size.as_str(), kind.as_str()), (409, "5\n", "text/x.tlog.size"));
    assert_eq!(keeper.ask(&node, 5, &all, &all[..7]).0, 200);
    // The same once more is no change, and less is none either.
    assert_eq!(keeper.ask(&node, 7, &all, &all[..7]).0, 200);
    let shown = node.ok(&format!("/committees/{committee}/log"));
    assert_eq!(shown["others"][0]["size"], 7);
    assert_eq!(
        shown["doubted"],
        json!([]),
        "asking from a wrong size is no contradiction"
    );
    assert_eq!(shown["others"][0]["by"]["identity"], json!(keeper.eve.identity()));
    // Nobody's log, nobody's committee, no request.
    let stranger = Keeper::of(Stranger::new(), &committee);
    assert_eq!(stranger.ask(&node, 0, &all, &all[..1]).0, 403);
    let elsewhere = Keeper::of(Stranger::new(), &"ab".repeat(32));
    assert_eq!(elsewhere.ask(&node, 0, &all, &all[..1]).0, 404);
    assert_eq!(post(&node, "old 1\nnonsense").0, 400);
    assert_eq!(post(&node, "").0, 400);
}

#[test]
fn a_member_cannot_fill_a_witness_with_logs() {
    let node = Node::new();
    let committee = node.committee();
    let mut keeper = Keeper::member(&node, &committee);
    let all: Vec<Leaf> = (0..3).map(leaf).collect();
    // What does not hold is not kept of a log that was never cosigned.
    let request = Request::new(0, vec![Hash([1; 32])], keeper.note(&all)).unwrap();
    assert_eq!(post(&node, &request.to_string()).0, 422);
    assert_eq!(node.ok(&format!("/committees/{committee}/log"))["doubted"], json!([]));
    for generation in 0..8 {
        keeper.origin.generation = generation;
        assert_eq!(keeper.ask(&node, 0, &all, &all).0, 200);
    }
    keeper.origin.generation = 8;
    assert_eq!(keeper.ask(&node, 0, &all, &all).0, 503);
    // Those that it has go on, and others begin.
    keeper.origin.generation = 7;
    assert_eq!(keeper.ask(&node, 3, &all, &all).0, 200);
    assert_eq!(Keeper::member(&node, &committee).ask(&node, 0, &all, &all).0, 200);
}

#[test]
fn a_log_with_two_histories_is_convicted_before_everybody() {
    let node = Node::new();
    let committee = node.committee();
    let keeper = Keeper::member(&node, &committee);
    let (honest, other): (Vec<Leaf>, Vec<Leaf>) = ((0..6).map(leaf).collect(), (100..110).map(leaf).collect());
    assert_eq!(keeper.ask(&node, 0, &honest, &honest[..4]).0, 200);
    // A growth out of something else proves nothing to others by itself: it is kept and shown.
    assert_eq!(keeper.ask(&node, 4, &other, &other[..6]).0, 422);
    let log = || node.ok(&format!("/committees/{committee}/log"));
    assert_eq!(log()["doubted"][0]["size"], 6);
    let frauds = || {
        let acts = node.ok(&format!("/documents/{committee}"))["acts"]
            .as_array()
            .unwrap()
            .clone();
        acts.into_iter()
            .filter(|act| act["kind"] == "fraud")
            .collect::<Vec<_>>()
    };
    assert!(frauds().is_empty());
    // Two roots of one size are a proof.
    let (status, size, _) = keeper.ask(&node, 4, &other, &other[..4]);
    assert_eq!((status, size.as_str()), (409, "4\n"));
    let found = frauds();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["effect"], &found[0]["record"]),
        (&json!("effective"), &json!(true)),
        "{found:?}"
    );
    // What it cosigned stays what it was.
    assert_eq!(log()["others"][0]["size"], 4);
    assert_eq!(keeper.ask(&node, 4, &honest, &honest[..6]).0, 200);
    // The same once more is told once.
    keeper.ask(&node, 6, &other, &other[..6]);
    keeper.ask(&node, 6, &other, &other[..6]);
    assert_eq!(frauds().len(), 1, "one log is convicted once");
    let page = node
        .agent()
        .get(format!("{}/c/{committee}/log", node.url))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert!(page.contains("does not believe"), "{page}");
}

#[test]
fn nothing_is_signed_over_damage() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let path = format!("/committees/{committee}/checkpoint");
    node.write(&path, &json!({}));
    let post = id(&node.write(
        &format!("/documents/{topic}/acts"),
        &json!({ "kind": "post", "text": "sound" }),
    ));
    let num = node
        .ingest
        .read(|state| state.graph().num(&post.parse().unwrap()).unwrap());
    node.ingest.store().damage_header(num);
    let (status, said) = detail(node.post(&path, &json!({})));
    assert_eq!(status, 500);
    assert!(said.contains("nothing is signed"), "{said}");
    let (_, checkpoint) = signed(&node, &committee);
    assert!(
        checkpoint.size
            < node.ok(&format!("/committees/{committee}/log"))["size"]
                .as_u64()
                .unwrap()
    );
}

#[test]
fn a_policy_says_whose_word_is_enough() {
    let node = Node::new();
    let committee = node.committee();
    let path = format!("/committees/{committee}/checkpoint");
    let file = node.home.dir().join(crate::policy::FILE);
    std::fs::write(&file, format!("witness ben {}\nquorum ben\n", "ab".repeat(32))).unwrap();
    assert_eq!(node.write(&path, &json!({ "cut": true }))["satisfied"], false);
    let offered = node.write("/anchors/batch", &json!({}));
    assert_eq!(
        offered["items"],
        json!([]),
        "what the policy does not allow is not offered"
    );
    assert_eq!(offered["held"][0]["committee"], json!(committee));
    std::fs::write(&file, "quorum nobody\n").unwrap();
    let (status, said) = detail(node.post(&path, &json!({})));
    assert!(status == 409 && said.contains("line 1"), "{said}");
    std::fs::remove_file(&file).unwrap();
    let offered = node.write("/anchors/batch", &json!({}));
    assert_eq!(offered["items"][0]["committee"], json!(committee));
    assert_eq!(offered["items"][0]["changed"], true);
}

#[test]
fn final_blocks_are_believed_once() {
    let node = Node::new();
    let block = |hash: &str, time: u64| json!({ "items": [{ "chain": 1, "height": 5, "hash": hash.repeat(32), "time": time }] });
    assert_eq!(node.write("/facts", &block("ab", 100))["added"], 1);
    assert_eq!(node.write("/facts", &block("ab", 100))["added"], 0);
    let (status, said) = detail(node.post("/facts", &block("cd", 100)));
    assert!(
        status == 409 && said.contains("one of the two sources is wrong"),
        "{said}"
    );
    assert_eq!(node.post_with("/facts", &block("ab", 100), None).0, 401);
    // From now on the owner's entries name it.
    let committee = node.committee();
    let shown = node.ok(&format!("/entries/{committee}?format=json"));
    assert_eq!(
        shown["not_before"],
        Value::Null,
        "a committee's root stands before all chains"
    );
    let topic = node.topic(&committee);
    let shown = node.ok(&format!("/entries/{topic}?format=json"));
    assert_eq!(shown["not_before"]["height"], 5);
    let (status, problem) = node.post(&format!("/committees/{committee}/anchors"), &json!({ "chain": 1 }));
    assert_eq!(status, 422, "{problem}");
}
