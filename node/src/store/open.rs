//! Opening the database: its tuning, its version, and what a crash left.
//!
//! Tuned for one million entries in little memory: sequential keys, so levels hardly overlap and are moved rather
//! than merged; one small cache for data and indexes alike; few memtables, flushed together so that old logs go.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode, Error as DbError,
    ErrorKind, LogLevel,
};

use super::acknowledged::{self, Acknowledged};
use super::aside;
use super::withheld::Ids;
use super::{BATCH, BODY_STATE, Bits, Damage, Error, FAMILIES, Inner, META, SUBTREE, Store};
use crate::clock;

/// What this release writes into `FORMAT`.
pub(super) const FORMAT: &str = "althing store 4";

/// How much memory the database may use.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Cache of uncompressed blocks, indexes of table files included; bytes.
    pub cache: usize,
    /// Writes that are not in table files yet; bytes. The log that is read again after a crash has about this size.
    pub memtables: usize,
    /// Table files that are held open.
    pub files: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache: 16 << 20,
            memtables: 32 << 20,
            files: 256,
        }
    }
}

impl Store {
    /// Opens the store in a folder, or makes it.
    ///
    /// A write that a crash cut short before anybody was told of it is dropped; anything else that does not fit is
    /// an error, and nothing is changed then.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::Locked`], [`Error::Damaged`], or what the disk says.
    pub fn open(folder: &Path, options: Options) -> Result<Self, Error> {
        open(folder, options, Access::Write)
    }

    /// Opens what can be opened of a damaged one, so that nothing is changed. Says too whether something that was
    /// acknowledged is gone, as far as that can be known.
    ///
    /// # Errors
    /// [`Error::Nothing`], [`Error::Locked`], [`Error::Format`], or that nothing at all can be read.
    pub(crate) fn open_to_salvage(folder: &Path) -> Result<(Self, bool), Error> {
        if !folder.join("db").exists() {
            return Err(Error::Nothing(folder.to_owned()));
        }
        let lock = claim(folder)?;
        let acknowledged = Acknowledged::open(folder).map_err(|e| file(folder.join(acknowledged::FILE), e))?;
        let open = |mode| open_db(folder, Options::default(), Access::Read, mode);
        // Records behind damaged ones are worth having: each entry is verified anew.
        let db = open(DBRecoveryMode::SkipAnyCorruptedRecord).or_else(|_| open(DBRecoveryMode::PointInTime));
        let db = db.map_err(|e| failed(folder, "opened", e))?;
        let found = last_batch(&db, folder).unwrap_or(0);
        let whole = open(DBRecoveryMode::AbsoluteConsistency).is_ok();
        let lost = acknowledged.read().is_none_or(|last| last > found || !whole);
        let store = Self(Arc::new(Inner {
            db,
            folder: folder.to_owned(),
            acknowledged,
            absent: RwLock::new(Bits::default()),
            withheld: RwLock::new(Ids::default()),
            scrubbing: Mutex::new(()),
            _lock: lock,
        }));
        if let Err(error) = store.load_withheld() {
            tracing::warn!(%error, "what was erased and refused cannot all be read");
        }
        Ok((store, lost))
    }

    /// Opens it so that nothing is changed, not even what a crash left.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub(crate) fn open_to_read(folder: &Path, options: Options) -> Result<Self, Error> {
        open(folder, options, Access::Read)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

fn open(folder: &Path, options: Options, access: Access) -> Result<Store, Error> {
    if access == Access::Read && !folder.join("db").exists() {
        return Err(Error::Nothing(folder.to_owned()));
    }
    if access == Access::Write {
        aside::settle(folder).map_err(|e| file(folder.to_owned(), e))?;
    }
    let lock = claim(folder)?;
    let acknowledged = Acknowledged::open(folder).map_err(|e| file(folder.join(acknowledged::FILE), e))?;
    let db = match open_db(folder, options, access, DBRecoveryMode::AbsoluteConsistency) {
        Ok(db) => db,
        Err(e) if is_damage(&e) => recover(folder, options, access, &acknowledged, e)?,
        Err(e) => return Err(failed(folder, "opened", e)),
    };
    let found = last_batch(&db, folder)?;
    if let Some(last) = acknowledged.read().filter(|last| *last > found) {
        return Err(lost(folder, found, last));
    }
    if access == Access::Write {
        let started = acknowledged.start(found);
        started.map_err(|e| file(folder.join(acknowledged::FILE), e))?;
    }
    let folder = folder.to_owned();
    let store = Store(Arc::new(Inner {
        db,
        folder,
        acknowledged,
        absent: RwLock::new(Bits::default()),
        withheld: RwLock::new(Ids::default()),
        scrubbing: Mutex::new(()),
        _lock: lock,
    }));
    store.load_withheld()?;
    Ok(store)
}

/// Takes the folder for this process and checks that this release wrote it.
fn claim(folder: &Path) -> Result<File, Error> {
    fs::create_dir_all(folder).map_err(|e| file(folder.to_owned(), e))?;
    let path = folder.join("FORMAT");
    let io = |e| file(path.clone(), e);
    let lock = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(io)?;
    match clock::lock(&lock) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::Locked(folder.to_owned())),
        Err(TryLockError::Error(e)) => return Err(io(e)),
    }
    let found = fs::read_to_string(&path).map_err(io)?;
    // A crash may have left the file empty, but then nothing else is there.
    if found.is_empty() && !folder.join("db").exists() {
        fs::write(&path, FORMAT).and_then(|()| lock.sync_all()).map_err(io)?;
    } else if found != FORMAT {
        return Err(Error::Format {
            folder: folder.to_owned(),
            found,
        });
    }
    Ok(lock)
}

