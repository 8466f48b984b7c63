//! `althing open KIND`, and its short forms `nominate`, `state`, `research`.

use althing_protocol::kind;
use clap::Args;
use serde_json::json;

use super::attach::Attached;
use super::call::Node;
use super::failure::Failure;
use super::fields::Fields;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Open {
    /// The kind of document: topic, nomination, statement, research, motion.
    kind: String,
    #[command(flatten)]
    rest: Short,
}

#[derive(Debug, Args)]
pub(super) struct Short {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    files: Attached,
    /// An owner, ID or ID:PART; by default you, and whoever the content names for a part of their own.
    #[arg(long, value_name = "ID[:PART]")]
    owner: Vec<String>,
}

impl Open {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        self.rest.run(&self.kind, node)
    }
}

impl Short {
    pub(super) fn run(self, kind: &str, node: &Node) -> Result<Answer, Failure> {
        let mut content = self.fields.read(kind::find(kind).and_then(|kind| kind.text))?;
        self.files.put(kind::find(kind), &mut content, node)?;
        let owners = self.owner.iter().map(|owner| match owner.split_once(':') {
            Some((identity, part)) => json!({ "identity": identity, "part": part }),
            None => json!({ "identity": owner }),
        });
        let body = json!({ "kind": kind, "content": content, "owners": owners.collect::<Vec<_>>() });
        Ok(Answer::written(
            node.post(&["committees", &self.committee, "documents"], &body)?,
        ))
    }
}
