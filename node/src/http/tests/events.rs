//! Server-sent events: whole, in order, once, resumable, few, and over when the node stops.

use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use althing_protocol::author::Draft;

use super::*;

/// A client that reads events.
pub(super) struct Listening {
    lines: BufReader<ureq::BodyReader<'static>>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Event {
    id: Option<String>,
    pub(super) event: String,
    pub(super) data: Value,
}

impl Listening {
    pub(super) fn new(node: &Node, query: &str, last: Option<&str>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_recv_body(Some(Duration::from_secs(300)))
            .build()
            .new_agent();
        let mut request = agent.get(node.at(&format!("/events{query}")));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let answer = request.call().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self {
            lines: BufReader::new(answer.into_body().into_reader()),
        }
    }

    /// Reads on to the end, which the node has to write.
    fn end(mut self) -> std::io::Result<()> {
        let mut line = String::new();
        while self.lines.read_line(&mut line)? > 0 {
            line.clear();
        }
        Ok(())
    }

    /// The next event; none at the end of the stream.
    pub(super) fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            match line.trim_end().split_once(':') {
                Some(("id", id)) => event.id = Some(id.trim().to_owned()),
                Some(("event", name)) => event.event = name.trim().to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(_) => {}
                None if event.event.is_empty() => event = Event::default(),
                None => return Some(event),
            }
        }
    }

    fn entries(&mut self, count: usize) -> Vec<Event> {
        let mut out = Vec::new();
        while out.len() < count {
            let event = self.next().expect("the stream goes on");
            out.extend(Some(event).filter(|event| event.event == "entry"));
        }
        out
    }
}

fn sequence(node: &Node, committee: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = node.ok(&format!("/committees/{committee}/entries?limit=1000{cursor}"));
        out.extend(page["items"].as_array().unwrap().iter().map(id));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return out,
        }
    }
}

fn told(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| id(&event.data)).collect()
}

pub(super) fn posts(node: &Node, committee: &str, doc: &str, count: usize) {
    let (committee, doc): (Id, Id) = (committee.parse().unwrap(), doc.parse().unwrap());
    let kind = althing_protocol::kind::find("post").unwrap();
    let bytes = althing_protocol::kind::json::body(kind, &json!({ "text": "again" })).unwrap();
    let written = node.ingest.write_blocking(move |author| {
        for _ in 0..count {
            let draft = Draft {
                doc: Some(doc),
                kind: "post".to_owned(),
                after: vec![doc],
                body: Some(althing_protocol::entry::Body {
                    salt: [0; 16],
                    bytes: bytes.clone(),
                }),
                ..Draft::default()
            };
            author.write(committee, draft).unwrap();
        }
    });
    written.unwrap();
}

