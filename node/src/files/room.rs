//! Room for files: what is granted, and what goes to make some.
//!
//! Gone are, in this order and only as far as needed: parts that nobody fetches on, the one left alone longest first;
//! then files that no entry names and that were added longer than [`limit::GRACE`] ago, the oldest first. What an entry
//! here names never goes for another: nobody else may have it.

use std::time::Duration;

use althing_protocol::hash::Hash;

use super::{Error, Files};
use crate::clock;
use crate::limit::files as limit;

/// Room that was granted and is not filled yet; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    files: Files,
    length: u64,
}

impl Room {
    /// A whole file fills it now.
    pub(super) fn becomes(mut self, hash: Hash) {
        let length = std::mem::take(&mut self.length);
        let mut shelf = self.files.shelf();
        // Two may have brought the same one.
        if shelf.files.insert(hash, length).is_some() {
            shelf.used = shelf.used.saturating_sub(length);
        }
    }

    /// A part fills it now.
    pub(super) fn becomes_part(mut self, hash: Hash) {
        let length = std::mem::take(&mut self.length);
        self.files.shelf().parts.insert(hash, length);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut shelf = self.files.shelf();
        shelf.used = shelf.used.saturating_sub(self.length);
    }
}

impl Files {
    /// Grants room for a file, and makes some if need be.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::NoRoom`], [`Error::Many`], or what the disk says.
    pub(super) fn reserve(&self, length: u64) -> Result<Room, Error> {
        let super::Limits { budget, file } = self.0.limits;
        if length > file {
            return Err(Error::TooLarge { most: file });
        }
        if let Some(room) = self.grant(length) {
            return Ok(room);
        }
        self.make_room(length)?;
        self.grant(length).ok_or_else(|| match self.held().0 >= limit::MOST {
            true => Error::Many,
            false => Error::NoRoom { budget },
        })
    }

    fn grant(&self, length: u64) -> Option<Room> {
        let mut shelf = self.shelf();
        let used = shelf.used.checked_add(length)?;
        if used > self.0.limits.budget || shelf.files.len() + shelf.parts.len() >= limit::MOST {
            return None;
        }
        shelf.used = used;
        Some(Room {
            files: self.clone(),
            length,
        })
    }

    fn has_room(&self, length: u64) -> bool {
        let shelf = self.shelf();
        let few = shelf.files.len() + shelf.parts.len() < limit::MOST;
        few && shelf.used.saturating_add(length) <= self.0.limits.budget
    }

    fn make_room(&self, length: u64) -> Result<(), Error> {
        for hash in self.idle_parts().into_iter().chain(self.unnamed(limit::GRACE)) {
            if self.has_room(length) {
                break;
            }
            tracing::info!(file = %hash, "removed to make room: no entry here names it");
            self.remove(&hash)?;
        }
        Ok(())
    }

    /// Removes what nothing names any more and what was left in part, after their time.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sweep(&self) -> Result<(), Error> {
        for hash in self.unnamed(limit::GRACE) {
            self.remove(&hash)?;
        }
        for hash in self.idle_parts() {
            let age = self.0.disk.part_time(&hash).elapsed().unwrap_or_default();
            if age > limit::PARTS {
                self.remove(&hash)?;
            }
        }
        Ok(())
    }

    /// Parts that are not being fetched, the one left alone longest first.
    fn idle_parts(&self) -> Vec<Hash> {
        let mut idle: Vec<Hash> = {
            let shelf = self.shelf();
            shelf
                .parts
                .keys()
                .filter(|hash| !shelf.active.contains(*hash))
                .copied()
                .collect()
        };
        idle.sort_by_cached_key(|hash| (self.0.disk.part_time(hash), *hash));
        idle
    }

    /// Files that no entry names and that came longer ago than this, the oldest first.
    pub(super) fn unnamed(&self, grace: Duration) -> Vec<Hash> {
        let all: Vec<Hash> = self.shelf().files.keys().copied().collect();
        let now = clock::now_ms();
        let grace = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let age = |hash: Hash| {
            let added = self.0.disk.about(&hash).map_or(0, |about| about.added);
            (now.saturating_sub(added) > grace).then_some((added, hash))
        };
        let mut old: Vec<(u64, Hash)> = all
            .into_iter()
            .filter(|hash| !self.is_named(hash))
            .filter_map(age)
            .collect();
        old.sort_unstable();
        old.into_iter().map(|(_, hash)| hash).collect()
    }
}
