//! `althing view NAME [--committee ID] [DOC]`

use clap::Args;
use serde_json::{Map, Value};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, table, time, word};

/// Show a computed view: ballot, timeline, confidence, coverage, payouts, …; without a name, list them.
#[derive(Debug, Args)]
pub(super) struct View {
    /// The view.
    name: Option<String>,
    /// The document that it is about, for views of one document.
    doc: Option<String>,
    /// The committee, for views of a committee; not needed where there is only one.
    #[arg(long, value_name = "ID")]
    committee: Option<String>,
    /// As of the end of this day in UTC.
    #[arg(long, value_name = "YYYY-MM-DD")]
    at: Option<String>,
}

impl View {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let Some(name) = &self.name else { return list(node) };
        let mut query: Vec<(&str, &str)> = self.at.iter().map(|at| ("at", at.as_str())).collect();
        let json = match (&self.committee, &self.doc) {
            (None, Some(doc)) => node.get(&["documents", doc, "views", name], &query)?,
            (given, doc) => {
                let committee = match given {
                    Some(committee) => committee.clone(),
                    None => only_committee(node)?,
                };
                query.extend(doc.iter().map(|doc| ("doc", doc.as_str())));
                node.get(&["committees", &committee, "views", name], &query)?
            }
        };
        let text = text(&json);
        Ok(Answer::new(json, text))
    }
}

/// The committee that is meant where only one is here.
pub(super) fn only_committee(node: &Node) -> Result<String, Failure> {
    let all = node.get(&["committees"], &[])?;
    match items(&all) {
        [only] => Ok(word(only, "id")),
        [] => Err(Failure::Input("this node follows no committee yet".to_owned())),
        _ => Err(Failure::Input(
            "this node follows several committees: say which with --committee".to_owned(),
        )),
    }
}

fn list(node: &Node) -> Result<Answer, Failure> {
    let json = node.get(&["views"], &[])?;
    let rows: Vec<Vec<String>> = items(&json)
        .iter()
        .map(|view| {
            let of = view.get("of").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let of: Vec<&str> = of.iter().filter_map(Value::as_str).collect();
            let of = if of.is_empty() {
                "committee".to_owned()
            } else {
                of.join(", ")
            };
            vec![word(view, "name"), of, word(view, "about")]
        })
        .collect();
    let text = table(&rows);
    Ok(Answer::new(json, text))
}

/// Sentences, then each table with its name above it.
fn text(json: &Value) -> String {
    let none = Map::new();
    let names = json.get("names").and_then(Value::as_object).unwrap_or(&none);
    let mut out = vec![word(json, "title")];
    let says = json
        .get("says")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    out.extend(says.iter().filter_map(Value::as_str).map(str::to_owned));
    let tables = json.get("tables").and_then(Value::as_object).unwrap_or(&none);
    for (name, rows) in tables {
        let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
        let Some(first) = rows.first().and_then(Value::as_object) else {
            continue;
        };
        let head: Vec<String> = first.keys().cloned().collect();
        let lines = rows.iter().map(|row| {
            let cells = head.iter().map(|column| row.get(column).unwrap_or(&Value::Null));
            cells
                .zip(&head)
                .map(|(cell, column)| shown(cell, column, names))
                .collect()
        });
        let all: Vec<Vec<String>> = std::iter::once(head.clone()).chain(lines).collect();
        out.push(format!("\n{name}\n{}", table(&all)));
    }
    out.join("\n")
}

/// A value in few words: names for ids, dates for moments.
fn shown(value: &Value, column: &str, names: &Map<String, Value>) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(id) if names.contains_key(id) => {
            let name = names.get(id).and_then(Value::as_str).unwrap_or_default();
            format!("{name} ({})", first_digits(id))
        }
        Value::String(id) if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) => first_digits(id),
        Value::String(text) => one_line(text),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(_) if column == "time" || column.ends_with("_time") => {
            time(&serde_json::json!({ "it": value }), "it")
        }
        Value::Number(number) => number.to_string(),
        Value::Array(all) => all
            .iter()
            .map(|one| shown(one, column, names))
            .collect::<Vec<_>>()
            .join("; "),
        Value::Object(money) => match (money.get("amount"), money.get("currency")) {
            (Some(amount), Some(Value::String(currency))) => format!("{} {currency}", shown(amount, "", names)),
            _ => value.to_string(),
        },
    }
}

fn first_digits(id: &str) -> String {
    id.chars().take(8).collect()
}

/// Characters of a text that a table shows.
const SHOWN: usize = 60;

/// The beginning of a text in one line; the whole is in the JSON.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
