//! A file that is being fetched: chunks from its end to its beginning, each checked before it is written.
//!
//! What is here of it survives a stop and a crash without any fsync: at the next beginning the chunks are hashed again,
//! from the end on, and what does not fit is fetched once more.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;

use althing_protocol::file::{self, Chunk};
use althing_protocol::hash::Hash;

use super::disk::{About, io_error};
use super::reader::{states, whole};
use super::{Error, Files};
use crate::clock;

/// A file that is here in part. One at a time for each file.
#[derive(Debug)]
pub(crate) struct Part {
    files: Files,
    hash: Hash,
    length: u64,
    data: File,
    back: File,
    /// The chunk that is needed next; none when all are here.
    next: Option<u64>,
    /// What it must lead to.
    after: Hash,
}

impl Files {
    /// Begins to fetch a file of this length, or goes on with what is here of it.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::NoRoom`], [`Error::Busy`] if it is being fetched, or what the disk says.
    pub(crate) fn part(&self, hash: Hash, length: u64) -> Result<Part, Error> {
        if length > self.0.limits.file {
            return Err(Error::TooLarge {
                most: self.0.limits.file,
            });
        }
        if !self.shelf().active.insert(hash) {
            return Err(Error::Busy);
        }
        self.begin(hash, length).inspect_err(|_| {
            self.shelf().active.remove(&hash);
        })
    }

    fn begin(&self, hash: Hash, length: u64) -> Result<Part, Error> {
        let known = self.shelf().parts.get(&hash).copied();
        if known.is_some_and(|known| known != length) {
            self.remove(&hash)?;
        }
        if known != Some(length) {
            self.reserve(length)?.becomes_part(hash);
        }
        let disk = &self.0.disk;
        let open = |path| {
            disk.create(
                path,
                OpenOptions::new().read(true).write(true).create(true).truncate(false),
            )
        };
        let (data, back) = (disk.part(&hash), disk.back(&hash));
        let (data_file, back_file) = (open(&data)?, open(&back)?);
        let sized = data_file.set_len(length);
        sized.map_err(|source| io_error("write", &data, source))?;
        let mut part = Part {
            files: self.clone(),
            hash,
            length,
            data: data_file,
            back: back_file,
            next: file::chunks(length).checked_sub(1),
            after: hash,
        };
        part.reread().map_err(|source| io_error("read", &back, source))?;
        Ok(part)
    }
}

impl Part {
    /// The chunk that is needed next, and what it must lead to; none when all of it is here.
    pub(crate) fn next(&self) -> Option<(u64, Hash)> {
        self.next.map(|n| (n, self.after))
    }

    /// Bytes that are here.
    pub(crate) fn have(&self) -> u64 {
        let left = self.next.and_then(|n| file::span(self.length, n));
        left.map_or(self.length, |(start, bytes)| {
            let end = start.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
            self.length.saturating_sub(end)
        })
    }

    /// Takes the chunk that was needed. Another one is passed over.
    ///
    /// # Errors
    /// [`Error::Removed`] if its owner removed the file meanwhile, or what the disk says.
    pub(crate) fn take(&mut self, chunk: &Chunk) -> Result<(), Error> {
        if self.next != Some(chunk.number()) {
            return Ok(());
        }
        if !self.files.shelf().parts.contains_key(&self.hash) {
            return Err(Error::Removed(self.hash));
        }
        let start = file::span(self.length, chunk.number()).map_or(0, |(start, _)| start);
        let written = self
            .data
            .write_all_at(chunk.bytes(), start)
            .and_then(|()| self.back.write_all(&chunk.before().0));
        written.map_err(|source| io_error("write", &self.files.0.disk.part(&self.hash), source))?;
        self.went(chunk);
        Ok(())
    }

    /// Gives the file its name: hashed once more as it lies on the disk.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the disk gives back something else, [`Error::Removed`], or what the disk says.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let disk = &self.files.0.disk;
        let path = disk.part(&self.hash);
        let hashed = self.data.sync_all().and_then(|()| whole(&self.data, self.length));
        let (hashed, ty) = hashed.map_err(|source| io_error("read", &path, source))?;
        if hashed.hash != self.hash {
            self.files.remove(&self.hash)?;
            return Err(Error::Damaged(self.hash));
        }
        let about = About {
            added: clock::now_ms(),
            own: false,
            name: None,
            ty,
            states: states(&hashed),
        };
        // Under the lock: an erasure meanwhile either finds a part, and this finds none, or it finds the file.
        let mut shelf = self.files.shelf();
        let length = shelf.parts.remove(&self.hash).ok_or(Error::Removed(self.hash))?;
        if let Err(error) = disk.place(&path, &self.hash, &about) {
            shelf.parts.insert(self.hash, length);
            return Err(error);
        }
        if shelf.files.insert(self.hash, length).is_some() {
            shelf.used = shelf.used.saturating_sub(length);
        }
        drop(shelf);
        disk.remove_part(&self.hash)
    }

    fn went(&mut self, chunk: &Chunk) {
        self.next = chunk.number().checked_sub(1);
        self.after = chunk.before();
    }

    /// Goes through what a fetch before this one left.
    fn reread(&mut self) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        // One state for each chunk, and the length before them.
        let most = file::chunks(self.length).saturating_mul(32).saturating_add(8);
        (&self.back).take(most).read_to_end(&mut bytes)?;
        let head = self.length.to_le_bytes();
        let (found, states) = bytes.split_at_checked(8).unwrap_or_default();
        let states = if found == head { states.as_chunks::<32>().0 } else { &[] };
        let mut kept: u64 = 8;
        for state in states {
            let Some((n, after)) = self.next() else { break };
            let Some((start, bytes)) = file::span(self.length, n) else {
                break;
            };
            let mut chunk = vec![0; bytes];
            self.data.read_exact_at(&mut chunk, start)?;
            let Ok(chunk) = Chunk::check(&after, Hash(*state), chunk, self.length, n) else {
                break;
            };
            self.went(&chunk);
            kept += 32;
        }
        if found != head {
            self.back.rewind()?;
            self.back.write_all(&head)?;
        }
        self.back.set_len(kept)?;
        self.back.seek(SeekFrom::Start(kept))?;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.files.shelf().active.remove(&self.hash);
    }
}
