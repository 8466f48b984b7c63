//! One column family, read in the order of its numbers.

use althing_protocol::graph::Num;
use rocksdb::DBRawIteratorWithThreadMode;

use crate::store::load::bulk;
use crate::store::{Store, key};

/// Reads front to back; behind the first damaged block, number by number.
pub(super) struct Column<'a> {
    store: &'a Store,
    name: &'static str,
    rows: Option<DBRawIteratorWithThreadMode<'a, rocksdb::DB>>,
}

impl<'a> Column<'a> {
    pub(super) fn new(store: &'a Store, name: &'static str) -> Self {
        let mut rows = store.0.db.raw_iterator_cf_opt(store.cf(name), bulk());
        rows.seek_to_first();
        Self {
            store,
            name,
            rows: Some(rows),
        }
    }

    /// The highest number in it, as far as that can be read.
    pub(super) fn last(&self) -> Option<u32> {
        let mut rows = self.store.0.db.raw_iterator_cf_opt(self.store.cf(self.name), bulk());
        rows.seek_to_last();
        rows.key()?.try_into().ok().map(u32::from_be_bytes)
    }

    /// The next number from this one on, as far as that is known.
    pub(super) fn next(&self, from: u32) -> Option<u32> {
        match &self.rows {
            Some(rows) => match rows.key() {
                Some(key) => key
                    .try_into()
                    .ok()
                    .map(u32::from_be_bytes)
                    .or(Some(from))
                    .map(|next| next.max(from)),
                None if rows.status().is_ok() => None,
                None => Some(from),
            },
            None => Some(from),
        }
    }

    /// What is stored under a number. To be asked in ascending order.
    pub(super) fn at(&mut self, num: u32) -> Result<Option<Vec<u8>>, rocksdb::Error> {
        if let Some(rows) = &mut self.rows {
            while let Some((found, value)) = rows.item() {
                // A key of another length sorts somewhere, belongs to nothing, and is met again by no number.
                let number = found.try_into().ok().map(u32::from_be_bytes);
                match number {
                    Some(number) if number == num => {
                        let value = value.to_vec();
                        rows.next();
                        return Ok(Some(value));
                    }
                    Some(number) if number > num => return Ok(None),
                    _ => rows.next(),
                }
            }
            if rows.status().is_ok() {
                return Ok(None);
            }
            self.rows = None;
        }
        self.store.0.db.get_cf(self.store.cf(self.name), key(Num(num)))
    }
}
