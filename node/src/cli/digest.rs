//! `althing digest --committee ID`

use clap::Args;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, word};

#[derive(Debug, Args)]
pub(super) struct Digest {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
}

impl Digest {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = node.get(&["committees", &self.committee, "digest"], &[])?;
        let text = format!(
            "{}\n{} entries, {} documents, {} on the floor",
            word(&json, "digest"),
            word(&json, "entries"),
            word(&json, "documents"),
            word(&json, "floor")
        );
        Ok(Answer::new(json, text))
    }
}
