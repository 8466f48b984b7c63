//! What is stored of the logs: leaves, where an entry's leaf is, the hashes of full subtrees, and what was signed.

use althing_protocol::anchor::time::{Fact, Facts};
use althing_protocol::codec;
use althing_protocol::entry::Block;
use althing_protocol::graph::Num;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::log::{Frontier, Full};
use serde::{Deserialize, Serialize};

use super::load::bulk;
use super::{Batch, Damage, Error, LOG, META, PLACE, SUBTREE, Store};

/// A stored leaf: the entry by its number here, where it names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logged {
    /// Joined the record for the first time: it is in the sequence too.
    Joined(Num),
    /// Joined again after it had left.
    Again(Num),
    /// Left the record.
    Left(Num),
    /// The record's digest.
    Cut(Hash),
}

/// A checkpoint that this node signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The signed note, with the cosignatures that came.
    pub note: String,
    /// How many leaves it covers.
    pub size: u64,
    /// The peaks of the log at that size.
    pub peaks: Vec<Hash>,
    /// When it was signed, milliseconds since 1970.
    pub time: u64,
}

/// A checkpoint of another node's log that this one cosigned, or saw and does not believe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cosigned {
    /// The note as it came, with its cosignatures and this node's own.
    pub note: String,
    /// How many leaves it covers.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// When, milliseconds since 1970.
    pub time: u64,
}

const SIGNED: &[u8] = b"signed";
const COSIGNED: &[u8] = b"cosigned";
const ACCUSED: &[u8] = b"accused";
const DOUBTED: &[u8] = b"doubted";
const FACT: &[u8] = b"fact/";

/// How long notes of one's own checkpoints are kept, in milliseconds: half a year, in which a proof can be made with the
/// cosignatures of then.
pub const KEPT: u64 = 183 * 24 * 3600 * 1000;

const NOTED: &[u8] = b"noted";
const GENERATION: &[u8] = b"generation";

impl Batch {
    /// The next leaf of a committee's log.
    pub fn leaf(&mut self, root: Num, index: u64, leaf: Logged) {
        let value = match leaf {
            Logged::Joined(num) => [&[1], &num.0.to_le_bytes()[..]].concat(),
            Logged::Cut(digest) => [&[2], &digest.as_bytes()[..]].concat(),
            Logged::Left(num) => [&[3], &num.0.to_le_bytes()[..]].concat(),
            Logged::Again(num) => [&[4], &num.0.to_le_bytes()[..]].concat(),
        };
        self.put(LOG, &log_key(root, index), &value);
        if let Logged::Joined(num) | Logged::Again(num) = leaf {
            self.put(PLACE, &place_key(root, num), &index.to_le_bytes());
        }
    }

    /// A subtree that became full.
    pub fn subtree(&mut self, root: Num, full: &Full) {
        let key = subtree_key(root, full.level, full.index);
        self.put(SUBTREE, &key, full.hash.as_bytes());
    }

    /// The latest signed checkpoint of a committee's log.
    pub fn signed(&mut self, committee: &Id, signed: &Signed) {
        self.put(META, &[SIGNED, committee.as_bytes()].concat(), &codec::encode(signed));
    }

    /// The note of a checkpoint of one's own, for proofs that rest on it later, in the place of the oldest one where that
    /// is older than [`KEPT`].
    pub fn noted(&mut self, committee: &Id, signed: &Signed, oldest: Option<u64>) {
        let value = codec::encode(&(signed.time, &signed.note));
        self.put(META, &noted_key(committee, signed.size), &value);
        if let Some(oldest) = oldest {
            self.delete(META, &noted_key(committee, oldest));
        }
    }

    /// The latest checkpoint of another node's log.
    pub fn cosigned(&mut self, origin: &str, cosigned: &Cosigned) {
        self.put(META, &[COSIGNED, origin.as_bytes()].concat(), &codec::encode(cosigned));
    }

    /// One that does not go on from the latest cosigned one.
    pub fn doubted(&mut self, origin: &str, seen: &Cosigned) {
        self.put(META, &[DOUBTED, origin.as_bytes()].concat(), &codec::encode(seen));
    }

