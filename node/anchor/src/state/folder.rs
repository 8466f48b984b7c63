//! The folder of a bot: one process holds it, and its file is replaced whole.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{FILE, State, StateError};

const NEW: &str = "anchor.json.new";
const LOCK: &str = "anchor.lock";

/// The folder of a bot, held by this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes it if need be, and holds it.
    pub(crate) fn open(path: &Path) -> Result<Self, StateError> {
        let disk = |what, path: &Path| {
            let path = path.to_owned();
            move |why| StateError::Disk { what, path, why }
        };
        let mut builder = fs::DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(disk("cannot make", path))?;
        // The folder itself has to outlive a crash, as what is in it.
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(parent)
            .and_then(|parent| parent.sync_all())
            .map_err(disk("cannot sync", parent))?;
        let lock_path = path.join(LOCK);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        let lock = options.open(&lock_path).map_err(disk("cannot open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(StateError::Held(path.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(disk("cannot lock", &lock_path)(error)),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the state beside the old one. Not yet in force.
    pub(crate) fn write(&self, state: &State) -> Result<(), StateError> {
        let path = self.path.join(NEW);
        let disk = |why| StateError::Disk {
            what: "cannot write",
            path: path.clone(),
            why,
        };
        let text = serde_json::to_vec(state).map_err(|error| disk(error.into()))?;
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(disk)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(disk)
    }

    /// Puts what was written in force.
    pub(crate) fn replace(&self) -> Result<(), StateError> {
        let path = self.path.join(FILE);
        let disk = |why| StateError::Disk {
            what: "cannot replace",
            path: path.clone(),
            why,
        };
        fs::rename(self.path.join(NEW), &path).map_err(disk)?;
        File::open(&self.path)
            .and_then(|folder| folder.sync_all())
            .map_err(disk)
    }
}
