//! `althing status`

use clap::Args;
use serde_json::Value;

use super::call::Node;
use super::committee;
use super::failure::Failure;
use super::print::{Answer, short, table, word};

#[derive(Debug, Args)]
pub(super) struct Status {}

impl Status {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = node.get(&["status"], &[])?;
        let committees = json
            .get("committees")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let text = format!(
            "{} ({}) at {}, {} peers\n{}",
            word(&json, "name"),
            short(&json, "identity"),
            word(&json, "api"),
            word(&json, "peers"),
            table(&committees.iter().map(committee::row).collect::<Vec<_>>()),
        );
        Ok(Answer::new(json, text))
    }
}
