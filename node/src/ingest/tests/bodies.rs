//! Bodies: kept by choice, checked always, wanted when they are missing.

use std::collections::BTreeSet;

use althing_protocol::entry::{Carried, Verified};

use super::crowd::Crowd;
use super::*;
use crate::store::BodyState;

fn body_of(entry: &Verified) -> Body {
    match entry.body() {
        Carried::Here(body) => body.clone(),
        other => panic!("{other:?}"),
    }
}

fn without_body(entry: &Verified) -> Vec<u8> {
    althing_protocol::entry::wire(entry.header_bytes(), entry.signature(), None)
}

/// A node that follows a committee of others in this way.
fn followed(dir: &TempDir, bodies: Bodies) -> (Node, Crowd) {
    let node = Node::start(dir);
    let (crowd, first) = Crowd::new(2);
    node.ingest.follow_blocking(crowd.committee, bodies).unwrap();
    node.submit(Origin::Peer(1), &first);
    (node, crowd)
}

fn later(node: &Node, id: Id, body: Body) -> Landed {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(node.ingest.body(id, body)).unwrap()
}

#[test]
fn a_wrong_body_is_dropped_and_the_entry_stays() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir, Bodies::All);
    let post = crowd.post(0, 600);
    let mut wrong = body_of(&post);
    wrong.bytes[20] ^= 1;
    let wire = althing_protocol::entry::wire(post.header_bytes(), post.signature(), Some(&wrong));
    let answers = node.submit(Origin::Peer(1), std::slice::from_ref(&wire));
    let accepted = answers[0].as_ref().unwrap();
    assert!(matches!(accepted.outcome, Outcome::Admitted(_)));
    assert_eq!(accepted.body, Landed::Mismatch);
    assert_eq!(node.body(post.id()).unwrap(), BodyState::Absent);
    assert_eq!(node.ingest.wanted_bodies(9), [post.id()]);
    // Again, now that the entry is known.
    let again = || {
        node.submit(Origin::Peer(1), std::slice::from_ref(&wire))[0]
            .as_ref()
            .unwrap()
            .body
    };
    assert_eq!(again(), Landed::Mismatch);
    assert_eq!(later(&node, post.id(), wrong), Landed::Mismatch);
    assert_eq!(later(&node, Id([1; 32]), body_of(&post)), Landed::NoEntry);
    assert_eq!(node.body(post.id()).unwrap(), BodyState::Absent);
    assert_eq!(later(&node, post.id(), body_of(&post)), Landed::Stored);
    assert_eq!(later(&node, post.id(), body_of(&post)), Landed::Known);
    assert_eq!(node.body(post.id()).unwrap(), BodyState::Here(body_of(&post)));
    assert_eq!(
        again(),
        Landed::Mismatch,
        "nor is it excused when nobody lacks the right one"
    );
    assert!(node.ingest.wanted_bodies(9).is_empty());
    node.stop_and_check();
}

#[test]
fn absent_bodies_are_wanted_across_a_restart_and_come_with_the_entry_too() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir, Bodies::All);
    let posts: Vec<Verified> = (0..20).map(|n| crowd.post(n, 50)).collect();
    let bare: Vec<Vec<u8>> = posts.iter().map(without_body).collect();
    node.submit(Origin::Peer(1), &bare);
    let ids: Vec<Id> = posts.iter().map(Verified::id).collect();
    assert_eq!(node.ingest.wanted_bodies(100), ids);
    assert_eq!(node.ingest.wanted_bodies(3), ids[..3]);
    node.stop_and_check();
    let node = Node::start(&dir);
    assert_eq!(node.ingest.wanted_bodies(100), ids);
    let answers = node.submit(Origin::Peer(1), &[posts[0].wire(), posts[0].wire()]);
    let landed: Vec<Landed> = answers.iter().map(|a| a.as_ref().unwrap().body).collect();
    assert_eq!(landed[0], Landed::Stored);
    assert!(outcomes(&answers).iter().all(|o| matches!(o, Outcome::Known(_))));
    assert_eq!(node.ingest.wanted_bodies(100), ids[1..]);
    node.stop_and_check();
    let node = Node::start(&dir);
    assert_eq!(node.ingest.wanted_bodies(100), ids[1..]);
    node.stop();
}

