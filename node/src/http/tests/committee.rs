//! Committees: founded and followed.

use super::*;

#[test]
fn founders_must_be_known_and_few_enough() {
    let node = Node::new();
    let eve = Stranger::new();
    let body = json!({ "name": "Two", "founders": [eve.identity()] });
    let (status, why) = detail(node.post("/committees", &body));
    assert!(
        status == 409 && why.contains("id export") && why.contains("id import"),
        "{why}"
    );
    let taken = node.write("/identities", &json!({ "entries": eve.wires() }));
    assert_eq!(taken["id"], json!(eve.identity()));
    let committee = id(&node.write("/committees", &body));
    let shown = node.ok(&format!("/committees/{committee}"));
    assert_eq!(
        (&shown["threshold"], shown["founders"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    for threshold in [0, 3] {
        let body = json!({ "name": "Two", "founders": [eve.identity()], "threshold": threshold });
        assert_eq!(detail(node.post("/committees", &body)).0, 422);
    }
    let (status, why) = detail(node.post("/identities", &json!({ "entries": ["00"] })));
    assert_eq!(status, 422, "{why}");
}

#[test]
fn committees_are_followed_by_invitation() {
    let node = Node::new();
    let committee = node.committee();
    let link = node.ok(&format!("/committees/{committee}/invitation"))["invitation"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        link.parse::<crate::invitation::Invitation>()
            .unwrap()
            .committee
            .to_string(),
        committee
    );
    let unknown = "cd".repeat(32);
    let followed = node.write(
        "/committees/follow",
        &json!({ "committee": format!("althing:{unknown}"), "bodies": "none" }),
    );
    assert_eq!(id(&followed), unknown);
    let items = node.ok("/committees")["items"].clone();
    let found = items
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == json!(unknown))
        .unwrap();
    assert_eq!((&found["here"], &found["bodies"]), (&json!(false), &json!("none")));
    assert_eq!(
        detail(node.post("/committees/follow", &json!({ "committee": "nonsense" }))).0,
        400
    );
    let docs = json!({ "committee": committee, "bodies": [node.topic(&committee)[..10]] });
    node.write("/committees/follow", &docs);
    assert!(node.ok(&format!("/committees/{committee}"))["bodies"].is_array());
}
