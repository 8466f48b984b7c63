//! The files of a data folder, with errors that say what to do about them.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use data_encoding::HEXLOWER;

use super::Error;
use crate::file;

/// Largest file that is read here: far above what `init` writes.
const LARGEST: usize = 1 << 20;

pub(super) fn private_folder(path: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| io_error("make the folder", path, source))?;
    // One that was here before may have had other permissions.
    let set = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
    set.map_err(|source| io_error("set the permissions of", path, source))
}

/// Writes a file that must not be here yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    file::write_new(path, bytes).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => io_error("write", path, source),
    })
}

/// Writes a file that may be here, so that readers see the old or the new content.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    file::replace(path, bytes).map_err(|source| io_error("write", path, source))
}

/// Removes a file that may be gone.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error("remove", path, source)),
        _ => Ok(()),
    }
}

/// Gives a file another name, in the place of one that may be there.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(|source| io_error("write", to, source))
}

pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|source| io_error("write", path, source))
}

pub(super) fn write_seed(path: &Path, seed: &[u8; 32]) -> Result<(), Error> {
    write_new(path, HEXLOWER.encode(seed).as_bytes())
}

pub(super) fn read_seed(folder: &Path, path: &Path) -> Result<[u8; 32], Error> {
    check_private(path).or_else(|e| match e {
        // `read_text` below says better what is missing.
        Error::Io { .. } => Ok(()),
        other => Err(other),
    })?;
    let text = read_text(folder, path)?;
    let decoded = HEXLOWER.decode(text.as_bytes()).ok();
    decoded
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Error::Damaged {
            path: path.to_owned(),
            what: "it does not hold 64 hexadecimal digits",
        })
}

pub(super) fn read_text(folder: &Path, path: &Path) -> Result<String, Error> {
    let text = String::from_utf8(read(folder, path)?);
    let text = text.map_err(|_| Error::Damaged {
        path: path.to_owned(),
        what: "it is no text",
    })?;
    Ok(text.trim_end_matches('\n').to_owned())
}

pub(super) fn read(folder: &Path, path: &Path) -> Result<Vec<u8>, Error> {
    read_at_most(folder, path, LARGEST)
}

/// The same for a file that may be larger.
pub(super) fn read_at_most(folder: &Path, path: &Path, most: usize) -> Result<Vec<u8>, Error> {
    let size = fs::metadata(path).map(|m| m.len());
    if size
        .as_ref()
        .is_ok_and(|size| usize::try_from(*size).map_or(true, |size| size > most))
    {
        return Err(Error::Damaged {
            path: path.to_owned(),
            what: "it is far too large",
        });
    }
    size.and_then(|_| fs::read(path)).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::Incomplete {
            folder: folder.to_owned(),
            file: path.to_owned(),
        },
        _ => io_error("read", path, source),
    })
}

pub(super) fn check_private(path: &Path) -> Result<(), Error> {
    let meta = fs::metadata(path).map_err(|source| io_error("read", path, source))?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::Readable {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

fn io_error(doing: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}
