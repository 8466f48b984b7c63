//! Reading an archive: a tar file, or the folder that it unpacks to. No path in it is followed: files are found by the names
//! that the format gives, and nothing is unpacked.
//!
//! Bounds: manifest, entries and log files have a most; the tar file is gone through once for each of [`Part`].

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use althing_protocol::archive::{self, BadManifest, MANIFEST, Manifest};
use thiserror::Error;

use super::Counted;

/// Files of a folder.
const FILES: usize = 1 << 20;

/// Where a tar file says that it is one (POSIX.1-1988 ustar).
const MAGIC: (usize, &[u8]) = (257, b"ustar");

/// Why there is no archive.
#[derive(Debug, Error)]
pub enum Unread {
    /// The disk, or a tar file that ends too early.
    #[error("cannot read {path}: {why}")]
    Io {
        /// The archive.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// It is something else.
    #[error("{path} is no archive: it has no {MANIFEST}; `althing export archive` writes one")]
    None {
        /// The file or folder.
        path: PathBuf,
    },
    /// Its manifest.
    #[error("{path}: {why}")]
    Manifest {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        why: BadManifest,
    },
    /// A folder of too many files.
    #[error("{path} holds more than {FILES} files of one sort")]
    Many {
        /// The folder.
        path: PathBuf,
    },
}

/// What of an archive is read in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Files of entries.
    Entries,
    /// Attachments.
    Files,
    /// The signed log.
    Log,
}

/// An archive.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    tar: bool,
    manifest: Manifest,
}

impl Part {
    fn holds(self, name: &str) -> bool {
        match self {
            Self::Entries => archive::is_portion(name),
            Self::Files => archive::attachment(name).is_some(),
            Self::Log => name.starts_with("log/") && !name.split('/').any(|part| part == ".."),
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Entries => archive::ENTRIES,
            Self::Files => archive::FILES,
            Self::Log => "log",
        }
    }
}

/// Whether a path looks like an archive rather than like some other file.
#[must_use]
pub fn is_archive(path: &Path) -> bool {
    if path.is_dir() {
        return true;
    }
    let (at, magic) = MAGIC;
    let mut head = vec![0; at + magic.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.ends_with(magic)
}

impl Archive {
    /// Opens one.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn open(path: &Path) -> Result<Self, Unread> {
        let tar = !path.is_dir();
        let mut found = None;
        let mut look = |_: &str, _: u64, from: &mut dyn Read| {
            let mut bytes = Vec::new();
            from.take(u64::try_from(archive::LONGEST).unwrap_or(u64::MAX))
                .read_to_end(&mut bytes)?;
            found = Some(bytes);
            Ok::<_, io::Error>(())
        };
        let failed = |why| Unread::Io {
            path: path.to_owned(),
            why,
        };
        match tar {
            true => each_of_tar(path, &|name| name == MANIFEST, &mut look).map_err(failed)?,
            false => match File::open(path.join(MANIFEST)) {
                Ok(mut file) => look(MANIFEST, 0, &mut file).map_err(failed)?,
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                Err(why) => return Err(failed(why)),
            },
        }
        let bytes = found.ok_or_else(|| Unread::None { path: path.to_owned() })?;
        let manifest = Manifest::read(&bytes).map_err(|why| Unread::Manifest {
            path: path.to_owned(),
            why,
        })?;
        Ok(Self {
            path: path.to_owned(),
            tar,
            manifest,
        })
    }

    /// What it says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Hands over every file of a part with its name and length: in the order of their names out of a folder, in their own
    /// order out of a tar file.
    ///
    /// # Errors
    /// [`Unread`] as the kind of error that `take` has, or what `take` says.
    pub fn each<E: From<Unread>>(
        &self,
        part: Part,
        mut take: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |why| Unread::Io {
            path: self.path.clone(),
            why,
        };
        if !self.tar {
            for name in self.names(part)? {
                let file = File::open(self.path.join(&name)).map_err(failed)?;
                let length = file.metadata().map_err(failed)?.len();
                take(&name, length, &mut BufReader::new(file))?;
            }
            return Ok(());
        }
        let mut refused = None;
        let mut relay = |name: &str, length: u64, from: &mut dyn Read| {
            take(name, length, from).map_err(|why| {
                refused = Some(why);
                io::Error::other("refused")
            })
        };
        let done = each_of_tar(&self.path, &|name| part.holds(name), &mut relay);
        match (done, refused) {
            (_, Some(why)) => Err(why),
            (Err(why), None) => Err(failed(why).into()),
            (Ok(()), None) => Ok(()),
        }
    }

    /// The names of a part's files below a folder, sorted.
    fn names(&self, part: Part) -> Result<Vec<String>, Unread> {
        let mut names = Vec::new();
        let mut open = vec![part.folder().to_owned()];
        while let Some(folder) = open.pop() {
            let path = self.path.join(&folder);
            let failed = |why| Unread::Io {
                path: path.clone(),
                why,
            };
            let entries = match fs::read_dir(&path) {
                Err(why) if why.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(failed)?,
            };
            for entry in entries {
                let entry = entry.map_err(failed)?;
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                let name = format!("{folder}/{name}");
                // Links are passed over: an archive has none.
                let kind = entry.file_type().map_err(failed)?;
                if kind.is_dir() && part == Part::Log {
                    open.push(name);
                } else if kind.is_file() && part.holds(&name) {
                    names.push(name);
                }
                if names.len() + open.len() > FILES {
                    return Err(Unread::Many {
                        path: self.path.clone(),
                    });
                }
            }
        }
        names.sort();
        Ok(names)
    }
}

