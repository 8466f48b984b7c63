//! `althing vouch IDENTITY --quota N`

use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Vouch {
    /// The newcomer.
    identity: String,
    /// How many of their entries your node takes up as they come.
    #[arg(long, value_name = "N")]
    quota: u64,
    /// The committee, if the node follows several.
    #[arg(long, value_name = "ID")]
    committee: Option<String>,
    /// Why, for people.
    #[arg(long)]
    note: Option<String>,
}

impl Vouch {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let Self {
            identity,
            quota,
            committee,
            note,
        } = self;
        let body = json!({ "identity": identity, "quota": quota, "committee": committee, "note": note });
        Ok(Answer::written(node.post(&["vouches"], &body)?))
    }
}