#[test]
fn the_whole_sequence_is_told_in_order_and_resumed_anywhere() {
    let node = Node::new();
    let (garden, other) = (node.committee(), node.committee());
    let topic = node.topic(&garden);
    node.topic(&other);
    node.write(
        &format!("/documents/{topic}/acts"),
        &json!({ "kind": "post", "text": "a" }),
    );
    let all = sequence(&node, &garden);
    let mut listening = Listening::new(&node, &format!("?committee={garden}&from=0"), None);
    let first = listening.next().unwrap();
    assert_eq!((first.event.as_str(), first.id.as_deref()), ("ready", Some("0")));
    let events = listening.entries(all.len());
    assert_eq!(told(&events), all);
    let positions: Vec<u64> = events.iter().map(|e| e.data["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (0..u64::try_from(all.len()).unwrap()).collect::<Vec<_>>());
    let last = &events.last().unwrap().data;
    assert_eq!((&last["kind"], &last["doc"]), (&json!("post"), &json!(topic)));
    assert_eq!(last["by"], json!(node.home.identity()));
    for (n, event) in events.iter().enumerate().take(all.len() - 1) {
        let mut again = Listening::new(&node, &format!("?committee={garden}"), event.id.as_deref());
        assert_eq!(told(&again.entries(all.len() - n - 1)), all[n + 1..], "after {n}");
    }
    // Of one document.
    let mut of_doc = Listening::new(&node, &format!("?doc={topic}&from=0"), None);
    assert_eq!(told(&of_doc.entries(2)), [topic.clone(), all.last().unwrap().clone()]);
    // Of all committees, and resumed in the middle.
    let total = all.len() + sequence(&node, &other).len();
    let mut both = Listening::new(&node, "?from=0", None);
    let events = both.entries(total);
    let middle = &events[total / 2];
    let mut again = Listening::new(&node, "", middle.id.as_deref());
    assert_eq!(
        told(&again.entries(total - total / 2 - 1)),
        told(&events[total / 2 + 1..])
    );
    for strange in [
        "?from=x",
        "?from=5",
        "?from=abc:1",
        "?doc=00",
        &format!("?committee={topic}"),
    ] {
        assert!(
            matches!(node.get(&format!("/events{strange}")).0, 400 | 422),
            "{strange}"
        );
    }
}

#[test]
fn what_happens_now_is_told_at_once() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let before = sequence(&node, &committee).len();
    let mut listening = Listening::new(&node, "", None);
    assert_eq!(listening.next().unwrap().event, "ready");
    let act = json!({ "kind": "post", "text": "now" });
    let post = id(&node.write(&format!("/documents/{doc}/acts"), &act));
    let event = listening.entries(1).remove(0);
    assert_eq!(id(&event.data), post);
    assert_eq!(event.data["position"], json!(before));
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let (said, wire) = eve.post(&committee, &doc, "hello");
    assert_eq!(node.raw(wire).0, 200);
    let event = listening.next().unwrap();
    assert_eq!((event.event.as_str(), event.id), ("floor", None));
    assert_eq!(
        (id(&event.data), &event.data["position"]),
        (said.to_string(), &Value::Null)
    );
    let grant = json!({ "committee": committee, "role": "voice", "to": eve.identity() });
    let grant = id(&node.write("/grants", &grant));
    let made = std::iter::from_fn(|| listening.next())
        .find(|event| event.event == "changed")
        .unwrap();
    assert_eq!((&made.data["what"], &made.data["id"]), (&json!("made"), &json!(grant)));
}

#[test]
fn a_slow_listener_misses_no_entry() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let mut listening = Listening::new(&node, &format!("?committee={committee}"), None);
    let before = sequence(&node, &committee).len();
    // More notices than are kept for a listener that does not read, and more events than sockets hold.
    for _ in 0..4 {
        posts(&node, &committee, &doc, 3000);
    }
    let all = sequence(&node, &committee);
    assert_eq!(all.len(), before + 12_000);
    assert_eq!(told(&listening.entries(12_000)), all[before..]);
    posts(&node, &committee, &doc, 1);
    assert_eq!(
        told(&listening.entries(1)),
        sequence(&node, &committee)[before + 12_000..]
    );
}

#[test]
fn listeners_are_few_and_end_with_the_node() {
    let mut node = Node::new();
    let mut all: Vec<Listening> = (0..crate::limit::http::LISTENERS)
        .map(|_| Listening::new(&node, "", None))
        .collect();
    let (status, why) = detail(node.get("/events"));
    assert!(status == 429 && why.contains("64"), "{why}");
    assert_eq!(node.ok("/status")["name"], "Ada", "others are served");
    drop(all.pop());
    let deadline = Instant::now() + Duration::from_secs(20);
    // The node notices that somebody went when it has something to tell them.
    while Instant::now() < deadline {
        node.committee();
        if all.len() < crate::limit::http::LISTENERS
            && node.agent().get(node.at("/events")).call().unwrap().status() == 200
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(Instant::now() < deadline, "a place that was left is never given again");
    node.runtime.block_on(node.server.take().unwrap().stop());
    for listening in all {
        listening
            .end()
            .expect("the node ends its streams and is not cut off in them");
    }
}
