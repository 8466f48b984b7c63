//! Files that only their owner can read, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Writes a file that must not be here yet, down to the disk.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if it is, else why it cannot be written.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(File::options().create_new(true), path, bytes)
}

/// Writes a file that may be here: readers see the old or the new content.
///
/// # Errors
/// Why it cannot be written. What was there stays then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_added_extension("new");
    write(File::options().create(true).truncate(true), &new, bytes)?;
    fs::rename(&new, path)
}

fn write(options: &mut OpenOptions, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = options.write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
