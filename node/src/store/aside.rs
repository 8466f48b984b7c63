//! What a repair leaves beside and in a store: the damaged one, entries that wait, and what must not be written yet.
//!
//! ```text
//! store.new          the new store, while it is made
//! store.damaged-N    the damaged one, kept because something in it could not be saved
//! store/left         entries that were saved and name some that were not: offered again at each start
//! ```

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use althing_protocol::codec;
use althing_protocol::entry::{Entry, wire};
use althing_protocol::hash::Id;
use althing_protocol::limit;
use rocksdb::WriteOptions;
use serde::{Deserialize, Serialize};

use super::{Damage, Error, META, Store};

const LEFT: &str = "left";

/// Largest file of entries that wait; what is beyond is fetched from peers.
const LARGEST: u64 = 256 << 20;

/// In `meta`.
const HOLD: &[u8] = b"hold";

/// What has to come back before the owner may write again: a second entry under a number that is taken would be a fork.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Own entries that were lost.
    pub lost: Vec<Id>,
    /// Others may be lost too, nobody knows which.
    pub unsure: bool,
}

impl Store {
    /// What has to come back before the owner writes.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn hold(&self) -> Result<Hold, Error> {
        let value = self.read(META, HOLD)?;
        let hold = value.map(|value| codec::decode(&value)).transpose();
        Ok(hold.map_err(|_| self.damaged(Damage::Shape(META)))?.unwrap_or_default())
    }

    /// Sets it. No batch may be under way.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_hold(&self, hold: &Hold) -> Result<(), Error> {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        let put = self.0.db.put_cf_opt(self.cf(META), HOLD, codec::encode(hold), &options);
        put.map_err(|e| self.failed("written", e))
    }

    /// Entries in wire form that a repair saved, and that name some that it did not.
    ///
    /// # Errors
    /// What the disk says.
    pub fn left(&self) -> Result<Vec<Vec<u8>>, Error> {
        read(&self.0.folder).map_err(|source| self.left_failed(source))
    }

    /// Sets them; none removes the file.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_left(&self, wires: &[Vec<u8>]) -> Result<(), Error> {
        write(&self.0.folder, wires).map_err(|source| self.left_failed(source))
    }

    /// Takes the bodies out of those entries: one that is erased may be among them.
    pub(super) fn strip_left(&self) -> Result<(), Error> {
        let wires = self.left()?;
        if wires.is_empty() {
            return Ok(());
        }
        let bare = wires.iter().filter_map(|w| Entry::decode(w).ok()?.verify().ok());
        let bare: Vec<_> = bare.map(|e| wire(e.header_bytes(), e.signature(), None)).collect();
        self.set_left(&bare)
    }

    /// A folder beside this store that a repair left.
    pub(super) fn old(&self) -> Option<PathBuf> {
        damaged(&self.0.folder).ok()?.into_iter().next()
    }

    fn left_failed(&self, source: io::Error) -> Error {
        Error::File {
            path: self.0.folder.join(LEFT),
            source,
        }
    }
}

/// Where a new store is made.
pub(crate) fn new_folder(store: &Path) -> PathBuf {
    store.with_extension("new")
}

/// Puts the new store into the place of the damaged one. Answers where that is now.
pub(crate) fn exchange(store: &Path) -> io::Result<PathBuf> {
    let old = (1..).map(|n| store.with_extension(format!("damaged-{n}")));
    let old = old.take(10_000).find(|path| !path.exists());
    let old = old.ok_or_else(|| io::Error::other("too many damaged stores are kept here"))?;
    fs::rename(store, &old)?;
    fs::rename(new_folder(store), store)?;
    sync(store)?;
    Ok(old)
}

/// Finishes an exchange that was cut short between its two steps, and removes a new store that was never finished.
pub(super) fn settle(store: &Path) -> io::Result<()> {
    let new = new_folder(store);
    if !new.exists() {
        return Ok(());
    }
    match store.exists() {
        true => fs::remove_dir_all(&new),
        false if damaged(store)?.is_empty() => Ok(()),
        false => fs::rename(&new, store),
    }
}

fn damaged(store: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(parent), Some(name)) = (store.parent(), store.file_stem().and_then(|n| n.to_str())) else {
        return Ok(Vec::new());
    };
    let prefix = format!("{name}.damaged-");
    let is_one = |path: &PathBuf| {
        path.file_name()
            .and_then(|n| n.to_str())
            .is_some_and(|n| n.starts_with(&prefix))
    };
    let all = fs::read_dir(parent)?
        .map(|file| Ok(file?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    Ok(all.into_iter().filter(is_one).collect())
}

fn read(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let path = folder.join(LEFT);
    match fs::metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => {
            if other?.len() > LARGEST {
                return Ok(Vec::new());
            }
        }
    }
    let bytes = fs::read(path)?;
    let (mut rest, mut wires) = (bytes.as_slice(), Vec::new());
    // What a torn file still holds is verified like everything else.
    while let Some((len, tail)) = rest.split_first_chunk::<4>() {
        let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
        let Some(wire) = tail.get(..len).filter(|_| len <= limit::BODY + (1 << 14)) else {
            break;
        };
        wires.push(wire.to_vec());
        rest = tail.get(len..).unwrap_or_default();
    }
    Ok(wires)
}

fn write(folder: &Path, wires: &[Vec<u8>]) -> io::Result<()> {
    let path = folder.join(LEFT);
    if wires.is_empty() {
        return match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        };
    }
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    let mut written = 0;
    for wire in wires {
        let len = u32::try_from(wire.len()).map_err(io::Error::other)?;
        written += u64::from(len) + 4;
        if written > LARGEST {
            break;
        }
        file.write_all(&len.to_le_bytes())?;
        file.write_all(wire)?;
    }
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync(folder)
}

fn sync(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
