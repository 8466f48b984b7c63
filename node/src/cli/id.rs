//! `althing id`, `id export`, `id import`: works without a node, but for `import`.

use std::path::PathBuf;

use althing_protocol::entry::Entry;
use althing_protocol::hash::Key;
use clap::{Args, Subcommand};
use libp2p::identity::Keypair;
use serde_json::{Value, json};

use super::failure::Failure;
use super::print::{Answer, table, word};
use super::{Global, export, fields};
use crate::home::Home;
use crate::runtime;

/// Largest file of an identity's entries, in bytes.
const LARGEST: u64 = 4 << 20;

#[derive(Debug, Args)]
pub(super) struct Id {
    #[command(subcommand)]
    command: Option<Exchange>,
}

#[derive(Debug, Subcommand)]
enum Exchange {
    /// Write your identity into a file, for somebody who founds a committee with you.
    Export {
        /// The file; - for standard output.
        file: PathBuf,
    },
    /// Take somebody's identity in.
    Import {
        /// The file that they gave you.
        file: PathBuf,
    },
}

impl Id {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        match self.command {
            None => {
                let json = describe(&Home::open(&global.data()?)?)?;
                let text = text(&json);
                Ok(Answer::new(json, text))
            }
            Some(Exchange::Export { file }) => {
                let home = Home::open(&global.data()?)?;
                let lines: Vec<String> = wires(&home).iter().map(ToString::to_string).collect();
                export::write(&file, format!("{}\n", lines.join("\n")).as_bytes())?;
                let json = json!({ "id": home.identity(), "file": file, "entries": lines.len() });
                let said = if file.as_os_str() == "-" {
                    String::new()
                } else {
                    format!("{} is in {}", home.identity(), file.display())
                };
                Ok(Answer::new(json, said))
            }
            Some(Exchange::Import { file }) => {
                let bytes = fields::read(&file, LARGEST)?;
                let bad = |what: &str| Failure::BadFile {
                    path: file.clone(),
                    what: what.to_owned(),
                };
                let text = String::from_utf8(bytes).map_err(|_| bad("is not text"))?;
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                let wires = lines.map(|line| {
                    let line: Value = serde_json::from_str(line).ok()?;
                    line.get("wire").and_then(Value::as_str).map(str::to_owned)
                });
                let wires: Option<Vec<String>> = wires.collect();
                let wires = wires.ok_or_else(|| {
                    bad("is not what `althing id export` writes: one {\"id\", \"wire\"} on each line")
                })?;
                let json = global.node().post(&["identities"], &json!({ "entries": wires }))?;
                let text = word(&json, "id");
                Ok(Answer::new(json, text))
            }
        }
    }
}

/// `{ identity, name, device, peer, data, entries }`
pub(super) fn describe(home: &Home) -> Result<Value, Failure> {
    let keys = Keypair::ed25519_from_bytes(home.libp2p_seed()).map_err(|_| runtime::Error::Key)?;
    Ok(json!({
        "identity": home.identity(),
        "name": home.name(),
        "device": Key(home.device().verifying_key().to_bytes()),
        "peer": keys.public().to_peer_id().to_string(),
        "data": home.dir(),
        "entries": wires(home),
    }))
}

pub(super) fn text(json: &Value) -> String {
    let rows = ["identity", "name", "device", "peer", "data"].map(|field| vec![field.to_owned(), word(json, field)]);
    table(&rows)
}

/// The entries that others need before they can name this identity.
fn wires(home: &Home) -> Vec<Value> {
    let wires = home.initial_entries().into_iter();
    wires
        .filter_map(|wire| {
            let id = Entry::decode(&wire).ok()?.id();
            let hex = data_encoding::HEXLOWER.encode(&wire);
            Some(json!({ "id": id, "wire": hex }))
        })
        .collect()
}
