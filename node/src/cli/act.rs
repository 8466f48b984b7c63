//! `althing act KIND DOC`, and its short forms `post`, `accept`, `decline`, `withdraw`.

use althing_protocol::kind;
use clap::Args;
use serde_json::{Value, json};

use super::attach::Attached;
use super::call::Node;
use super::failure::Failure;
use super::fields::Fields;
use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Act {
    /// The act, such as question, answer, amend, retract.
    kind: String,
    #[command(flatten)]
    rest: Short,
}

#[derive(Debug, Args)]
pub(super) struct Short {
    /// The document.
    doc: String,
    /// The text, markdown.
    text: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    files: Attached,
    /// Take more than 1,024 entries of newcomers into the record, if this does.
    #[arg(long)]
    consent: bool,
}

#[derive(Debug, Args)]
pub(super) struct Post {
    #[command(flatten)]
    rest: Short,
    /// The entry that it replies to.
    #[arg(long, value_name = "ENTRY")]
    reply_to: Option<String>,
}

impl Act {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        self.rest.run(&self.kind, node)
    }
}

impl Short {
    pub(super) fn run(self, kind: &str, node: &Node) -> Result<Answer, Failure> {
        self.write(kind, json!({}), node)
    }

    fn write(self, kind: &str, more: Value, node: &Node) -> Result<Answer, Failure> {
        let mut fields = self.fields.read(kind::find(kind).and_then(|kind| kind.text))?;
        self.files.put(kind::find(kind), &mut fields, node)?;
        write(node, kind, &self.doc, fields, more, self.text, self.consent)
    }
}

impl Post {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let more = self
            .reply_to
            .map_or_else(|| json!({}), |entry| json!({ "reply_to": entry }));
        self.rest.write("post", more, node)
    }
}

/// Writes an act into a document.
pub(super) fn write(
    node: &Node,
    kind: &str,
    doc: &str,
    fields: Value,
    more: Value,
    text: Option<String>,
    consent: bool,
) -> Result<Answer, Failure> {
    let mut body = fields;
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let act = json!({ "kind": kind, "body": body, "text": text, "consent": consent });
    Ok(Answer::written(node.post(&["documents", doc, "acts"], &act)?))
}
