//! `althing edit DOC`

use althing_protocol::kind;
use clap::Args;

use super::call::Node;
use super::failure::Failure;
use super::fields::Fields;
use super::print::{Answer, word};

#[derive(Debug, Args)]
pub(super) struct Edit {
    /// The document.
    doc: String,
    #[command(flatten)]
    fields: Fields,
}

impl Edit {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        if self.fields.is_empty() {
            return Err(Failure::Input(
                "nothing is changed; give --set field=value or --file".to_owned(),
            ));
        }
        let document = node.get(&["documents", &self.doc], &[])?;
        let text = kind::find(&word(&document, "kind")).and_then(|kind| kind.text);
        Ok(Answer::written(
            node.post(&["documents", &self.doc, "edits"], &self.fields.read(text)?)?,
        ))
    }
}
