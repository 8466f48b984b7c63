//! A committee as a tar file, out of the store of a running node (`docs/spec/archive.md`).
//!
//! Bounds: one file of entries is in memory at a time ([`archive::PORTION`]), or one chunk of an attachment; the list of
//! entries takes 40 bytes each.

pub mod read;

use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use althing_protocol::archive::{self, Manifest};
use althing_protocol::entry::{Carried, Entry};
use althing_protocol::file::{self, Named};
use althing_protocol::graph::Num;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::limit;
use tar::{Builder, EntryType, Header};
use thiserror::Error;

use crate::clock;
use crate::files::{self, Files, Reader};
use crate::ingest::Ingest;
use crate::store;

/// Entries that are read in one go, so that nobody waits long for the state.
const GROUP: usize = 64;

/// Why an archive ends early.
#[derive(Debug, Error)]
pub enum Incomplete {
    /// Nothing of it is here.
    #[error("committee {0} is not followed here, or nothing of it is here yet")]
    NotFollowed(Id),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An attachment.
    #[error(transparent)]
    File(#[from] files::Error),
    /// Whoever reads went away, or the disk is full.
    #[error("the archive cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// What an archive will hold, as of one moment.
pub struct Plan {
    manifest: Manifest,
    entries: Vec<(u32, Id, Num)>,
}

/// Puts files into a tar file, all with the same time and rights.
pub struct Tar<W: Write> {
    builder: Builder<W>,
    /// Seconds since 1970.
    time: u64,
}

impl Plan {
    /// Looks at what is here of a committee.
    ///
    /// # Errors
    /// [`Incomplete::NotFollowed`].
    pub fn new(ingest: &Ingest, committee: Id) -> Result<Self, Incomplete> {
        let found = ingest.read(|state| {
            let found = state.committee(&committee)?;
            let record = found.record();
            Some((record.tree().root(), record.len(), state.archived(found)))
        });
        let (digest, record, mut entries) = found.ok_or(Incomplete::NotFollowed(committee))?;
        entries.sort_unstable();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let manifest = Manifest {
            althing_archive: archive::FORMAT,
            committee,
            digest,
            record: count(record),
            entries: count(entries.len()),
            made: clock::now_ms(),
        };
        Ok(Self { manifest, entries })
    }

    /// Writes it: the manifest, all entries, the attachments that are here.
    ///
    /// # Errors
    /// [`Incomplete`].
    pub fn write(&self, ingest: &Ingest, files: &Files, out: impl Write) -> Result<(), Incomplete> {
        let mut tar = Tar::new(out, self.manifest.made);
        let manifest = serde_json::to_vec_pretty(&self.manifest).map_err(io::Error::from)?;
        tar.put(archive::MANIFEST, &manifest)?;
        let named = self.write_entries(ingest, &mut tar)?;
        for hash in named {
            // What is not here cannot be given; whoever checks the archive is told of it.
            if let Ok(reader) = files.open_file(&hash) {
                let length = reader.length();
                tar.put_from(&format!("{}/{hash}", archive::FILES), length, Chunks::new(reader))?;
            }
        }
        tar.finish()?;
        Ok(())
    }

    /// Answers the attachments that the entries name.
    fn write_entries(&self, ingest: &Ingest, tar: &mut Tar<impl Write>) -> Result<BTreeSet<Hash>, Incomplete> {
        let (mut named, mut portion, mut written) = (BTreeSet::new(), Vec::new(), 0);
        for group in self.entries.chunks(GROUP) {
            let wires = ingest.read(|state| {
                let graph = state.graph();
                // What waited on the floor may have given way, and its number may be another's.
                let here = group.iter().filter(|(_, id, num)| graph.num(id) == Some(*num));
                let wires = here.map(|(_, id, num)| ingest.wire(*num, id, limit::BODY));
                wires.collect::<Result<Vec<_>, _>>()
            })?;
            for wire in wires.into_iter().flatten() {
                if portion.len() + wire.len() > archive::PORTION {
                    tar.put(&archive::portion(written), &portion)?;
                    written += 1;
                    portion.clear();
                }
                named.extend(files_of(&wire).into_iter().map(|file| file.hash));
                portion.extend_from_slice(&wire);
            }
        }
        tar.put(&archive::portion(written), &portion)?;
        Ok(named)
    }
}

/// The attachments that an entry in wire form names.
fn files_of(wire: &[u8]) -> Vec<Named> {
    match Entry::decode(wire).as_ref().map(Entry::body) {
        Ok(Carried::Here(body)) => file::named(&body.bytes),
        _ => Vec::new(),
    }
}

impl<W: Write> Tar<W> {
    /// A new one; `time` in milliseconds since 1970.
    pub fn new(out: W, time: u64) -> Self {
        Self {
            builder: Builder::new(out),
            time: time / 1000,
        }
    }

    /// Puts a file into it.
    ///
    /// # Errors
    /// Whatever keeps it from being written.
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.put_from(path, u64::try_from(bytes.len()).unwrap_or(u64::MAX), bytes)
    }

    /// The same, read as it goes.
    ///
    /// # Errors
    /// Whatever keeps it from being read or written; or that it has another length.
    pub fn put_from(&mut self, path: &str, length: u64, bytes: impl Read) -> io::Result<()> {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(length);
        header.set_mode(0o644);
        header.set_mtime(self.time);
        let mut counted = Counted { inner: bytes, read: 0 };
        self.builder.append_data(&mut header, path, &mut counted)?;
        match counted.read == length {
            true => Ok(()),
            false => Err(io::Error::other(format!("{path} has another length than it should"))),
        }
    }

    /// Ends it.
    ///
    /// # Errors
    /// As [`Tar::put`].
    pub fn finish(self) -> io::Result<W> {
        let mut out = self.builder.into_inner()?;
        out.flush()?;
        Ok(out)
    }
}

struct Counted<R> {
    inner: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.read = self.read.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
        Ok(n)
    }
}

/// An attachment, chunk by chunk, each checked before it is given.
struct Chunks {
    reader: Reader,
    next: u64,
    chunk: io::Cursor<Vec<u8>>,
}

impl Chunks {
    fn new(reader: Reader) -> Self {
        Self {
            reader,
            next: 0,
            chunk: io::Cursor::default(),
        }
    }
}

impl Read for Chunks {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.chunk.read(buf)?;
        if read > 0 || buf.is_empty() || self.next >= file::chunks(self.reader.length()) {
            return Ok(read);
        }
        let chunk = self.reader.chunk(self.next).map_err(io::Error::other)?;
        self.next += 1;
        self.chunk = io::Cursor::new(chunk.into_bytes());
        self.chunk.read(buf)
    }
}
