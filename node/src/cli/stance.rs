//! `althing stance DOC POSITION`

use clap::Args;
use serde_json::json;

use super::act;
use super::call::Node;
use super::failure::Failure;
use super::fields::Fields;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Stance {
    /// The document.
    doc: String,
    /// support, oppose or abstain; or the reason, if --set says the position.
    position: Option<String>,
    /// Why, markdown.
    reason: Option<String>,
    #[command(flatten)]
    fields: Fields,
}

impl Stance {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let fields = self.fields.read(Some("reason"))?;
        let (more, text) = match (self.position, self.reason) {
            (reason, None) if self.fields.has("position") => (json!({}), reason),
            (Some(position), reason) => (json!({ "position": position }), reason),
            (None, reason) => (json!({}), reason),
        };
        act::write(node, "stance", &self.doc, fields, more, text, false)
    }
}
