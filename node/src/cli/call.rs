//! Asking the running node.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, RequestBuilder, SendBody};

use super::Global;
use super::failure::Failure;
use crate::home::Home;
use crate::http::COPY;

/// Largest answer that is read, in bytes.
const ANSWER: u64 = 64 << 20;

/// Longer than a node lets a request take.
const TIME: Duration = Duration::from_secs(90);

/// The same where a file goes either way.
const LONG: Duration = Duration::from_secs(1200);

/// Where a node is by default.
const URL: &str = "http://127.0.0.1:8420";

/// Items on a page.
const PAGE: usize = 500;

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIME))
        .proxy(None)
        .max_redirects(0)
        .build()
        .new_agent()
}

/// The running node.
pub(super) struct Node {
    agent: Agent,
    url: String,
    /// The token of the data folder, or why there is none.
    token: Result<String, String>,
    verbose: bool,
}

impl Node {
    /// The node that `--api` names, else the one that runs on the data folder, else the usual one.
    pub(super) fn find(global: &Global) -> Self {
        let home = global.data().and_then(|data| Ok(Home::open(&data)?));
        let noted = || home.as_ref().ok().and_then(Home::api_url);
        let url = global.api.clone().or_else(noted).unwrap_or_else(|| URL.to_owned());
        Self {
            agent: agent(),
            url: url.trim().trim_end_matches('/').to_owned(),
            token: home.map(|home| home.token().to_owned()).map_err(|why| why.to_string()),
            verbose: global.verbose > 0,
        }
    }

    /// A node at this URL, of which nothing but reads is asked.
    pub(super) fn at(url: &str) -> Self {
        Self {
            agent: agent(),
            url: url.trim().trim_end_matches('/').to_owned(),
            token: Err("no token is shown to other nodes".to_owned()),
            verbose: false,
        }
    }

    /// Reads a file that it serves outside the API; none where it has none.
    pub(super) fn file(&self, path: &[&str]) -> Result<Option<Vec<u8>>, Failure> {
        let path: Vec<String> = path.iter().map(|part| escape(part)).collect();
        let url = format!("{}/{}", self.url, path.join("/"));
        self.say("GET", &url);
        let answered = self.agent.get(&url).call();
        match answered {
            Ok(answer) if answer.status() == StatusCode::NOT_FOUND => Ok(None),
            other => self.read(other).map(Some),
        }
    }

