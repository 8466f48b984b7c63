//! `althing page`

use clap::Args;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, word};

/// Print a link that lets one browser on this machine act in your name on the node's pages. It works once.
#[derive(Debug, Args)]
pub(super) struct Page {}

impl Page {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json: Value = node.post(&["pages"], &json!({}))?;
        let text = word(&json, "page");
        Ok(Answer::new(json, text))
    }
}
