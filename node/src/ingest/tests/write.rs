//! Writing as the owner.

use althing_protocol::admit::Fault;
use althing_protocol::author::{self, Refused, Writer};
use althing_protocol::codec::Value;
use althing_protocol::control::{Control, Cosign, Enroll, Use};
use althing_protocol::hash::Key;

use super::*;

#[test]
fn several_entries_are_one_batch_and_see_each_other() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let before = node.sequence(committee).len();
    let written = node.ingest.write_blocking(move |author| {
        let topic = author.write(
            committee,
            Draft {
                doc: None,
                kind: "topic".to_owned(),
                ..draft(committee, "t")
            },
        )?;
        let first = author.write(committee, draft(topic, "same text"))?;
        let second = author.write(
            committee,
            Draft {
                after: vec![first],
                ..draft(topic, "same text")
            },
        )?;
        let num = author.state().graph().num(&second).unwrap();
        assert_eq!(
            author.state().graph().names(num).len(),
            4,
            "prev is after; cert, doc, space"
        );
        Ok::<_, Unwritten>([topic, first, second])
    });
    let [topic, first, second] = written.unwrap().unwrap();
    assert_eq!(node.sequence(committee)[before..], [topic, first, second]);
    let salt = |id| match node.body(id).unwrap() {
        store::BodyState::Here(body) => body.salt,
        other => panic!("{other:?}"),
    };
    assert_ne!(salt(first), salt(second), "each body has a salt of its own");
    let time = node.ingest.read(|state| {
        let num = state.graph().num(&first).unwrap();
        node.ingest.store().header(num, &first).unwrap().unwrap().header.time
    });
    assert!(time.abs_diff(crate::clock::now_ms()) < 60_000);
    node.stop_and_check();
}

#[test]
fn each_key_writes_where_it_may() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let (committee, me) = (node.found(), node.home.identity());
    let control = Control::Enroll(Enroll {
        key: Key([3; 32]),
        usage: Use::Bot,
    })
    .value();
    let enroll = Draft {
        doc: Some(me),
        kind: "enroll".to_owned(),
        control,
        ..Draft::default()
    };
    let by_device = enroll.clone();
    let refused = node.ingest.write_blocking(move |a| a.write(me, by_device)).unwrap();
    assert!(
        matches!(
            refused,
            Err(Unwritten::Rejected(
                Fault::Cert(_) | Fault::Control(_) | Fault::Shape(_) | Fault::Identity(_)
            ))
        ),
        "{refused:?}"
    );
    // A node never holds the root key: what it signs comes in like anybody's entry.
    let by_root = node.ingest.read(|state| {
        let root = node.home.roots().unwrap().root;
        author::write(state, me, &Writer { key: &root, cert: None }, enroll).unwrap()
    });
    let taken = node
        .ingest
        .submit_blocking(Origin::Import, vec![by_root.wire()])
        .unwrap();
    assert!(matches!(&taken[..], [Ok(accepted)] if matches!(accepted.outcome, Outcome::Admitted(_))));
    let control = Control::Cosign(Cosign { entry: committee }).value();
    let cosign = Draft {
        doc: Some(committee),
        kind: "cosign".to_owned(),
        control,
        ..Draft::default()
    };
    let id = node
        .ingest
        .write_blocking(move |a| a.write_as(Signer::Node, committee, cosign))
        .unwrap()
        .unwrap();
    node.ingest.read(|state| {
        let num = state.graph().num(&id).unwrap();
        assert_eq!(
            state.graph().key(num),
            Key(node.home.node_key().verifying_key().to_bytes())
        );
    });
    node.stop_and_check();
}

#[test]
fn what_cannot_be_written_says_why() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let write = |draft: Draft| {
        node.ingest
            .write_blocking(move |a| a.write(committee, draft))
            .unwrap()
            .unwrap_err()
    };
    let large = write(draft(committee, &"x".repeat(limit::BODY + 1)));
    assert!(
        matches!(large, Unwritten::Malformed(Malformed::TooLarge { .. })),
        "{large:?}"
    );
    let nowhere = write(draft(Id([9; 32]), "x"));
    assert!(
        matches!(nowhere, Unwritten::Refused(Refused::Absent { .. })),
        "{nowhere:?}"
    );
    let control = Some(Value::Bytes(vec![0; limit::CONTROL + 1]));
    let heavy = write(Draft {
        control,
        kind: "x".to_owned(),
        ..draft(committee, "x")
    });
    assert!(matches!(heavy, Unwritten::Rejected(_)), "{heavy:?}");
    let strangers = control::Committee {
        founders: vec![Id([9; 32])],
        threshold: 1,
    };
    let found = node.ingest.write_blocking(move |a| a.found(strangers, None)).unwrap();
    assert!(matches!(found, Err(Unwritten::Waiting(_))), "{found:?}");
    assert_eq!(
        node.ingest.read(|s| s.followed().count()),
        1,
        "nothing is followed that was not founded"
    );
    let much = node.ingest.write_blocking(move |author| {
        (0..=MOST)
            .map(|_| author.write(committee, draft(committee, "x")))
            .find_map(Result::err)
    });
    assert!(matches!(much, Ok(Some(Unwritten::TooMuch))));
    node.stop_and_check();
}

#[test]
fn the_first_entries_go_in_once() {
    let dir = TempDir::new().unwrap();
    for _ in 0..2 {
        let node = Node::start(&dir);
        let held = node.ingest.read(|s| s.graph().len());
        assert_eq!(held, 3);
        node.stop_and_check();
    }
}
