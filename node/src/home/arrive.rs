//! How an identity comes to a machine that did not make it: by an enrolment from another machine, or from its keys.
//!
//! Either way the machine makes keys of its own. A device key is never carried from one machine to another: two that
//! signed with one key would fork its log.

use std::path::Path;

use althing_protocol::control::Use;
use althing_protocol::entry::{Entry, Verified};
use althing_protocol::hash::Key;
use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;

use super::enrolment::{self, Enrolment};
use super::{Error, Home, Request, Sealed, VERSION, birth, entry_path, files, key_path};
use crate::clock;

/// The keys that every machine has of its own.
const OWN: [&str; 3] = ["device", "node", "libp2p"];

impl Home {
    /// Makes keys for a machine that is to be enrolled into an identity, and answers its request. A second call
    /// answers the same.
    ///
    /// # Errors
    /// [`Error::Exists`] when the folder has an identity, or what the disk says.
    pub fn join(dir: &Path, usage: Use, label: &str) -> Result<Request, Error> {
        if let Some(request) = request(dir)
            && let Ok(request) = request.parse()
        {
            return Ok(request);
        }
        if dir.join("VERSION").exists() || dir.join("keys").exists() {
            return Err(Error::Exists(dir.to_owned()));
        }
        let keys: [SigningKey; 2] = std::array::from_fn(|_| SigningKey::from_bytes(&clock::random()));
        let [device, node] = &keys;
        let request = Request::sign(device, node, usage, label)?;
        own_keys(dir, [device.to_bytes(), node.to_bytes(), clock::random()])?;
        files::write_new(&dir.join("join"), request.to_string().as_bytes())?;
        files::sync_folder(dir)?;
        Ok(request)
    }

    /// Takes the enrolment of a machine that [`Home::join`] prepared.
    ///
    /// # Errors
    /// [`Error::NotJoining`], [`Error::Enrolment`], or what the disk says.
    pub fn accept(dir: &Path, enrolment: &Enrolment) -> Result<Self, Error> {
        if dir.join("VERSION").exists() || request(dir).is_none() {
            return Err(Error::NotJoining(dir.to_owned()));
        }
        let public = |key: &str| -> Result<Key, Error> {
            let seed = files::read_seed(dir, &key_path(dir, key))?;
            Ok(Key(SigningKey::from_bytes(&seed).verifying_key().to_bytes()))
        };
        let (root, known, own) = enrolment.check(&public("device")?, &public("node")?)?;
        let [device, node] = own;
        for (file, entry) in birth::FILES.iter().zip([&root, &device, &node]) {
            files::replace(&entry_path(dir, file), &entry.wire())?;
        }
        write_known(dir, &known)?;
        write_follow(dir, enrolment.follow.clone())?;
        files::replace(&dir.join("name"), enrolment.name.as_bytes())?;
        complete(dir)
    }

    /// Makes a folder out of an identity's keys. It follows and syncs, and writes once it is enrolled; the keys
    /// themselves stay where they are.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Enrolment`] when the entries beside the keys do not stand, or what the disk says.
    pub fn recover(dir: &Path, keys: &Sealed) -> Result<Self, Error> {
        if dir.join("VERSION").exists() || dir.join("keys").exists() {
            return Err(Error::Exists(dir.to_owned()));
        }
        let (_, mut entries) = enrolment::admitted(&keys.entries)?;
        let root = entries.remove(0);
        if root.id() != keys.identity {
            return Err(Error::OtherIdentity {
                found: root.id(),
                own: keys.identity,
            });
        }
        own_keys(dir, std::array::from_fn(|_| clock::random()))?;
        let [file, _, _] = birth::FILES;
        files::write_new(&entry_path(dir, file), &root.wire())?;
        if entries.is_empty() {
            // A folder that holds its root alone would look as if its enrolments were lost.
            entries.push(root);
        }
        write_known(dir, &entries)?;
        write_follow(dir, keys.follow.clone())?;
        files::write_new(&dir.join("name"), keys.name.as_bytes())?;
        complete(dir)
    }

