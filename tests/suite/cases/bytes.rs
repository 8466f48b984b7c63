//! Signatures and bodies.

use althing_protocol::entry::{BadSignature, Body, Entry, wire};
use althing_protocol::state::Limits;
use althing_tests::kit::exchange::meet;
use althing_tests::kit::{Replica, Town};

use super::{all, is_admitted};

#[test]
fn bad_signature_first() {
    let town = Town::new("bad signature", 1, 1);
    let mut pen = town.pen(0);
    let genuine = pen.post("mine", &[]);
    let child = pen.post("next", &[]);
    let mut junk = *genuine.signature();
    junk[5] ^= 1;
    let bytes = wire(genuine.header_bytes(), &junk, None);
    let claimed = Entry::decode(&bytes).expect("well formed");
    assert_eq!(claimed.id(), genuine.id(), "junk claims the genuine id");
    assert_eq!(claimed.verify().err(), Some(BadSignature::Signature));
    let mut node = Replica::new(Limits::default(), &[town.id]);
    node.offer_all(&town.entries());
    assert!(node.offer_wire(&bytes, 3).is_none());
    node.offer_wire(&child.wire(), 3);
    let outcome = node.offer_wire(&genuine.wire(), 4);
    assert!(
        outcome.as_ref().is_some_and(is_admitted),
        "the id is innocent: {outcome:?}"
    );
    assert!(node.has_in_record(town.id, child.id()), "and so are its descendants");
}

#[test]
fn body_lottery() {
    let town = Town::new("lottery", 1, 1);
    let mut pen = town.pen(0);
    let mut posts: Vec<_> = (0..8).map(|n| pen.post(&format!("text {n}"), &[])).collect();
    let topic = pen.topic("a title");
    posts.push(topic.clone());
    let entries = all(&[&town.entries(), &posts]);
    let wrong = Body {
        salt: [9; 16],
        bytes: b"text 0".to_vec(),
    };
    let mut full = Replica::new(Limits::default(), &[town.id]);
    let mut bare = Replica::new(Limits::default(), &[town.id]);
    let mut fooled = Replica::new(Limits::default(), &[town.id]);
    let mut erased = Replica::new(Limits::default(), &[town.id]);
    for entry in &entries {
        full.offer_wire(&entry.wire(), 1);
        bare.offer_wire(&wire(entry.header_bytes(), entry.signature(), None), 1);
        fooled.offer_wire(&wire(entry.header_bytes(), entry.signature(), Some(&wrong)), 1);
        erased.offer_wire(&entry.wire(), 1);
        erased.erase(entry.id());
    }
    let nodes = [&full, &bare, &fooled, &erased];
    assert!(
        nodes.iter().all(|n| n.summary(town.id) == full.summary(town.id)),
        "bodies have no say"
    );
    assert!(fooled.bodies.is_empty() && bare.bodies.is_empty());
    let incomplete = |node: &Replica| node.document(topic.id()).expect("here").incomplete();
    assert!(
        [&bare, &fooled, &erased].into_iter().all(incomplete) && !incomplete(&full),
        "and say so"
    );
    for entry in &entries {
        fooled.offer_wire(&entry.wire(), 2);
        erased.offer_wire(&entry.wire(), 2);
    }
    assert_eq!(fooled.bodies, full.bodies, "the right body is still taken");
    assert!(erased.bodies.is_empty(), "and an erased one is not");
    // A large one comes by itself.
    let large = pen.entry("post").body(&vec![7; 60_000]).sign();
    full.offer(&large);
    meet(&mut bare, &mut full, town.id, 1);
    assert_eq!(bare.digest(town.id), full.digest(town.id));
    assert_eq!(bare.bodies, full.bodies, "absent bodies are fetched");
}
