//! Search: what is found, how soon, once, and what must not be found any more.

use std::time::{Duration, Instant};

use althing_protocol::entry::Entry;

use super::*;

/// Answers to a question once as many are there; whoever waits for none waits until all is taken in.
fn found(node: &Node, query: &str, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = node
            .agent()
            .get(node.at("/search"))
            .query("q", query)
            .query("limit", "100")
            .call();
        let (status, json) = read(answer);
        let complete = json["progress"]["complete"] == true;
        if status == 200 && complete && json["total"] == json!(count) {
            return json["items"].as_array().unwrap().clone();
        }
        assert!(Instant::now() < deadline, "{query}: {status} {json}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn words_phrases_fields_and_beginnings_are_found() {
    let node = Node::new();
    let (garden, other) = (node.committee(), node.committee());
    let topic = node.topic(&garden);
    let say = |text: &str| {
        id(&node.write(
            &format!("/documents/{topic}/acts"),
            &json!({ "kind": "post", "text": text }),
        ))
    };
    let first = say("The café of the quick brown fox");
    let second = say("a brown quick thing, votes counted");
    node.topic(&other);
    let ids = |query: &str, count: usize| found(&node, query, count).iter().map(id).collect::<Vec<_>>();
    assert_eq!(ids("cafe", 1), std::slice::from_ref(&first));
    assert_eq!(ids("\"quick brown\"", 1), std::slice::from_ref(&first));
    assert_eq!(ids("quick -fox", 1), std::slice::from_ref(&second));
    assert_eq!(found(&node, "quick brown", 2).len(), 2);
    assert_eq!(ids("weeds", 2)[0].len(), 64, "titles of both committees");
    assert_eq!(
        ids(&format!("weeds committee:{}", &garden[..8]), 1),
        std::slice::from_ref(&topic)
    );
    assert_eq!(ids("by:ada kind:post quick", 2).len(), 2);
    assert_eq!(ids(&format!("doc:{topic}"), 3).len(), 3, "fields alone answer too");
    assert_eq!(ids("kind:person ada", 1)[0].len(), 64);
    assert_eq!(ids("after:2020-01-01 before:2099-01-01 fox", 1).len(), 1);
    found(&node, "before:2020-01-01 fox", 0);
    let hit = found(&node, "votes", 1).remove(0);
    assert_eq!(
        (&hit["title"], &hit["by"]["name"], &hit["record"]),
        (&json!("Weeds"), &json!("Ada"), &json!(true))
    );
    assert!(
        hit["snippet"]
            .as_array()
            .unwrap()
            .contains(&json!({ "text": "votes", "hit": true })),
        "{hit}"
    );
    // While somebody types.
    let typing = |q: &str| node.ok(&format!("/search?q={q}&typing=true"))["total"].clone();
    assert_eq!(
        (typing("vot"), typing("quick%20bro"), typing("vot%20")),
        (json!(1), json!(2), json!(0))
    );
    assert_eq!(node.ok("/search?q=vot")["total"], 0);
    // Pages.
    let page = node.ok("/search?q=quick&limit=1&sort=new");
    let next = node.ok(&format!(
        "/search?q=quick&limit=1&sort=new&cursor={}",
        page["next"].as_str().unwrap()
    ));
    assert_eq!((id(&page["items"][0]), id(&next["items"][0])), (second, first));
    for (bad, word) in [("", "words"), ("by:nobody", "nobody"), ("after:soon", "2026-05-31")] {
        let answer = node.agent().get(node.at("/search")).query("q", bad).call();
        let (status, why) = detail(read(answer));
        assert!(status == 400 && why.contains(word), "{why}");
    }
}

#[test]
fn what_strangers_say_is_found_once_and_late_bodies_too() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let (said, wire) = eve.post(&committee, &topic, "zanzibar");
    // The header alone first.
    let mut entry = Entry::decode(&wire).unwrap().verify().unwrap();
    let body = entry.take_body().unwrap();
    let bare = althing_protocol::entry::wire(entry.header_bytes(), entry.signature(), None);
    assert_eq!(node.raw(bare).0, 200);
    found(&node, "zanzibar", 0);
    node.runtime.block_on(node.ingest.body(said, body)).unwrap();
    assert_eq!(found(&node, "zanzibar", 1)[0]["record"], false);
    node.write("/take-ups", &json!({ "entries": [said] }));
    let after = found(&node, "weeds", 1);
    assert_eq!(after.len(), 1);
    assert_eq!(found(&node, "zanzibar", 1)[0]["record"], true);
}