    /// Notes the enrolments of this machine, which a recovered folder lacks. The entries were admitted.
    ///
    /// # Errors
    /// [`Error::Exists`] when it is enrolled, or what the disk says.
    pub fn adopt(&self, device: &Verified, node: &Verified) -> Result<(), Error> {
        let [_, device_file, node_file] = birth::FILES;
        if self.device_cert().is_some() {
            return Err(Error::Exists(self.dir.clone()));
        }
        // The node's last: it tells on opening that both are here.
        for (file, entry) in [(device_file, device), (node_file, node)] {
            files::replace(&entry_path(&self.dir, file), &entry.wire())?;
        }
        files::sync_folder(&self.dir.join("identity"))?;
        drop(self.enrolled.set([device.clone(), node.clone()]));
        Ok(())
    }

    /// The request of this machine, for an enrolment on the spot.
    ///
    /// # Errors
    /// [`Error::Request`] for a bad name.
    pub fn own_request(&self, label: &str) -> Result<Request, Error> {
        Ok(Request::sign(&self.device, &self.node, Use::Person, label)?)
    }

    /// Invitations that came with this folder.
    #[must_use]
    pub fn invitations(&self) -> Vec<String> {
        let text = files::read_text(&self.dir, &self.dir.join("follow")).unwrap_or_default();
        enrolment::bounded(text.lines().map(str::to_owned).collect())
    }
}

/// The request of a folder that waits to be enrolled.
pub(super) fn request(dir: &Path) -> Option<String> {
    files::read_text(dir, &dir.join("join")).ok()
}

/// What more of the identity came with the folder, if it did not make it.
pub(super) fn known(dir: &Path) -> Result<Option<Vec<Verified>>, Error> {
    let path = entry_path(dir, "known");
    if !path.exists() {
        return Ok(None);
    }
    let damaged = |what| Error::Damaged {
        path: path.clone(),
        what,
    };
    let bytes = files::read_at_most(dir, &path, enrolment::LARGEST)?;
    let text = String::from_utf8(bytes).map_err(|_| damaged("it is no text"))?;
    let entry = |line: &str| {
        let wire = HEXLOWER
            .decode(line.as_bytes())
            .map_err(|_| damaged("it is not hexadecimal"))?;
        let entry = Entry::decode(&wire).map_err(|_| damaged("it holds something that is no entry"))?;
        entry.verify().map_err(|_| damaged("a signature in it does not stand"))
    };
    text.lines().map(entry).collect::<Result<_, _>>().map(Some)
}

pub(super) fn folders(dir: &Path) -> Result<(), Error> {
    for folder in [dir, &dir.join("keys"), &dir.join("identity")] {
        files::private_folder(folder)?;
    }
    Ok(())
}

pub(super) fn token(dir: &Path) -> Result<(), Error> {
    files::write_new(&dir.join("token"), HEXLOWER.encode(&clock::random::<32>()).as_bytes())
}

/// The last step: from here on the folder is one.
pub(super) fn complete(dir: &Path) -> Result<Home, Error> {
    files::sync_folder(&dir.join("identity"))?;
    files::sync_folder(&dir.join("keys"))?;
    files::write_new(&dir.join("VERSION"), VERSION.as_bytes())?;
    files::sync_folder(dir)?;
    Home::open(dir)
}

fn own_keys(dir: &Path, seeds: [[u8; 32]; 3]) -> Result<(), Error> {
    folders(dir)?;
    for (key, seed) in OWN.iter().zip(&seeds) {
        files::write_seed(&key_path(dir, key), seed)?;
    }
    token(dir)
}

fn write_known(dir: &Path, entries: &[Verified]) -> Result<(), Error> {
    let lines: Vec<String> = entries.iter().map(|entry| HEXLOWER.encode(&entry.wire())).collect();
    files::replace(&entry_path(dir, "known"), lines.join("\n").as_bytes())
}

fn write_follow(dir: &Path, follow: Vec<String>) -> Result<(), Error> {
    files::replace(&dir.join("follow"), enrolment::bounded(follow).join("\n").as_bytes())
}
