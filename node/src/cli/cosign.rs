//! `althing cosign ENTRY`

use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Cosign {
    /// The grant, revocation or parameter to sign.
    entry: String,
    /// Why, for people.
    #[arg(long)]
    note: Option<String>,
}

impl Cosign {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let body = json!({ "entry": self.entry, "note": self.note });
        Ok(Answer::written(node.post(&["cosignatures"], &body)?))
    }
}
