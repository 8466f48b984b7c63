//! Where an archive is put: into a tar file, or file by file into a folder. `SHA256SUMS` closes either.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use althing_protocol::file::Hasher;
use althing_protocol::hash::{Hash, sha256};

use crate::archive::Tar;
use crate::cli::failure::Failure;

/// The file that names all others, as `sha256sum -c` reads it.
pub(super) const SUMS: &str = "SHA256SUMS";

/// An archive that is being written.
pub(super) struct Pack {
    to: To,
    path: PathBuf,
    sums: Vec<(Hash, String)>,
    bytes: u64,
}

enum To {
    /// A tar file under a name of its own, until it is whole.
    Tar(Tar<BufWriter<File>>, PathBuf),
    Folder,
}

impl Pack {
    /// A tar file; `time` in milliseconds since 1970.
    pub(super) fn tar(path: &Path, time: u64) -> Result<Self, Failure> {
        let part = path.with_added_extension("part");
        let file = File::create(&part).map_err(failed(&part))?;
        Ok(Self::new(To::Tar(Tar::new(BufWriter::new(file), time), part), path))
    }

    /// A folder, which is made; one that holds anything is left alone.
    pub(super) fn folder(path: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(path).map_err(failed(path))?;
        let mut held = fs::read_dir(path).map_err(failed(path))?;
        if held.next().is_some() {
            return Err(Failure::Input(format!(
                "{} is not empty; name a new folder, so that nothing old stays among the new files",
                path.display()
            )));
        }
        Ok(Self::new(To::Folder, path))
    }

    fn new(to: To, path: &Path) -> Self {
        Self {
            to,
            path: path.to_owned(),
            sums: Vec::new(),
            bytes: 0,
        }
    }

    /// Puts a file into it.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.place(name, length, bytes)?;
        self.note(name, Hash(sha256(&[bytes])), length);
        Ok(())
    }

    /// The same, read as it goes.
    pub(super) fn put_from(&mut self, name: &str, length: u64, from: impl Read) -> Result<(), Failure> {
        let mut read = Hashing {
            inner: from,
            hasher: Hasher::default(),
        };
        self.place(name, length, &mut read)?;
        self.note(name, read.hasher.finish().hash, length);
        Ok(())
    }

    fn place(&mut self, name: &str, length: u64, mut from: impl Read) -> Result<(), Failure> {
        match &mut self.to {
            To::Tar(tar, part) => tar.put_from(name, length, from).map_err(failed(part)),
            To::Folder => {
                let path = self.path.join(name);
                let parent = path.parent().unwrap_or(&self.path);
                fs::create_dir_all(parent).map_err(failed(parent))?;
                let mut file = File::create_new(&path).map_err(failed(&path))?;
                let written = io::copy(&mut from, &mut file).map_err(failed(&path))?;
                match written == length {
                    true => Ok(()),
                    false => Err(failed(&path)(io::Error::other("it has another length than it should"))),
                }
            }
        }
    }

    /// Leaves nothing of a tar file behind; what is in a folder stays, since it is whole as far as it goes.
    pub(super) fn give_up(self) {
        if let To::Tar(_, part) = self.to {
            // Whoever asked is told why it failed; that this failed too helps nobody.
            drop(fs::remove_file(part));
        }
    }

    fn note(&mut self, name: &str, hash: Hash, length: u64) {
        self.sums.push((hash, name.to_owned()));
        self.bytes = self.bytes.saturating_add(length);
    }

    /// Ends it. Answers how many files and bytes it has.
    pub(super) fn finish(mut self) -> Result<(usize, u64), Failure> {
        self.sums.sort_by(|a, b| a.1.cmp(&b.1));
        let lines: Vec<String> = self
            .sums
            .iter()
            .map(|(hash, name)| format!("{hash}  {name}\n"))
            .collect();
        let sums = lines.concat();
        self.place(SUMS, u64::try_from(sums.len()).unwrap_or(u64::MAX), sums.as_bytes())?;
        if let To::Tar(tar, part) = self.to {
            let mut out = tar.finish().map_err(failed(&part))?;
            out.flush()
                .and_then(|()| out.get_ref().sync_all())
                .map_err(failed(&part))?;
            fs::rename(&part, &self.path).map_err(failed(&self.path))?;
        }
        Ok((self.sums.len() + 1, self.bytes))
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    |why| Failure::File {
        doing: "write",
        path,
        why,
    }
}

struct Hashing<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hasher.update(buf.get(..n).unwrap_or_default());
        Ok(n)
    }
}
