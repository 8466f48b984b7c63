//! Reading a file chunk by chunk, each hashed before anybody sees it.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;

use althing_protocol::file::{self, Answer, Chunk, Request};
use althing_protocol::hash::Hash;
use serde_bytes::ByteBuf;

use super::disk::{About, io_error};
use super::look::Look;
use super::{Error, Files};
use crate::clock;

/// A file that is here, open.
#[derive(Debug)]
pub struct Reader {
    files: Files,
    hash: Hash,
    length: u64,
    file: File,
    about: About,
}

impl Files {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::NotHere`], [`Error::Damaged`], or what the disk says.
    pub fn open_file(&self, hash: &Hash) -> Result<Reader, Error> {
        let length = self.find(hash).ok_or(Error::NotHere(*hash))?;
        let path = self.0.disk.file(hash);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(self.damaged(hash)),
            Err(source) => return Err(io_error("read", &path, source)),
        };
        let about = match self.0.disk.about(hash) {
            Some(about) => about,
            None => self.anew(hash, length, &file)?,
        };
        Ok(Reader {
            files: self.clone(),
            hash: *hash,
            length,
            file,
            about,
        })
    }

    /// Answers a peer's request for a chunk. The peer follows its committee, and so does this node.
    #[must_use]
    pub fn answer(&self, request: &Request) -> Answer {
        if self.find(&request.hash) != Some(request.length) || !self.is_named_in(&request.hash, &request.committee) {
            return Answer::Absent {};
        }
        let chunk = self
            .open_file(&request.hash)
            .and_then(|mut reader| reader.chunk(request.chunk));
        match chunk {
            Ok(chunk) => Answer::Chunk {
                before: chunk.before(),
                bytes: chunk.into_bytes(),
            },
            Err(why) => {
                tracing::debug!(file = %request.hash, %why, "not given to a peer");
                Answer::Absent {}
            }
        }
    }

    /// What is on the disk is not the file: it goes, so that it can come again.
    fn damaged(&self, hash: &Hash) -> Error {
        tracing::error!(file = %hash, "a file was damaged on the disk, and is removed");
        match self.remove(hash) {
            Ok(_) => Error::Damaged(*hash),
            Err(error) => error,
        }
    }

    /// Finds out again what is known beside the bytes: that was damaged, or lost.
    fn anew(&self, hash: &Hash, length: u64, file: &File) -> Result<About, Error> {
        let path = self.0.disk.file(hash);
        let (hashed, ty) = match whole(file, length) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(self.damaged(hash)),
            Err(source) => return Err(io_error("read", &path, source)),
        };
        if hashed.hash != *hash || hashed.length != length {
            return Err(self.damaged(hash));
        }
        let about = About {
            added: clock::now_ms(),
            own: false,
            name: None,
            ty,
            states: states(&hashed),
        };
        self.0.disk.put_about(hash, &about)?;
        Ok(about)
    }
}

/// Hashes a file from its beginning to its end, and looks at it.
pub(super) fn whole(file: &File, length: u64) -> std::io::Result<(file::Hashed, String)> {
    let (mut hasher, mut look) = (file::Hasher::default(), Look::default());
    for n in 0..file::chunks(length) {
        let Some((start, bytes)) = file::span(length, n) else {
            break;
        };
        let mut chunk = vec![0; bytes];
        file.read_exact_at(&mut chunk, start)?;
        hasher.update(&chunk);
        look.update(&chunk);
    }
    Ok((hasher.finish(), look.finish()))
}

/// The states of a file as they are stored.
pub(super) fn states(hashed: &file::Hashed) -> ByteBuf {
    ByteBuf::from(hashed.states.iter().flat_map(|state| state.0).collect::<Vec<u8>>())
}

impl Reader {
    /// Its length.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What it looks like.
    #[must_use]
    pub fn looks(&self) -> &str {
        &self.about.ty
    }

    /// What this node's owner called it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.about.name.as_deref()
    }

    /// Whether this node's owner added it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.about.own
    }

    /// One of its chunks.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the disk gave back something else, and the file is gone then; or what the disk says.
    pub fn chunk(&mut self, n: u64) -> Result<Chunk, Error> {
        match self.try_chunk(n) {
            Err(Error::Damaged(hash)) => {
                // It may be that only what proves the chunks is damaged.
                self.about = self.files.anew(&hash, self.length, &self.file)?;
                self.try_chunk(n).map_err(|_| self.files.damaged(&hash))
            }
            other => other,
        }
    }

    fn try_chunk(&self, n: u64) -> Result<Chunk, Error> {
        let damaged = || Error::Damaged(self.hash);
        let (start, bytes) = file::span(self.length, n).ok_or(Error::NotHere(self.hash))?;
        let before = self.about.state(n).ok_or_else(damaged)?;
        let after = match n + 1 == file::chunks(self.length) {
            true => self.hash,
            false => self.about.state(n + 1).ok_or_else(damaged)?,
        };
        let mut chunk = vec![0; bytes];
        match self.file.read_exact_at(&mut chunk, start) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(damaged()),
            Err(source) => return Err(io_error("read", &self.files.0.disk.file(&self.hash), source)),
        }
        Chunk::check(&after, before, chunk, self.length, n).map_err(|_| damaged())
    }
}
