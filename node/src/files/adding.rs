//! Adding a file: written under another name while it is hashed, then given its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use althing_protocol::file::Hasher;
use althing_protocol::hash::Hash;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

use super::disk::{About, io_error};
use super::look::{Look, claimed};
use super::{Error, Files};
use crate::clock;

/// Longest name that is kept, in bytes: what entries may say.
const NAME: usize = 300;

/// A file as an entry would name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Added {
    /// SHA-256 of its bytes.
    #[schema(value_type = String)]
    pub hash: Hash,
    /// Its length in bytes.
    pub length: u64,
    /// Its media type, by what it looks like.
    #[serde(rename = "type")]
    pub ty: String,
    /// What it was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A file on its way in. Dropped before [`Adding::finish`] it leaves nothing.
#[derive(Debug)]
pub struct Adding {
    files: Files,
    path: PathBuf,
    file: File,
    hasher: Hasher,
    look: Look,
    length: u64,
    name: Option<String>,
    _place: OwnedSemaphorePermit,
}

impl Files {
    /// Begins to add a file for this node's owner.
    ///
    /// # Errors
    /// [`Error::Busy`], or what the disk says.
    pub fn add(&self, name: Option<&str>) -> Result<Adding, Error> {
        let place = self.0.adding.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
        let (path, file) = self.0.disk.new_file()?;
        Ok(Adding {
            files: self.clone(),
            path,
            file,
            hasher: Hasher::default(),
            look: Look::default(),
            length: 0,
            name: name.and_then(cleaned),
            _place: place,
        })
    }
}

impl Adding {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] as soon as there are too many, or what the disk says.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let most = self.files.0.limits.file;
        self.length = self
            .length
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.length > most {
            return Err(Error::TooLarge { most });
        }
        self.hasher.update(bytes);
        self.look.update(bytes);
        let written = self.file.write_all(bytes);
        written.map_err(|source| io_error("write", &self.path, source))
    }

    /// Gives the file its name, once all of it is on the disk. One that is here already stays, and counts as added anew.
    ///
    /// # Errors
    /// [`Error::NoRoom`], [`Error::Many`], or what the disk says.
    pub fn finish(mut self) -> Result<Added, Error> {
        let hashed = std::mem::take(&mut self.hasher).finish();
        let looks = std::mem::take(&mut self.look).finish();
        let added = Added {
            hash: hashed.hash,
            length: hashed.length,
            ty: claimed(&looks, self.name.as_deref()),
            name: self.name.take(),
        };
        let about = About {
            added: clock::now_ms(),
            own: true,
            name: added.name.clone(),
            ty: looks,
            states: super::reader::states(&hashed),
        };
        let disk = &self.files.0.disk;
        if self.files.find(&added.hash).is_some() {
            disk.put_about(&added.hash, &about)?;
            return Ok(added);
        }
        let synced = self.file.sync_all();
        synced.map_err(|source| io_error("write", &self.path, source))?;
        let room = self.files.reserve(added.length)?;
        disk.place(&self.path, &added.hash, &about)?;
        room.becomes(added.hash);
        Ok(added)
    }
}

impl Drop for Adding {
    fn drop(&mut self) {
        // Gone by then if it was given its name; what stays is removed at the next start.
        drop(fs::remove_file(&self.path));
    }
}

/// A name without folders and without characters that steer a terminal; none if nothing is left.
fn cleaned(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut clean: String = last.chars().filter(|c| !c.is_control()).collect();
    while clean.len() > NAME {
        clean.pop();
    }
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for (given, expected) in [
            ("report.pdf", Some("report.pdf")),
            ("/home/ada/report.pdf", Some("report.pdf")),
            ("C:\\data\\a.csv", Some("a.csv")),
            ("a\x1b[2Jb\n", Some("a[2Jb")),
            ("größe.csv", Some("größe.csv")),
            ("..", Some("..")),
            ("", None),
            ("a/", None),
            ("  ", None),
        ] {
            assert_eq!(cleaned(given).as_deref(), expected, "{given:?}");
        }
        assert!(cleaned(&"ä".repeat(400)).unwrap().len() <= NAME);
    }
}
