//! `althing id …`: who you are, your machines and keys, what you say about yourself.
//!
//! Whatever a root key signs is signed here, in the command: the running node composes the entry, because it knows the
//! place in the log, and never sees the key. Key files are read and written here too, whether or not a node runs.

mod devices;
mod enroll;
mod keys;
mod link;
mod retire;
mod root;
mod rotate;

use std::path::{Path, PathBuf};

use althing_protocol::entry::Entry;
use althing_protocol::hash::Key;
use clap::{Args, Subcommand};
use libp2p::identity::Keypair;
use serde_json::{Value, json};

use super::failure::Failure;
use super::print::{Answer, table, word};
use super::{Global, export, fields};
use crate::home::Home;
use crate::{file, net, runtime};

/// Largest file of an identity's entries, in bytes.
const LARGEST: u64 = 4 << 20;

#[derive(Debug, Args)]
pub(super) struct Id {
    #[command(subcommand)]
    command: Option<Exchange>,
}

#[derive(Debug, Subcommand)]
enum Exchange {
    /// List your machines' keys and how they stand, or somebody else's.
    Devices(devices::Devices),
    /// Enrol another machine; run `althing init --join` there first.
    Enroll(enroll::Enroll),
    /// On the new machine: take the file that `enroll` wrote.
    Accept(enroll::Accept),
    /// End a machine: what it signs from now on does not count.
    Retire(retire::Retire),
    /// Replace the root key by the next one, for instance because somebody else may have it.
    Rotate(rotate::Rotate),
    /// Put the root keys into an encrypted file.
    ExportKeys(keys::ExportKeys),
    /// Put the root keys of an encrypted file back into the data folder.
    ImportKeys(keys::ImportKeys),
    /// Begin again on an empty machine with the encrypted file.
    Recover(keys::Recover),
    /// Say that an Ethereum address or a page is yours.
    Link(link::Link),
    /// Disclose an interest.
    Disclose(link::Disclose),
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
            Some(Exchange::Devices(command)) => command.run(&global.node()),
            Some(Exchange::Enroll(command)) => command.run(global),
            Some(Exchange::Accept(command)) => command.run(global),
            Some(Exchange::Retire(command)) => command.run(global),
            Some(Exchange::Rotate(command)) => command.run(global),
            Some(Exchange::ExportKeys(command)) => command.run(global),
            Some(Exchange::ImportKeys(command)) => command.run(global),
            Some(Exchange::Recover(command)) => command.run(global),
            Some(Exchange::Link(command)) => command.run(global),
            Some(Exchange::Disclose(command)) => command.run(global),
            Some(Exchange::Export { file }) => {
                let home = Home::open(&global.data()?)?;
                let lines: Vec<String> = wires(&home).iter().map(ToString::to_string).collect();
                export::write(&file, format!("{}\n", lines.join("\n")).as_bytes())?;
                let json = json!({ "id": home.identity(), "file": file, "entries": lines.len() });
                let text = format!("{} is in {}", home.identity(), file.display());
                Ok(export::answer(&file, json, text))
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
    let keys = Keypair::ed25519_from_bytes(home.libp2p_seed()).map_err(|_| runtime::Error::Net(net::Error::Key))?;
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

/// Writes a file that must not be there yet and that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    file::write_new(path, bytes).map_err(|why| Failure::File {
        doing: "write the new file",
        path: path.to_owned(),
        why,
    })
}

/// The same in the place of one that is there: readers see the old or the new one.
fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    file::replace(path, bytes).map_err(|why| Failure::File {
        doing: "write",
        path: path.to_owned(),
        why,
    })
}
