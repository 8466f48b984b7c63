//! `althing committee create|fork|follow|list|show|invite`

use clap::Subcommand;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, short, table, word};

#[derive(Debug, Subcommand)]
pub(super) enum Committee {
    /// Found a committee.
    Create {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// What it is for.
        #[arg(long)]
        purpose: Option<String>,
        /// Another founder's identity; take their file in first with `althing id import`.
        #[arg(long, value_name = "ID")]
        founder: Vec<String>,
        /// How many founders and stewards must sign an act of authority; 2 by default, 1 if you found it alone.
        #[arg(long, value_name = "T")]
        threshold: Option<u64>,
    },
    /// Go on with the work of a committee that lost its authority, or its members' faith, in a new one that names it.
    Fork {
        /// The committee that the new one continues.
        committee: String,
        /// What the new one is called.
        #[arg(long)]
        name: String,
        /// What it is for.
        #[arg(long)]
        purpose: Option<String>,
        /// Why it goes on in a committee of its own.
        #[arg(long)]
        reason: Option<String>,
        /// Another founder's identity, known here.
        #[arg(long, value_name = "ID")]
        founder: Vec<String>,
        /// How many founders and stewards must sign an act of authority; 2 by default, 1 if you found it alone.
        #[arg(long, value_name = "T")]
        threshold: Option<u64>,
    },
    /// Follow a committee: keep its record.
    Follow {
        /// Its id, or an invitation.
        committee: String,
        /// Which bodies to keep: all, none, or the documents whose bodies you want.
        #[arg(long, value_name = "all|none|DOC", num_args = 1.., default_value = "all")]
        bodies: Vec<String>,
        /// Where somebody can be reached who follows it.
        #[arg(long, value_name = "MULTIADDR")]
        peer: Vec<String>,
    },
    /// List the committees that the node follows.
    List,
    /// Show one: who founded it, what it continues, who continues it.
    Show {
        /// Its id.
        committee: String,
    },
    /// Print an invitation: a link that `follow` takes.
    Invite {
        /// Its id.
        committee: String,
    },
}

impl Committee {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        match self {
            Self::Create {
                name,
                purpose,
                founder,
                threshold,
            } => {
                let mut body = json!({ "name": name, "purpose": purpose, "founders": founder });
                if let (Some(threshold), Some(map)) = (threshold, body.as_object_mut()) {
                    map.insert("threshold".to_owned(), json!(threshold));
                }
                Ok(Answer::written(node.post(&["committees"], &body)?))
            }
            Self::Fork {
                committee,
                name,
                purpose,
                reason,
                founder,
                threshold,
            } => {
                let mut body = json!({
                    "name": name, "purpose": purpose, "founders": founder, "continues": committee, "reason": reason,
                });
                if let (Some(threshold), Some(map)) = (threshold, body.as_object_mut()) {
                    map.insert("threshold".to_owned(), json!(threshold));
                }
                Ok(Answer::written(node.post(&["committees"], &body)?))
            }
            Self::Show { committee } => {
                let json = node.get(&["committees", &committee], &[])?;
                let text = shown(&json);
                Ok(Answer::new(json, text))
            }
            Self::Follow {
                committee,
                bodies,
                peer,
            } => {
                let bodies = match bodies.as_slice() {
                    [word] if matches!(word.as_str(), "all" | "none") => json!(word),
                    docs => json!(docs),
                };
                let body = json!({ "committee": committee, "bodies": bodies, "peers": peer });
                Ok(Answer::written(node.post(&["committees", "follow"], &body)?))
            }
            Self::List => {
                let json = node.get(&["committees"], &[])?;
                let rows: Vec<Vec<String>> = items(&json).iter().map(row).collect();
                let mut text = table(&rows);
                for line in items(&json).iter().flat_map(ties) {
                    text.push('\n');
                    text.push_str(&line);
                }
                Ok(Answer::new(json, text))
            }
            Self::Invite { committee } => {
                let json = node.get(&["committees", &committee, "invitation"], &[])?;
                let text = word(&json, "invitation");
                Ok(Answer::new(json, text))
            }
        }
    }
}

pub(super) fn row(committee: &Value) -> Vec<String> {
    let name = match committee.get("here").and_then(Value::as_bool) {
        Some(false) => "(not here yet)".to_owned(),
        _ => word(committee, "name"),
    };
    vec![
        short(committee, "id"),
        name,
        format!("{} documents", word(committee, "documents")),
        format!("{} entries", word(committee, "entries")),
        format!("{} on the floor", word(committee, "floor")),
        format!("digest {}", short(committee, "digest")),
    ]
}

/// What ties a committee to others, in sentences.
fn ties(committee: &Value) -> Vec<String> {
    let called = |json: &Value| match word(json, "name") {
        name if name.is_empty() => short(json, "id"),
        name => format!("{name} ({})", short(json, "id")),
    };
    let old = committee.get("continues").filter(|old| !old.is_null());
    let old = old.map(|old| {
        let reason = match word(old, "reason") {
            reason if reason.is_empty() => String::new(),
            reason => format!(": {reason}"),
        };
        format!("{} continues {}{reason}", called(committee), called(old))
    });
    let forks = committee
        .get("forks")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let forks = forks
        .iter()
        .map(|fork| format!("{} is continued by {}", called(committee), called(fork)));
    old.into_iter().chain(forks).collect()
}

/// One committee, for people.
fn shown(committee: &Value) -> String {
    let people = committee
        .get("founders")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let people: Vec<String> = people
        .iter()
        .map(|one| format!("{} ({})", word(one, "name"), short(one, "identity")))
        .collect();
    let fields = [
        "id",
        "name",
        "purpose",
        "threshold",
        "documents",
        "entries",
        "floor",
        "digest",
    ];
    let mut rows: Vec<Vec<String>> = fields
        .map(|field| vec![field.to_owned(), word(committee, field)])
        .to_vec();
    rows.insert(3, vec!["founders".to_owned(), people.join(", ")]);
    let mut text = table(&rows);
    for line in ties(committee) {
        text.push('\n');
        text.push_str(&line);
    }
    text
}
