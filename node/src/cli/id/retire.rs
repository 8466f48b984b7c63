//! `althing id retire`

use althing_protocol::control::Control;
use althing_protocol::hash::{Id, Key};
use clap::Args;
use serde_json::{Value, json};

use super::super::Global;
use super::super::failure::Failure;
use super::super::print::{Answer, short, word};
use super::root::{self, Keys};
use crate::home::Home;

#[derive(Debug, Args)]
pub(super) struct Retire {
    /// A machine by its name, or one key of it by the first digits of its id; see `althing id devices`.
    #[arg(required = true, value_name = "DEVICE")]
    devices: Vec<String>,
    /// The last entry that counts, with all before it in that log; by default the last ones that are here, everywhere.
    #[arg(long, value_name = "ENTRY")]
    last: Vec<String>,
    /// Nothing that these devices ever signed counts.
    #[arg(long, conflicts_with = "last")]
    nothing: bool,
    /// Why; others can see it.
    #[arg(long)]
    note: Option<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    keys: Keys,
}

impl Retire {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let node = global.node();
        let _alone = home.signing()?;
        let standing = node.get(&["identity", "devices"], &[])?;
        let mut keys: Vec<(Key, &Value)> = Vec::new();
        for argument in &self.devices {
            for item in root::devices(&standing, argument, &["living"])? {
                if let Ok(key) = word(item, "key").parse()
                    && keys.iter().all(|(known, _)| *known != key)
                {
                    keys.push((key, item));
                }
            }
        }
        let what: Vec<String> = keys
            .iter()
            .map(|(_, item)| format!("{} {} ({})", word(item, "title"), short(item, "id"), word(item, "use")))
            .collect();
        let counts = match (self.nothing, self.last.as_slice()) {
            (true, _) => "Nothing that they ever signed will count".to_owned(),
            (_, []) => {
                "What they signed up to now, as far as it is here, goes on counting; what turns up later will not"
                    .to_owned()
            }
            (_, last) => format!(
                "What they signed up to {} goes on counting; the rest will not",
                last.join(", ")
            ),
        };
        let mine = match keys.iter().any(|(_, item)| !word(item, "here").is_empty()) {
            true => " THIS machine is among them: what you write here will not count any more.",
            false => "",
        };
        root::confirm(
            &format!("This retires {} for ever. {counts}.{mine}", what.join(", ")),
            self.yes,
        )?;
        let roots = self.keys.load(&home, &node)?;
        let given = match (self.nothing, self.last.is_empty()) {
            (true, _) => json!([]),
            (false, true) => Value::Null,
            (false, false) => json!(self.last),
        };
        let mut done = Vec::new();
        for (key, item) in &keys {
            let act = json!({ "key": key, "last": given, "note": self.note });
            let wanted = |control: &Control| matches!(control, Control::Retire(retire) if retire.key == *key);
            let (id, draft) = root::sign(&node, home.identity(), &roots.keys.root, ("retire", act), wanted)?;
            done.push(json!({ "id": id, "key": key, "device": word(item, "id"), "last": draft.get("last") }));
        }
        let last: Option<Id> = done.last().and_then(|one| word(one, "id").parse().ok());
        let text = done.iter().map(line).collect::<Vec<_>>().join("\n");
        Ok(Answer::new(json!({ "id": last, "items": done, "next": null }), text))
    }
}

fn line(retired: &Value) -> String {
    let last = retired
        .get("last")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let places = last.iter().map(|one| match word(one, "name") {
        name if name.is_empty() => short(one, "id"),
        name => format!("{} in {name}", short(one, "id")),
    });
    let places: Vec<String> = places.collect();
    let counts = if places.is_empty() {
        "nothing that it signed counts".to_owned()
    } else {
        format!("it counts up to {}", places.join(", "))
    };
    format!("{} is retired; {counts}", short(retired, "device"))
}
