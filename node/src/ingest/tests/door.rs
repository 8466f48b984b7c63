//! What comes in, and what does not.

use std::thread;

use althing_protocol::codec::Refusal;

use super::crowd::Crowd;
use super::*;

fn followed(dir: &TempDir) -> (Node, Crowd) {
    let node = Node::start(dir);
    let (crowd, first) = Crowd::new(4);
    node.ingest.follow_blocking(crowd.committee, Bodies::All).unwrap();
    let answers = node.submit(Origin::Peer(1), &first);
    assert!(outcomes(&answers).iter().all(|o| matches!(o, Outcome::Admitted(_))));
    (node, crowd)
}

#[test]
fn each_bad_wire_has_its_own_error_and_is_remembered() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir);
    let post = crowd.post(0, 600);
    let wire = post.wire();
    let signature_at = 1 + post.header_bytes().len() + 2;
    let flipped = |at: usize| {
        let mut bytes = wire.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut weak = wire.clone();
    let by = post.header().by.0;
    let at = wire.windows(32).position(|w| w == by).unwrap();
    // The neutral element: a key of order one.
    weak[at..at + 32].copy_from_slice(&[0; 32]);
    weak[at] = 1;
    let mut newer = post.header().clone();
    newer.v = 2;
    let newer = althing_protocol::entry::wire(&newer.encode(), post.signature(), None);
    let mut long = wire.clone();
    long.push(0);
    let bad = [
        wire[..wire.len() - 1].to_vec(),
        vec![0x80; limit::WIRE + 1],
        long,
        flipped(signature_at + 8),
        weak,
        newer,
        Vec::new(),
    ];
    for _ in 0..2 {
        let answers = node.submit(Origin::Peer(1), &bad);
        let refused: Vec<Reject> = answers.into_iter().map(|a| a.unwrap_err()).collect();
        assert!(matches!(
            &refused[0],
            Reject::Malformed(Malformed::Encoding(Refusal::Decode(_)))
        ));
        assert!(matches!(&refused[1], Reject::Malformed(Malformed::TooLarge { .. })));
        assert!(matches!(&refused[2], Reject::Malformed(Malformed::Encoding(_))));
        assert_eq!(refused[3], Reject::Signature(BadSignature::Signature));
        assert_eq!(refused[4], Reject::Signature(BadSignature::WeakKey));
        assert_eq!(refused[5], Reject::Malformed(Malformed::Version(2)));
        assert!(!refused[5].is_fault() && refused[4].is_fault());
        assert!(matches!(&refused[6], Reject::Malformed(Malformed::Encoding(_))));
    }
    // Junk under its id did not poison the genuine entry.
    let answers = node.submit(Origin::Peer(1), &[wire]);
    assert!(matches!(outcomes(&answers)[..], [Outcome::Admitted(_)]));
    node.stop_and_check();
}

#[test]
fn duplicates_are_known() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir);
    let wire = crowd.post(0, 600).wire();
    let answers = node.submit(Origin::Peer(1), &[wire.clone(), wire.clone()]);
    let [Outcome::Admitted(first), Outcome::Known(second)] = outcomes(&answers)[..] else {
        panic!("{answers:?}");
    };
    assert_eq!(first, second);
    let answers = node.submit(Origin::Peer(2), &[wire.clone(), wire]);
    assert_eq!(outcomes(&answers), [&Outcome::Known(*first), &Outcome::Known(*first)]);
    node.stop_and_check();
}

#[test]
fn a_rejected_entry_is_no_bad_wire() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir);
    let first = crowd.post(0, 10);
    // Its place in the log is taken by nobody: prev is missing.
    let broken = crowd.signed(0, |header| header.prev = None);
    let answers = node.submit(Origin::Peer(9), &[first.wire(), broken.wire()]);
    let [Outcome::Admitted(_), Outcome::Rejected(fault)] = outcomes(&answers)[..] else {
        panic!("{answers:?}");
    };
    assert!(!fault.name().is_empty());
    node.stop_and_check();
}

