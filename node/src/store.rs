//! The embedded store: what this node holds, so that it survives a crash.
//!
//! ```text
//! FORMAT          what wrote this folder
//! acknowledged    the number of the last batch that somebody was told about
//! db/             RocksDB:
//!   header        number → header ‖ signature (64)
//!   body          number → salt (16) ‖ bytes
//!   row           number → body status (1) ‖ row of the graph
//!   log           number of a committee's root ‖ index → leaf, see `log`
//!   place         number of a committee's root ‖ number → index of its leaf
//!   subtree       number of a committee's root ‖ level ‖ index → hash
//!   named         SHA-256 of a file ‖ number of an entry whose body names it → nothing, see `named`
//!   body_state    notices of erased bodies and refused identities, see `withheld`
//!   meta          `batch`: number of the last batch; `follow` ‖ committee: which bodies are kept; `hold`: see `aside`;
//!                 `signed`, `cosigned`, `generation`: see `log`
//! ```
//!
//! Numbers and positions are big-endian, so that entries lie in the order in which they came.
//!
//! Invariants: one batch is on disk whole or not at all, and on disk (fsync) before [`Store::write`] returns; what
//! is read is hashed again and is the entry that was asked for, or an error; damage to what was acknowledged is
//! noticed when the store is opened or the bytes are read.

mod acknowledged;
pub mod aside;
mod batch;
mod bits;
pub mod fsck;
mod load;
pub mod log;
mod named;
mod open;
mod scrub;
pub mod withheld;

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use althing_protocol::entry::{Body, Header, entry_id, wire};
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::log::Missing;
use althing_protocol::state::BadStore;
use althing_protocol::{codec, limit};
use rocksdb::{ColumnFamily, DB, WriteOptions};
use thiserror::Error;

use self::acknowledged::Acknowledged;
pub use self::batch::{Batch, Bodies};
pub use self::bits::Bits;
pub use self::open::Options;
pub use self::scrub::Unscrubbed;
use self::withheld::Ids;

const HEADER: &str = "header";
const BODY: &str = "body";
const ROW: &str = "row";
const LOG: &str = "log";
const PLACE: &str = "place";
const SUBTREE: &str = "subtree";
const NAMED: &str = "named";
const BODY_STATE: &str = "body_state";
const META: &str = "meta";
const FAMILIES: [&str; 9] = [HEADER, BODY, ROW, LOG, PLACE, SUBTREE, NAMED, BODY_STATE, META];

/// The number of the last batch, in `meta`.
const BATCH: &[u8] = b"batch";

/// Why the store cannot be opened, read or written.
#[derive(Debug, Error)]
pub enum Error {
    /// Of another release.
    #[error(
        "the store in {folder} has the format {found:?}, this release reads {format:?}; use the release that wrote it, \
         or move the folder away and fetch everything from peers again",
        format = open::FORMAT
    )]
    Format {
        /// The store's folder.
        folder: PathBuf,
        /// What its `FORMAT` says.
        found: String,
    },
    /// Nothing was stored yet.
    #[error("nothing is stored in {0} yet; `althing run` begins it")]
    Nothing(PathBuf),
    /// Another process uses it.
    #[error("another process uses the store in {0}; stop it first")]
    Locked(PathBuf),
    /// What is on disk is not what was written.
    #[error(
        "the store in {folder} is damaged: {what}. `althing fsck` says what is readable, `althing fsck --repair` makes a \
         new store of it; what is missing then comes from peers again"
    )]
    Damaged {
        /// The store's folder.
        folder: PathBuf,
        /// What does not fit.
        what: Damage,
    },
    /// One stored entry is not what was written.
    #[error(
        "the stored {part} of entry {id} is damaged; peers are asked for it again, so try once more in a moment. If it \
         stays so, stop the node: `althing fsck` lists all damage, `althing fsck --repair` saves what is sound"
    )]
    Corrupt {
        /// Its id.
        id: Id,
        /// `header`, `signature` or `body`.
        part: &'static str,
    },
    /// No room.
    #[error("the disk of {0} is full; make room, then start the node again: nothing that was acknowledged is lost")]
    Full(PathBuf),
    /// The database.
    #[error("the store in {folder} cannot be {doing}: {source}")]
    Db {
        /// The store's folder.
        folder: PathBuf,
        /// `opened`, `read` or `written`.
        doing: &'static str,
        /// What RocksDB said.
        source: rocksdb::Error,
    },
    /// A file beside the database.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What does not fit in a store.
