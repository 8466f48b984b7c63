//! `althing take-up ENTRY…`

use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct TakeUp {
    /// Entries that nobody has taken up yet.
    #[arg(required = true)]
    entries: Vec<String>,
    /// Take more than 1,024 entries into the record, if these need so many.
    #[arg(long)]
    consent: bool,
    /// Why, for people.
    #[arg(long)]
    note: Option<String>,
}

impl TakeUp {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let body = json!({ "entries": self.entries, "consent": self.consent, "note": self.note });
        Ok(Answer::written(node.post(&["take-ups"], &body)?))
    }
}
