//! The API over real sockets, on a real store.

mod events;
mod feed;
mod identity;
mod openapi;
mod query;
mod reading;
mod search;
mod write;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::JoinHandle;

use althing_protocol::author::{self, Draft, Writer};
use althing_protocol::control::Control;
use althing_protocol::digest::Tree;
use althing_protocol::document::automerge;
use althing_protocol::entry::Entry;
use althing_protocol::hash::{Hash, Id, sha256};
use althing_protocol::state::{Limits, State};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod authority;

use super::*;
use crate::home::Home;
use crate::store::{self, Store};

/// A node without network, and a client of it.
struct Node {
    home: Arc<Home>,
    url: String,
    server: Option<Server>,
    ingest: Ingest,
    runtime: Runtime,
    writer: Option<JoinHandle<Result<(), Arc<store::Error>>>>,
    _dir: TempDir,
}

impl Node {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Arc::new(Home::init(&dir.path().join("data"), "Ada").unwrap());
        let store = Store::open(&home.store_dir(), store::Options::default()).unwrap();
        let state = store.load_state(Limits::default()).unwrap();
        let (ingest, writer) = Ingest::start(store, state, Arc::clone(&home)).unwrap();
        let runtime = Runtime::new().unwrap();
        let network = Network::none("a peer".to_owned());
        let server = runtime
            .block_on(start(ingest.clone(), network, "127.0.0.1:0".parse().unwrap()))
            .unwrap();
        Self {
            home,
            url: server.url(),
            server: Some(server),
            ingest,
            runtime,
            writer: Some(writer),
            _dir: dir,
        }
    }

    fn agent(&self) -> ureq::Agent {
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent()
    }

    fn at(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    fn get(&self, path: &str) -> (u16, Value) {
        read(self.agent().get(self.at(path)).call())
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.post_with(path, body, Some(self.home.token()))
    }

    fn post_with(&self, path: &str, body: &Value, token: Option<&str>) -> (u16, Value) {
        let mut request = self.agent().post(self.at(path));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        read(request.send_json(body))
    }

    fn ok(&self, path: &str) -> Value {
        let (status, json) = self.get(path);
        assert_eq!(status, 200, "{json}");
        json
    }

    fn write(&self, path: &str, body: &Value) -> Value {
        let (status, json) = self.post(path, body);
        assert_eq!(status, 200, "{json}");
        json
    }

    fn raw(&self, bytes: Vec<u8>) -> (u16, Value) {
        read(self.agent().post(self.at("/entries")).send(&bytes[..]))
    }

    fn committee(&self) -> String {
        id(&self.write("/committees", &json!({ "name": "Garden", "purpose": "to grow" })))
    }

    fn topic(&self, committee: &str) -> String {
        let body = json!({ "kind": "topic", "content": { "title": "Weeds", "text": "one two three" } });
        id(&self.write(&format!("/committees/{committee}/documents"), &body))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
        self.ingest.stop_blocking();
        if let Some(writer) = self.writer.take() {
            writer.join().unwrap().unwrap();
        }
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut answer = answer.unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (
        answer.status().as_u16(),
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

fn id(json: &Value) -> String {
    json["id"].as_str().unwrap().to_owned()
}

fn detail((status, json): (u16, Value)) -> (u16, String) {
    assert_eq!(json["status"], json!(status), "{json}");
    assert!(json["title"].is_string() && json["type"].is_string(), "{json}");
    (status, json["detail"].as_str().unwrap().to_owned())
}

/// Somebody with an identity of their own, who knows the committee and signs entries by hand.
struct Stranger {
    home: Home,
    state: State,
    _dir: TempDir,
}

impl Stranger {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::init(&dir.path().join("data"), "Eve").unwrap();
        let mut state = State::new(Limits::default());
        let mut events = Vec::new();
        for wire in home.initial_entries() {
            state.offer(Entry::decode(&wire).unwrap().verify().unwrap(), 0, &mut events);
        }
        Self { home, state, _dir: dir }
    }

    fn identity(&self) -> Id {
        self.home.identity()
    }

    fn wires(&self) -> Vec<String> {
        self.home
            .initial_entries()
            .iter()
            .map(|wire| data_encoding::HEXLOWER.encode(wire))
            .collect()
    }

    /// Takes in what a node exports of a committee.
    fn learn(&mut self, node: &Node, committee: &str) {
        self.state.follow(committee.parse().unwrap());
        for item in node.ok(&format!("/committees/{committee}/entries"))["items"]
            .as_array()
            .unwrap()
        {
            let wire = data_encoding::HEXLOWER
                .decode(item["wire"].as_str().unwrap().as_bytes())
                .unwrap();
            self.state
                .offer(Entry::decode(&wire).unwrap().verify().unwrap(), 0, &mut Vec::new());
        }
    }

    /// Opens a document, or writes an act of authority, and hands it in.
    fn write(&mut self, node: &Node, committee: &str, kind: &str, control: Option<Control>, body: Value) -> Id {
        let act = control.as_ref().is_some_and(|c| !matches!(c, Control::Document(_)));
        self.hand_in(node, committee, act.then_some(committee), kind, control, body)
    }

    /// Acts in a document, and hands it in.
    fn act(&mut self, node: &Node, committee: &str, doc: &str, kind: &str, body: Value) -> Id {
        self.hand_in(node, committee, Some(doc), kind, None, body)
    }

    /// Edits a document of one's own as of its root.
    fn edit(&mut self, node: &Node, committee: &str, doc: Id, bytes: Vec<u8>) {
        let draft = Draft {
            doc: Some(doc),
            kind: "edit".to_owned(),
            after: vec![doc],
            body: Some(althing_protocol::entry::Body { salt: [7; 16], bytes }),
            time: 1,
            ..Draft::default()
        };
        self.sign(node, committee, draft);
    }

    fn sign(&mut self, node: &Node, committee: &str, draft: Draft) -> Id {
        let writer = Writer {
            key: self.home.device(),
            cert: self.home.device_cert(),
        };
        let entry = author::write(&self.state, committee.parse().unwrap(), &writer, draft).unwrap();
        let (id, wire) = (entry.id(), entry.wire());
        self.state.offer(entry, 0, &mut Vec::new());
        assert_eq!(node.raw(wire).0, 200);
        id
    }

    fn hand_in(
        &mut self,
        node: &Node,
        committee: &str,
        doc: Option<&str>,
        name: &str,
        control: Option<Control>,
        body: Value,
    ) -> Id {
        let kind = althing_protocol::kind::find(name).unwrap();
        let bytes = althing_protocol::kind::json::body(kind, &body).unwrap();
        let doc: Option<Id> = doc.map(|doc| doc.parse().unwrap());
        let draft = Draft {
            doc,
            kind: name.to_owned(),
            control: control.and_then(|c| c.value()),
            after: doc.into_iter().collect(),
            body: Some(althing_protocol::entry::Body { salt: [7; 16], bytes }).filter(|b| b.bytes != [0xa0]),
            time: 1,
            ..Draft::default()
        };
        self.sign(node, committee, draft)
    }

    fn post(&mut self, committee: &str, doc: &str, text: &str) -> (Id, Vec<u8>) {
        let kind = althing_protocol::kind::find("post").unwrap();
        let bytes = althing_protocol::kind::json::body(kind, &json!({ "text": text })).unwrap();
        let doc: Id = doc.parse().unwrap();
        let draft = Draft {
            doc: Some(doc),
            kind: "post".to_owned(),
            after: vec![doc],
            body: Some(althing_protocol::entry::Body { salt: [7; 16], bytes }),
            time: 1,
            ..Draft::default()
        };
        let writer = Writer {
            key: self.home.device(),
            cert: self.home.device_cert(),
        };
        let entry = author::write(&self.state, committee.parse().unwrap(), &writer, draft).unwrap();
        let wire = entry.wire();
        let id = entry.id();
        self.state.offer(entry, 0, &mut Vec::new());
        (id, wire)
    }
}

#[test]
fn reads_are_open_and_writes_need_the_token() {
    let node = Node::new();
    assert_eq!(node.ok("/status")["name"], "Ada");
    let body = json!({ "name": "Garden" });
    for token in [None, Some(""), Some("0"), Some(&node.home.token()[1..])] {
        let (status, detail) = detail(node.post_with("/committees", &body, token));
        assert_eq!(status, 401);
        assert!(detail.contains("token"), "{detail}");
    }
    assert_eq!(node.ok("/committees")["items"], json!([]));
    assert_eq!(node.post("/committees", &body).0, 200);
}

#[test]
fn other_host_names_are_refused() {
    let node = Node::new();
    let address = node.url.strip_prefix("http://").unwrap();
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /api/v1/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    assert!(ask("evil.example").starts_with("HTTP/1.1 421 "));
    assert!(ask("evil.example:80").contains("application/problem+json"));
    assert!(ask(address).starts_with("HTTP/1.1 200 "));
    assert!(ask("localhost").starts_with("HTTP/1.1 200 "));
}

#[test]
fn what_is_not_understood_is_a_problem_with_a_reason() {
    let node = Node::new();
    assert_eq!(detail(node.get("/nothing")).0, 404);
    assert_eq!(detail(read(node.agent().delete(node.at("/status")).call())).0, 405);
    let auth = format!("Bearer {}", node.home.token());
    let json = node.agent().post(node.at("/committees")).header("Authorization", &auth);
    assert_eq!(
        detail(read(json.header("Content-Type", "application/json").send("{"))).0,
        400
    );
    let plain = node.agent().post(node.at("/committees")).header("Authorization", &auth);
    assert!(
        detail(read(plain.header("Content-Type", "text/plain").send("{}")))
            .1
            .contains("application/json")
    );
    let (status, why) = detail(node.post("/committees", &json!({ "name": "x", "purpse": "y" })));
    assert!(status == 400 && why.contains("purpse"), "{why}");
    let large = json!({ "name": "x".repeat(guard::BODY) });
    assert_eq!(detail(node.post("/committees", &large)).0, 413);
    for (text, status) in [
        ("12", 400),
        ("nothex__", 400),
        ("0123456789", 404),
        (&"ab".repeat(32), 404),
    ] {
        assert_eq!(detail(node.get(&format!("/documents/{text}"))).0, status, "{text}");
    }
    let committee = node.committee();
    let open = |kind: &str, content: Value| {
        detail(node.post(
            &format!("/committees/{committee}/documents"),
            &json!({ "kind": kind, "content": content }),
        ))
    };
    let (status, why) = open("post", json!({}));
    assert!(
        status == 422 && why.contains("topic") && why.contains("motion"),
        "{why}"
    );
    let (status, why) = open("topic", json!({ "titel": "x" }));
    assert!(status == 422 && why.contains("titel") && why.contains("title"), "{why}");
    assert_eq!(open("topic", json!({})).0, 422);
    let topic = node.topic(&committee);
    let (status, why) = detail(node.post(&format!("/documents/{topic}/acts"), &json!({ "kind": "accept" })));
    assert!(status == 422 && why.contains("nomination"), "{why}");
}

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

#[test]
fn status_counts_what_is_here() {
    let node = Node::new();
    let committee = node.committee();
    node.topic(&committee);
    let status = node.ok("/status");
    let found = &status["committees"][0];
    assert_eq!(
        (&found["id"], &found["name"], &found["documents"]),
        (&json!(committee), &json!("Garden"), &json!(1))
    );
    assert!(found["kinds"].as_array().unwrap().contains(&json!("nomination")));
    assert_eq!((&found["floor"], &found["waiting"]), (&json!(0), &json!(0)));
    assert_eq!(node.ok("/peers"), json!({ "items": [], "next": null }));
    assert_eq!(node.ok("/id")["identity"], json!(node.home.identity()));
}

#[test]
fn one_address_cannot_flood() {
    let node = Node::new();
    let context = Context::new(
        node.ingest.clone(),
        Network::none(String::new()),
        "127.0.0.1:1".parse().unwrap(),
    );
    let address = "127.0.0.9".parse().unwrap();
    let admitted = (0..5000).filter(|_| context.admit(address).is_ok()).count();
    assert!((2000..4000).contains(&admitted), "{admitted}");
    assert!(
        context.admit("127.0.0.10".parse().unwrap()).is_ok(),
        "others are not held up"
    );
}
