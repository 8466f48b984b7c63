//! Files between nodes, and peers that give something else, too much, nothing, or ask for what is not theirs.

use althing_protocol::codec;
use althing_protocol::file::{Answer, CHUNK, Request, span};
use althing_protocol::hash::sha256;
use althing_protocol::kind;
use libp2p::request_response::{self, Message, ResponseChannel};
use serde_json::json;

use super::super::behaviour::{BehaviourEvent, swarm};
use super::super::codec::Asked;
use super::super::gossip;
use super::nodes::{Node, agree, wait_for};
use super::*;
use crate::files::State;
use crate::store::Bodies;

/// Bytes that are not the same in any two chunks.
fn content(length: usize) -> Vec<u8> {
    let words = (0_u64..).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    words.take(length).collect()
}

impl Node {
    /// Adds a file, and names it in a post.
    async fn attach(&self, committee: Id, content: &[u8]) -> Hash {
        let mut adding = self.files.add(Some("data.bin")).unwrap();
        adding.push(content).unwrap();
        let added = adding.finish().unwrap();
        self.name(committee, added.hash, added.length).await;
        added.hash
    }

    async fn name(&self, committee: Id, hash: Hash, length: u64) {
        let file = json!({ "hash": hash, "length": length, "type": "application/octet-stream" });
        let post = kind::find("post").unwrap();
        let body = kind::json::body(post, &json!({ "text": "see", "files": [file] })).unwrap();
        self.write(committee, "post", None, Vec::new(), body).await;
    }

    /// Carries out what is wanted.
    fn fetch(&self) {
        tokio::spawn(crate::fetch::run(self.files.clone(), self.net.clone()));
    }

    async fn named(&self, hash: &Hash) {
        wait_for("the entry that names it", || self.files.is_named(hash)).await;
    }

    fn read(&self, hash: &Hash) -> Vec<u8> {
        let mut reader = self.files.open_file(hash).unwrap();
        let chunks = althing_protocol::file::chunks(reader.length());
        (0..chunks)
            .flat_map(|n| reader.chunk(n).unwrap().into_bytes())
            .collect()
    }

    async fn here(&self, hash: &Hash) {
        wait_for("the file", || matches!(self.files.state(hash), State::Here { .. })).await;
    }

