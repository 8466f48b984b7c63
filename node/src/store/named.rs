//! Which entries name a file: hints, under which to look.
//!
//! A hint is written and removed in the batch that brings or drops the body, so there is one for each file that a body
//! here names. What counts is the body itself, which whoever follows a hint reads: a hint that is left over says nothing.

use althing_protocol::file;
use althing_protocol::graph::Num;
use althing_protocol::hash::Hash;
use althing_protocol::limit;
use rocksdb::{Direction, IteratorMode};

use super::{BODY, Error, NAMED, Store, key};

/// The key of a hint.
pub(super) fn named_key(hash: &Hash, num: Num) -> Vec<u8> {
    [hash.as_bytes().as_slice(), &key(num)].concat()
}

impl Store {
    /// Numbers of entries whose bodies may name a file, those that came first first, at most `most`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn naming(&self, hash: &Hash, most: usize) -> Result<Vec<Num>, Error> {
        let mut nums = Vec::new();
        let from = IteratorMode::From(hash.as_bytes(), Direction::Forward);
        for item in self.0.db.iterator_cf(self.cf(NAMED), from).take(most) {
            let (key, _) = item.map_err(|e| self.failed("read", e))?;
            let Some(num) = key.strip_prefix(hash.as_bytes()) else {
                break;
            };
            nums.extend(num.try_into().map(|bytes| Num(u32::from_be_bytes(bytes))));
        }
        Ok(nums)
    }

    /// Whether a hint is there.
    pub(super) fn is_naming(&self, hash: &Hash, num: Num) -> Result<bool, Error> {
        Ok(self.read(NAMED, &named_key(hash, num))?.is_some())
    }

    /// The files that the stored body of an entry names.
    pub(super) fn files_named(&self, num: Num) -> Result<Vec<Hash>, Error> {
        let value = self.read(BODY, &key(num))?;
        let bytes = value.as_deref().and_then(|value| value.get(limit::SALT..));
        let files = bytes.map(file::named).unwrap_or_default();
        Ok(files.into_iter().map(|file| file.hash).collect())
    }
}
