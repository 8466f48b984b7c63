//! Bodies that this node does not keep because its owner said so: erased one by one, or of a refused identity.
//!
//! Each such decision is a [`Withheld`]: a small record, signed by the owner's device, that says what, when and why.
//! It lives in the store of this node alone. It is no entry: what one node's owner must answer for is no matter of a
//! committee's record, and an entry would tell everybody, for ever, where the text had been.
//!
//! ```text
//! e ‖ entry      an erased body: its notice
//! r ‖ identity   a refused identity: its notice
//! p ‖ range      bodies of these numbers left tables and logs not for certain yet: from, to, number of the batch
//! q ‖ identity   not all bodies of this refused identity were dropped yet
//! ```
//!
//! Invariant: a notice, the loss of the body and the mark `p` are one batch; `p` goes when no file of the store holds
//! the body any more. So a crash leaves an erasure undone or begun, and a begun one is finished at the next start.
//!
//! Bound: [`MOST`] decisions, of which memory holds the ids.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLockReadGuard, RwLockWriteGuard};

use althing_protocol::codec;
use althing_protocol::graph::Num;
use althing_protocol::hash::{Id, Key};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rocksdb::{Direction, IteratorMode};
use serde::{Deserialize, Serialize};

use super::{BODY_STATE, Damage, Error, Store};

/// Decisions that one node remembers.
pub const MOST: usize = 1 << 20;

/// Longest reason, in bytes.
pub const REASON: usize = 1000;

/// In front of what is signed.
const DOMAIN: &[u8] = b"althing/withheld/1\0";

const ERASED: u8 = b'e';
const REFUSED: u8 = b'r';
const PENDING: u8 = b'p';
pub(super) const UNFINISHED: u8 = b'q';

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The body of one entry is erased.
    Erase,
    /// Bodies of an identity are not kept.
    Refuse,
}

impl Act {
    const fn prefix(self) -> u8 {
        match self {
            Self::Erase => ERASED,
            Self::Refuse => REFUSED,
        }
    }
}

/// One decision of this node's owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// What.
    pub act: Act,
    /// The entry, or the identity.
    pub of: Id,
    /// The identity that decided.
    pub by: Id,
    /// The key that signed, and under which `enroll` of that identity.
    pub key: Key,
    /// That `enroll`.
    pub cert: Option<Id>,
    /// Claimed milliseconds since 1970.
    pub time: u64,
    /// Why, for people.
    pub reason: String,
}

impl Withheld {
    /// Signs it. The value as stored: what was signed, then the signature.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let mut out = codec::encode(self);
        let signature = key.sign(&[DOMAIN, &out].concat());
        out.extend_from_slice(&signature.to_bytes());
        out
    }

    /// Reads what [`Withheld::sign`] made. None if anything about it is not as it should be.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let (bytes, signature) = value.split_last_chunk::<64>()?;
        let notice: Self = codec::decode(bytes).ok()?;
        let key = VerifyingKey::from_bytes(notice.key.as_bytes()).ok()?;
        let signed = [DOMAIN, bytes].concat();
        key.verify_strict(&signed, &Signature::from_bytes(signature)).ok()?;
        Some(notice)
    }
}

/// The ids of what is withheld.
#[derive(Debug, Default)]
pub struct Ids {
    erased: HashSet<Id>,
    refused: HashSet<Id>,
}

impl Ids {
    /// Entries whose body is erased, in no particular order.
    #[must_use]
    pub fn erased(&self) -> Vec<Id> {
        self.erased.iter().copied().collect()
    }

    /// Identities that are refused, in no particular order.
    #[must_use]
    pub fn refused(&self) -> Vec<Id> {
        self.refused.iter().copied().collect()
    }

    /// Whether this entry's body was erased.
    #[must_use]
    pub fn is_erased(&self, entry: &Id) -> bool {
        self.erased.contains(entry)
    }

    /// Whether bodies of this identity are refused.
    #[must_use]
    pub fn is_refused(&self, identity: &Id) -> bool {
        self.refused.contains(identity)
    }

    /// Whether the body of this entry of this author is to be kept out.
    #[must_use]
    pub fn holds(&self, entry: &Id, author: &Id) -> bool {
        self.is_erased(entry) || self.is_refused(author)
    }

    /// How many decisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.erased.len() + self.refused.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn set(&mut self, act: Act, of: Id, to: bool) {
        let ids = match act {
            Act::Erase => &mut self.erased,
            Act::Refuse => &mut self.refused,
        };
        if to {
            ids.insert(of);
        } else {
            ids.remove(&of);
        }
    }
}

/// Numbers whose bodies were dropped in one batch and may still be in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending([u8; 16]);

impl Pending {
    pub(super) fn new(from: Num, to: Num, batch: u64) -> Self {
        let bytes = from
            .0
            .to_be_bytes()
            .into_iter()
            .chain(to.0.to_be_bytes())
            .chain(batch.to_be_bytes());
        let mut out = [0; 16];
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = from;
        }
        Self(out)
    }

    pub(super) fn key(&self) -> Vec<u8> {
        [&[PENDING], self.0.as_slice()].concat()
    }

    /// The first and the last of them.
    pub(super) fn range(&self) -> (u32, u32) {
        let number = |n: usize| {
            self.0
                .as_chunks::<4>()
                .0
                .get(n)
                .map_or(0, |bytes| u32::from_be_bytes(*bytes))
        };
        (number(0), number(1))
    }
}

