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
            "{} ({}) at {}, {} peers\n{}{}",
            word(&json, "name"),
            short(&json, "identity"),
            word(&json, "api"),
            word(&json, "peers"),
            standing(&word(&json, "device")),
            table(&committees.iter().map(committee::row).collect::<Vec<_>>()),
        );
        Ok(Answer::new(json, text))
    }
}

/// What the owner should know about this machine, if anything.
fn standing(device: &str) -> &'static str {
    match device {
        "retired" => {
            "this machine is RETIRED: what it signs from now on counts for nothing; `althing id devices` shows more\n"
        }
        "dropped" => {
            "this machine was LEFT OUT of a rotation: nothing that it signs counts; `althing id devices` shows more\n"
        }
        "unknown" => "this identity is DEAD: two rotations came from one key, and nobody can say which was meant\n",
        "waiting" => "this machine is not enrolled yet: nothing can be written here\n",
        _ => "",
    }
}
