//! `althing prove ENTRY -o FILE`

use std::path::PathBuf;

use althing_protocol::bundle;
use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::print::Answer;
use crate::file;

/// Write a proof that an entry existed: one file, to be checked by anybody without a network.
#[derive(Debug, Args)]
pub(super) struct Prove {
    /// The entry.
    entry: String,
    /// The file to write; it must not be there.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Prove {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let bytes = node.get_bytes(&["entries", &self.entry, "proof"], &[])?;
        // Whoever relies on it checks it again; a bad one should not leave this machine.
        let verified =
            bundle::verify(&bytes).map_err(|why| Failure::Refused(format!("the node's proof does not hold: {why}")))?;
        file::write_new(&self.output, &bytes).map_err(|why| match why.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::Input(format!(
                "{} is there already; choose another name",
                self.output.display()
            )),
            _ => Failure::File {
                doing: "write",
                path: self.output.clone(),
                why,
            },
        })?;
        let path = self.output.display().to_string();
        let text = format!("{path}: {} bytes\n\n{verified}", bytes.len());
        Ok(Answer::new(
            json!({ "file": path, "bytes": bytes.len(), "facts": verified.facts() }),
            text,
        ))
    }
}
