//! A chain of our own on loopback: anvil, which makes a block each second and calls final what lies two blocks back.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected has to stop"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::browser::node_modules;

/// A running chain. Dropping it ends it.
#[derive(Debug)]
pub struct Anvil {
    child: Child,
    url: String,
}

impl Anvil {
    /// Starts one with nothing on it.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn start() -> Self {
        let program = node_modules().join("@foundry-rs/anvil-linux-amd64/bin/anvil");
        let mut child = Command::new(&program)
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--block-time",
                "1",
                "--slots-in-an-epoch",
                "1",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|why| panic!("{}: {why}; run `make setup`", program.display()));
        let stdout = child.stdout.take().expect("it was asked for");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned));
        // It writes a line for each call: somebody has to read them.
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            url: format!("http://{}", address.expect("anvil says where it listens")),
        }
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks it.
    ///
    /// # Panics
    /// If it refuses.
    #[must_use]
    pub fn ask(&self, method: &str, params: &Value) -> Value {
        let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
        let question = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer = agent.post(&self.url).send_json(question).expect("it answers");
        let mut answer: Value = answer.body_mut().read_json().expect("it answers JSON");
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].take()
    }

    /// What the contract at this address wrote, in the order of the chain.
    ///
    /// # Panics
    /// If it answers something else.
    #[must_use]
    pub fn anchored(&self, contract: &str) -> Vec<String> {
        let filter = json!([{ "fromBlock": "0x0", "toBlock": "latest", "address": contract }]);
        let logs = self.ask("eth_getLogs", &filter);
        let digest = |log: &Value| log["data"].as_str().expect("data").to_owned();
        logs.as_array().expect("a list").iter().map(digest).collect()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