/// The log does not end as it should. If everything that was acknowledged is before that place, then a crash cut
/// short what comes after, and nobody was told of it.
fn recover(
    folder: &Path,
    options: Options,
    access: Access,
    acknowledged: &Acknowledged,
    cause: DbError,
) -> Result<DB, Error> {
    let looked = open_db(folder, options, Access::Read, DBRecoveryMode::PointInTime);
    let looked = looked.map_err(|_| Error::Damaged {
        folder: folder.to_owned(),
        what: Damage::Checksum(cause),
    })?;
    let found = last_batch(&looked, folder)?;
    match acknowledged.read() {
        None => {
            return Err(Error::Damaged {
                folder: folder.to_owned(),
                what: Damage::Unknown,
            });
        }
        Some(last) if last > found => return Err(lost(folder, found, last)),
        Some(_) => {}
    }
    if access == Access::Read {
        return Ok(looked);
    }
    drop(looked);
    tracing::warn!(
        last = found,
        "dropped a write that was cut short before it was acknowledged"
    );
    open_db(folder, options, access, DBRecoveryMode::PointInTime).map_err(|e| failed(folder, "opened", e))
}

fn open_db(folder: &Path, options: Options, access: Access, mode: DBRecoveryMode) -> Result<DB, DbError> {
    let cache = Cache::new_lru_cache(options.cache);
    let mut db = rocksdb::Options::default();
    db.create_if_missing(true);
    db.create_missing_column_families(true);
    db.set_wal_recovery_mode(mode);
    db.set_atomic_flush(true);
    db.set_db_write_buffer_size(options.memtables);
    db.set_max_total_wal_size(u64::try_from(2 * options.memtables).unwrap_or(u64::MAX));
    db.set_max_open_files(options.files);
    db.set_max_background_jobs(2);
    db.set_bytes_per_sync(1 << 20);
    db.set_max_manifest_file_size(1 << 20);
    db.set_log_level(LogLevel::Warn);
    db.set_keep_log_file_num(4);
    db.set_max_log_file_size(1 << 20);
    db.set_stats_dump_period_sec(0);
    let families = FAMILIES.map(|name| ColumnFamilyDescriptor::new(name, family(name, options, &cache)));
    let path = folder.join("db");
    match access {
        Access::Write => DB::open_cf_descriptors(&db, path, families),
        Access::Read => DB::open_cf_descriptors_read_only(&db, path, families, false),
    }
}

fn family(name: &str, options: Options, cache: &Cache) -> rocksdb::Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_cache_index_and_filter_blocks(true);
    table.set_block_size(16 << 10);
    table.set_format_version(5);
    let mut family = rocksdb::Options::default();
    family.set_block_based_table_factory(&table);
    family.set_compression_type(DBCompressionType::Lz4);
    family.set_write_buffer_size(options.memtables);
    family.set_max_write_buffer_number(2);
    if [META, BODY_STATE, SUBTREE].contains(&name) {
        family.set_arena_block_size(64 << 10);
    }
    family
}

fn last_batch(db: &DB, folder: &Path) -> Result<u64, Error> {
    let meta = db
        .cf_handle(META)
        .expect("every column family is opened with the database");
    let value = db.get_cf(meta, BATCH).map_err(|e| failed(folder, "read", e))?;
    match value {
        None => Ok(0),
        Some(bytes) => bytes.try_into().map(u64::from_le_bytes).map_err(|_| Error::Damaged {
            folder: folder.to_owned(),
            what: Damage::Shape(META),
        }),
    }
}

fn lost(folder: &Path, found: u64, acknowledged: u64) -> Error {
    Error::Damaged {
        folder: folder.to_owned(),
        what: Damage::Lost { found, acknowledged },
    }
}

fn file(path: std::path::PathBuf, source: std::io::Error) -> Error {
    Error::File { path, source }
}

fn is_damage(error: &DbError) -> bool {
    error.kind() == ErrorKind::Corruption
}

pub(super) fn failed(folder: &Path, doing: &'static str, source: DbError) -> Error {
    let folder = folder.to_owned();
    // RocksDB keeps the system's error in its text alone.
    if source.as_ref().contains("No space left on device") || source.as_ref().contains("Disk quota exceeded") {
        return Error::Full(folder);
    }
    if is_damage(&source) {
        return Error::Damaged {
            folder,
            what: Damage::Checksum(source),
        };
    }
    Error::Db { folder, doing, source }
}
