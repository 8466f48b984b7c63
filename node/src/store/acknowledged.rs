//! The number of the last batch that somebody was told about, in a file of its own.
//!
//! RocksDB cannot tell a write that a crash cut short from acknowledged writes behind a flipped bit: either way its
//! log stops making sense. With this number the two differ. The file is not synced: a killed process leaves it
//! exact, and after a power cut it is at worst too low, which makes the check weaker and never wrong.
//!
//! Two places are written in turn, so that one of them is whole at any time.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use althing_protocol::hash::sha256;

pub(super) const FILE: &str = "acknowledged";

/// Number, then the first eight bytes of its hash.
const SLOT: usize = 16;

#[derive(Debug)]
pub(super) struct Acknowledged {
    file: File,
    last: AtomicU64,
}

impl Acknowledged {
    /// Opens the file, or makes it.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        let is_new = !path.exists();
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        if is_new {
            file.write_all_at(&slot(0), 0)?;
            file.sync_all()?;
        }
        Ok(Self {
            file,
            last: AtomicU64::new(0),
        })
    }

    /// What it says; none if it cannot be read.
    pub(super) fn read(&self) -> Option<u64> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(&self.file, 4096), &mut bytes).ok()?;
        let (slots, _) = bytes.as_chunks::<SLOT>();
        slots.iter().filter_map(number).max()
    }

    /// Goes on after this batch.
    pub(super) fn start(&self, last: u64) -> io::Result<()> {
        self.note(last)
    }

    /// The number of the next batch.
    pub(super) fn next(&self) -> u64 {
        self.last.load(Ordering::Relaxed) + 1
    }

    /// Notes that a batch is on disk, before anybody is told.
    pub(super) fn note(&self, batch: u64) -> io::Result<()> {
        self.last.store(batch, Ordering::Relaxed);
        let at = if batch.is_multiple_of(2) { 0 } else { SLOT };
        self.file.write_all_at(&slot(batch), u64::try_from(at).unwrap_or(0))
    }
}

fn slot(number: u64) -> [u8; SLOT] {
    let mut out = [0; SLOT];
    let bytes = number.to_le_bytes();
    let hash = sha256(&[b"althing/acknowledged/1\0", &bytes]);
    for (to, from) in out.iter_mut().zip(bytes.iter().chain(&hash)) {
        *to = *from;
    }
    out
}

fn number(bytes: &[u8; SLOT]) -> Option<u64> {
    let number = u64::from_le_bytes(*bytes.first_chunk()?);
    (slot(number) == *bytes).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_and_survives_one_torn_place() {
        let temp = tempfile::tempdir().unwrap();
        let file = Acknowledged::open(temp.path()).unwrap();
        assert_eq!(file.read(), Some(0));
        for batch in 1..=7 {
            assert_eq!(file.next(), batch);
            file.note(batch).unwrap();
        }
        let open = || Acknowledged::open(temp.path()).unwrap();
        assert_eq!(open().read(), Some(7));
        open().file.write_all_at(&[0xff; 3], 16).unwrap();
        assert_eq!(open().read(), Some(6));
        open().file.write_all_at(&[0xff; 3], 0).unwrap();
        assert_eq!(open().read(), None);
    }
}
