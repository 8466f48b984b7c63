//! What API and pages compute: acts that wait, and what waits for somebody.

use althing_protocol::control::{self, Control};

use super::*;

fn items(json: &Value) -> Vec<Value> {
    json["items"].as_array().unwrap().clone()
}

/// A committee of Ada and Eve, in which both must sign.
fn two(node: &Node, eve: &mut Stranger) -> String {
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let two = json!({ "name": "Two", "founders": [eve.identity()] });
    let committee = id(&node.write("/committees", &two));
    eve.learn(node, &committee);
    committee
}

#[test]
fn acts_that_wait_say_what_they_would_change_and_who_can_sign() {
    let node = Node::new();
    let mut eve = Stranger::new();
    let bob = Stranger::new();
    node.write("/identities", &json!({ "entries": bob.wires() }));
    let committee = two(&node, &mut eve);
    let pending = || items(&node.ok(&format!("/committees/{committee}/pending")));
    assert!(pending().is_empty());
    let own = json!({ "committee": committee, "role": "voice", "to": bob.identity(), "note": "he asked" });
    let own = id(&node.write("/grants", &own));
    let found = pending().remove(0);
    assert_eq!(
        (&found["id"], &found["state"], &found["note"]),
        (&json!(own), &json!("open"), &json!("he asked"))
    );
    assert_eq!((&found["need"], &found["missing"]), (&json!(2), &json!(1)));
    assert_eq!(found["signed"][0]["by"]["identity"], json!(node.home.identity()));
    assert_eq!(found["can_sign"], false, "one's own signature is there");
    assert_eq!(found["open_to"], json!([{ "identity": eve.identity(), "name": "Eve" }]));
    let change = &found["change"];
    assert_eq!(
        (&change["does"], &change["role"], &change["joins"]),
        (&json!("grant"), &json!("voice"), &json!(true))
    );
    assert_eq!(change["to"]["name"], "Eve", "the name in their profile");

    let grant = Control::Grant(control::Grant {
        role: "moderator".to_owned(),
        to: node.home.identity(),
        scope: None,
    });
    let theirs = eve.write(&node, &committee, "grant", Some(grant), json!({}));
    let found = pending();
    let found = found.iter().find(|act| act["id"] == json!(theirs)).unwrap();
    assert_eq!(
        (&found["can_sign"], &found["change"]["joins"]),
        (&json!(true), &json!(false))
    );
    let waits = items(&node.ok("/waits"));
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!(
        (&waits[0]["what"], &waits[0]["entry"]),
        (&json!("cosign"), &json!(theirs))
    );
    assert!(waits[0]["text"].as_str().unwrap().contains("moderator"), "{waits:?}");
    node.write("/cosignatures", &json!({ "entry": theirs }));
    assert_eq!(pending().len(), 1);
    assert!(items(&node.ok("/waits")).is_empty());

    // A revocation and a parameter.
    node.write("/revocations", &json!({ "grant": theirs }));
    node.write(
        "/parameters",
        &json!({ "committee": committee, "name": "days", "value": 3 }),
    );
    let all = pending();
    let of = |kind: &str| all.iter().find(|act| act["kind"] == kind).unwrap()["change"].clone();
    let revoke = of("revoke");
    assert_eq!(
        (&revoke["role"], &revoke["held"], &revoke["leaves"]),
        (&json!("moderator"), &json!(true), &json!(false)),
        "a founder stays a member"
    );
    assert_eq!(
        of("set_parameter"),
        json!({ "does": "set", "name": "days", "value": 3, "now": null })
    );
    let page = node.ok(&format!("/committees/{committee}/pending?limit=2"));
    let next = page["next"].as_str().unwrap();
    let rest = node.ok(&format!("/committees/{committee}/pending?limit=2&cursor={next}"));
    assert_eq!(
        (items(&page).len(), items(&rest).len(), &rest["next"]),
        (2, 1, &Value::Null)
    );
}

