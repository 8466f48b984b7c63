//! Documents: opened, edited, discussed, listed.

use althing_protocol::document::{automerge, json as as_json};

use super::events::posts;
use super::*;

#[test]
fn a_document_is_opened_edited_discussed_and_shown_at_any_moment() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let post = node.write(
        &format!("/documents/{doc}/acts"),
        &json!({ "kind": "post", "text": "why?" }),
    );
    assert_eq!(post["effect"], "effective");
    let edit = id(&node.write(&format!("/documents/{doc}/edits"), &json!({ "text": "one 2 three" })));
    // Prefixes of eight digits stand for ids, in paths and in fields.
    let short = &doc[..8];
    let reply = json!({ "kind": "post", "text": "so", "body": { "reply_to": id(&post)[..9] } });
    let reply = id(&node.write(&format!("/documents/{short}/acts"), &reply));

    let shown = node.ok(&format!("/documents/{short}"));
    assert_eq!(shown["title"], "Weeds");
    assert_eq!(
        (&shown["committee"], &shown["record"]),
        (&json!(committee), &json!(true))
    );
    assert_eq!(
        shown["content"]["text"]["values"],
        json!([{ "value": "one 2 three", "by": node.home.identity(), "entry": edit }])
    );
    let acts = shown["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 2);
    let last = acts.iter().find(|act| act["id"] == json!(reply)).unwrap();
    assert_eq!(last["by"], json!({ "identity": node.home.identity(), "name": "Ada" }));
    assert_eq!((&last["reply_to"], &last["text"]), (&post["id"], &json!("so")));
    assert_eq!(
        (&last["effect"], &last["body"], &last["not_after"]),
        (&json!("effective"), &json!("here"), &Value::Null)
    );
    assert_eq!(last["saw"], json!([edit]));

    let before = node.ok(&format!("/documents/{doc}?at={}", id(&post)));
    assert_eq!(before["content"]["text"]["values"][0]["value"], "one two three");
    assert_eq!(before["acts"].as_array().unwrap().len(), 1);

    let log = node.ok(&format!("/documents/{doc}/log"));
    let kinds: Vec<&str> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["topic", "post", "edit", "post"]);
    assert_eq!(log["items"][3]["prev"], json!(edit));
    assert!(
        log["items"][3]["after"].as_array().unwrap().contains(&post["id"]),
        "a reply names what it answers"
    );

    let diff = node.ok(&format!("/documents/{doc}/diff?a={doc}&b={edit}"));
    let changes = json!([["=", "one "], ["-", "two"], ["+", "2"], ["=", " three"]]);
    assert_eq!(diff, json!({ "fields": [{ "field": "text", "changes": changes }] }));
    assert_eq!(detail(node.get(&format!("/documents/{doc}?at={committee}"))).0, 404);
}

#[test]
fn a_nominee_owns_the_platform() {
    let node = Node::new();
    let eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let committee = node.committee();
    let body = json!({ "kind": "nomination", "content": { "nominee": eve.identity(), "seat": "Head" } });
    let doc = id(&node.write(&format!("/committees/{committee}/documents"), &body));
    let shown = node.ok(&format!("/documents/{doc}"));
    let mut owners = shown["owners"].as_array().unwrap().clone();
    owners.sort_by_key(|owner| owner["part"].to_string());
    let expected = json!([
        { "identity": node.home.identity(), "part": "case" },
        { "identity": eve.identity(), "part": "platform" },
    ]);
    assert_eq!(json!(owners), expected);
    let refused = node.write(
        &format!("/documents/{doc}/edits"),
        &json!({ "perspective": "hers to say" }),
    );
    assert_eq!(refused["effect"], "unauthorised");
    assert_eq!(
        node.ok(&format!("/documents/{doc}"))["content"].get("perspective"),
        None
    );
}

#[test]
fn lists_are_filtered_and_paged() {
    let node = Node::new();
    let (garden, other) = (node.committee(), node.committee());
    let topics: Vec<String> = (0..5).map(|_| node.topic(&garden)).collect();
    node.topic(&other);
    let nomination = json!({ "kind": "nomination", "content": { "nominee": "Bob" } });
    node.write(&format!("/committees/{garden}/documents"), &nomination);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = node.ok(&format!("/documents?committee={garden}&kind=topic&limit=2{cursor}"));
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(id));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, topics);
    assert_eq!(node.ok("/documents")["items"].as_array().unwrap().len(), 7);
    assert_eq!(node.ok("/documents?state=open")["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        node.ok("/documents?state=accepted")["items"].as_array().unwrap().len(),
        0
    );
    assert_eq!(detail(node.get("/documents?cursor=x")).0, 400);
}

#[test]
fn an_edited_copy_comes_back_as_a_signed_edit() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let path = format!("/documents/{doc}/automerge");
    let bytes = node
        .agent()
        .get(node.at(&path))
        .call()
        .unwrap()
        .body_mut()
        .read_to_vec()
        .unwrap();
    let mut copy = automerge::read(&bytes).unwrap();
    assert_eq!(node.write(&path, &json!(copy)), json!({ "id": null, "changed": false }));
    copy.fields.insert("title".to_owned(), vec![json!("Flowers")]);
    assert_eq!(node.write(&path, &json!(copy))["effect"], "effective");
    assert_eq!(node.ok(&format!("/documents/{doc}"))["title"], "Flowers");
    copy.document = committee.clone();
    assert_eq!(detail(node.post(&path, &json!(copy))).0, 422);
}

#[test]
fn a_gist_is_that_of_the_document_as_it_stands_and_forgets_what_was_erased() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let root: Id = doc.parse().unwrap();
    let context = &node.server.as_ref().unwrap().context;
    let act = |kind: &str, text: &str| {
        id(&node.write(
            &format!("/documents/{doc}/acts"),
            &json!({ "kind": kind, "body": { "text": text } }),
        ))
    };
    let shown = || as_json::document(&context.cache.gist(&node.ingest, root).unwrap().document);
    let post = act("post", "a long story");
    let question = act("question", "is it a secret?");
    let kept = || format!("{:?}", context.cache);
    // From nothing, and then from the gist before: nobody asked for the whole document.
    context.cache.forget();
    let before = shown();
    assert!(kept().contains("is it a secret?") && !kept().contains("a long story"));
    posts(&node, &committee, &doc, 1);
    let after = shown();
    assert_ne!(after, before);
    assert!(!kept().contains("a long story"));
    let whole = context.cache.load(&node.ingest, root).unwrap();
    assert_eq!(after, as_json::document(&whole.document.gist()));
    assert!(kept().contains("a long story"));
    drop(whole);
    for entry in [post, question] {
        node.write("/erasures", &json!({ "entry": entry, "reason": "it was one" }));
    }
    drop(shown());
    assert!(!kept().contains("secret?") && !kept().contains("a long story"));
}
