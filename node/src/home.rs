//! The data folder: keys, name, lock, version, and where the running node is reached.
//!
//! ```text
//! VERSION               format of this folder; written last, so a folder with it is complete
//! name  token  api      what the identity is called; the API's token; the URL of the running node
//! join                  the request of a machine that waits to be enrolled; without VERSION
//! follow                invitations to committees that came with an enrolment or with recovered keys
//! lock  signing         held by whoever uses the store; by whoever signs with a root key
//! keys/{root,next,device,node,libp2p}      five seeds, hex, never mixed; root and next can be moved away
//! identity/{root,device,node}.entry        the identity's root and the enrolments of this machine, in wire form
//! identity/known        more entries of the identity, on machines that did not make it; one in hex on each line
//! store/                the embedded store
//! files/                files that entries name
//! ```
//!
//! Invariant: nobody but the owner can read a key, and no key that may still be needed is ever written over. A running
//! node never reads `root` or `next`: only commands that sign with them do.

mod arrive;
mod birth;
mod enrolment;
mod files;
mod request;
mod roots;
mod sealed;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use althing_protocol::entry::{Entry, Verified};
use althing_protocol::hash::Id;
use ed25519_dalek::SigningKey;
use thiserror::Error;

pub use self::enrolment::{BadEnrolment, Enrolment};
pub use self::request::{BadRequest, LABEL, Request};
pub use self::sealed::{Sealed, Unopened};
use crate::clock;

/// Format of the data folder that this release reads and writes.
const VERSION: &str = "1";

/// Longest name, in characters: what the `identity` kind allows.
const NAME: usize = 200;

/// Beside the store, so that it outlives it.
const GENERATION: &str = "log-generation";

const KEYS: [&str; 5] = ["root", "next", "device", "node", "libp2p"];