#[test]
fn what_waits_comes_in_with_what_it_waited_for() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir);
    let mut notices = node.ingest.notices();
    let posts: Vec<_> = (0..10).map(|n| crowd.post(n, 300)).collect();
    let late: Vec<Vec<u8>> = posts[1..].iter().map(|p| p.wire()).collect();
    let answers = node.submit(Origin::Peer(1), &late);
    assert!(outcomes(&answers).iter().all(|o| matches!(o, Outcome::Waiting(_))));
    assert_eq!(node.ingest.read(|s| s.waiting().len()), 9);
    let answers = node.submit(Origin::Peer(1), &[posts[0].wire()]);
    assert!(matches!(outcomes(&answers)[..], [Outcome::Admitted(_)]));
    assert_eq!(node.ingest.read(|s| s.waiting().len()), 0);
    let (mut admitted, mut waited) = (Vec::new(), 0);
    while let Ok(notice) = notices.try_recv() {
        match &*notice {
            Notice::Admitted {
                id, wire, committee, ..
            } => {
                let post = posts.iter().find(|p| p.id() == *id).unwrap();
                assert_eq!(*wire, althing_protocol::entry::wire_hash(&post.wire()));
                assert_eq!(*committee, Some(crowd.committee));
                admitted.push(*id);
            }
            Notice::Waiting { .. } => waited += 1,
            _ => {}
        }
    }
    assert_eq!(admitted, posts.iter().map(|p| p.id()).collect::<Vec<_>>());
    assert_eq!(waited, 9);
    for post in &posts {
        assert!(matches!(node.body(post.id()), Ok(store::BodyState::Here(_))));
    }
    node.stop_and_check();
}

#[test]
fn many_submitters_at_once() {
    let dir = TempDir::new().unwrap();
    let (node, mut crowd) = followed(&dir);
    let wires: Vec<Vec<u8>> = (0..600).map(|n| crowd.post(n, 200).wire()).collect();
    let admitted: usize = thread::scope(|scope| {
        let submitters: Vec<_> = (0..6u8)
            .map(|k| {
                let (node, wires) = (&node, &wires);
                scope.spawn(move || {
                    let mut admitted = 0;
                    for chunk in wires.chunks(7 + usize::from(k)) {
                        let answers = node.submit(Origin::Peer(1 + u64::from(k)), chunk);
                        assert_eq!(answers.len(), chunk.len());
                        let fresh = |o: &&&Outcome| matches!(o, Outcome::Admitted(_));
                        admitted += outcomes(&answers).iter().filter(fresh).count();
                    }
                    admitted
                })
            })
            .collect();
        submitters.into_iter().map(|s| s.join().unwrap()).sum()
    });
    // Some came in out of turn, waited, and were admitted with what they waited for.
    assert!(admitted <= 600);
    let held = node
        .ingest
        .read(|s| s.committee(&crowd.committee).unwrap().record().len());
    assert_eq!(held, 600 + 9);
    assert_eq!(node.sequence(crowd.committee).len(), 600 + 9);
    node.stop_and_check();
}

#[test]
fn what_nobody_follows_is_refused() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let (_, first) = Crowd::new(2);
    let answers = node.submit(Origin::Peer(1), &first);
    let [.., Outcome::Refused(_)] = outcomes(&answers)[..] else {
        panic!("{answers:?}");
    };
    node.stop_and_check();
}

#[test]
fn a_stopped_door_says_so() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let ingest = node.ingest.clone();
    node.stop();
    let stopped = ingest.submit_blocking(Origin::Local, vec![vec![1]]).unwrap_err();
    assert!(stopped.why.is_none());
    assert_eq!(stopped.to_string(), "the node has stopped");
}

#[test]
fn a_large_submission_is_cut_in_order() {
    let wires: Vec<Vec<u8>> = (0..1000u32)
        .map(|n| vec![n.to_le_bytes()[0]; 300 * 1024 / 100])
        .collect();
    let jobs = super::super::job::cut(wires.clone());
    assert!(
        jobs.iter()
            .all(|j| j.len() <= crate::limit::JOB && j.iter().map(Vec::len).sum::<usize>() <= crate::limit::JOB_BYTES)
    );
    assert_eq!(jobs.concat(), wires);
    let large = vec![vec![0; crate::limit::JOB_BYTES + 1], vec![1]];
    assert_eq!(super::super::job::cut(large).len(), 2);
    assert!(super::super::job::cut(Vec::new()).is_empty());
}
