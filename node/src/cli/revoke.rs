//! `althing revoke GRANT`

use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The grant to end, for ever: granting again is a new grant.
    grant: String,
    /// Why, for people.
    #[arg(long)]
    note: Option<String>,
}

impl Revoke {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let body = json!({ "grant": self.grant, "note": self.note });
        Ok(Answer::written(node.post(&["revocations"], &body)?))
    }
}