    /// Why a file did not come.
    async fn absent(&self, hash: &Hash) -> String {
        let mut why = String::new();
        wait_for("the fetch to end", || match self.files.state(hash) {
            State::Absent { why: Some(reason) } => {
                why = reason;
                true
            }
            _ => false,
        })
        .await;
        why
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_whole_from_whoever_has_it() {
    let (a, b, c) = (
        Node::start("Ada").await,
        Node::start("Ben").await,
        Node::start("Cleo").await,
    );
    let committee = a.found(1).await;
    for node in [&b, &c] {
        node.ingest.follow(committee, Bodies::All).await.unwrap();
        node.call(&a);
        node.fetch();
    }
    c.call(&b);
    let bytes = content(5 * CHUNK + 333);
    let hash = a.attach(committee, &bytes).await;
    let empty = a.attach(committee, b"").await;
    agree(&[&a, &b, &c], &committee).await;
    for node in [&b, &c] {
        node.named(&hash).await;
        assert!(
            matches!(node.files.state(&hash), State::Absent { why: None }),
            "nobody asked for it"
        );
        node.files.want(&hash).unwrap();
        node.files.want(&hash).unwrap();
        node.here(&hash).await;
        assert_eq!(node.read(&hash), bytes);
    }
    // Cleo gets the other one from Ben alone.
    b.files.want(&empty).unwrap();
    b.here(&empty).await;
    a.files.remove(&empty).unwrap();
    c.files.want(&empty).unwrap();
    c.here(&empty).await;
    assert!(matches!(
        c.files.want(&Hash([1; 32])),
        Err(crate::files::Error::NotNamed(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_lies_about_the_length_is_no_trouble() {
    let (a, b) = (Node::start("Ada").await, Node::start("Ben").await);
    let committee = a.found(1).await;
    let bytes = content(CHUNK + 5);
    let hash = Hash(sha256(&[&bytes]));
    a.name(committee, hash, 7).await;
    a.name(committee, hash, u64::MAX >> 11).await;
    let same = a.attach(committee, &bytes).await;
    assert_eq!(hash, same);
    b.ingest.follow(committee, Bodies::All).await.unwrap();
    b.call(&a);
    b.fetch();
    agree(&[&a, &b], &committee).await;
    wait_for("all that names it", || b.files.claims(&hash).len() == 3).await;
    b.files.want(&hash).unwrap();
    b.here(&hash).await;
    assert_eq!(b.read(&hash), bytes);
}

/// What a hostile peer answers to a request for a chunk; none keeps the request open.
type Lie = fn(&Request) -> Option<Vec<u8>>;

/// A peer that follows the committee and answers as `lie` says, for ever. Tells how often it was asked.
fn liar(to: &Node, committee: Id, seed: u8, lie: Lie) -> watch::Receiver<usize> {
    let mut enemy = swarm([seed; 32], None).unwrap();
    enemy.dial(to.net.listen_addrs()[0].clone()).unwrap();
    let topic = gossip::topic(&committee);
    enemy.behaviour_mut().gossip.subscribe(&topic).unwrap();
    let (count, counted) = watch::channel(0);
    tokio::spawn(async move {
        let mut open: Vec<ResponseChannel<Vec<u8>>> = Vec::new();
        loop {
            let event = enemy.select_next_some().await;
            if let SwarmEvent::Behaviour(BehaviourEvent::Files(request_response::Event::Message {
                message: Message::Request { request, channel, .. },
                ..
            })) = event
            {
                let Asked::Frame(frame) = request else { continue };
                count.send_modify(|n| *n += 1);
                match lie(&codec::decode(&frame).unwrap()) {
                    Some(answer) => drop(enemy.behaviour_mut().files.send_response(channel, answer)),
                    None => open.push(channel),
                }
            }
        }
    });
    counted
}

/// A node that wants a file of which a liar says that it has it, and then another node really has.
async fn lied_to(lie: Lie) -> (Node, Node, Hash, usize) {
    let (a, b) = (Node::start("Ada").await, Node::start("Ben").await);
    let committee = a.found(1).await;
    let bytes = content(3 * CHUNK);
    let hash = a.attach(committee, &bytes).await;
    b.ingest.follow(committee, Bodies::All).await.unwrap();
    b.call(&a);
    agree(&[&a, &b], &committee).await;
    b.named(&hash).await;
    // From now on there is nobody but the liar.
    let kept = bytes.clone();
    a.files.remove(&hash).unwrap();
    let asked = liar(&b, committee, 66, lie);
    wait_for("the liar", || {
        b.net.peers().iter().filter(|peer| !peer.committees.is_empty()).count() == 2
    })
    .await;
    b.fetch();
    b.files.want(&hash).unwrap();
    wait_for("the liar was asked", || *asked.borrow() > 0).await;
    // Then somebody comes who has it, and the fetch goes on.
    let mut adding = a.files.add(None).unwrap();
    adding.push(&kept).unwrap();
    adding.finish().unwrap();
    b.here(&hash).await;
    assert_eq!(b.read(&hash), kept);
    let asked = *asked.borrow();
    (a, b, hash, asked)
}

fn answer(request: &Request, before: Hash, byte: u8) -> Option<Vec<u8>> {
    let (_, length) = span(request.length, request.chunk)?;
    let bytes = vec![byte; length];
    Some(codec::encode(&Answer::Chunk { before, bytes }))
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_cost_one_chunk_and_their_sender() {
    let (_a, _b, _, asked) = lied_to(|request| answer(request, Hash([3; 32]), 9)).await;
    assert_eq!(asked, 1, "a liar is not asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_long_is_not_read() {
    // Longer than any answer: the writer of frames would refuse, so the length of the chunk is what lies here.
    let (_a, _b, _, asked) = lied_to(|_| {
        let bytes = vec![1; CHUNK + 500];
        Some(codec::encode(&Answer::Chunk {
            before: Hash([3; 32]),
            bytes,
        }))
    })
    .await;
    assert_eq!(asked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_frame_is_no_answer() {
    let (_a, _b, _, asked) = lied_to(|_| Some(vec![0xff; 1000])).await;
    assert_eq!(asked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_answers_is_left_for_another() {
    let (_a, _b, _, asked) = lied_to(|_| None).await;
    assert!(asked <= 6, "{asked}: it is not asked all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_always_busy_holds_up_nobody() {
    lied_to(|_| Some(codec::encode(&Answer::Busy { wait: u64::MAX }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_fetches_from_a_liar_shut_it_out() {
    let a = Node::start("Ada").await;
    let committee = a.found(1).await;
    // Points fade a little meanwhile.
    let hashes: Vec<Hash> = (0..7_u8).map(|n| Hash([n + 1; 32])).collect();
    for hash in &hashes {
        a.name(committee, *hash, 1000).await;
        a.named(hash).await;
    }
    liar(&a, committee, 67, |request| answer(request, Hash([3; 32]), 9));
    wait_for("the liar", || {
        a.net.peers().iter().any(|peer| !peer.committees.is_empty())
    })
    .await;
    a.fetch();
    hashes.iter().for_each(|hash| a.files.want(hash).unwrap());
    wait_for("it is shut out", || a.net.peers().is_empty()).await;
    let why = a.absent(&hashes[0]).await;
    assert!(
        why.contains("gave something else") || why.contains("nobody who follows"),
        "{why}"
    );
    assert_eq!(a.files.held().0, 0);
}

/// Asks a node for chunks until something comes of it.
async fn ask(node: &Node, committee: Option<Id>, request: Vec<u8>, most: usize) -> Vec<Result<Answer, ()>> {
    let mut peer = swarm([68; 32], None).unwrap();
    let victim = node.net.peer_id();
    peer.dial(node.net.listen_addrs()[0].clone()).unwrap();
    if let Some(committee) = committee {
        peer.behaviour_mut()
            .gossip
            .subscribe(&gossip::topic(&committee))
            .unwrap();
    }
    let mut answers = Vec::new();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    let mut sent = false;
    while answers.len() < most {
        let event = match tokio::time::timeout(Duration::from_millis(500), peer.select_next_some()).await {
            Ok(event) => event,
            // By now its subscription is known.
            Err(_) if !sent => {
                sent = true;
                for _ in 0..most.min(4) {
                    let frame = Asked::Frame(request.clone());
                    peer.behaviour_mut().files.send_request(&victim, frame);
                }
                continue;
            }
            Err(_) => {
                assert!(
                    tokio::time::Instant::now() < deadline,
                    "{} of {most} answers",
                    answers.len()
                );
                continue;
            }
        };
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Files(request_response::Event::Message {
                message: Message::Response { response, .. },
                ..
            })) => answers.push(Ok(codec::decode(&response).unwrap())),
            SwarmEvent::Behaviour(BehaviourEvent::Files(request_response::Event::OutboundFailure { .. })) => {
                answers.push(Err(()));
            }
            _ => continue,
        }
        let frame = Asked::Frame(request.clone());
        peer.behaviour_mut().files.send_request(&victim, frame);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_shares_the_committee_is_given_anything() {
    let a = Node::start("Ada").await;
    let committee = a.found(1).await;
    let mut other = committee;
    // Founded without a name in the same millisecond they would be one and the same entry.
    while other == committee {
        other = a.found(1).await;
    }
    let hash = a.attach(committee, &content(100)).await;
    a.named(&hash).await;
    let request = |committee| {
        codec::encode(&Request {
            committee,
            hash,
            length: 100,
            chunk: 0,
        })
    };
    assert_eq!(ask(&a, None, request(committee), 1).await, [Ok(Answer::Absent {})]);
    assert_eq!(ask(&a, Some(other), request(other), 1).await, [Ok(Answer::Absent {})]);
    assert_eq!(
        ask(&a, Some(other), request(committee), 1).await,
        [Ok(Answer::Absent {})]
    );
    let given = ask(&a, Some(committee), request(committee), 1).await;
    assert!(matches!(given.as_slice(), [Ok(Answer::Chunk { .. })]), "{given:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_everything_at_once_is_told_to_wait() {
    let a = Node::start("Ada").await;
    let committee = a.found(1).await;
    let hash = a.attach(committee, &content(CHUNK)).await;
    a.named(&hash).await;
    let request = codec::encode(&Request {
        committee,
        hash,
        length: u64::try_from(CHUNK).unwrap(),
        chunk: 0,
    });
    let answers = ask(&a, Some(committee), request, 60).await;
    let given = answers.iter().filter(|a| matches!(a, Ok(Answer::Chunk { .. }))).count();
    let busy = answers.iter().filter(|a| matches!(a, Ok(Answer::Busy { .. }))).count();
    // A stranger's peer has a burst of sixteen, two at a time.
    assert!(
        (1..=24).contains(&given) && busy >= 20,
        "{given} given, {busy} to wait, of {}",
        answers.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_none_shut_their_sender_out() {
    let a = Node::start("Ada").await;
    let committee = a.found(1).await;
    ask(&a, Some(committee), vec![0xff; 100], 4).await;
    wait_for("nobody is connected", || a.net.peers().is_empty()).await;
}
