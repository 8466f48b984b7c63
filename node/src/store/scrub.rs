//! Erased bodies leave the files too: flush, drop the logs, merge the tables that held them.
//!
//! A deleted key of RocksDB stays readable in its files for a long time: in the log until everything in it is in
//! tables, in tables until a merge happens to meet it. Here all of that is made to happen, and then looked for.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use rocksdb::{BottommostLevelCompaction, CompactOptions, FlushOptions, LiveFile, WriteOptions};

use super::withheld::Pending;
use super::{BODY, BODY_STATE, Error, FAMILIES, NAMED, Store};

/// How long old files may take to go once nothing needs them: a reader may hold one for a moment.
const PATIENCE: Duration = Duration::from_secs(30);

/// More ranges than this are merged as one that holds them all.
const RANGES: usize = 16;

/// Why bodies may still be in a file.
#[derive(Debug, thiserror::Error)]
pub enum Unscrubbed {
    /// The store.
    #[error(transparent)]
    Store(#[from] Error),
    /// A table that held them was not written anew.
    #[error(
        "{0} could not be written anew; is there room on the disk? Its text is not shown any more, but is still in that file"
    )]
    Table(PathBuf),
    /// A damaged store that a repair kept.
    #[error("the damaged store {0} is kept here, and may hold its text; remove that folder")]
    Old(PathBuf),
    /// A file that nothing needs any more is still there.
    #[error("{0} did not go in time; its text is not shown any more, but is still in that file")]
    File(PathBuf),
}

impl Store {
    /// Makes the bodies of pending numbers leave all files. Answers which those were; the mark of each is for the
    /// caller to remove, by [`super::Batch::scrubbed`].
    ///
    /// Takes as long as it takes to write the tables anew that held them, and holds nobody up meanwhile.
    ///
    /// # Errors
    /// [`Unscrubbed`]; the marks stay then, and it can be tried again.
    pub fn scrub(&self) -> Result<Vec<Pending>, Unscrubbed> {
        let _alone = self.0.scrubbing.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = self.pending()?;
        if pending.is_empty() {
            return Ok(pending);
        }
        self.strip_left()?;
        // A log is only left behind by a flush that has something to flush.
        let mut synced = WriteOptions::default();
        synced.set_sync(true);
        let touched = self.0.db.put_cf_opt(self.cf(BODY_STATE), b"s", [], &synced);
        touched.map_err(|e| self.failed("written", e))?;
        let logs = self.files("log")?;
        let mut wait = FlushOptions::default();
        wait.set_wait(true);
        let families: Vec<_> = FAMILIES.iter().map(|name| self.cf(name)).collect();
        let flushed = self.0.db.flush_cfs_opt(&families, &wait);
        flushed.map_err(|e| self.failed("written", e))?;
        let ranges = merged(pending.iter().map(Pending::range).collect());
        let old: BTreeSet<String> = self
            .tables()?
            .into_iter()
            .filter(|t| holds(t, &ranges))
            .map(|t| t.name)
            .collect();
        // Tables that were left behind before and wait for their end may hold them too.
        let there = self.files("sst")?;
        let mut options = CompactOptions::default();
        options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        options.set_exclusive_manual_compaction(true);
        for (from, to) in &ranges {
            let (from, to) = (from.to_be_bytes(), to.to_be_bytes());
            let db = &self.0.db;
            db.compact_range_cf_opt(self.cf(BODY), Some(from), Some(to), &options);
        }
        // Which files an erased text named is nobody's business either.
        let all = None::<&[u8]>;
        self.0.db.compact_range_cf_opt(self.cf(NAMED), all, all, &options);
        // It does not say whether it did it. If it met damage the database takes no write any more, and says that.
        if let Some(left) = self.tables()?.into_iter().find(|t| old.contains(&t.name)) {
            let written = self.0.db.put_cf_opt(self.cf(BODY_STATE), b"s", [], &synced);
            written.map_err(|e| self.failed("written", e))?;
            return Err(Unscrubbed::Table(self.file(&left)));
        }
        self.gone(&logs, &there)?;
        self.old().map_or(Ok(pending), |old| Err(Unscrubbed::Old(old)))
    }

    /// Waits until none of these logs is there, and of these tables only what is in use.
    fn gone(&self, logs: &[PathBuf], tables: &[PathBuf]) -> Result<(), Unscrubbed> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let live: BTreeSet<PathBuf> = self.tables()?.iter().map(|t| self.file(t)).collect();
            let left = logs.iter().find(|log| log.exists());
            let left = left.or_else(|| tables.iter().find(|t| !live.contains(*t) && t.exists()));
            match left {
                None => return Ok(()),
                Some(left) if Instant::now() > deadline => return Err(Unscrubbed::File(left.clone())),
                Some(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Tables in use.
    fn tables(&self) -> Result<Vec<LiveFile>, Error> {
        self.0.db.live_files().map_err(|e| self.failed("read", e))
    }

    fn file(&self, table: &LiveFile) -> PathBuf {
        self.0.folder.join("db").join(table.name.trim_start_matches('/'))
    }

    /// Files of the database with this extension.
    fn files(&self, extension: &str) -> Result<Vec<PathBuf>, Error> {
        let folder = self.0.folder.join("db");
        let paths =
            fs::read_dir(&folder).and_then(|all| all.map(|file| Ok(file?.path())).collect::<io::Result<Vec<_>>>());
        let paths = paths.map_err(|source| Error::File { path: folder, source })?;
        let ends = |path: &PathBuf| path.extension().is_some_and(|e| e == extension);
        Ok(paths.into_iter().filter(ends).collect())
    }
}

fn holds(table: &LiveFile, ranges: &[(u32, u32)]) -> bool {
    let number = |key: &Option<Vec<u8>>| key.as_deref()?.try_into().ok().map(u32::from_be_bytes);
    // A table whose range cannot be read holds everything.
    let (first, last) = (
        number(&table.start_key).unwrap_or(0),
        number(&table.end_key).unwrap_or(u32::MAX),
    );
    table.column_family_name == BODY && ranges.iter().any(|(from, to)| *from <= last && first <= *to)
}

/// Ranges in order, one where they touch; a single one where they are many.
fn merged(mut pending: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    pending.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::new();
    for (from, to) in pending {
        match out.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    match (out.first(), out.last()) {
        (Some(first), Some(last)) if out.len() > RANGES => vec![(first.0, last.1)],
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(merged(vec![(5, 5), (1, 2), (6, 9), (3, 3)]), [(1, 3), (5, 9)]);
        let many: Vec<(u32, u32)> = (0..40).map(|n| (n * 10, n * 10)).collect();
        assert_eq!(merged(many), [(0, 390)]);
        assert_eq!(merged(Vec::new()), []);
    }
}
