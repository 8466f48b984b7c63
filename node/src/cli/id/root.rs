//! Signing with a root key, here in the command: the node composes, looks at nothing secret, and takes the entry in.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use althing_protocol::admit;
use althing_protocol::codec;
use althing_protocol::control::Control;
use althing_protocol::entry::{Body, Header, Verified};
use althing_protocol::hash::{Id, Key};
use clap::Args;
use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::super::call::Node;
use super::super::failure::Failure;
use super::super::fields;
use super::super::passphrase::Passphrase;
use super::super::print::{items, word};
use crate::home::{Error, Home, Sealed};
use crate::invitation::Invitation;
use crate::net;

/// Largest key file, in bytes.
const LARGEST: u64 = 16 << 20;

/// Addresses that one invitation holds.
const ADDRESSES: usize = 16;

/// Where the root keys are.
#[derive(Debug, Args)]
pub(super) struct Keys {
    /// The encrypted file with the root keys; by default those in the data folder are used.
    #[arg(long, value_name = "FILE")]
    pub(super) keys: Option<PathBuf>,
    #[command(flatten)]
    pub(super) passphrase: Passphrase,
}

/// The keys that an identity signs with, and how it stands.
pub(super) struct Roots {
    pub(super) keys: Sealed,
    /// What `GET /identity/devices` says.
    pub(super) standing: Value,
    pub(super) passphrase: Option<String>,
}

impl Keys {
    /// The root keys, which must be those by which the node knows the identity. A rotation of the folder's keys that was
    /// cut off is finished on the way.
    pub(super) fn load(&self, home: &Home, node: &Node) -> Result<Roots, Failure> {
        let standing = node.get(&["identity", "devices"], &[])?;
        let root: Key = word(&standing, "root").parse().map_err(|_| {
            Failure::Input(
                "this identity is dead: its root key was replaced twice, so nobody can say by whom it is meant. Make a new \
                 identity with `althing init` in another folder, and say there that it follows this one"
                    .to_owned(),
            )
        })?;
        let (keys, passphrase) = match &self.keys {
            Some(file) => {
                let passphrase = self.passphrase.known()?;
                (open(file, &passphrase)?, Some(passphrase))
            }
            None => {
                home.settle_rotation(&root)?;
                (home.roots()?, None)
            }
        };
        if keys.identity != home.identity() {
            return Err(Error::OtherIdentity {
                found: keys.identity,
                own: home.identity(),
            }
            .into());
        }
        if keys.root_public() != root {
            return Err(Failure::Input(if keys.next_public() == root {
                "these keys are from before the last rotation; use the file that the rotation wrote".to_owned()
            } else {
                "these are not the root keys of this identity as it is known here; let the node sync, or use the key file \
                 that was written last"
                    .to_owned()
            }));
        }
        Ok(Roots {
            keys,
            standing,
            passphrase,
        })
    }
}

/// Opens a key file.
pub(super) fn open(file: &Path, passphrase: &str) -> Result<Sealed, Failure> {
    Ok(Sealed::open(&fields::read(file, LARGEST)?, passphrase)?)
}

/// Has the node compose a key act, looks whether it is the one that was asked for, signs it and hands it in.
pub(super) fn sign(
    node: &Node,
    identity: Id,
    key: &SigningKey,
    act: (&str, Value),
    expected: impl FnOnce(&Control) -> bool,
) -> Result<(Id, Value), Failure> {
    let by = Key(key.verifying_key().to_bytes());
    let (kind, fields) = act;
    let mut request = json!({ "by": by });
    if let Some(map) = request.as_object_mut() {
        map.insert(kind.to_owned(), fields);
    }
    let draft = node.post(&["identity", "drafts"], &request)?;
    let odd = || {
        Failure::Refused("the node answered with something else than what was asked for; nothing was signed".to_owned())
    };
    let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).map_err(|_| odd());
    let header: Header = codec::decode(&hex(&word(&draft, "header"))?).map_err(|_| odd())?;
    let body = match draft.get("body") {
        None | Some(Value::Null) => None,
        Some(body) => Some(Body {
            salt: hex(&word(body, "salt"))?.try_into().map_err(|_| odd())?,
            bytes: hex(&word(body, "bytes"))?,
        }),
    };
    let (_, control) = admit::read(&header).map_err(|_| odd())?;
    let own = header.space == Some(identity) && header.by == by && header.cert.is_none() && header.kind == kind;
    if !own || !expected(&control) {
        return Err(odd());
    }
    let entry = Verified::sign(header, body, key);
    let taken = node.post(&["identities"], &json!({ "entries": [HEXLOWER.encode(&entry.wire())] }))?;
    match taken.pointer("/entries/0/outcome").and_then(Value::as_str) {
        Some("admitted" | "known") => Ok((entry.id(), draft)),
        _ => Err(Failure::Refused(
            "the node lacks entries of this identity on which the new one builds; let it sync and try again".to_owned(),
        )),
    }
}

/// The identity's entries, from the node.
pub(super) fn entries(node: &Node) -> Result<(String, Vec<String>), Failure> {
    let json = node.get(&["identity", "entries"], &[])?;
    let wires = items(&json).iter().map(|item| word(item, "wire")).collect();
    Ok((word(&json, "name"), wires))
}

/// Invitations to the committees that the node follows: to itself, and to the peers that it knows.
pub(super) fn invitations(home: &Home, node: &Node) -> Result<Vec<String>, Failure> {
    let committees = node.get(&["committees"], &[])?;
    let status = node.get(&["status"], &[])?;
    let own = status
        .get("addresses")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let own = own.iter().filter_map(|address| address.as_str()?.parse().ok());
    let mut peers: Vec<_> = own.collect();
    peers.extend(net::known(home.dir()));
    peers.truncate(ADDRESSES);
    let ids = items(&committees)
        .iter()
        .filter_map(|one| word(one, "id").parse::<Id>().ok());
    Ok(ids
        .map(|committee| {
            let peers = peers.clone();
            Invitation { committee, peers }.to_string()
        })
        .collect())
}

/// The devices of a status in `statuses` that an argument means: one by the first digits of its id or key, or all keys
/// of a machine by its name.
pub(super) fn devices<'a>(standing: &'a Value, argument: &str, statuses: &[&str]) -> Result<Vec<&'a Value>, Failure> {
    let meant = |item: &&Value| statuses.contains(&word(item, "status").as_str());
    let all = || items(standing).iter().filter(meant);
    let named: Vec<&Value> = all().filter(|item| word(item, "title") == argument).collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let begins = |item: &&Value| {
        ["id", "key"]
            .iter()
            .any(|field| word(item, field).starts_with(argument))
    };
    let found: Vec<&Value> = all().filter(begins).collect();
    match found.as_slice() {
        [_] if argument.len() >= 8 => Ok(found),
        _ => Err(Failure::Input(format!(
            "{argument:?} means no {} device, or several; `althing id devices` lists them by name and id",
            statuses.join(" or ")
        ))),
    }
}

/// Goes on only if the owner says so: on the terminal, or with --yes.
pub(super) fn confirm(what: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Input(format!("{what} Say --yes if you mean it")));
    }
    let mut err = std::io::stderr().lock();
    drop(write!(err, "{what} Go on? [y/N] ").and_then(|()| err.flush()));
    let mut answer = String::new();
    drop(std::io::stdin().read_line(&mut answer));
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::Input("nothing was changed".to_owned())),
    }
}
