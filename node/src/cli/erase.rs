//! `althing erase ENTRY --reason R`

use clap::Args;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, person, short, table, time, word};

#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The entry whose body is to go. Its header stays: it is part of the record.
    #[arg(required_unless_present = "list")]
    entry: Option<String>,
    /// Why, for people. It is kept on this node and shown where the text was.
    #[arg(long, value_name = "R", required_unless_present = "list")]
    reason: Option<String>,
    /// Show what was erased here.
    #[arg(long, conflicts_with_all = ["entry", "reason"])]
    list: bool,
}

impl Erase {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        if self.list {
            let json = node.list(&["erasures"], &[], None)?;
            let text = table(&items(&json).iter().map(row).collect::<Vec<_>>());
            return Ok(Answer::new(json, text));
        }
        let json = node.post(&["erasures"], &json!({ "entry": self.entry, "reason": self.reason }))?;
        let text = format!(
            "{}\nIts text is in no file of this node any more, and is not taken again. Other nodes may still have it.",
            word(&json, "id")
        );
        Ok(Answer::new(json, text))
    }
}

pub(super) fn row(notice: &Value) -> Vec<String> {
    vec![
        short(notice, "id"),
        word(notice, "name"),
        time(notice, "time"),
        person(notice, "by"),
        word(notice, "reason"),
    ]
}
