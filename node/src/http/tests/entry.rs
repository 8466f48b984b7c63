//! Entries as bytes: signed elsewhere, and exported.

use althing_protocol::digest::Tree;
use althing_protocol::entry::Entry;

use super::*;

#[test]
fn anyone_may_post_signed_entries_and_one_listener_takes_them_up() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    let (post, wire) = eve.post(&committee, &doc, "may I?");
    let (status, waiting) = node.raw(wire.clone());
    assert_eq!((status, &waiting["outcome"]), (200, &json!("waiting")));
    for wire in eve.home.initial_entries() {
        assert_eq!(node.raw(wire).1["outcome"], "admitted");
    }
    assert_eq!(node.raw(wire.clone()).1, json!({ "id": post, "outcome": "known" }));
    let digest = || node.ok(&format!("/committees/{committee}/digest"));
    let before = digest();
    assert_eq!(before["floor"], 1);
    let act = || node.ok(&format!("/documents/{doc}"))["acts"][0].clone();
    assert_eq!(
        (&act()["record"], &act()["cause"]["rule"]),
        (&json!(false), &json!("floor"))
    );
    assert_eq!(
        node.write("/take-ups", &json!({ "entries": [post.to_string()[..8]] }))["ids"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        (&act()["record"], &act()["effect"]),
        (&json!(true), &json!("effective"))
    );
    assert_eq!(
        (&digest()["floor"], digest()["digest"] == before["digest"]),
        (&json!(0), false)
    );

    let (status, why) = detail(node.raw(b"junk".to_vec()));
    assert_eq!(status, 422, "{why}");
    let last = wire.len() - 1;
    let mut forged = wire.clone();
    forged[last / 2] ^= 1;
    assert_eq!(detail(node.raw(forged)).0, 422);
    let mut bytes = node.agent().get(node.at(&format!("/entries/{post}"))).call().unwrap();
    assert_eq!(bytes.body_mut().read_to_vec().unwrap(), wire);
}

#[test]
fn the_record_is_exported_whole_parents_first() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    for n in 0..5 {
        node.write(
            &format!("/documents/{doc}/acts"),
            &json!({ "kind": "post", "text": n.to_string() }),
        );
    }
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = node.ok(&format!("/committees/{committee}/entries?limit=4{cursor}"));
        for item in page["items"].as_array().unwrap() {
            let wire = data_encoding::HEXLOWER
                .decode(item["wire"].as_str().unwrap().as_bytes())
                .unwrap();
            let entry = Entry::decode(&wire).unwrap().verify().unwrap();
            assert_eq!(json!(entry.id()), item["id"]);
            let header = entry.header();
            for name in header
                .prev
                .iter()
                .chain(&header.after)
                .chain(&header.doc)
                .chain(&header.space)
                .chain(&header.cert)
            {
                assert!(ids.contains(name), "parents first");
            }
            ids.push(entry.id());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let digest = node.ok(&format!("/committees/{committee}/digest"));
    assert_eq!(
        (&digest["entries"], &digest["documents"]),
        (&json!(ids.len()), &json!(1))
    );
    assert_eq!(digest["digest"], json!(Tree::from_ids(ids).root()));
}