    /// A log whose fraud is published.
    pub fn accused(&mut self, origin: &str) {
        self.put(META, &[ACCUSED, origin.as_bytes()].concat(), &[]);
    }

    /// A final block that is believed.
    pub fn fact(&mut self, fact: &Fact) {
        let Block { chain, height, .. } = fact.block;
        let key = [FACT, &chain.to_be_bytes()[..], &height.to_be_bytes()].concat();
        self.put(META, &key, &codec::encode(fact));
    }

    /// One that is no longer believed.
    pub fn forget(&mut self, fact: &Fact) {
        let Block { chain, height, .. } = fact.block;
        self.delete(META, &[FACT, &chain.to_be_bytes()[..], &height.to_be_bytes()].concat());
    }

    /// The generation of this node's logs.
    pub fn generation(&mut self, generation: u32) {
        self.put(META, GENERATION, &generation.to_le_bytes());
    }
}

impl Store {
    /// A leaf; none beyond the log's end.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn leaf(&self, root: Num, index: u64) -> Result<Option<Logged>, Error> {
        let value = self.read(LOG, &log_key(root, index))?;
        value
            .map(|value| read_leaf(&value).ok_or_else(|| self.damaged(Damage::Shape(LOG))))
            .transpose()
    }

    /// At most so many leaves from one on, in order: as many as there are.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`] where one is missing in between.
    pub fn leaves_from(&self, root: Num, from: u64, most: usize) -> Result<Vec<Logged>, Error> {
        let mut all = Vec::with_capacity(most.min(1024));
        let mut items = self.0.db.raw_iterator_cf(self.cf(LOG));
        items.seek(log_key(root, from));
        for index in (from..).take(most) {
            let Some((_, value)) = items.item().filter(|(key, _)| *key == log_key(root, index)) else {
                break;
            };
            all.push(read_leaf(value).ok_or_else(|| self.damaged(Damage::Shape(LOG)))?);
            items.next();
        }
        items.status().map_err(|e| self.failed("read", e))?;
        Ok(all)
    }

    /// At most so many kept hashes of one level from one on, in order: as many as there are.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn subtrees_from(&self, root: Num, level: u8, from: u64, most: usize) -> Result<Vec<Hash>, Error> {
        let mut all = Vec::with_capacity(most.min(1024));
        let mut items = self.0.db.raw_iterator_cf(self.cf(SUBTREE));
        items.seek(subtree_key(root, level, from));
        for index in (from..).take(most) {
            let Some((_, value)) = items.item().filter(|(key, _)| *key == subtree_key(root, level, index)) else {
                break;
            };
            let hash = value.try_into().map(Hash);
            all.push(hash.map_err(|_| self.damaged(Damage::Shape(SUBTREE)))?);
            items.next();
        }
        items.status().map_err(|e| self.failed("read", e))?;
        Ok(all)
    }

    /// The number of an entry's leaf, the latest one where it joined.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn place(&self, root: Num, num: Num) -> Result<Option<u64>, Error> {
        let Some(value) = self.read(PLACE, &place_key(root, num))? else {
            return Ok(None);
        };
        let index = value.as_ref().try_into().map(u64::from_le_bytes);
        index.map(Some).map_err(|_| self.damaged(Damage::Shape(PLACE)))
    }

    /// The kept hash of a full subtree.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn subtree(&self, root: Num, level: u8, index: u64) -> Result<Option<Hash>, Error> {
        let Some(value) = self.read(SUBTREE, &subtree_key(root, level, index))? else {
            return Ok(None);
        };
        let hash = value.as_ref().try_into().map(|hash| Some(Hash(hash)));
        hash.map_err(|_| self.damaged(Damage::Shape(SUBTREE)))
    }

    /// How many leaves a log has.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn log_len(&self, root: Num) -> Result<u64, Error> {
        let mut items = self.0.db.raw_iterator_cf(self.cf(LOG));
        items.seek_for_prev(log_key(root, u64::MAX));
        let last = items.key().and_then(|key| key.split_first_chunk::<4>());
        let len = match last {
            Some((of, index)) if *of == root.0.to_be_bytes() => {
                let index = index.try_into().map(u64::from_be_bytes);
                index.map_err(|_| self.damaged(Damage::Shape(LOG)))?.saturating_add(1)
            }
            _ => 0,
        };
        items.status().map_err(|e| self.failed("read", e))?;
        Ok(len)
    }

    /// All leaves of a log, in order.
    ///
    /// # Errors
    /// What the disk says, what `each` says, or [`Error::Damaged`] where one is missing.
    pub fn leaves(&self, root: Num, mut each: impl FnMut(u64, Logged) -> Result<(), Error>) -> Result<(), Error> {
        let mut options = bulk();
        options.set_iterate_upper_bound(log_key(Num(root.0.saturating_add(1)), 0));
        let mut items = self.0.db.raw_iterator_cf_opt(self.cf(LOG), options);
        items.seek(log_key(root, 0));
        let mut index = 0;
        while let Some((key, value)) = items.item() {
            let leaf = read_leaf(value).filter(|_| key == log_key(root, index));
            each(index, leaf.ok_or_else(|| self.damaged(Damage::Shape(LOG)))?)?;
            index += 1;
            items.next();
        }
        items.status().map_err(|e| self.failed("read", e))
    }

    /// The entries that ever were in a committee's record, in the order in which they first joined.
    pub(super) fn sequence(&self, root: Num) -> Result<Vec<Num>, Error> {
        let mut all = Vec::new();
        self.leaves(root, |_, leaf| {
            if let Logged::Joined(num) = leaf {
                all.push(num);
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// The latest checkpoint that this node signed for a committee.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn signed(&self, committee: &Id) -> Result<Option<Signed>, Error> {
        let value = self.read(META, &[SIGNED, committee.as_bytes()].concat())?;
        let value = value.map(|value| codec::decode(&value));
        value.transpose().map_err(|_| self.damaged(Damage::Shape(META)))
    }

    /// The latest checkpoint of another node's log that this one cosigned, by the log's origin.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn cosigned(&self, origin: &str) -> Result<Option<Cosigned>, Error> {
        let value = self.read(META, &[COSIGNED, origin.as_bytes()].concat())?;
        let value = value.map(|value| codec::decode(&value));
        value.transpose().map_err(|_| self.damaged(Damage::Shape(META)))
    }

    /// Those whose origin begins so, sorted by it, at most `most`.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn cosigned_of(&self, beginning: &str, most: usize) -> Result<Vec<(String, Cosigned)>, Error> {
        self.seen(COSIGNED, beginning, most)
    }

    /// Those that do not go on from the cosigned ones, likewise.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn doubted_of(&self, beginning: &str, most: usize) -> Result<Vec<(String, Cosigned)>, Error> {
        self.seen(DOUBTED, beginning, most)
    }

    fn seen(&self, which: &[u8], beginning: &str, most: usize) -> Result<Vec<(String, Cosigned)>, Error> {
        let mut all = Vec::new();
        let from = [which, beginning.as_bytes()].concat();
        let mut items = self.0.db.raw_iterator_cf(self.cf(META));
        items.seek(&from);
        while let Some((key, value)) = items
            .item()
            .filter(|(key, _)| key.starts_with(&from) && all.len() < most)
        {
            let bad = || self.damaged(Damage::Shape(META));
            let origin = key.strip_prefix(which).and_then(|key| str::from_utf8(key).ok());
            let origin = origin.ok_or_else(bad)?.to_owned();
            all.push((origin, codec::decode(value).map_err(|_| bad())?));
            items.next();
        }
        items.status().map_err(|e| self.failed("read", e))?;
        Ok(all)
    }

    /// The note of a checkpoint of this node's log of a committee, if it is kept.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn noted(&self, committee: &Id, size: u64) -> Result<Option<String>, Error> {
        let Some(value) = self.read(META, &noted_key(committee, size))? else {
            return Ok(None);
        };
        let value: (u64, String) = codec::decode(&value).map_err(|_| self.damaged(Damage::Shape(META)))?;
        Ok(Some(value.1))
    }

    /// The size of the oldest kept note of a committee, if that is older than [`KEPT`] at `now`.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn oldest_note(&self, committee: &Id, now: u64) -> Result<Option<u64>, Error> {
        let from = [NOTED, committee.as_bytes()].concat();
        let mut items = self.0.db.raw_iterator_cf(self.cf(META));
        items.seek(&from);
        let Some((key, value)) = items.item() else {
            return Ok(None);
        };
        let Some(size) = key.strip_prefix(from.as_slice()) else {
            return Ok(None);
        };
        let bad = || self.damaged(Damage::Shape(META));
        let size = size.try_into().map(u64::from_be_bytes).map_err(|_| bad())?;
        let (time, _): (u64, String) = codec::decode(value).map_err(|_| bad())?;
        Ok((time.saturating_add(KEPT) < now).then_some(size))
    }

    /// Whether this node has published that a log is a fraud.
    ///
    /// # Errors
    /// What the disk says.
    pub fn is_accused(&self, origin: &str) -> Result<bool, Error> {
        Ok(self.read(META, &[ACCUSED, origin.as_bytes()].concat())?.is_some())
    }

    /// The final blocks that are believed.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn facts(&self) -> Result<Facts, Error> {
        let mut facts = Facts::default();
        let mut items = self.0.db.raw_iterator_cf(self.cf(META));
        items.seek(FACT);
        while let Some((_, value)) = items.item().filter(|(key, _)| key.starts_with(FACT)) {
            let fact = codec::decode(value).ok().and_then(|fact| facts.believe(fact).ok());
            fact.ok_or_else(|| self.damaged(Damage::Shape(META)))?;
            items.next();
        }
        items.status().map_err(|e| self.failed("read", e))?;
        Ok(facts)
    }

    /// The generation of this node's logs; none in a store that is new.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn generation(&self) -> Result<Option<u32>, Error> {
        let Some(value) = self.read(META, GENERATION)? else {
            return Ok(None);
        };
        let number = value.as_ref().try_into().map(u32::from_le_bytes);
        number.map(Some).map_err(|_| self.damaged(Damage::Shape(META)))
    }
}

