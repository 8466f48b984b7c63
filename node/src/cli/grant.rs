//! `althing grant ROLE IDENTITY --committee ID`

use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Grant {
    /// The role, such as voice or steward.
    role: String,
    /// Who gets it.
    identity: String,
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// A document of the committee that bounds the role, such as a domain.
    #[arg(long, value_name = "DOC")]
    scope: Option<String>,
    /// Why, for people.
    #[arg(long)]
    note: Option<String>,
}

impl Grant {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let Self {
            role,
            identity,
            committee,
            scope,
            note,
        } = self;
        let body = json!({ "committee": committee, "role": role, "to": identity, "scope": scope, "note": note });
        Ok(Answer::written(node.post(&["grants"], &body)?))
    }
}
