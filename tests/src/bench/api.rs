//! The API of a real node process: posting at a steady rate, reading large documents, lists and searching.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use super::table::row;
use super::timed;
use crate::process::{Node, Program, text, wait_for};

/// Posts a second.
const RATE: u32 = 100;

/// Posts that are measured.
const POSTS: u32 = 1000;

/// Clients that post: enough to keep the rate while some wait.
const CLIENTS: usize = 8;

/// Acts of the large document, and documents of the list.
const ACTS: usize = 1000;

/// Requests of each kind of reading.
const READS: usize = 200;

/// A node, and a client of it.
struct Client<'a> {
    agent: Agent,
    node: &'a Node,
    token: String,
}

impl Client<'_> {
    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/api/v1{path}", self.node.api());
        let request = self
            .agent
            .post(&url)
            .header("Authorization", format!("Bearer {}", self.token));
        let mut answer = request.send_json(body).expect("the node answers");
        answer.body_mut().read_json().expect("it answers JSON")
    }

    /// Whether it was there.
    fn get(&self, path: &str) -> bool {
        let answer = self.agent.get(format!("{}{path}", self.node.api())).call();
        let mut answer = answer.expect("the node answers");
        let is_there = answer.status() == 200;
        answer.body_mut().read_to_vec().expect("it answers");
        is_there
    }
}

/// All rows.
///
/// # Panics
/// When the node does not do what it is asked.
pub fn rows(folder: &Path) {
    let node = Node::begin(&Program::this().expect("this program has a path"), folder, "api");
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .new_agent();
    let token = fs::read_to_string(node.data().join("token")).expect("the node has a token");
    let client = Client {
        agent,
        node: &node,
        token: token.trim().to_owned(),
    };
    let committee = text(
        &client.post("/committees", &json!({ "name": "Bench", "threshold": 1 })),
        "id",
    );
    let open = |title: &str| {
        let body = json!({ "kind": "topic", "content": { "title": title, "text": "one two three" } });
        text(&client.post(&format!("/committees/{committee}/documents"), &body), "id")
    };
    let steady = open("Steady");
    posting(&client, &steady);
    let large = open("Large");
    for n in 0..ACTS {
        client.post(&format!("/documents/{large}/acts"), &post(n));
    }
    reading(
        "document with 1,000 acts, JSON",
        "≤ 30 ms",
        &client,
        &format!("/api/v1/documents/{large}"),
        || {},
    );
    let write = || drop(client.post(&format!("/documents/{large}/acts"), &post(0)));
    reading(
        "the same just after a write",
        "",
        &client,
        &format!("/api/v1/documents/{large}"),
        write,
    );
    reading(
        "document with 1,000 acts, page",
        "≤ 30 ms",
        &client,
        &format!("/d/{large}"),
        || {},
    );
    for n in 0..ACTS {
        open(&format!("Topic {n}"));
    }
    let list = format!("/api/v1/documents?committee={committee}&limit=100");
    reading("list, 100 of 1,000 documents", "≤ 50 ms", &client, &list, || {});
    wait_for("the search index", || {
        let status = node.get("/status")?;
        (status.pointer("/search/complete")? == &json!(true)).then_some(())
    });
    let search = "/api/v1/search?q=weather%20%22number%207%22&limit=20";
    reading("search, a word and a phrase", "≤ 50 ms", &client, search, || {});
    reading(
        "search while typing",
        "≤ 50 ms",
        &client,
        "/api/v1/search?q=weath&typing=true",
        || {},
    );
}

fn post(n: usize) -> Value {
    json!({ "kind": "post", "text": format!("The weather of number {n} was much like that of the day before. ").repeat(8) })
}

/// Posts at a steady rate, whatever the answers take: waiting in line counts.
fn posting(client: &Client<'_>, doc: &str) {
    let (next, times) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    let start = Instant::now() + Duration::from_millis(100);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= POSTS {
                        break;
                    }
                    let due = start + Duration::from_secs(1) * n / RATE;
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let answer = client.post(&format!("/documents/{doc}/acts"), &post(1));
                    assert!(answer.get("id").is_some(), "{answer}");
                    times.lock().unwrap_or_else(PoisonError::into_inner).push(due.elapsed());
                }
            });
        }
    });
    let mut times = times.into_inner().unwrap_or_else(PoisonError::into_inner);
    print("one post, durable, at 100/s", "≤ 15 ms", &mut times);
}

/// Asks for a path again and again, with something done before each time that is not measured.
fn reading(what: &str, goal: &str, client: &Client<'_>, path: &str, before: impl Fn()) {
    if !client.get(path) {
        row(what, "not there", goal, path);
        return;
    }
    let mut times: Vec<Duration> = (0..READS)
        .map(|_| {
            before();
            timed(|| client.get(path)).0
        })
        .collect();
    print(what, goal, &mut times);
}

fn print(what: &str, goal: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
    let ms = |percent: usize| at(percent).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    let note = format!("median {:.1} ms", ms(50));
    row(&format!("{what}, p99"), &format!("{:.1} ms", ms(99)), goal, &note);
}
