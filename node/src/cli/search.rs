//! `althing search WORDS`

use clap::Args;
use serde_json::Value;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, person, short, table, time, word};

/// Find entries by what they say.
///
/// WORDS are words, "phrases" and field:value, with the fields title, kind, by, committee, doc, before and after; a part
/// that begins with - must not be there.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// What to look for.
    #[arg(required = true, allow_hyphen_values = true)]
    words: Vec<String>,
    /// Only in this committee.
    #[arg(long, value_name = "ID")]
    committee: Option<String>,
    /// Only of this kind.
    #[arg(long)]
    kind: Option<String>,
    /// The newest first.
    #[arg(long)]
    new: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

impl Search {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let words = self.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        let mut query = vec![("q", words.as_str())];
        query.extend(self.committee.as_deref().map(|id| ("committee", id)));
        query.extend(self.kind.as_deref().map(|kind| ("kind", kind)));
        query.extend(self.new.then_some(("sort", "new")));
        let json = node.pages(&["search"], &query, Some(self.limit), 100)?;
        let rows: Vec<Vec<String>> = items(&json)
            .iter()
            .map(|hit| {
                let snippet = hit.get("snippet").and_then(Value::as_array).into_iter().flatten();
                let text: String = snippet.filter_map(|piece| piece.get("text")?.as_str()).collect();
                vec![
                    short(hit, "id"),
                    word(hit, "kind"),
                    time(hit, "time"),
                    person(hit, "by"),
                    word(hit, "title"),
                    text.split_whitespace().collect::<Vec<_>>().join(" "),
                ]
            })
            .collect();
        let text = table(&rows);
        Ok(Answer::new(json, text))
    }
}

/// A shell takes the quotes off: what has spaces was a phrase.
fn quoted(word: &str) -> String {
    if !word.contains(char::is_whitespace) || word.contains('"') {
        return word.to_owned();
    }
    match word.split_once(':') {
        Some((field, value)) if !field.is_empty() && field.bytes().all(|b| b.is_ascii_lowercase()) => {
            format!("{field}:\"{value}\"")
        }
        _ => format!("\"{word}\""),
    }
}
