//! Where files lie, what lies beside them, and what a crash left.
//!
//! Order of writing: the bytes under another name, fsync; `HASH.about`; the rename; the folder, fsync. So a crash leaves
//! something under `new/` or `part/`, or an `about` without its file: none of it is a file, and [`Disk::list`] clears it.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use althing_protocol::codec;
use althing_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::Error;
use crate::clock;

/// Largest `about`: states of the largest file that anybody may allow, 4 GiB.
const ABOUT: u64 = 1 << 20;

/// What is known of a file beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    /// When it came, in milliseconds since 1970.
    pub(super) added: u64,
    /// Whether this node's owner added it.
    pub(super) own: bool,
    /// What they called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What it looks like, see `look`.
    pub(super) ty: String,
    /// The states before its chunks, one after the other.
    pub(super) states: ByteBuf,
}

impl About {
    /// The state before a chunk.
    pub(super) fn state(&self, n: u64) -> Option<Hash> {
        let states = self.states.as_chunks::<32>().0;
        states.get(usize::try_from(n).ok()?).copied().map(Hash)
    }
}

#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
}

impl Disk {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn file(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.folder.join(name.get(..2).unwrap_or_default()).join(name)
    }

    fn about_file(&self, hash: &Hash) -> PathBuf {
        self.file(hash).with_added_extension("about")
    }

    pub(super) fn part(&self, hash: &Hash) -> PathBuf {
        self.folder.join("part").join(hash.to_string())
    }

    pub(super) fn back(&self, hash: &Hash) -> PathBuf {
        self.part(hash).with_added_extension("back")
    }

    /// A file under a name that nobody has.
    pub(super) fn new_file(&self) -> Result<(PathBuf, File), Error> {
        let path = self.folder.join("new").join(Hash(clock::random()).to_string());
        let file = self.create(&path, OpenOptions::new().write(true).create_new(true))?;
        Ok((path, file))
    }

    /// Opens a file that may have to be made.
    pub(super) fn create(&self, path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
        self.make_folder(path)?;
        let opened = options.mode(0o600).open(path);
        opened.map_err(|source| io_error("write", path, source))
    }

    fn make_folder(&self, path: &Path) -> Result<(), Error> {
        let folder = path.parent().unwrap_or(&self.folder);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| io_error("make", folder, source))
    }

    /// Gives a file that is all on the disk its name.
    pub(super) fn place(&self, from: &Path, hash: &Hash, about: &About) -> Result<(), Error> {
        self.put_about(hash, about)?;
        let to = self.file(hash);
        fs::rename(from, &to).map_err(|source| io_error("write", &to, source))?;
        let folder = to.parent().unwrap_or(&self.folder);
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| io_error("write", folder, source))
    }

    pub(super) fn put_about(&self, hash: &Hash, about: &About) -> Result<(), Error> {
        let path = self.about_file(hash);
        self.make_folder(&path)?;
        crate::file::replace(&path, &codec::encode(about)).map_err(|source| io_error("write", &path, source))
    }

    /// What is known of a file; none if that cannot be read, and has to be found out again.
    pub(super) fn about(&self, hash: &Hash) -> Option<About> {
        let path = self.about_file(hash);
        let size = fs::metadata(&path).ok()?.len();
        let bytes = fs::read(&path).ok().filter(|_| size <= ABOUT)?;
        codec::decode(&bytes).ok()
    }

    pub(super) fn remove(&self, hash: &Hash) -> Result<(), Error> {
        gone(&self.file(hash))?;
        gone(&self.about_file(hash))
    }

    pub(super) fn remove_part(&self, hash: &Hash) -> Result<(), Error> {
        gone(&self.back(hash))?;
        gone(&self.part(hash))
    }

    /// When something was last got of a part.
    pub(super) fn part_time(&self, hash: &Hash) -> SystemTime {
        let time = fs::metadata(self.back(hash)).and_then(|meta| meta.modified());
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Hashes and lengths of all files, as they lie there.
    pub(super) fn stored(&self) -> Vec<(Hash, u64)> {
        let shelves = entries(&self.folder).into_iter().filter(|path| is_shelf(path));
        let all = shelves.flat_map(|folder| entries(&folder));
        all.filter_map(|path| named(&path).filter(|(hash, _)| self.file(hash) == path))
            .collect()
    }

    /// Lengths of all files and parts. Clears away what is neither.
    pub(super) fn list(&self) -> (HashMap<Hash, u64>, HashMap<Hash, u64>) {
        let (mut files, mut parts) = (HashMap::new(), HashMap::new());
        for path in entries(&self.folder.join("new")) {
            clear(&path);
        }
        for path in entries(&self.folder.join("part")) {
            match (named(&path), path.extension().is_some_and(|e| e == "back")) {
                (Some((hash, length)), false) if self.back(&hash).exists() => drop(parts.insert(hash, length)),
                (None, true) if path.with_extension("").exists() => {}
                _ => clear(&path),
            }
        }
        for folder in entries(&self.folder).into_iter().filter(|path| is_shelf(path)) {
            for path in entries(&folder) {
                match (named(&path), path.extension().is_some_and(|e| e == "about")) {
                    (Some((hash, length)), false) if self.file(&hash) == path => drop(files.insert(hash, length)),
                    (None, true) if path.with_extension("").exists() => {}
                    _ => clear(&path),
                }
            }
        }
        (files, parts)
    }
}

/// Whether this is a folder of files whose names begin as it does.
fn is_shelf(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The hash that a path is named by, and how long the file is.
fn named(path: &Path) -> Option<(Hash, u64)> {
    let hash = path.file_name()?.to_str()?.parse().ok()?;
    Some((hash, fs::metadata(path).ok().filter(|meta| meta.is_file())?.len()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, folder = %folder.display(), "files cannot be listed");
            }
            Vec::new()
        }
    }
}

/// Removes what a crash left.
fn clear(path: &Path) {
    if let Err(error) = gone(path) {
        tracing::warn!(%error, "something that was left over cannot be removed");
    }
}

fn gone(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error("remove", path, source)),
        _ => Ok(()),
    }
}

pub(super) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}
