//! Links and disclosures in an identity's own document.

use serde_json::{Value as Json, json};

use super::desk::Desk;
use crate::document::{Cause, Effect};

/// A signature for the identity that the desk writes in, made by another program.
fn vector() -> Json {
    let all: Json = serde_json::from_str(include_str!("../../../vectors/link.json")).unwrap();
    let cases = all["cases"].as_array().unwrap().iter();
    let mut found = cases.filter(|case| case["identity"] == "c8".repeat(32));
    found.next().unwrap().clone()
}

#[test]
fn links_prove_themselves() {
    let (mut desk, root) = Desk::open("identity", 1, &[], &json!({"name": "Ada"}));
    let vector = vector();
    let good = json!({
        "address": vector["address"], "chain": vector["chain"], "signature": vector["signature"],
    });
    let with = |field: &str, value: Json| {
        let mut changed = good.clone();
        changed[field] = value;
        changed
    };
    let genuine = desk.write("link", 1, &[root], &good);
    let page = json!({"url": "https://forum.example/t/1", "handle": "ada"});
    let page = desk.write("link", 1, &[root], &page);
    let bad = [
        with("chain", json!(10)),
        with("address", json!(format!("0x{}", "11".repeat(20)))),
        with("address", json!("0x11")),
        with("signature", json!("0x00")),
        json!({"address": vector["address"]}),
        json!({"handle": "ada"}),
        json!({}),
    ];
    let bad: Vec<_> = bad.iter().map(|body| desk.write("link", 1, &[root], body)).collect();
    let document = desk.build();
    for id in [genuine, page] {
        assert_eq!(document.outcome(id).unwrap().effect, Effect::Effective);
    }
    for id in bad {
        let outcome = document.outcome(id).unwrap();
        assert_eq!(outcome.effect, Effect::Void);
        assert!(
            matches!(outcome.cause, Some(Cause::Proof { .. })),
            "{:?}",
            outcome.cause
        );
    }
    // Its owner takes it back; it stays readable.
    let back = desk.write("retract", 1, &[genuine], &json!({"entry": genuine, "reason": "sold"}));
    let document = desk.build();
    assert_eq!(document.outcome(genuine).unwrap().effect, Effect::Superseded);
    assert_eq!(document.outcome(genuine).unwrap().retracted, Some(back));
}

#[test]
fn links_stand_in_identities_alone() {
    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "one"}));
    let link = desk.write("link", 1, &[root], &json!({"url": "https://forum.example/t/1"}));
    // An interest is disclosed where it matters, too (R41).
    let disclosed = desk.write("disclose", 1, &[root], &json!({"text": "I own a boat"}));
    let document = desk.build();
    assert_eq!(document.outcome(link).unwrap().effect, Effect::Void);
    assert_eq!(document.outcome(disclosed).unwrap().effect, Effect::Effective);
}