/// Why a data folder cannot be made or used.
#[derive(Debug, Error)]
pub enum Error {
    /// Nothing was made here yet.
    #[error("{0} holds no identity; make one with `althing init`, or name the right folder with --data")]
    Missing(PathBuf),
    /// Something is here already.
    #[error("{0} holds an identity already, which is never written over; choose another folder with --data")]
    Exists(PathBuf),
    /// `init` was interrupted, or files were taken away.
    #[error("{folder} is incomplete: {file} is missing. If `init` was interrupted, remove the folder and run it again")]
    Incomplete {
        /// The data folder.
        folder: PathBuf,
        /// What is missing.
        file: PathBuf,
    },
    /// `init --join` was here, and nobody has enrolled this machine yet.
    #[error(
        "{folder} waits to be enrolled. On the machine that has the root key run `althing id enroll REQUEST` with the \
         request below, bring the file that it writes here, and run `althing id accept FILE`.\n{request}"
    )]
    Joining {
        /// The data folder.
        folder: PathBuf,
        /// The request, to be shown on the other machine.
        request: String,
    },
    /// Nothing waits to be enrolled here.
    #[error("{0} does not wait to be enrolled; on a new machine begin with `althing init --join`")]
    NotJoining(PathBuf),
    /// The folder follows and syncs, but has no device of its identity yet.
    #[error(
        "this machine has no device of the identity yet, so it cannot write; once its peers have the same digests, run \
         `althing id enroll --here --keys FILE`"
    )]
    NotEnrolled,
    /// What enrols this machine does not.
    #[error(transparent)]
    Enrolment(#[from] BadEnrolment),
    /// A name of a machine that is none.
    #[error(transparent)]
    Request(#[from] BadRequest),
    /// The keys are of somebody else.
    #[error("these keys are of the identity {found}, this folder is of {own}; nothing was changed")]
    OtherIdentity {
        /// Of the keys.
        found: Id,
        /// Of the folder.
        own: Id,
    },
    /// Of another release.
    #[error(
        "{folder} has format {found:?}, this release reads {VERSION:?}; use the release that made it, or make a new folder"
    )]
    Version {
        /// The data folder.
        folder: PathBuf,
        /// What its `VERSION` says.
        found: String,
    },
    /// Others could read a secret.
    #[error("others can read {path} (mode {mode:o}), which holds secrets; run `chmod go= {path}`")]
    Readable {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file does not hold what it should.
    #[error("{path} is damaged: {what}; put it back from a backup, or make a new identity with `althing init`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The root key was moved away, as it should be.
    #[error("{0} was moved away, as it should be; name the file that it was moved to with --keys FILE")]
    RootAway(PathBuf),
    /// Another command signs with the root keys.
    #[error("another command is signing with the root key of this folder; wait for it and try again")]
    Signing,
    /// Another process holds the lock.
    #[error("a node is running on {folder} already{}; stop it first, or use it", at.as_deref().map(|u| format!(" (at {u})")).unwrap_or_default())]
    Running {
        /// The data folder.
        folder: PathBuf,
        /// Its API, if it noted one.
        at: Option<String>,
    },
    /// No name at all, or one that is too long or holds control characters.
    #[error("a name has 1 to {NAME} characters on one line")]
    Name,
    /// The disk.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// An opened data folder.
#[derive(Debug)]
pub struct Home {
    dir: PathBuf,
    name: String,
    token: String,
    device: SigningKey,
    node: SigningKey,
    libp2p: [u8; 32],
    identity: Id,
    /// The identity's root and whatever more of it came with this folder, parents first.
    known: Vec<Verified>,
    /// The `enroll` entries of device and node key. None on a machine that was recovered and not enrolled yet.
    enrolled: OnceLock<[Verified; 2]>,
}

/// The exclusive use of a data folder, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Home {
    /// Makes a new identity with all its keys.
    ///
    /// # Errors
    /// [`Error::Exists`] when the folder holds one, [`Error::Name`], or what the disk says.
    pub fn init(dir: &Path, name: &str) -> Result<Self, Error> {
        Self::init_as(dir, name, "first")
    }

    /// The same, on a machine of this name, under which its keys are enrolled for all to see.
    ///
    /// # Errors
    /// As [`Home::init`].
    pub fn init_as(dir: &Path, name: &str, label: &str) -> Result<Self, Error> {
        if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
            return Err(Error::Name);
        }
        if !request::is_label(label) {
            return Err(BadRequest::Label.into());
        }
        if dir.join("VERSION").exists() || dir.join("keys").exists() {
            return Err(Error::Exists(dir.to_owned()));
        }
        let seeds: [[u8; 32]; 5] = std::array::from_fn(|_| clock::random());
        arrive::folders(dir)?;
        for (key, seed) in KEYS.iter().zip(&seeds) {
            files::write_seed(&key_path(dir, key), seed)?;
        }
        arrive::token(dir)?;
        files::write_new(&dir.join("name"), name.as_bytes())?;
        let [root, next, device, node, _] = seeds;
        let entries = birth::entries([&root, &next, &device, &node], name, label);
        for (file, entry) in birth::FILES.iter().zip(&entries) {
            files::write_new(&entry_path(dir, file), &entry.wire())?;
        }
        arrive::complete(dir)
    }

    /// Opens a folder that [`Home::init`], [`Home::accept`] or [`Home::recover`] made. The root keys may have been
    /// moved away.
    ///
    /// # Errors
    /// Says what is missing, of another version, readable by others or damaged.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let version = dir.join("VERSION");
        if !version.exists() {
            return Err(match arrive::request(dir) {
                Some(request) => Error::Joining {
                    folder: dir.to_owned(),
                    request,
                },
                None if dir.join("keys").exists() => Error::Incomplete {
                    folder: dir.to_owned(),
                    file: version,
                },
                None => Error::Missing(dir.to_owned()),
            });
        }
        let found = files::read_text(dir, &version)?;
        if found != VERSION {
            return Err(Error::Version {
                folder: dir.to_owned(),
                found,
            });
        }
        for path in [dir.to_owned(), dir.join("keys"), dir.join("token")] {
            files::check_private(&path)?;
        }
        let [root, device, node] = birth::FILES;
        let root = read_entry(dir, root)?;
        let identity = root.id();
        let mut known = vec![root];
        known.extend(arrive::known(dir)?.into_iter().flatten());
        let enrolled = OnceLock::new();
        // Only a recovered folder may be without them, and it has more of its identity than the root.
        if known.len() == 1 || entry_path(dir, node).exists() {
            let both = [read_entry(dir, device)?, read_entry(dir, node)?];
            drop(enrolled.set(both));
        }
        Ok(Self {
            dir: dir.to_owned(),
            name: files::read_text(dir, &dir.join("name"))?,
            token: files::read_text(dir, &dir.join("token"))?,
            device: SigningKey::from_bytes(&files::read_seed(dir, &key_path(dir, "device"))?),
            node: SigningKey::from_bytes(&files::read_seed(dir, &key_path(dir, "node"))?),
            libp2p: files::read_seed(dir, &key_path(dir, "libp2p"))?,
            identity,
            known,
            enrolled,
        })
    }

    /// Takes the folder for this process alone.
    ///
    /// # Errors
    /// [`Error::Running`] when another process has it.
    pub fn lock(&self) -> Result<Lock, Error> {
        self.lock_file("lock", || Error::Running {
            folder: self.dir.clone(),
            at: self.api_url(),
        })
    }

    fn lock_file(&self, name: &str, held: impl FnOnce() -> Error) -> Result<Lock, Error> {
        let path = self.dir.join(name);
        let io = |source| Error::Io {
            doing: "open",
            path: path.clone(),
            source,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io)?;
        match clock::lock(&file) {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(held()),
            Err(TryLockError::Error(source)) => Err(Error::Io {
                doing: "lock",
                path,
                source,
            }),
        }
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the store is.
    #[must_use]
    pub fn store_dir(&self) -> PathBuf {
        self.dir.join("store")
    }

    /// Where files are that entries name.
    #[must_use]
    pub fn files_dir(&self) -> PathBuf {
        self.dir.join("files")
    }

    /// The identity: the id of its root entry.
    #[must_use]
    pub fn identity(&self) -> Id {
        self.identity
    }

    /// What it was called when it was made.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key with which this person writes here.
    #[must_use]
    pub fn device(&self) -> &SigningKey {
        &self.device
    }

    /// The `enroll` entry of [`Home::device`]; none as long as a recovered machine is not enrolled.
    #[must_use]
    pub fn device_cert(&self) -> Option<Id> {
        self.enrolled.get().map(|[device, _]| device.id())
    }

    /// The key with which this node signs on its own: logs, cosignatures, standing orders.
    #[must_use]
    pub fn node_key(&self) -> &SigningKey {
        &self.node
    }

    /// The `enroll` entry of [`Home::node_key`]; likewise.
    #[must_use]
    pub fn node_cert(&self) -> Option<Id> {
        self.enrolled.get().map(|[_, node]| node.id())
    }

    /// The seed of the key by which peers know this node.
    #[must_use]
    pub fn libp2p_seed(&self) -> [u8; 32] {
        self.libp2p
    }

    /// What writes through the API must show.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The wire form of the entries of the identity that are in this folder, parents first: its root, what came with
    /// the folder, the enrolments of this machine.
    #[must_use]
    pub fn initial_entries(&self) -> Vec<Vec<u8>> {
        let enrolled = self.enrolled.get().map_or(&[][..], |both| both.as_slice());
        self.known.iter().chain(enrolled).map(Verified::wire).collect()
    }

    /// Notes where the running node is reached, for commands that use this folder.
    ///
    /// # Errors
    /// What the disk says.
    pub fn note_api(&self, url: &str) -> Result<(), Error> {
        files::replace(&self.dir.join("api"), url.as_bytes())
    }

    /// The last generation of logs that this folder signed under; none before the first.
    ///
    /// # Errors
    /// What the disk says, or that the file holds no number.
    pub fn generation(&self) -> io::Result<Option<u32>> {
        match fs::read_to_string(self.dir.join(GENERATION)) {
            Ok(text) => match text.trim().parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{GENERATION} holds no number: write the generation into it that your peers saw last"),
                )),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes that logs are signed under this generation from now on.
    ///
    /// # Errors
    /// What the disk says.
    pub fn note_generation(&self, generation: u32) -> io::Result<()> {
        crate::file::replace(&self.dir.join(GENERATION), generation.to_string().as_bytes())?;
        fs::File::open(&self.dir)?.sync_all()
    }

    /// Where the running node is reached, if one noted it. It may have ended since.
    #[must_use]
    pub fn api_url(&self) -> Option<String> {
        files::read_text(&self.dir, &self.dir.join("api")).ok()
    }
}

fn key_path(dir: &Path, key: &str) -> PathBuf {
    dir.join("keys").join(key)
}

fn entry_path(dir: &Path, file: &str) -> PathBuf {
    dir.join("identity").join(file)
}

fn read_entry(dir: &Path, file: &str) -> Result<Verified, Error> {
    let path = entry_path(dir, file);
    let bytes = files::read(dir, &path)?;
    let damaged = |what| Error::Damaged {
        path: path.clone(),
        what,
    };
    let entry = Entry::decode(&bytes).map_err(|_| damaged("it is no entry"))?;
    entry.verify().map_err(|_| damaged("its signature does not stand"))
}

#[cfg(test)]
mod tests;
