//! `althing committee create|follow|list|invite`

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
                let text = table(&items(&json).iter().map(row).collect::<Vec<_>>());
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
