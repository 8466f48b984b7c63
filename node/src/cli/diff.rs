//! `althing diff DOC A B`

use clap::Args;
use serde_json::Value;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, word};

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The document.
    doc: String,
    /// An entry of it: the older state.
    a: String,
    /// Another one: the newer state.
    b: String,
}

impl Diff {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = node.get(&["documents", &self.doc, "diff"], &[("a", &self.a), ("b", &self.b)])?;
        let text = text(&json);
        Ok(Answer::new(json, text))
    }
}

/// Words in brackets: `[-gone-]` and `{+new+}`, as `git diff --word-diff` writes them.
fn text(json: &Value) -> String {
    let fields = json
        .get("fields")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let field = |field: &Value| {
        let changes = field
            .get("changes")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let runs = changes.iter().map(|run| {
            let part = |n| run.get(n).and_then(Value::as_str).unwrap_or_default();
            match (part(0), part(1)) {
                ("-", text) => format!("[-{text}-]"),
                ("+", text) => format!("{{+{text}+}}"),
                (_, text) => text.to_owned(),
            }
        });
        format!("{}:\n{}", word(field, "field"), runs.collect::<String>())
    };
    fields.iter().map(field).collect::<Vec<_>>().join("\n\n")
}