#[derive(Debug, Error)]
pub enum Damage {
    /// RocksDB's own checksums.
    #[error("{0}")]
    Checksum(rocksdb::Error),
    /// The log of writes ends before what was acknowledged.
    #[error("it ends at write {found}, but write {acknowledged} was acknowledged")]
    Lost {
        /// The last write that is there.
        found: u64,
        /// The last one that somebody was told about.
        acknowledged: u64,
    },
    /// The file of acknowledged writes cannot be read, and the log is cut short.
    #[error("its log is cut short, and nothing tells what was acknowledged")]
    Unknown,
    /// Rows, headers and logs do not make a state.
    #[error(transparent)]
    State(#[from] BadStore),
    /// A log's hashes are not all there.
    #[error(transparent)]
    Log(#[from] Missing),
    /// A log is shorter than what was signed, or has another root.
    #[error("the log of committee {0} is not the one that was signed")]
    Unsigned(Id),
    /// A key or value of another length than is ever written.
    #[error("a key or value in `{0}` has a length that is never written")]
    Shape(&'static str),
}

/// An entry's header as it is stored, hashed again and found to be the one asked for.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The header.
    pub header: Header,
    /// Its bytes as signed.
    pub bytes: Vec<u8>,
    /// The signature over them.
    pub signature: [u8; 64],
}

/// Whether an entry's body is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyState {
    /// The entry has none.
    None,
    /// Here, and it is the one that the header commits to.
    Here(Body),
    /// Not here.
    Absent,
}

/// The store. Clones are handles of the same one; it is closed with the last.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: DB,
    folder: PathBuf,
    acknowledged: Acknowledged,
    /// Numbers of entries that have a body which is not here.
    absent: RwLock<Bits>,
    /// What the owner erased or refused.
    withheld: RwLock<Ids>,
    /// One scrub at a time.
    scrubbing: Mutex<()>,
    /// Held as long as the store is open.
    _lock: File,
}

impl Store {
    /// A batch to be filled and given to [`Store::write`].
    pub fn batch(&self) -> Batch {
        Batch::new(self)
    }

    /// Writes a batch: all of it or nothing, on disk when this returns. Callers never overlap.
    ///
    /// # Errors
    /// [`Error::Full`] or what the disk says. The store must not be written any more then: state and disk differ.
    pub fn write(&self, batch: Batch) -> Result<(), Error> {
        let (mut batch, absent) = batch.into_parts();
        let number = self.0.acknowledged.next();
        batch.put_cf(self.cf(META), BATCH, number.to_le_bytes());
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.0
            .db
            .write_opt(batch, &options)
            .map_err(|e| self.failed("written", e))?;
        self.0
            .acknowledged
            .note(number)
            .map_err(|source| self.file_failed(source))?;
        let mut held = self.0.absent.write().unwrap_or_else(PoisonError::into_inner);
        for (num, is_absent) in absent {
            held.set(num.0, is_absent);
        }
        Ok(())
    }

    /// An entry's header and signature; none if no entry has this number. Call it where numbers cannot change meaning meanwhile
    /// ([`crate::ingest::Ingest::read`]): those of evicted entries are given out again.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when what is stored under this number is not this entry.
    pub fn header(&self, num: Num, id: &Id) -> Result<Option<Stored>, Error> {
        let corrupt = || Error::Corrupt {
            id: *id,
            part: "header",
        };
        let Some(value) = self.part(HEADER, num, corrupt)? else {
            return match self.read(ROW, &key(num))? {
                Some(_) => Err(corrupt()),
                None => Ok(None),
            };
        };
        let (bytes, signature) = value.split_last_chunk::<64>().ok_or_else(corrupt)?;
        if entry_id(bytes) != *id {
            return Err(corrupt());
        }
        let header = codec::decode(bytes).map_err(|_| corrupt())?;
        Ok(Some(Stored {
            header,
            bytes: bytes.to_vec(),
            signature: *signature,
        }))
    }

    /// The id of an entry, hashed again from its stored header; none if no entry has this number.
    ///
    /// # Errors
    /// What the disk says.
    pub fn hashed(&self, num: Num) -> Result<Option<Id>, Error> {
        let value = self.read(HEADER, &key(num))?;
        Ok(value.and_then(|value| value.split_last_chunk::<64>().map(|(bytes, _)| entry_id(bytes))))
    }

