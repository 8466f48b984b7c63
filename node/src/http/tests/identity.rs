//! The keys of an identity over HTTP.

use althing_protocol::codec;
use althing_protocol::entry::{Body, Header, Verified};
use althing_protocol::hash::{Key, key_commitment};

use super::*;

/// Signs a draft as the command line does, and hands it in.
fn sign(node: &Node, key: &ed25519_dalek::SigningKey, draft: &Value) -> (u16, Value) {
    let hex = |text: &Value| {
        data_encoding::HEXLOWER
            .decode(text.as_str().unwrap().as_bytes())
            .unwrap()
    };
    let header: Header = codec::decode(&hex(&draft["header"])).unwrap();
    let body = draft["body"].is_object().then(|| Body {
        salt: hex(&draft["body"]["salt"]).try_into().unwrap(),
        bytes: hex(&draft["body"]["bytes"]),
    });
    let wire = Verified::sign(header, body, key).wire();
    node.post(
        "/identities",
        &json!({ "entries": [data_encoding::HEXLOWER.encode(&wire)] }),
    )
}

fn public(key: &ed25519_dalek::SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}

#[test]
fn drafts_are_signed_elsewhere_and_come_back() {
    let node = Node::new();
    let roots = node.home.roots().unwrap();
    let phone = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let enroll =
        json!({ "by": roots.root_public(), "enroll": { "key": public(&phone), "use": "person", "note": "phone" } });
    assert_eq!(
        node.post_with("/identity/drafts", &enroll, None).0,
        401,
        "needs the token"
    );
    let draft = node.write("/identity/drafts", &enroll);
    assert_eq!(sign(&node, &roots.root, &draft).0, 200);
    let listed = node.ok("/identity/devices");
    assert_eq!(
        listed,
        node.ok(&format!("/identities/{}/devices", node.home.identity()))
    );
    let items = listed["items"].as_array().unwrap();
    let row = |item: &Value| {
        [&item["title"], &item["use"], &item["status"], &item["here"]].map(|v| v.as_str().unwrap().to_owned())
    };
    assert_eq!(
        items.iter().map(row).collect::<Vec<_>>(),
        [
            ["first", "person", "living", "device"].map(str::to_owned),
            ["first", "node", "living", "node"].map(str::to_owned),
            ["phone", "person", "living", ""].map(str::to_owned),
        ]
    );

    // A key that is not root gets a draft, and its signature goes nowhere.
    let mut stolen = enroll.clone();
    stolen["by"] = json!(public(&phone));
    let draft = node.write("/identity/drafts", &stolen);
    assert_eq!(detail(sign(&node, &phone, &draft)).0, 422);

    let rotate = json!({
        "by": roots.next_public(),
        "rotate": { "next": key_commitment(&public(&phone)), "keep": [items[2]["id"]] },
    });
    let draft = node.write("/identity/drafts", &rotate);
    assert_eq!(sign(&node, &roots.next, &draft).0, 200);
    let listed = node.ok("/identity/devices");
    assert_eq!(
        (&listed["root"], &listed["rotations"]),
        (&json!(roots.next_public()), &json!(1))
    );
    let status: Vec<&str> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["status"].as_str().unwrap())
        .collect();
    assert_eq!(status, ["dropped", "dropped", "living"]);
}

#[test]
fn what_is_no_draft_says_why() {
    let node = Node::new();
    let by = node.home.roots().unwrap().root_public();
    for bad in [
        json!({}),
        json!({ "by": by }),
        json!({ "by": by, "grant": {} }),
        json!({ "by": by, "enroll": { "key": by, "use": "king" } }),
        json!({ "by": by, "retire": { "key": by, "last": ["zz"] } }),
        json!({ "by": "00", "rotate": { "next": by } }),
    ] {
        assert_eq!(detail(node.post("/identity/drafts", &bad)).0, 400, "{bad}");
    }
    let many: Vec<String> = (0..41).map(|n| format!("{n:064x}")).collect();
    let (status, why) = detail(node.post(
        "/identity/drafts",
        &json!({ "by": by, "retire": { "key": by, "last": many } }),
    ));
    assert!(status == 400 && why.contains("at most 40"), "{why}");
    let nobody = json!({ "device": "00".repeat(32), "node": "00".repeat(32) });
    assert_eq!(detail(node.post("/identity/adoption", &nobody)).0, 404);
    assert_eq!(node.post_with("/identity/adoption", &nobody, None).0, 401);
    let committee = node.committee();
    assert_eq!(detail(node.get(&format!("/identities/{committee}/devices"))).0, 422);
}

#[test]
fn the_typed_data_for_a_wallet_names_identity_and_chain() {
    let node = Node::new();
    let address = "0xdB00079cad3e665853Bf766eFe26F4C38cdbdCDA";
    let data = node.ok(&format!("/identity/link?address={address}&chain=10"));
    assert_eq!(data["domain"]["chainId"], 10);
    assert_eq!(data["message"]["identity"], format!("0x{}", node.home.identity()));
    assert_eq!(detail(node.get("/identity/link?address=0x12")).0, 400);
    // A wrong signature is written, and counts for nothing.
    let body =
        json!({ "address": address.to_lowercase(), "chain": 10, "signature": format!("0x{}1b", "11".repeat(64)) });
    let path = format!("/documents/{}/acts", node.home.identity());
    let written = node.write(&path, &json!({ "kind": "link", "body": body }));
    assert_eq!(written["effect"], "void", "{written}");
    assert_eq!(written["cause"]["rule"], "proof", "{written}");
    let disclosed = node.write(&path, &json!({ "kind": "disclose", "text": "I own a boat" }));
    assert_eq!(disclosed["effect"], "effective", "{disclosed}");
}