#[test]
fn what_waits_for_somebody_goes_when_it_is_done() {
    let node = Node::new();
    let mut eve = Stranger::new();
    let committee = two(&node, &mut eve);
    let waits = || items(&node.ok(&format!("/waits?committee={committee}")));
    let whats = || {
        waits()
            .iter()
            .map(|duty| duty["what"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // Eve nominates Ada.
    let me = node.home.identity();
    let content = json!({ "nominee": me, "seat": "Head" });
    let owners = Control::Document(control::Document {
        owners: vec![control::Owner {
            identity: eve.identity(),
            part: None,
        }],
    });
    let nomination = eve.write(&node, &committee, "nomination", Some(owners), content);
    assert_eq!(
        whats(),
        Vec::<String>::new(),
        "content alone names nobody in the header, and nobody looks there"
    );
    node.write(
        &format!("/documents/{nomination}/acts"),
        &json!({ "kind": "post", "text": "me?" }),
    );
    assert_eq!(whats(), ["accept"]);
    node.write(&format!("/documents/{nomination}/acts"), &json!({ "kind": "accept" }));
    assert_eq!(whats(), Vec::<String>::new());
    // Eve asks in Ada's topic.
    let topic = node.topic(&committee);
    eve.learn(&node, &committee);
    let question = eve.act(&node, &committee, &topic, "question", json!({ "text": "why weeds?" }));
    assert_eq!(whats(), ["answer"]);
    let duty = waits().remove(0);
    assert_eq!(
        (&duty["entry"], &duty["doc"]["title"]),
        (&json!(question), &json!("Weeds"))
    );
    assert_eq!(
        (&duty["text"], &duty["by"]["name"]),
        (&json!("why weeds?"), &json!("Eve"))
    );
    let answer = json!({ "kind": "answer", "text": "they grow", "body": { "reply_to": question } });
    node.write(&format!("/documents/{topic}/acts"), &answer);
    assert_eq!(whats(), Vec::<String>::new());
    // A newcomer writes.
    let mut newcomer = Stranger::new();
    newcomer.learn(&node, &committee);
    node.write("/identities", &json!({ "entries": newcomer.wires() }));
    let (first, wire) = newcomer.post(&committee, &topic, "one");
    node.raw(wire);
    let (_, wire) = newcomer.post(&committee, &topic, "two");
    node.raw(wire);
    assert_eq!(whats(), ["take_up"]);
    let duty = waits().remove(0);
    assert_eq!((&duty["entry"], &duty["count"]), (&json!(first), &json!(2)));
    node.write("/take-ups", &json!({ "entries": [first] }));
    assert_eq!(waits()[0]["count"], 1);
}

#[test]
fn versions_stances_questions_and_conflicts_of_a_document() {
    let node = Node::new();
    let mut eve = Stranger::new();
    let committee = two(&node, &mut eve);
    let topic = node.topic(&committee);
    let stance = |position: &str, class: &str| {
        let body = json!({ "kind": "stance", "body": { "position": position, "class": class } });
        id(&node.write(&format!("/documents/{topic}/acts"), &body))
    };
    stance("support", "workers");
    let edit = id(&node.write(&format!("/documents/{topic}/edits"), &json!({ "text": "one 2 three" })));
    eve.learn(&node, &committee);
    let body = json!({ "position": "oppose", "class": "holders" });
    let theirs = eve.act(&node, &committee, &topic, "stance", body);
    let found = node.ok(&format!("/documents/{topic}/stances"));
    let tally = |n: usize| found["tallies"][n].clone();
    assert_eq!(
        (&tally(0)["class"], &tally(0)["oppose"]),
        (&json!("holders"), &json!(1))
    );
    assert_eq!(
        (&tally(1)["class"], &tally(1)["support"]),
        (&json!("workers"), &json!(1))
    );
    assert_eq!(tally(1)["current"], false, "the text changed since");
    let own = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["class"] == "workers")
        .unwrap()
        .clone();
    assert_eq!((&own["changed"], &own["by"]["name"]), (&json!(["text"]), &json!("Ada")));
    let versions = items(&node.ok(&format!("/documents/{topic}/versions")));
    assert_eq!(versions.len(), 2);
    assert_eq!(
        (&versions[1]["entry"], &versions[1]["fields"]),
        (&json!(edit), &json!(["text"]))
    );
    assert_eq!(
        versions[0]["stances"].as_array().unwrap().len(),
        2,
        "Eve had seen the root only: {theirs}"
    );
    assert!(items(&node.ok(&format!("/documents/{topic}/conflicts"))).is_empty());

    let question = eve.act(
        &node,
        &committee,
        &topic,
        "question",
        json!({ "text": "why?", "field": "text" }),
    );
    let asked = items(&node.ok(&format!("/documents/{topic}/questions?open=true"))).remove(0);
    assert_eq!(
        (&asked["id"], &asked["field"], &asked["answers"]),
        (&json!(question), &json!("text"), &json!([]))
    );
    assert_eq!(
        asked["asked"],
        json!([{ "identity": node.home.identity(), "name": "Ada" }])
    );
    let answer = json!({ "kind": "answer", "text": "so", "body": { "reply_to": question } });
    let answer = id(&node.write(&format!("/documents/{topic}/acts"), &answer));
    assert!(items(&node.ok(&format!("/documents/{topic}/questions?open=true"))).is_empty());
    let all = items(&node.ok(&format!("/documents/{topic}/questions")));
    assert_eq!(all[0]["answers"], json!([answer]));

    // Two of Eve's entries that both set the title of a document of hers, neither after the other.
    let open = eve.write(
        &node,
        &committee,
        "topic",
        None,
        json!({ "title": "Hers", "text": "a b c" }),
    );
    for text in ["a B c", "a b C"] {
        let kind = althing_protocol::kind::find("topic").unwrap();
        let bytes = althing_protocol::kind::json::edit(kind, &json!({ "text": text })).unwrap();
        eve.edit(&node, &committee, open, bytes);
    }
    let found = items(&node.ok(&format!("/documents/{open}/conflicts"))).remove(0);
    assert_eq!(
        (&found["field"], found["values"].as_array().unwrap().len()),
        (&json!("text"), 2)
    );
    assert_eq!(
        (&found["proposal"]["base"], &found["proposal"]["text"]),
        (&json!("a b c"), &json!("a B C"))
    );
}

#[test]
fn somebody_is_shown_with_roles_documents_and_participation() {
    let node = Node::new();
    let mut eve = Stranger::new();
    let committee = two(&node, &mut eve);
    let topic = node.topic(&committee);
    node.write(
        &format!("/documents/{topic}/acts"),
        &json!({ "kind": "post", "text": "x" }),
    );
    let me = node.home.identity();
    let disclose = json!({ "kind": "disclose", "text": "I own a spade" });
    node.write(&format!("/documents/{me}/acts"), &disclose);
    let profile = node.ok(&format!("/identities/{me}"));
    assert_eq!(
        (&profile["name"], &profile["own"], &profile["refused"]),
        (&json!("Ada"), &json!(true), &json!(false))
    );
    assert_eq!(profile["disclosures"][0]["text"], "I own a spade");
    let part = &profile["committees"][0];
    assert_eq!((&part["founder"], &part["member"]), (&json!(true), &json!(true)));
    assert_eq!(part["documents"][0]["title"], "Weeds");
    assert_eq!(
        (&part["kinds"]["post"], &part["kinds"]["topic"]),
        (&json!(1), &json!(1))
    );
    let (status, why) = detail(node.get(&format!("/identities/{topic}")));
    assert!(status == 422 && why.contains("identity"), "{why}");
    // A stranger's entries are on the floor.
    let mut bob = Stranger::new();
    bob.learn(&node, &committee);
    node.write("/identities", &json!({ "entries": bob.wires() }));
    let (said, wire) = bob.post(&committee, &topic, "me too");
    node.raw(wire);
    let floor = items(&node.ok(&format!("/committees/{committee}/floor")));
    assert_eq!(
        (floor.len(), &floor[0]["id"], &floor[0]["text"]),
        (1, &json!(said), &json!("me too"))
    );
    assert_eq!(
        (&floor[0]["takes_up"], &floor[0]["was_member"]),
        (&json!(3), &json!(false)),
        "with their keys: {floor:?}"
    );
}