    /// The body of an entry whose header was read from here.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is not the one that the header commits to, or is gone.
    pub fn body(&self, num: Num, header: &Header) -> Result<BodyState, Error> {
        if header.len == 0 {
            return Ok(BodyState::None);
        }
        let corrupt = || Error::Corrupt {
            id: entry_id(&header.encode()),
            part: "body",
        };
        match self.part(BODY, num, corrupt)? {
            None if self.absent().contains(num.0) => Ok(BodyState::Absent),
            None => Err(corrupt()),
            Some(value) => {
                let (salt, bytes) = value.split_first_chunk::<{ limit::SALT }>().ok_or_else(corrupt)?;
                let body = Body {
                    salt: *salt,
                    bytes: bytes.to_vec(),
                };
                if body.fits(header) {
                    Ok(BodyState::Here(body))
                } else {
                    Err(corrupt())
                }
            }
        }
    }

    /// The wire form of an entry, with its body if that is here and has at most `most` bytes.
    ///
    /// # Errors
    /// As [`Store::header`] and [`Store::body`].
    pub fn wire(&self, num: Num, id: &Id, most: usize) -> Result<Option<Vec<u8>>, Error> {
        let Some(Stored {
            header,
            bytes,
            signature,
        }) = self.header(num, id)?
        else {
            return Ok(None);
        };
        let body = match usize::try_from(header.len) {
            Ok(len) if len <= most => match self.body(num, &header)? {
                BodyState::Here(body) => Some(body),
                BodyState::None | BodyState::Absent => None,
            },
            _ => None,
        };
        Ok(Some(wire(&bytes, &signature, body.as_ref())))
    }

    /// Whether the body of an entry is stored; none if no entry has this number. Reads the row alone.
    ///
    /// # Errors
    /// What the disk says.
    pub fn has_body(&self, num: Num) -> Result<Option<bool>, Error> {
        let row = self.read(ROW, &key(num))?;
        Ok(row.map(|row| row.first() == Some(&batch::HERE)))
    }

    /// Whether an entry has a body at all, here or not.
    ///
    /// # Errors
    /// What the disk says.
    pub fn commits_to_body(&self, num: Num) -> Result<bool, Error> {
        let row = self.read(ROW, &key(num))?;
        Ok(row.is_some_and(|row| row.first() != Some(&batch::WITHOUT)))
    }

    /// Numbers of entries that have a body which is not here.
    pub fn absent(&self) -> RwLockReadGuard<'_, Bits> {
        self.0.absent.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Merges what was written into few files. Takes long.
    pub fn compact(&self) {
        for name in FAMILIES {
            self.0.db.compact_range_cf(self.cf(name), None::<&[u8]>, None::<&[u8]>);
        }
    }

    /// Bytes that a person's file manager would show for the store, logs included.
    #[must_use]
    pub fn size(&self) -> u64 {
        let files = self.0.folder.join("db").read_dir().into_iter().flatten().flatten();
        files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    /// A part of one entry. What fails its checksum is damage of that entry alone.
    fn part(
        &self,
        name: &'static str,
        num: Num,
        corrupt: impl Fn() -> Error,
    ) -> Result<Option<rocksdb::DBPinnableSlice<'_>>, Error> {
        match self.read(name, &key(num)) {
            Err(Error::Damaged { .. }) => Err(corrupt()),
            other => other,
        }
    }

    fn read(&self, name: &'static str, key: &[u8]) -> Result<Option<rocksdb::DBPinnableSlice<'_>>, Error> {
        self.0
            .db
            .get_pinned_cf(self.cf(name), key)
            .map_err(|e| self.failed("read", e))
    }

    fn cf(&self, name: &'static str) -> &ColumnFamily {
        self.0
            .db
            .cf_handle(name)
            .expect("every column family is opened with the database")
    }

    fn failed(&self, doing: &'static str, source: rocksdb::Error) -> Error {
        open::failed(&self.0.folder, doing, source)
    }

    fn file_failed(&self, source: std::io::Error) -> Error {
        Error::File {
            path: self.0.folder.join(acknowledged::FILE),
            source,
        }
    }

    /// Flips a bit of a stored header.
    #[cfg(test)]
    pub(crate) fn damage_header(&self, num: Num) {
        let mut value = self.read(HEADER, &key(num)).unwrap().unwrap().to_vec();
        value[40] ^= 1;
        self.0.db.put_cf(self.cf(HEADER), key(num), value).unwrap();
    }

    pub(crate) fn damaged(&self, what: impl Into<Damage>) -> Error {
        Error::Damaged {
            folder: self.0.folder.clone(),
            what: what.into(),
        }
    }
}

fn key(num: Num) -> [u8; 4] {
    num.0.to_be_bytes()
}

#[cfg(test)]
mod tests;