fn each_of_tar(
    path: &Path,
    wanted: &dyn Fn(&str) -> bool,
    take: &mut dyn FnMut(&str, u64, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut tar = tar::Archive::new(BufReader::new(File::open(path)?));
    // Without seeking: what was jumped over could be missing.
    for member in tar.entries()? {
        let mut member = member?;
        let name = member.path()?.to_str().map(str::to_owned);
        let Some(name) = name.filter(|name| wanted(name)) else {
            continue;
        };
        if member.header().entry_type().is_file() {
            let length = member.size();
            let mut counted = Counted {
                inner: &mut member,
                read: 0,
            };
            take(&name, length, &mut counted)?;
            // What is left of it, if that is there.
            io::copy(&mut counted, &mut io::sink())?;
            if counted.read < length {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use althing_protocol::hash::{Hash, Id};

    use super::*;
    use crate::archive::Tar;

    fn manifest() -> Vec<u8> {
        let manifest = Manifest {
            althing_archive: archive::FORMAT,
            committee: Id([1; 32]),
            digest: Hash([2; 32]),
            record: 0,
            entries: 0,
            made: 0,
        };
        serde_json::to_vec(&manifest).unwrap()
    }

    fn names(archive: &Archive, part: Part) -> Vec<String> {
        let mut names = Vec::new();
        let taken = archive.each(part, |name, length, from| {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            assert_eq!(u64::try_from(bytes.len()).unwrap(), length);
            names.push(name.to_owned());
            Ok::<_, Unread>(())
        });
        taken.unwrap();
        names
    }

    #[test]
    fn a_tar_file_and_its_folder_are_the_same_archive() {
        let dir = tempfile::tempdir().unwrap();
        let (tarred, folder) = (dir.path().join("a.tar"), dir.path().join("a"));
        let hash = Hash([7; 32]);
        let files = [
            ("index.html".to_owned(), b"<p>".to_vec()),
            (format!("files/{hash}"), b"x".to_vec()),
            (archive::portion(1), b"\xf6".to_vec()),
            (archive::portion(0), b"\xf6\xf6".to_vec()),
            ("log/1/checkpoint".to_owned(), b"y".to_vec()),
            (MANIFEST.to_owned(), manifest()),
            ("entries/other.txt".to_owned(), b"z".to_vec()),
        ];
        let mut tar = Tar::new(File::create(&tarred).unwrap(), 0);
        for (name, bytes) in &files {
            tar.put(name, bytes).unwrap();
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        tar.finish().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.join(archive::portion(2))).unwrap();
        let (tarred, folder) = (Archive::open(&tarred).unwrap(), Archive::open(&folder).unwrap());
        assert_eq!(tarred.manifest(), folder.manifest());
        for part in [Part::Entries, Part::Files, Part::Log] {
            let (mut one, other) = (names(&tarred, part), names(&folder, part));
            one.sort();
            assert_eq!(one, other, "{part:?}");
            assert!(!one.is_empty());
        }
    }

    #[test]
    fn what_is_no_archive_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, vec![0; 2048]).unwrap();
        assert!(!is_archive(&path) && is_archive(dir.path()));
        assert!(matches!(Archive::open(dir.path()), Err(Unread::None { .. })));
        assert!(Archive::open(&path).is_err());
        let mut tar = Tar::new(File::create(&path).unwrap(), 0);
        tar.put(MANIFEST, &manifest()).unwrap();
        tar.put(&archive::portion(0), &vec![0xf6; 4096]).unwrap();
        tar.finish().unwrap();
        assert!(is_archive(&path));
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 4096]).unwrap();
        assert!(
            matches!(Archive::open(&path), Err(Unread::Io { .. })),
            "what is cut off is no shorter archive"
        );
    }
}