/// A key without its prefix, and its value.
type Pair = (Vec<u8>, Vec<u8>);

impl Store {
    /// What is withheld. Look inside [`crate::ingest::Ingest::read`]: decisions of a batch show before it is on disk.
    pub fn withheld(&self) -> RwLockReadGuard<'_, Ids> {
        self.0.withheld.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn withheld_mut(&self) -> RwLockWriteGuard<'_, Ids> {
        self.0.withheld.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The notice of one decision.
    ///
    /// # Errors
    /// What the disk says; [`Error::Damaged`] when what is stored is not what was signed.
    pub fn notice(&self, act: Act, of: &Id) -> Result<Option<Withheld>, Error> {
        let Some(value) = self.read(BODY_STATE, &named(act.prefix(), of))? else {
            return Ok(None);
        };
        let notice = Withheld::read(&value).filter(|n| n.act == act && n.of == *of);
        notice.map(Some).ok_or_else(|| self.damaged(Damage::Shape(BODY_STATE)))
    }

    /// At most `most` notices of a sort, by id, those after an id if one is given.
    ///
    /// # Errors
    /// As [`Store::notice`].
    pub fn notices(&self, act: Act, after: Option<Id>, most: usize) -> Result<Vec<Withheld>, Error> {
        let mut ids: Vec<Id> = {
            let all = self.withheld();
            let ids = match act {
                Act::Erase => &all.erased,
                Act::Refuse => &all.refused,
            };
            let after = |id: &&Id| after.is_none_or(|after| **id > after);
            ids.iter().filter(after).copied().collect()
        };
        ids.sort_unstable();
        ids.truncate(most);
        let read = ids.iter().map(|id| self.notice(act, id));
        read.filter_map(Result::transpose).collect()
    }

    /// Reads which decisions are stored.
    pub(super) fn load_withheld(&self) -> Result<(), Error> {
        let mut ids = Ids::default();
        for (prefix, act) in [(ERASED, Act::Erase), (REFUSED, Act::Refuse)] {
            for (key, _) in self.states(prefix)? {
                ids.set(
                    act,
                    key.try_into()
                        .map(Id)
                        .map_err(|_| self.damaged(Damage::Shape(BODY_STATE)))?,
                    true,
                );
            }
        }
        *self.withheld_mut() = ids;
        Ok(())
    }

    /// Refused identities whose bodies were not all dropped yet.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn unfinished(&self) -> Result<Vec<Id>, Error> {
        let id = |(key, _): (Vec<u8>, _)| key.try_into().map(Id);
        let ids: Result<_, _> = self.states(UNFINISHED)?.into_iter().map(id).collect();
        ids.map_err(|_| self.damaged(Damage::Shape(BODY_STATE)))
    }

    /// Numbers whose bodies may still be in a file.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn pending(&self) -> Result<Vec<Pending>, Error> {
        let range = |(key, _): (Vec<u8>, _)| key.try_into().map(Pending);
        let ranges: Result<_, _> = self.states(PENDING)?.into_iter().map(range).collect();
        ranges.map_err(|_| self.damaged(Damage::Shape(BODY_STATE)))
    }

    /// Takes over what was decided in another store, before anything else is written here.
    pub(crate) fn adopt_withheld(&self, from: &Self) -> Result<(), Error> {
        let mut batch = rocksdb::WriteBatch::default();
        let mut ids = self.withheld_mut();
        for (prefix, act) in [(ERASED, Act::Erase), (REFUSED, Act::Refuse)] {
            for (key, value) in from.states(prefix)? {
                let of = key
                    .try_into()
                    .map(Id)
                    .map_err(|_| from.damaged(Damage::Shape(BODY_STATE)))?;
                batch.put_cf(self.cf(BODY_STATE), notice_key(act, &of), value);
                ids.set(act, of, true);
            }
        }
        self.0.db.write(batch).map_err(|e| self.failed("written", e))
    }

    /// Keys without this prefix, and their values.
    fn states(&self, prefix: u8) -> Result<Vec<Pair>, Error> {
        let mut all = Vec::new();
        let from = IteratorMode::From(&[prefix], Direction::Forward);
        for item in self.0.db.iterator_cf(self.cf(BODY_STATE), from) {
            let (key, value) = item.map_err(|e| self.failed("read", e))?;
            let Some(key) = key.strip_prefix(&[prefix]) else { break };
            all.push((key.to_vec(), value.into_vec()));
        }
        Ok(all)
    }
}

pub(super) fn notice_key(act: Act, of: &Id) -> Vec<u8> {
    named(act.prefix(), of)
}

pub(super) fn named(prefix: u8, id: &Id) -> Vec<u8> {
    [&[prefix], id.as_bytes().as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_reads_back_and_a_changed_one_does_not() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let notice = Withheld {
            act: Act::Erase,
            of: Id([1; 32]),
            by: Id([2; 32]),
            key: Key(key.verifying_key().to_bytes()),
            cert: Some(Id([3; 32])),
            time: 1_795_253_400_000,
            reason: "a court said so".to_owned(),
        };
        let value = notice.sign(&key);
        assert_eq!(Withheld::read(&value), Some(notice));
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] ^= 4;
            assert_eq!(Withheld::read(&changed), None, "changed at {at}");
        }
        assert_eq!(Withheld::read(&[]), None);
    }
}