#[test]
fn headers_always_bodies_by_choice() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir, Bodies::None);
    let document = crowd.signed(0, |header| {
        header.doc = None;
        header.kind = "topic".to_owned();
    });
    let inside = crowd.signed(0, |header| header.doc = Some(document.id()));
    let outside = crowd.post(0, 600);
    let wires = [&document, &inside, &outside].map(Verified::wire);
    let answers = node.submit(Origin::Peer(1), &wires);
    for (answer, entry) in answers.iter().zip([&document, &inside, &outside]) {
        let accepted = answer.as_ref().unwrap();
        assert!(matches!(accepted.outcome, Outcome::Admitted(_)), "{accepted:?}");
        assert_eq!(accepted.body, Landed::Unwanted);
        assert_eq!(node.body(entry.id()).unwrap(), BodyState::Absent);
    }
    assert!(node.ingest.wanted_bodies(9).is_empty());
    assert_eq!(later(&node, outside.id(), body_of(&outside)), Landed::Unwanted);
    // One's own are kept all the same.
    let mine = node.post(crowd.committee, "mine");
    assert!(matches!(node.body(mine).unwrap(), BodyState::Here(_)));
    // One document: its own and the committee's.
    let docs = Bodies::Docs(BTreeSet::from([document.id()]));
    node.ingest.follow_blocking(crowd.committee, docs.clone()).unwrap();
    assert_eq!(node.ingest.bodies_of(&crowd.committee), Some(docs.clone()));
    let wanted: BTreeSet<Id> = node.ingest.wanted_bodies(9).into_iter().collect();
    assert_eq!(wanted, [document.id(), inside.id(), outside.id()].into());
    node.stop_and_check();
    let node = Node::start(&dir);
    assert_eq!(node.ingest.bodies_of(&crowd.committee), Some(docs));
    assert_eq!(node.ingest.wanted_bodies(9).len(), 3);
    node.ingest.follow_blocking(crowd.committee, Bodies::None).unwrap();
    assert!(node.ingest.wanted_bodies(9).is_empty());
    node.stop();
}

/// A stranger's bodies are kept up to a number of bytes; what a member takes up is wanted in full.
#[test]
fn a_newcomer_s_bodies_are_kept_up_to_a_budget_and_all_once_taken_up() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let (mut crowd, first) = crowd::Crowd::new(1);
    node.submit(Origin::Peer(1), &first);
    let len = 200_000;
    let fit = usize::try_from(crate::limit::FLOOR_BYTES_PER_KEY).unwrap() / len;
    let posts: Vec<Verified> = (0..fit + 6).map(|n| crowd.post_in(committee, 0, n, len)).collect();
    let here = |node: &Node| {
        posts
            .iter()
            .filter(|post| matches!(node.body(post.id()).unwrap(), BodyState::Here(_)))
            .count()
    };
    for post in &posts {
        let answers = node.submit(Origin::Peer(1), &[post.wire()]);
        assert!(matches!(outcomes(&answers)[0], Outcome::Admitted(_)));
    }
    assert_eq!(here(&node), fit);
    assert!(
        node.ingest.wanted_bodies(99).is_empty(),
        "nobody is asked for what finds no room"
    );
    let last = posts.last().unwrap();
    assert_eq!(later(&node, last.id(), body_of(last)), Landed::Unwanted);
    node.stop_and_check();

    let node = Node::start(&dir);
    assert_eq!(here(&node), fit);
    assert!(node.ingest.wanted_bodies(99).is_empty(), "nor after a restart");
    let reply = Draft {
        after: vec![last.id()],
        ..draft(committee, "please go on")
    };
    let write = move |author: &mut Author<'_>| author.write(committee, reply);
    node.ingest.write_blocking(write).unwrap().unwrap();
    assert_eq!(node.ingest.wanted_bodies(99).len(), 6, "taken up");
    for post in &posts {
        later(&node, post.id(), body_of(post));
    }
    assert_eq!(here(&node), posts.len());
    node.stop_and_check();
}
