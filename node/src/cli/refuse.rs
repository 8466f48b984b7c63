//! `althing refuse IDENTITY`

use clap::Args;
use serde_json::json;

use super::call::Node;
use super::erase;
use super::failure::Failure;
use super::print::{Answer, items, table, word};

#[derive(Debug, Args)]
pub(super) struct Refuse {
    /// The identity whose bodies are not kept here. Headers are: they are part of the record.
    #[arg(required_unless_present = "list")]
    identity: Option<String>,
    /// Why, for people. It is kept on this node and shown where the texts were.
    #[arg(long, value_name = "R")]
    reason: Option<String>,
    /// Take their bodies again.
    #[arg(long, conflicts_with = "reason")]
    undo: bool,
    /// Show who is refused here.
    #[arg(long, conflicts_with_all = ["identity", "reason", "undo"])]
    list: bool,
}

impl Refuse {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        if self.list {
            let json = node.list(&["refusals"], &[], None)?;
            let text = table(&items(&json).iter().map(erase::row).collect::<Vec<_>>());
            return Ok(Answer::new(json, text));
        }
        let body = json!({ "identity": self.identity, "reason": self.reason, "undo": self.undo });
        let json = node.post(&["refusals"], &body)?;
        let id = word(&json, "id");
        let text = match self.undo {
            true => format!("{id}\nTheir texts are asked for again. What was erased one by one stays erased."),
            false => format!("{id}\nTheir texts are in no file of this node any more, and are not taken again."),
        };
        Ok(Answer::new(json, text))
    }
}
