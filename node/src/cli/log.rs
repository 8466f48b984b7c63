//! `althing log DOC`

use clap::Args;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, person, short, table, time, word};

#[derive(Debug, Args)]
pub(super) struct Log {
    /// The document.
    doc: String,
}

impl Log {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = node.list(&["documents", &self.doc, "log"], &[], None)?;
        let rows: Vec<Vec<String>> = items(&json)
            .iter()
            .map(|item| {
                let body = word(item, "body");
                vec![
                    short(item, "id"),
                    word(item, "kind"),
                    word(item, "effect"),
                    time(item, "time"),
                    person(item, "by"),
                    if matches!(body.as_str(), "absent" | "erased") {
                        body
                    } else {
                        String::new()
                    },
                ]
            })
            .collect();
        let text = table(&rows);
        Ok(Answer::new(json, text))
    }
}
