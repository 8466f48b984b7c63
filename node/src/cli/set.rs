//! `althing set NAME VALUE --committee ID` and `althing parameters --committee ID`

use clap::Args;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, table, word};

/// Sets a parameter of a committee. It takes as many signatures as a grant.
#[derive(Debug, Args)]
pub(super) struct Set {
    /// The parameter's name, a to z and _.
    name: String,
    /// Its value, a whole number.
    value: u64,
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// Why, for people.
    #[arg(long)]
    note: Option<String>,
}

impl Set {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let Self {
            name,
            value,
            committee,
            note,
        } = self;
        let body = json!({ "committee": committee, "name": name, "value": value, "note": note });
        Ok(Answer::written(node.post(&["parameters"], &body)?))
    }
}

/// Lists the parameters of a committee.
#[derive(Debug, Args)]
pub(super) struct Parameters {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
}

impl Parameters {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let json = node.get(&["committees", &self.committee, "parameters"], &[])?;
        let row = |parameter: &Value| {
            let contested = parameter.get("contested").and_then(Value::as_bool) == Some(true);
            let note = if contested {
                "set differently at the same time; set it again to settle it"
            } else {
                ""
            };
            vec![word(parameter, "name"), word(parameter, "value"), note.to_owned()]
        };
        let text = table(&items(&json).iter().map(row).collect::<Vec<_>>());
        Ok(Answer::new(json, text))
    }
}
