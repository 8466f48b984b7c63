//! Reads every file again, as `fsck` does with everything else. Changes nothing.

use std::fs::File;
use std::path::Path;

use althing_protocol::hash::Hash;
use serde::Serialize;

use super::disk::Disk;
use super::reader::whole;

/// Damaged files that are listed; further ones are counted.
const LISTED: usize = 1000;

/// What a check of the files found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Files that are what their name says.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many are not.
    pub damaged: u64,
    /// Those, at most 1,000 of them.
    pub damage: Vec<Hash>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files of {} bytes verified", self.files, self.bytes)?;
        for hash in &self.damage {
            write!(
                f,
                "\nfile {hash} is damaged: start the node, which removes it when it reads it, and fetch it again"
            )?;
        }
        Ok(())
    }
}

/// Checks the files in a folder that no node uses meanwhile.
#[must_use]
pub fn check(folder: &Path) -> Report {
    let disk = Disk::new(folder.to_owned());
    let mut report = Report::default();
    let mut all: Vec<(Hash, u64)> = disk.stored();
    all.sort_unstable();
    for (hash, length) in all {
        let read = File::open(disk.file(&hash)).and_then(|file| whole(&file, length));
        if read.is_ok_and(|(hashed, _)| hashed.hash == hash) {
            report.files += 1;
            report.bytes = report.bytes.saturating_add(length);
        } else {
            report.damaged += 1;
            if report.damage.len() < LISTED {
                report.damage.push(hash);
            }
        }
    }
    report
}
