//! Roles, parameters and decisions over HTTP, with the reasons that people see.

use super::*;

fn ids(list: &Value) -> Vec<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_role_names_the_entries_that_gave_and_took_it() {
    let node = Node::new();
    let eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let committee = node.committee();
    let topic = node.topic(&committee);
    let grant = |role: &str, scope: Option<&str>| {
        let body = json!({ "committee": committee, "role": role, "to": eve.identity(), "scope": scope });
        id(&node.write("/grants", &body))
    };
    let (voice, moderator) = (grant("voice", None), grant("moderator", Some(&topic)));
    let odd = json!({ "committee": committee, "role": "stewart", "to": node.home.identity() });
    let odd = node.write("/grants", &odd);
    assert!(odd["warning"].as_str().unwrap().contains("steward"), "{odd}");
    node.write("/revocations", &json!({ "grant": id(&odd) }));
    let roles = |query: &str| node.ok(&format!("/committees/{committee}/roles{query}"));
    let held = roles("");
    assert_eq!(held["threshold"], 1);
    assert_eq!(held["founders"][0]["identity"], json!(node.home.identity()));
    let items = held["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{held}");
    let scoped = items.iter().find(|item| item["id"] == json!(moderator)).unwrap();
    assert_eq!(
        (&scoped["role"], &scoped["scope"]),
        (&json!("moderator"), &json!(topic))
    );
    assert_eq!(scoped["signatures"][0]["by"]["identity"], json!(node.home.identity()));
    assert_eq!(scoped["signatures"][0]["counts"], true);

    let revoked = node.write("/revocations", &json!({ "grant": voice }));
    assert!(
        revoked["warning"].as_str().unwrap().contains("one signature"),
        "{revoked}"
    );
    let held = roles("");
    assert_eq!(held["items"].as_array().unwrap().len(), 1);
    let all = roles("?all=true&limit=2");
    let first = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == json!(voice))
        .unwrap();
    assert_eq!(first["state"], "revoked");
    assert_eq!(ids(&first["revoked_by"]), [id(&revoked)]);
    let next = roles(&format!("?all=true&cursor={}", all["next"].as_str().unwrap()));
    assert_eq!(
        (next["items"][0]["id"].as_str(), &next["next"]),
        (Some(id(&odd).as_str()), &Value::Null)
    );
    assert_eq!(
        detail(node.get(&format!("/committees/{committee}/roles?cursor=x"))).0,
        400
    );
}

#[test]
fn parameters_are_set_by_those_who_grant() {
    let node = Node::new();
    let committee = node.committee();
    let set = |value: u64| {
        node.write(
            "/parameters",
            &json!({ "committee": committee, "name": "notice_days", "value": value }),
        )
    };
    let first = set(14);
    assert_eq!(first["effect"], "effective");
    let second = set(21);
    let parameters = node.ok(&format!("/committees/{committee}/parameters"));
    assert_eq!(parameters["items"][0]["value"], 21);
    assert_eq!(parameters["items"][0]["contested"], false);
    assert_eq!(ids(&parameters["items"][0]["set_by"]), [id(&second)]);
    let acts = node.ok(&format!("/documents/{committee}"));
    let old = acts["acts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|act| act["id"] == json!(id(&first)))
        .unwrap()
        .clone();
    assert_eq!(
        (&old["effect"], &old["cause"]["rule"]),
        (&json!("superseded"), &json!("overtaken"))
    );
    assert_eq!(
        detail(node.post(
            "/parameters",
            &json!({ "committee": committee, "name": "No", "value": 1 })
        ))
        .0,
        422
    );
}

#[test]
fn a_label_counts_from_a_moderator_only() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let label = json!({ "kind": "label", "body": { "entry": topic, "label": "off topic", "reason": "it is" } });
    let path = format!("/documents/{topic}/acts");
    let before = node.write(&path, &label);
    assert_eq!(
        (&before["effect"], &before["cause"]["rule"]),
        (&json!("unauthorised"), &json!("no_role"))
    );
    let me = node.home.identity();
    node.write(
        "/grants",
        &json!({ "committee": committee, "role": "moderator", "to": me }),
    );
    assert_eq!(node.write(&path, &label)["effect"], "effective");
}

#[test]
fn a_decision_is_flagged_when_an_input_loses_its_effect_and_stays() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let stance = |position: &str| {
        let body = json!({ "kind": "stance", "body": { "position": position } });
        id(&node.write(&format!("/documents/{topic}/acts"), &body))
    };
    let input = stance("support");
    let content = json!({ "title": "Go on", "outcome": "We go on.", "inputs": [input] });
    let open = json!({ "kind": "decision", "content": content });
    let decision = id(&node.write(&format!("/committees/{committee}/documents"), &open));
    let shown = || node.ok(&format!("/documents/{decision}"));
    assert_eq!(
        (&shown()["flagged"], &shown()["inputs"][0]["effect"]),
        (&json!(false), &json!("effective"))
    );
    let content = shown()["content"].clone();
    stance("oppose");
    let after = shown();
    assert_eq!(
        (&after["flagged"], &after["inputs"][0]["effect"]),
        (&json!(true), &json!("superseded"))
    );
    assert_eq!(after["inputs"][0]["cause"]["rule"], "later");
    assert_eq!(after["content"], content, "what was decided stays");
}

#[test]
fn acts_of_authority_count_once_enough_signed() {
    let node = Node::new();
    let eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let alone = node.committee();
    let grant = json!({ "committee": alone, "role": "voice", "to": eve.identity() });
    let grant = node.write("/grants", &grant);
    assert_eq!(grant["effect"], "effective");
    assert_eq!(
        node.ok(&format!("/committees/{alone}"))["members"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        node.write("/revocations", &json!({ "grant": id(&grant) }))["effect"],
        "effective"
    );
    let acts = node.ok(&format!("/documents/{alone}"));
    let of = |kind: &str| {
        acts["acts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|act| act["kind"] == kind)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&of("grant")["effect"], &of("grant")["cause"]["entries"][0]),
        (&json!("superseded"), &of("revoke")["id"])
    );
    assert_eq!(of("grant")["control"]["role"], "voice");
    assert_eq!(
        node.ok(&format!("/committees/{alone}"))["members"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let both = json!({ "name": "Two", "founders": [eve.identity()] });
    let both = id(&node.write("/committees", &both));
    let grant = node.write(
        "/grants",
        &json!({ "committee": both, "role": "voice", "to": eve.identity() }),
    );
    assert_eq!(grant["effect"], "unauthorised");
    let (status, why) = detail(node.post("/cosignatures", &json!({ "entry": both })));
    assert!(status == 422 && why.contains("grant"), "{why}");
    let vouch = json!({ "identity": eve.identity(), "quota": 3 });
    assert!(detail(node.post("/vouches", &vouch)).1.contains("committee"));
}
