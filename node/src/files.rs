//! Files that entries name by their SHA-256, on disk: `files/` in the data folder.
//!
//! ```text
//! ab/HASH           the bytes, as `sha256sum` reads them
//! ab/HASH.about     what is known beside them, see `disk`
//! part/HASH         a file that is being fetched: its end, as far as it is here
//! part/HASH.back    its length, and what proves each chunk that is here
//! new/…             what is being added; nothing of it outlives a start
//! ```
//!
//! Invariants: a file has its name only when all of it was hashed and is on the disk (written elsewhere, fsync, rename).
//! What is read is hashed again, chunk by chunk, and is the right one or an error. Given to others is only what an entry
//! here names; kept is that, and for [`limit::GRACE`] what the owner added and has not named yet.
//!
//! Bounds: [`Limits`]; [`limit::MOST`] files; [`limit::ADDING`] are added and [`limit::FETCHES`] fetched at a time. When
//! there is no room, what no entry names any more goes first, the oldest first; what some entry names never goes by
//! itself.

mod adding;
mod board;
pub mod check;
mod claims;
mod disk;
mod look;
mod part;
mod reader;
mod room;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use althing_protocol::hash::Hash;
use thiserror::Error;
use tokio::sync::Semaphore;

pub use self::adding::{Added, Adding};
use self::board::Board;
pub use self::board::Fetch;
pub use self::claims::Claim;
use self::disk::Disk;
pub use self::look::{Contradiction, agrees, inline, served};
pub(crate) use self::part::Part;
pub use self::reader::Reader;
use crate::ingest::Ingest;
use crate::limit::files as limit;

/// How much room files may take; bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All together.
    pub budget: u64,
    /// One.
    pub file: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            budget: limit::BUDGET,
            file: limit::LARGEST,
        }
    }
}

/// Why a file is not kept, given or fetched.
#[derive(Debug, Error)]
pub enum Error {
    /// It is not here.
    #[error("the file {0} is not on this node")]
    NotHere(Hash),
    /// Nothing says that it exists.
    #[error(
        "no entry here names the file {0}, so nobody is asked for it; check the hash, or let the node sync the text that names it"
    )]
    NotNamed(Hash),
    /// Too large.
    #[error(
        "a file may have {most} bytes here; put a larger one elsewhere and name its address, or start the node with --file-size"
    )]
    TooLarge {
        /// How many bytes one may have.
        most: u64,
    },
    /// No room.
    #[error(
        "there is no room: files may take {budget} bytes here, and entries name those that are; start the node with a larger \
         --files, or remove some with `althing file HASH --remove`"
    )]
    NoRoom {
        /// The room for all.
        budget: u64,
    },
    /// Too many of them.
    #[error(
        "this node keeps {} files, and has as many; remove some with `althing file HASH --remove`",
        limit::MOST
    )]
    Many,
    /// Too much at once.
    #[error("too many files are being added or fetched; try again in a moment")]
    Busy,
    /// The disk gave back something else.
    #[error("the file {0} was damaged on the disk and is gone; fetch it again, or add it again")]
    Damaged(Hash),
    /// Erased meanwhile, or fetched by another.
    #[error("the file {0} was removed while it was worked on")]
    Removed(Hash),
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

/// The files of one data folder. Clones are handles of the same ones.
#[derive(Debug, Clone)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    disk: Disk,
    limits: Limits,
    ingest: Ingest,
    shelf: Mutex<Shelf>,
    board: Board,
    /// Places for uploads.
    adding: Arc<Semaphore>,
}

/// What is where. Never held while entries are looked at.
#[derive(Debug, Default)]
struct Shelf {
    /// Lengths of whole files.
    files: HashMap<Hash, u64>,
    /// Lengths of those that are here in part.
    parts: HashMap<Hash, u64>,
    /// Of these, those that are being fetched.
    active: HashSet<Hash>,
    /// Bytes of all, and of those that are about to be.
    used: u64,
}

/// Where a file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// All of it is here.
    Here {
        /// Its length.
        length: u64,
    },
    /// It is being fetched, or waits to be.
    Fetching(Fetch),
    /// It is not here.
    Absent {
        /// Why it did not come when it was fetched last.
        why: Option<String>,
    },
}

impl Files {
    /// Those in a folder, which is made when the first one is kept. What a crash left is cleared away.
    #[must_use]
    pub fn open(folder: PathBuf, ingest: Ingest, limits: Limits) -> Self {
        let disk = Disk::new(folder);
        let (files, parts) = disk.list();
        let used = files
            .values()
            .chain(parts.values())
            .fold(0, |all: u64, n| all.saturating_add(*n));
        let shelf = Shelf {
            files,
            parts,
            active: HashSet::new(),
            used,
        };
        Self(Arc::new(Inner {
            disk,
            limits,
            ingest,
            shelf: Mutex::new(shelf),
            board: Board::default(),
            adding: Arc::new(Semaphore::new(limit::ADDING)),
        }))
    }

    /// The limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// How many files are here, and their bytes, those that are here in part included.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        let shelf = self.shelf();
        (shelf.files.len(), shelf.used)
    }

    /// The length of a file, if it is here.
    #[must_use]
    pub fn find(&self, hash: &Hash) -> Option<u64> {
        self.shelf().files.get(hash).copied()
    }

    /// Where a file stands.
    #[must_use]
    pub fn state(&self, hash: &Hash) -> State {
        if let Some(length) = self.find(hash) {
            return State::Here { length };
        }
        match self.0.board.find(hash) {
            Some(Ok(fetch)) => State::Fetching(fetch),
            Some(Err(why)) => State::Absent { why: Some(why) },
            None => State::Absent { why: None },
        }
    }

    /// Removes a file, or what is here of it. False if nothing is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self, hash: &Hash) -> Result<bool, Error> {
        let (length, part) = {
            let mut shelf = self.shelf();
            let (length, part) = (shelf.files.remove(hash), shelf.parts.remove(hash));
            let freed = length.unwrap_or(0).saturating_add(part.unwrap_or(0));
            shelf.used = shelf.used.saturating_sub(freed);
            (length, part)
        };
        self.0.disk.remove(hash)?;
        self.0.disk.remove_part(hash)?;
        Ok(length.is_some() || part.is_some())
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
