//! `althing roles --committee ID`

use clap::Args;
use serde_json::Value;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, person, short, table, word};

/// Who holds which role, by which grant, and who signed that.
#[derive(Debug, Args)]
pub(super) struct Roles {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// Show grants too that nobody holds: open, revoked, or given by those who had lost their own role.
    #[arg(long)]
    all: bool,
    /// Where the page begins: the `next` of the page before.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Roles {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let all = self.all.to_string();
        let mut query = vec![("all", all.as_str())];
        query.extend(self.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let json = node.get(&["committees", &self.committee, "roles"], &query)?;
        let founders = json
            .get("founders")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let founders = founders
            .iter()
            .map(|founder| row("founder", "", &name(founder), "by founding".to_owned()));
        let granted = items(&json).iter().map(|grant| {
            let scope = word(grant, "scope");
            let bounded = if scope.is_empty() {
                String::new()
            } else {
                format!(" in {}", short(grant, "scope"))
            };
            let role = format!("{}{bounded}", word(grant, "role"));
            row(&role, &short(grant, "id"), &person(grant, "to"), reason(grant))
        });
        let text = table(&founders.chain(granted).collect::<Vec<_>>());
        let next = word(&json, "next");
        let more = if next.is_empty() {
            String::new()
        } else {
            format!("\nmore with --cursor {next}")
        };
        Ok(Answer::new(json, format!("{text}{more}")))
    }
}

fn row(role: &str, grant: &str, to: &str, why: String) -> Vec<String> {
    vec![role.to_owned(), to.to_owned(), grant.to_owned(), why]
}

/// A person who stands alone, not in a field.
fn name(founder: &Value) -> String {
    person(&serde_json::json!({ "it": founder }), "it")
}

fn reason(grant: &Value) -> String {
    let signatures = grant
        .get("signatures")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let counts = |s: &&Value| s.get("counts").and_then(Value::as_bool) == Some(true);
    let (good, lost): (Vec<&Value>, Vec<&Value>) = signatures.iter().partition(counts);
    let people = |list: &[&Value]| list.iter().map(|s| person(s, "by")).collect::<Vec<_>>().join(", ");
    let mut parts = vec![word(grant, "state")];
    if !good.is_empty() {
        parts.push(format!("signed by {}", people(&good)));
    }
    if !lost.is_empty() {
        parts.push(format!("not counted: {}", people(&lost)));
    }
    let revoked = grant
        .get("revoked_by")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if !revoked.is_empty() {
        let ids: Vec<String> = revoked
            .iter()
            .filter_map(|id| Some(id.as_str()?.chars().take(8).collect()))
            .collect();
        parts.push(format!("revoked by {}", ids.join(", ")));
    }
    parts.join("; ")
}
