//! `althing list`

use clap::Args;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, person, short, table, time, word};

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this committee.
    #[arg(long, value_name = "ID")]
    committee: Option<String>,
    /// Only of this kind.
    #[arg(long)]
    kind: Option<String>,
    /// Only in this state, such as open or accepted.
    #[arg(long)]
    state: Option<String>,
    /// At most so many; all by default.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Go on where an earlier list with --limit ended: its `next`.
    #[arg(long)]
    cursor: Option<String>,
}

impl List {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let query = [
            ("committee", &self.committee),
            ("kind", &self.kind),
            ("state", &self.state),
            ("cursor", &self.cursor),
        ];
        let query: Vec<(&str, &str)> = query
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)))
            .collect();
        let json = node.list(&["documents"], &query, self.limit)?;
        let rows: Vec<Vec<String>> = items(&json)
            .iter()
            .map(|item| {
                let state = word(item, "state");
                vec![
                    short(item, "id"),
                    word(item, "kind"),
                    if state.is_empty() { "-".to_owned() } else { state },
                    time(item, "time"),
                    person(item, "by"),
                    word(item, "title"),
                ]
            })
            .collect();
        let text = table(&rows);
        Ok(Answer::new(json, text))
    }
}
