//! `althing checkpoint --committee ID`

use clap::Args;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, word};

/// Sign this node's log of a committee now, and have the nodes of other members cosign it.
#[derive(Debug, Args)]
pub(super) struct Checkpoint {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// Put the record's digest into the log first, as for a checkpoint that will be anchored.
    #[arg(long)]
    cut: bool,
}

impl Checkpoint {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let path = ["committees", &self.committee, "checkpoint"];
        let json = node.post(&path, &json!({ "cut": self.cut }))?;
        let cosigners = json.get("cosigners").and_then(Value::as_array);
        let names = cosigners.into_iter().flatten().filter_map(|c| {
            let by = c.get("by")?;
            Some(
                by.get("name")
                    .and_then(Value::as_str)
                    .map_or_else(|| word(by, "identity"), str::to_owned),
            )
        });
        let names: Vec<String> = names.collect();
        let by = match names.as_slice() {
            [] => "nobody yet".to_owned(),
            names => names.join(", "),
        };
        let policy = match json.get("satisfied") == Some(&Value::Bool(true)) {
            true => "the policy is satisfied",
            false => "the policy asks for more",
        };
        let note = word(&json, "note");
        let text = format!("{note}\n{} leaves, cosigned by {by}: {policy}", word(&json, "size"));
        Ok(Answer::new(json, text))
    }
}
