//! The API over real sockets, on a real store.

#[cfg(feature = "anchor")]
mod anchor;
mod authority;
mod browser;
mod committee;
mod document;
mod door;
mod entry;
mod events;
mod feed;
mod file;
mod identity;
mod import;
mod kinds;
mod log;
mod openapi;
mod owner;
mod query;
mod reading;
mod search;
mod stranger;
mod views;
mod write;

use std::sync::Arc;
use std::thread::JoinHandle;

use althing_protocol::hash::Id;
use althing_protocol::state::Limits;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::stranger::Stranger;
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
