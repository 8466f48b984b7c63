//! Authority over real nodes: who holds what, and why, is the same everywhere.

use althing_tests::process::{Node, agree, text, wait_for};
use serde_json::Value;

use super::{World, state, three};

/// Who holds which role, as a node tells it.
fn roles(node: &Node, committee: &str) -> Vec<(String, String)> {
    let told = node.cli(&["roles", "--committee", committee]);
    let items = told.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut roles: Vec<(String, String)> = items
        .iter()
        .map(|item| (text(item, "role"), text(item.get("to").expect("a holder"), "identity")))
        .collect();
    roles.sort();
    roles
}

fn effect(node: &Node, doc: &str, entry: &str) -> Option<(String, String)> {
    let shown = node.cli(&["show", doc]);
    let acts = shown.get("acts")?.as_array()?.clone();
    let act = acts
        .iter()
        .find(|act| act.get("id").and_then(Value::as_str) == Some(entry))?;
    let rule = act.pointer("/cause/rule").and_then(Value::as_str).unwrap_or_default();
    Some((text(act, "effect"), rule.to_owned()))
}

/// Two stewards who cannot see each other revoke each other: both are out, on every node, and everybody is told why.
#[test]
fn two_stewards_revoke_each_other_while_cut_off() {
    let world = World::new();
    let ([mut ada, mut hub, cleo], committee) = three(&world);
    let grant = |to: &Node| ada.write(&["grant", "steward", to.identity(), "--committee", &committee]);
    let (of_hub, of_cleo) = (grant(&hub), grant(&cleo));
    let topic = state(&ada, &committee, "a mole");
    let moderator = ada.write(&[
        "grant",
        "moderator",
        cleo.identity(),
        "--committee",
        &committee,
        "--scope",
        &topic,
    ]);
    agree(&[&ada, &hub, &cleo], &committee, 7);
    let label = |node: &Node, reason: &str| {
        let entry = format!("entry={topic}");
        node.write(&["act", "label", &topic, "--set", &entry, "--set", "label=old", reason])
    };
    let by_cleo = label(&cleo, "it is");
    let by_hub = label(&hub, "so it is");
    agree(&[&ada, &hub, &cleo], &committee, 9);

    // Cleo knows nobody but the hub, and the hub is gone while she writes; she is gone while the hub does.
    assert!(ada.stop().expect("it ran").success());
    let address = hub.peer().split("/p2p/").next().expect("an address").to_owned();
    assert!(hub.stop().expect("it ran").success());
    let cut_hub = cleo.write(&["revoke", &of_hub]);
    let mut cleo = cleo;
    assert!(cleo.stop().expect("it ran").success());
    hub.start(&["--listen", &address]);
    let cut_cleo = hub.write(&["revoke", &of_cleo]);
    ada.start(&[]);
    cleo.start(&[]);
    agree(&[&ada, &hub, &cleo], &committee, 11);

    let left = vec![
        ("moderator".to_owned(), cleo.identity().to_owned()),
        ("voice".to_owned(), hub.identity().to_owned()),
        ("voice".to_owned(), cleo.identity().to_owned()),
    ];
    for node in [&ada, &hub, &cleo] {
        let mut expected = left.clone();
        expected.sort();
        assert_eq!(roles(node, &committee), expected);
        for (grant, cut) in [(&of_hub, &cut_hub), (&of_cleo, &cut_cleo)] {
            assert_eq!(
                effect(node, &committee, grant),
                Some(("superseded".into(), "revoked".into()))
            );
            assert_eq!(effect(node, &committee, cut), Some(("effective".into(), String::new())));
        }
        assert_eq!(
            effect(node, &topic, &by_cleo),
            Some(("effective".into(), String::new()))
        );
        assert_eq!(
            effect(node, &topic, &by_hub),
            Some(("unauthorised".into(), "no_role".into()))
        );
    }
    // A parameter takes the same signatures; a revoked steward sets none.
    let set = ada.write(&["set", "notice_days", "14", "--committee", &committee]);
    cleo.write(&["set", "notice_days", "0", "--committee", &committee]);
    agree(&[&ada, &hub, &cleo], &committee, 13);
    let value = |node: &Node| {
        let told = node.cli(&["parameters", "--committee", &committee]);
        told.pointer("/items/0/value").and_then(Value::as_u64)
    };
    wait_for("the parameter", || (value(&cleo) == Some(14)).then_some(()));
    assert_eq!((value(&ada), value(&hub)), (Some(14), Some(14)));
    assert_eq!(
        effect(&hub, &committee, &set),
        Some(("effective".into(), String::new()))
    );
    drop(moderator);
}