impl Signed {
    /// The log's right edge then; none if what is stored does not fit together.
    #[must_use]
    pub fn frontier(&self) -> Option<Frontier> {
        Frontier::from_peaks(self.size, self.peaks.clone())
    }
}

fn read_leaf(value: &[u8]) -> Option<Logged> {
    let (tag, rest) = value.split_first()?;
    if *tag == 2 {
        return Some(Logged::Cut(Hash(rest.try_into().ok()?)));
    }
    let num = Num(u32::from_le_bytes(rest.try_into().ok()?));
    match tag {
        1 => Some(Logged::Joined(num)),
        3 => Some(Logged::Left(num)),
        4 => Some(Logged::Again(num)),
        _ => None,
    }
}

fn noted_key(committee: &Id, size: u64) -> Vec<u8> {
    [NOTED, committee.as_bytes(), &size.to_be_bytes()].concat()
}

pub(super) fn log_key(root: Num, index: u64) -> [u8; 12] {
    let mut key = [0; 12];
    let (of, at) = key.split_at_mut(4);
    of.copy_from_slice(&root.0.to_be_bytes());
    at.copy_from_slice(&index.to_be_bytes());
    key
}

fn place_key(root: Num, num: Num) -> [u8; 8] {
    let mut key = [0; 8];
    let (of, at) = key.split_at_mut(4);
    of.copy_from_slice(&root.0.to_be_bytes());
    at.copy_from_slice(&num.0.to_be_bytes());
    key
}

fn subtree_key(root: Num, level: u8, index: u64) -> Vec<u8> {
    [&root.0.to_be_bytes()[..], &[level], &index.to_be_bytes()].concat()
}