/// Whether a word is in the dictionary of any part of the index, found or not.
fn in_files(node: &Node, word: &str) -> bool {
    let index = tantivy::Index::open_in_dir(node.home.dir().join("search")).unwrap();
    let text = index.schema().get_field("text").unwrap();
    let term = tantivy::Term::from_field_text(text, word);
    let reader: tantivy::IndexReader = index.reader().unwrap();
    let searcher = reader.searcher();
    let mut parts = searcher.segment_readers().iter();
    let listed = parts.any(|part| {
        part.inverted_index(text)
            .unwrap()
            .get_term_info(&term)
            .unwrap()
            .is_some()
    });
    // Parts that no reader lists any more may still lie there.
    let listed_parts: Vec<String> = searcher
        .segment_readers()
        .iter()
        .map(|s| s.segment_id().uuid_string())
        .collect();
    let files = std::fs::read_dir(node.home.dir().join("search")).unwrap().flatten();
    let old = files
        .filter_map(|f| f.file_name().into_string().ok())
        .filter(|name| name.ends_with(".term"));
    listed
        || old
            .into_iter()
            .any(|name| !listed_parts.iter().any(|part| name.starts_with(part.as_str())))
}

#[test]
fn erased_and_refused_words_leave_the_files() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let say = |text: &str| {
        id(&node.write(
            &format!("/documents/{topic}/acts"),
            &json!({ "kind": "post", "text": text }),
        ))
    };
    let secret = say("xyzzyplugh is a secret");
    say("everything else stays");
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let (_, wire) = eve.post(&committee, &topic, "frobozzmagic");
    assert_eq!(node.raw(wire).0, 200);
    found(&node, "xyzzyplugh", 1);
    found(&node, "frobozzmagic", 1);
    assert!(
        in_files(&node, "xyzzyplugh") && in_files(&node, "frobozzmagic"),
        "else this test shows nothing"
    );
    node.write("/erasures", &json!({ "entry": secret, "reason": "asked to" }));
    found(&node, "xyzzyplugh", 0);
    assert!(!in_files(&node, "xyzzyplugh"));
    node.write("/refusals", &json!({ "identity": eve.identity() }));
    found(&node, "frobozzmagic", 0);
    assert!(!in_files(&node, "frobozzmagic") && in_files(&node, "everything"));
    found(&node, "everything", 1);
}

#[test]
fn a_restart_stores_nothing_twice_and_a_missing_index_is_built_again() {
    let mut node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let post = json!({ "kind": "post", "text": "perennial" });
    node.write(&format!("/documents/{topic}/acts"), &post);
    found(&node, "perennial", 1);
    let folder = node.home.dir().join("search");
    for round in 0..3 {
        node.runtime.block_on(node.server.take().unwrap().stop());
        match round {
            0 => {}
            1 => std::fs::remove_dir_all(&folder).unwrap(),
            _ => std::fs::write(folder.join("FORMAT"), "another").unwrap(),
        }
        let network = Network::none("a peer".to_owned());
        let started = start(node.ingest.clone(), network, "127.0.0.1:0".parse().unwrap());
        let server = node.runtime.block_on(started).unwrap();
        node.url = server.url();
        node.server = Some(server);
        found(&node, "perennial", 1);
        found(&node, "weeds", 1);
    }
}
