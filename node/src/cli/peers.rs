//! `althing peers`

use clap::Args;
use serde_json::Value;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, short, table, time, word};

#[derive(Debug, Args)]
pub(super) struct Peers {}

impl Peers {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = node.get(&["peers"], &[])?;
        let text = table(&items(&json).iter().map(row).collect::<Vec<_>>());
        Ok(Answer::new(json, text))
    }
}

fn row(peer: &Value) -> Vec<String> {
    let committees = peer
        .get("committees")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let same = |c: &Value| {
        if c.get("same") == Some(&Value::Bool(true)) {
            "same"
        } else {
            "other"
        }
    };
    let committees = committees.iter().map(|c| format!("{} {}", short(c, "id"), same(c)));
    let committees = committees.collect::<Vec<_>>().join(", ");
    vec![
        word(peer, "peer"),
        word(peer, "address"),
        time(peer, "since"),
        committees,
    ]
}