    /// Reads.
    pub(super) fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        let bytes = self.get_bytes(path, query)?;
        self.json(&bytes)
    }

    /// Reads bytes.
    pub(super) fn get_bytes(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let url = self.join(path);
        self.say("GET", &url);
        let request = self.agent.get(&url).query_pairs(query.iter().copied());
        self.read(request.call())
    }

    /// Reads all pages of a list, or as many items as asked for.
    pub(super) fn list(&self, path: &[&str], query: &[(&str, &str)], most: Option<usize>) -> Result<Value, Failure> {
        self.pages(path, query, most, PAGE)
    }

    /// The same with pages of at most so many items.
    pub(super) fn pages(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        most: Option<usize>,
        page: usize,
    ) -> Result<Value, Failure> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let left = most.map_or(page, |most| most - items.len()).clamp(1, page).to_string();
            let mut query = query.to_vec();
            query.push(("limit", &left));
            if let Some(cursor) = &cursor {
                query.retain(|(name, _)| *name != "cursor");
                query.push(("cursor", cursor));
            }
            let mut page = self.get(path, &query)?;
            if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            let next = page.get("next").and_then(Value::as_str).map(str::to_owned);
            if next.is_none() || most.is_some_and(|most| items.len() >= most) {
                return Ok(json!({ "items": items, "next": next }));
            }
            cursor = next;
        }
    }

    /// Writes.
    pub(super) fn post(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        let url = self.join(path);
        self.say("POST", &url);
        let request = self.owned(self.agent.post(&url));
        let bytes = self.read(request.send_json(body))?;
        self.json(&bytes)
    }

    /// Reads what may be only its owner's.
    pub(super) fn get_as_owner(&self, path: &[&str]) -> Result<Value, Failure> {
        let url = self.join(path);
        self.say("GET", &url);
        let bytes = self.read(self.owned(self.agent.get(&url)).call())?;
        self.json(&bytes)
    }

    /// Removes.
    pub(super) fn delete(&self, path: &[&str]) -> Result<Value, Failure> {
        let url = self.join(path);
        self.say("DELETE", &url);
        let bytes = self.read(self.owned(self.agent.delete(&url)).call())?;
        self.json(&bytes)
    }

    /// Sends a file.
    pub(super) fn upload(&self, path: &[&str], query: &[(&str, &str)], from: &Path) -> Result<Value, Failure> {
        let url = self.join(path);
        self.say("POST", &url);
        let file = File::open(from).map_err(|why| Failure::File {
            doing: "read",
            path: from.to_owned(),
            why,
        })?;
        let request = self.owned(self.agent.post(&url)).query_pairs(query.iter().copied());
        let request = request.header("Content-Type", "application/octet-stream");
        let request = request.config().timeout_global(Some(LONG)).build();
        let bytes = self.read(request.send(file))?;
        self.json(&bytes)
    }

    /// Sends a file that is read as it goes.
    pub(super) fn upload_from(&self, path: &[&str], mut from: &mut dyn Read, length: u64) -> Result<Value, Failure> {
        let url = self.join(path);
        self.say("POST", &url);
        let request = self.owned(self.agent.post(&url));
        let request = request.header("Content-Type", "application/octet-stream");
        let request = request.header("Content-Length", length.to_string());
        let request = request.config().timeout_global(Some(LONG)).build();
        let bytes = self.read(request.send(SendBody::from_reader(&mut from)))?;
        self.json(&bytes)
    }

    /// Writes what the node answers somewhere else, however much it is.
    pub(super) fn download(&self, path: &[&str], to: &mut dyn Write) -> Result<(), Failure> {
        let url = self.join(path);
        self.say("GET", &url);
        let request = self.owned(self.agent.get(&url));
        let answered = request.config().timeout_global(Some(LONG)).build().call();
        let mut response = match answered {
            Ok(response) if response.status().is_success() => response,
            other => return self.read(other).map(drop),
        };
        let copied = io::copy(&mut response.body_mut().as_reader(), to);
        copied.map(drop).map_err(|why| Failure::Unreachable {
            url: self.url.clone(),
            why: why.to_string(),
        })
    }

    /// Reads what only its owner may ask for, as it comes.
    pub(super) fn open(&self, path: &[&str]) -> Result<impl Read + use<>, Failure> {
        let url = self.join(path);
        self.say("GET", &url);
        let request = self.owned(self.agent.get(&url));
        match request.config().timeout_global(Some(LONG)).build().call() {
            Ok(response) if response.status().is_success() => Ok(response.into_body().into_reader()),
            other => Err(self
                .read(other)
                .err()
                .unwrap_or_else(|| self.strange("nothing".to_owned()))),
        }
    }

    /// Reads a page or a file as it is to be kept with a committee; none where the node has none.
    pub(super) fn copy(&self, path: &str, committee: &str) -> Result<Option<Vec<u8>>, Failure> {
        let url = format!("{}{path}", self.url);
        self.say("GET", &url);
        match self.agent.get(&url).header(COPY, committee).call() {
            Ok(answer) if answer.status() == StatusCode::NOT_FOUND => Ok(None),
            other => self.read(other).map(Some),
        }
    }

    /// Sends bytes.
    pub(super) fn send(&self, path: &[&str], bytes: &[u8]) -> Result<Value, Failure> {
        let url = self.join(path);
        self.say("POST", &url);
        let request = self
            .owned(self.agent.post(&url))
            .header("Content-Type", "application/octet-stream");
        let bytes = self.read(request.send(bytes))?;
        self.json(&bytes)
    }

    /// The URL by which the node calls itself.
    pub(super) fn own_url(&self) -> Result<String, Failure> {
        let status = self.get(&["status"], &[])?;
        Ok(status
            .get("api")
            .and_then(Value::as_str)
            .unwrap_or(&self.url)
            .to_owned())
    }

    /// A request that shows the token.
    fn owned<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.token {
            Ok(token) => request.header("Authorization", format!("Bearer {token}")),
            Err(_) => request,
        }
    }

    fn join(&self, path: &[&str]) -> String {
        let mut url = format!("{}/api/v1", self.url);
        for part in path {
            url.push('/');
            url.push_str(&escape(part));
        }
        url
    }

    fn read(&self, answered: Result<Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, Failure> {
        let unreachable = |why: &dyn std::fmt::Display| Failure::Unreachable {
            url: self.url.clone(),
            why: why.to_string(),
        };
        let mut response = answered.map_err(|why| unreachable(&why))?;
        let mut bytes = Vec::new();
        let mut reader = response.body_mut().as_reader().take(ANSWER + 1);
        reader.read_to_end(&mut bytes).map_err(|why| unreachable(&why))?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len > ANSWER) {
            return Err(self.strange("too large".to_owned()));
        }
        if response.status().is_success() {
            return Ok(bytes);
        }
        let problem: Option<Value> = serde_json::from_slice(&bytes).ok();
        match problem.as_ref().and_then(|p| p.get("detail")).and_then(Value::as_str) {
            Some(detail) => Err(Failure::Refused(match &self.token {
                // Without a token, what is wrong with the folder is the reason.
                Err(why) if response.status() == StatusCode::UNAUTHORIZED => format!("{detail}. {why}"),
                _ => detail.to_owned(),
            })),
            None => Err(self.strange(format!("status {}", response.status()))),
        }
    }

    fn json(&self, bytes: &[u8]) -> Result<Value, Failure> {
        serde_json::from_slice(bytes).map_err(|why| self.strange(format!("no JSON: {why}")))
    }

    pub(super) fn strange(&self, what: String) -> Failure {
        Failure::Strange {
            url: self.url.clone(),
            what,
        }
    }

    fn say(&self, method: &str, url: &str) {
        if self.verbose {
            // Nobody reads it, nothing is lost.
            drop(writeln!(std::io::stderr().lock(), "{method} {url}"));
        }
    }
}

/// A part of a path: whatever could mean something else there is escaped (RFC 3986 §2.1).
fn escape(part: &str) -> String {
    let escaped = part.bytes().map(|b| match b {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_of_paths_stay_parts() {
        assert_eq!(super::escape("ab-1/../é"), "ab-1%2F%2E%2E%2F%C3%A9");
    }
}
