//! `althing id devices`

use clap::Args;

use super::super::call::Node;
use super::super::failure::Failure;
use super::super::print::{Answer, items, short, table, time, word};

#[derive(Debug, Args)]
pub(super) struct Devices {
    /// Somebody else's identity; by default yours.
    identity: Option<String>,
}

impl Devices {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = match &self.identity {
            Some(identity) => node.get(&["identities", identity, "devices"], &[])?,
            None => node.get(&["identity", "devices"], &[])?,
        };
        let head = ["ID", "MACHINE", "USE", "STATUS", "SINCE", "ENTRIES", ""]
            .map(str::to_owned)
            .to_vec();
        let rows = items(&json).iter().map(|item| {
            let here = match word(item, "here").as_str() {
                "" => String::new(),
                _ => "this machine".to_owned(),
            };
            vec![
                short(item, "id"),
                word(item, "title"),
                word(item, "use"),
                word(item, "status"),
                time(item, "time"),
                word(item, "entries"),
                here,
            ]
        });
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
        let mut text = table(&rows);
        if word(&json, "root").is_empty() {
            text.push_str(
                "\nThis identity is dead: its root key was replaced twice, and nobody can say which of the two was meant. \
                 Nothing that it signs counts. Make a new identity, and say there that it follows this one.",
            );
        } else {
            let rotations = match word(&json, "rotations").as_str() {
                "0" => "the first one".to_owned(),
                "1" => "replaced once".to_owned(),
                n => format!("replaced {n} times"),
            };
            text.push_str(&format!("\nRoot key {}, {rotations}.", short(&json, "root")));
        }
        if json.get("enrolled").and_then(serde_json::Value::as_bool) == Some(false) {
            text.push_str(
                "\nThis machine is not enrolled yet: once `althing peers` shows the same digests, run \
                 `althing id enroll --here --keys FILE`.",
            );
        }
        Ok(Answer::new(json, text))
    }
}
