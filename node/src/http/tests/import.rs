//! Imports: twice the same adds nothing.

use althing_protocol::author::{self, Draft, Writer};
use althing_protocol::hash::{Hash, sha256};

use super::browser::{Browser, text};
use super::*;

fn proposal(source: &str, title: &str, text: &str, dates: Value) -> Value {
    let hash = Hash(sha256(&[
        title.as_bytes(),
        text.as_bytes(),
        dates.to_string().as_bytes(),
    ]));
    let content = json!({ "form": "offboard", "title": title, "text": text, "preamble": "Status: x", "dates": dates });
    json!({ "source": source, "source_hash": hash, "kind": "motion", "content": content })
}

#[test]
fn importing_twice_adds_nothing_and_changes_become_edits() {
    let node = Node::new();
    let committee = node.committee();
    let path = format!("/committees/{committee}/import");
    let import = |documents: Vec<Value>| {
        let results = node.write(&path, &json!({ "documents": documents }));
        let results = results["results"].as_array().unwrap().clone();
        let outcomes: Vec<String> = results
            .iter()
            .map(|r| r["outcome"].as_str().unwrap().to_owned())
            .collect();
        (outcomes, results)
    };
    let day = json!([{ "what": "Date Proposed", "day": "2021-02-28" }]);
    let first = proposal("a/1.md", "One", "text", day.clone());
    let second = proposal("a/2.md", "Two", "text", json!([]));
    assert_eq!(import(vec![first.clone()]).0, ["added"]);
    assert_eq!(
        import(vec![first.clone(), second.clone(), second.clone()]).0,
        ["already", "added", "skipped"]
    );
    let entries = |node: &Node| node.ok(&format!("/committees/{committee}/digest"))["entries"].clone();
    let before = entries(&node);
    assert_eq!(import(vec![first.clone(), second.clone()]).0, ["already", "already"]);
    assert_eq!(entries(&node), before, "a second run writes nothing");

    let text = json!([{ "what": "Date Proposed", "text": "2021-30-02" }]);
    let (outcomes, results) = import(vec![proposal("a/1.md", "One", "other text", text)]);
    assert_eq!(outcomes, ["changed"]);
    let shown = node.ok(&format!("/documents/{}", id(&results[0])));
    assert_eq!(shown["content"]["text"]["values"][0]["value"], "other text");
    let items = shown["content"]["dates"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(
        items[0]["values"][0]["value"],
        json!({ "what": "Date Proposed", "text": "2021-30-02" })
    );
    assert_eq!(
        shown["content"]["title"]["values"][0]["entry"], results[0]["id"],
        "what did not change is not set again"
    );
    let log = node.ok(&format!("/documents/{}/log", id(&results[0])));
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
    // Back to what it was: an edit again, not a second document.
    assert_eq!(import(vec![first]).0, ["changed"]);
    assert_eq!(node.ok(&format!("/committees/{committee}/digest"))["documents"], 2);

    let mut bad = proposal("a/3.md", "Three", "x", json!([]));
    bad["content"]["form"] = json!("nonsense");
    let (outcomes, results) = import(vec![bad, second]);
    assert_eq!(outcomes, ["skipped", "already"]);
    assert!(results[0]["why"].as_str().unwrap().contains("form"));
    let many = vec![proposal("m", "M", "m", json!([])); BATCH + 1];
    assert_eq!(detail(node.post(&path, &json!({ "documents": many }))).0, 400);
}

#[test]
fn what_a_stranger_claims_to_have_imported_stops_nobody() {
    let node = Node::new();
    let committee = node.committee();
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    for wire in eve.home.initial_entries() {
        node.raw(wire);
    }
    let document = proposal("a/1.md", "One", "text", json!([]));
    let kind = althing_protocol::kind::find("motion").unwrap();
    let mut content = document["content"].as_object().unwrap().clone();
    content.insert("source".to_owned(), document["source"].clone());
    content.insert("source_hash".to_owned(), document["source_hash"].clone());
    let bytes = althing_protocol::kind::json::body(kind, &Value::Object(content)).unwrap();
    let body = Some(althing_protocol::entry::Body { salt: [1; 16], bytes });
    let draft = Draft {
        kind: "motion".to_owned(),
        body,
        time: 1,
        ..Draft::default()
    };
    let writer = Writer {
        key: eve.home.device(),
        cert: eve.home.device_cert(),
    };
    let entry = author::write(&eve.state, committee.parse().unwrap(), &writer, draft).unwrap();
    assert_eq!(node.raw(entry.wire()).1["outcome"], "admitted");
    let path = format!("/committees/{committee}/import");
    let results = node.write(&path, &json!({ "documents": [document] }));
    assert_eq!(results["results"][0]["outcome"], "added");
}

#[test]
fn what_was_brought_rests_on_the_first_page_until_somebody_speaks() {
    let node = Node::new();
    let committee = node.committee();
    let imported: Vec<Value> = (1..=3)
        .map(|n| proposal(&format!("a/{n}.md"), &format!("Of old {n}"), "text", json!([])))
        .collect();
    let results = node.write(
        &format!("/committees/{committee}/import"),
        &json!({ "documents": imported }),
    );
    let old = id(&results["results"][0]);
    let section = || {
        let page = Browser::new(&node).page(&format!("/c/{committee}"));
        let (_, rest) = page.split_once("id=\"first-motions\"").unwrap();
        let section = rest.split("</section>").next().unwrap();
        (text(section), section.contains(&format!("/d/{old}")))
    };
    let (said, shown) = section();
    assert!(said.contains("3 brought from elsewhere") && !shown, "{said}");
    let waits = || text(&Browser::new(&node).page(&format!("/d/{old}"))).contains("It waits for");
    assert!(!waits(), "its notice is no news");
    // Nobody hides what is about somebody by saying that it came from elsewhere.
    let content = json!({ "form": "offboard", "title": "About Ada", "source": "x", "subject": node.home.identity() });
    let motion = json!({ "kind": "motion", "content": content });
    node.write(&format!("/committees/{committee}/documents"), &motion);
    let (said, _) = section();
    assert!(
        said.contains("About Ada") && said.contains("3 brought from elsewhere"),
        "{said}"
    );
    for n in 1..=7 {
        let content = json!({ "form": "offboard", "title": format!("Now {n}"), "reasons": "They left." });
        let motion = json!({ "kind": "motion", "content": content });
        node.write(&format!("/committees/{committee}/documents"), &motion);
    }
    let (said, _) = section();
    assert!(said.contains("Now 7") && !said.contains("All "), "{said}");
    node.write(
        &format!("/documents/{old}/acts"),
        &json!({ "kind": "post", "body": { "text": "Again." } }),
    );
    let (said, shown) = section();
    assert!(
        said.contains("2 brought from elsewhere") && said.contains("All 9") && shown,
        "{said}"
    );
    assert!(waits());
}

fn topic(hash: u8, posts: &[(u64, u64, &str)], more: bool) -> Value {
    let posts: Vec<Value> = posts
        .iter()
        .map(|(number, version, text)| json!({ "number": number, "author": "ada", "version": version, "text": text }))
        .collect();
    let content = json!({ "title": "Thanks", "label": "discussion", "posts": posts });
    let hash = Hash([hash; 32]);
    json!({ "source": "t/12", "source_hash": hash, "kind": "topic", "content": content, "more": more })
}

#[test]
fn a_thread_comes_in_parts_and_changes_post_by_post() {
    let node = Node::new();
    let committee = node.committee();
    let import = |topic: Value| {
        let results = node.write(
            &format!("/committees/{committee}/import"),
            &json!({ "documents": [topic] }),
        );
        let result = results["results"][0].clone();
        let outcome = result["outcome"].as_str().unwrap().to_owned();
        (outcome, result["items"].as_u64().unwrap_or(0), result)
    };
    let entries = || {
        node.ok(&format!("/committees/{committee}/digest"))["entries"]
            .as_u64()
            .unwrap()
    };
    let (outcome, items, first) = import(topic(1, &[(1, 1, "one"), (2, 1, "two")], true));
    assert_eq!((outcome.as_str(), items), ("added", 2));
    // Cut short here: the same parts again add what is missing, and nothing else.
    let before = entries();
    let again = import(topic(1, &[(1, 1, "one"), (2, 1, "two")], true));
    assert_eq!((again.0.as_str(), entries()), ("already", before));
    let last = import(topic(1, &[(3, 1, "three")], false));
    assert_eq!((last.0.as_str(), last.1, entries()), ("changed", 3, before + 1));
    // Whole now: neither part says anything new.
    assert_eq!(import(topic(1, &[(1, 1, "one"), (2, 1, "two")], true)).0, "already");
    assert_eq!(import(topic(1, &[(3, 1, "three")], false)).0, "already");
    // Other bytes with the same posts in them: a forum counts its readers.
    assert_eq!(
        import(topic(2, &[(1, 1, "one"), (2, 1, "two"), (3, 1, "three")], false)).0,
        "already"
    );
    assert_eq!(entries(), before + 1);

    // One post edited, one added, one taken down there.
    let changed = import(topic(3, &[(1, 1, "one"), (2, 2, "better"), (4, 1, "four")], false));
    assert_eq!((changed.0.as_str(), changed.1, entries()), ("changed", 4, before + 2));
    let shown = node.ok(&format!("/documents/{}", id(&first)));
    let mut posts: Vec<(u64, &str, &str)> = Vec::new();
    for item in shown["content"]["posts"]["items"].as_array().unwrap() {
        assert_eq!(item["values"].as_array().unwrap().len(), 1, "no conflict");
        let post = &item["values"][0]["value"];
        posts.push((
            post["number"].as_u64().unwrap(),
            post["text"].as_str().unwrap(),
            item["entry"].as_str().unwrap(),
        ));
    }
    posts.sort();
    let texts: Vec<(u64, &str)> = posts.iter().map(|(number, text, _)| (*number, *text)).collect();
    assert_eq!(
        texts,
        [(1, "one"), (2, "better"), (3, "three"), (4, "four")],
        "what is gone there stays here"
    );
    assert_eq!(
        posts[1].2,
        id(&first),
        "the item keeps its name, so what was said about it stays with it"
    );
    assert_eq!(shown["imported"]["by"]["identity"], shown["by"]["identity"]);
    assert!(shown["imported"]["note"].as_str().unwrap().contains("did not sign"));
}
