//! `althing id export-keys|import-keys|recover`: the root keys in an encrypted file.

use std::path::PathBuf;

use althing_protocol::hash::Key;
use clap::Args;
use data_encoding::HEXLOWER;
use serde_json::json;

use super::super::Global;
use super::super::call::Node;
use super::super::failure::Failure;
use super::super::passphrase::Passphrase;
use super::super::print::{Answer, word};
use super::{root, write_private};
use crate::home::{Error, Home, Sealed};

#[derive(Debug, Args)]
pub(super) struct ExportKeys {
    /// The file, which must not be there yet.
    file: PathBuf,
    /// Remove the keys from the data folder once the file was read back.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

impl ExportKeys {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let node = global.node();
        let _alone = home.signing()?;
        settle(&home, &node)?;
        let mut keys = home.roots()?;
        // A running node knows more of the identity than what this folder began with. Neither is needed to open the
        // file: what is missing comes from peers.
        match root::entries(&node).and_then(|found| Ok((found, root::invitations(&home, &node)?))) {
            Ok(((name, entries), follow)) => {
                keys.name = name;
                keys.entries = entries;
                keys.follow = follow;
            }
            Err(_) => {
                keys.entries = home
                    .initial_entries()
                    .iter()
                    .map(|wire| HEXLOWER.encode(wire))
                    .collect();
                keys.follow = home.invitations();
            }
        }
        let passphrase = self.passphrase.fresh()?;
        write_private(&self.file, keys.seal(&passphrase)?.as_bytes())?;
        let read = root::open(&self.file, &passphrase)?;
        if read.root != keys.root || read.next != keys.next {
            return Err(Failure::BadFile {
                path: self.file,
                what: "does not hold what was just written; the keys are still in the data folder".to_owned(),
            });
        }
        let mut text = format!(
            "The root key and the next one are in {}. Whoever has it and the passphrase can replace your devices: keep two \
             copies, neither on this machine.",
            self.file.display()
        );
        if self.remove {
            home.remove_roots()?;
            text.push_str("\nThey are no longer in the data folder, and the node runs without them.");
        } else {
            text.push_str("\nThey are still in the data folder; `--remove` takes them out.");
        }
        let json = json!({
            "id": home.identity(), "file": self.file, "removed": self.remove, "entries": keys.entries.len(),
            "follow": keys.follow.len(),
        });
        Ok(Answer::new(json, text))
    }
}

/// Finishes a rotation that was cut off: the keys in the folder have to be those of now before anybody relies on a copy
/// of them alone.
fn settle(home: &Home, node: &Node) -> Result<(), Failure> {
    let known = node.get(&["identity", "devices"], &[]);
    match known.map(|standing| word(&standing, "root").parse::<Key>()) {
        Ok(Ok(root)) => {
            home.settle_rotation(&root)?;
            if home.roots()?.root_public() != root {
                return Err(Failure::Input(
                    "the keys in this folder are from before the last rotation; the file that the rotation wrote is the \
                     one to keep"
                        .to_owned(),
                ));
            }
            Ok(())
        }
        // Of a dead identity, whose keys are of no use, or without a node to ask.
        _ if home.is_rotating() => Err(Failure::Input(
            "a rotation was begun here and cut off; start the node with `althing run`, so that it can be finished, and try \
             again"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

#[derive(Debug, Args)]
pub(super) struct ImportKeys {
    /// The file that `export-keys` or `rotate` wrote.
    file: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

impl ImportKeys {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let _alone = home.signing()?;
        let keys = root::open(&self.file, &self.passphrase.known()?)?;
        home.put_roots(&keys).map_err(|why| match why {
            Error::Exists(path) => Failure::Input(format!("{} is here already and was not touched", path.display())),
            other => other.into(),
        })?;
        let text =
            "The root key and the next one are in the data folder. The commands below `althing id` can use the file \
                    itself with --keys; remove them again with `althing id export-keys FILE --remove`."
                .to_owned();
        Ok(Answer::new(json!({ "id": home.identity() }), text))
    }
}

#[derive(Debug, Args)]
pub(super) struct Recover {
    /// The file that `export-keys` or `rotate` wrote.
    file: PathBuf,
    /// An invitation to a committee of yours, if the file knows none or its addresses are old.
    #[arg(long, value_name = "LINK")]
    follow: Vec<String>,
    #[command(flatten)]
    passphrase: Passphrase,
}

impl Recover {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let mut keys: Sealed = root::open(&self.file, &self.passphrase.known()?)?;
        keys.follow.splice(0..0, self.follow);
        let home = Home::recover(&global.data()?, &keys)?;
        let json = json!({
            "id": home.identity(), "identity": home.identity(), "name": home.name(), "data": home.dir(),
            "follow": home.invitations(),
        });
        let text = format!(
            "This folder is for {} ({}) and has device keys of its own; the old ones are never used again.\n\
             Start the node, which fetches from peers what they hold of your committees: althing run\n\
             Once `althing peers` shows the same digest: althing id enroll --here --keys {file}\n\
             Then retire the machine that is lost, which `althing id devices` lists: althing id retire MACHINE --keys {file}",
            home.name(),
            home.identity(),
            file = self.file.display(),
        );
        Ok(Answer::new(json, text))
    }
}
