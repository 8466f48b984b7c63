//! What the bot must not forget, in one file.
//!
//! Invariant: the file is replaced whole and synced before the effect that it announces, so that after a crash the bot
//! knows every transaction that it may have sent. One process holds the folder ([`Folder::open`]).

mod folder;

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, Bytes, U128};
use alloy::serde::quantity;
use althing_protocol::hash::Id;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use self::folder::Folder;
use crate::plan::Plan;

/// Most slots that are remembered; older ones are dropped.
pub const SLOTS: usize = 4096;

/// Most committees of which the last slot is remembered.
pub const COMMITTEES: usize = 16_384;

/// Most days of which the spending is remembered. Only the last matters for the budget.
pub const DAYS: usize = 400;

/// Longest state file.
const LONGEST: u64 = 64 << 20;

const FILE: &str = "anchor.json";
const VERSION: u32 = 1;

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    version: u32,
    /// The chain's id.
    pub chain: u64,
    /// Who pays.
    pub account: Address,
    /// Nonces below this one are used in final blocks, if known.
    pub settled: Option<u64>,
    /// The transaction that is on its way.
    pub flight: Option<Flight>,
    /// Slots that are over, oldest first.
    pub slots: VecDeque<Slot>,
    /// In which slot each committee was anchored last.
    pub last: BTreeMap<Id, u64>,
    /// What was spent each day (days since 1970), in wei.
    pub days: BTreeMap<u64, U128>,
    /// What was spent in all, in wei.
    #[serde(with = "quantity")]
    pub spent: u128,
    /// The contract that this bot made.
    pub deployed: Option<Address>,
}

/// A nonce, and the transactions that were signed for it. At most one of them is ever mined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flight {
    /// What it is for.
    pub purpose: Purpose,
    /// Whom it calls; nobody when it makes a contract.
    pub to: Option<Address>,
    /// What it carries.
    pub data: Bytes,
    /// Most gas that it may use.
    pub gas: u64,
    /// Its nonce.
    pub nonce: u64,
    /// Signed transactions, the fees of each higher than of the one before. Never empty.
    pub attempts: Vec<Attempt>,
    /// Where one of them was seen last.
    pub mined: Option<Mined>,
}

/// What a transaction is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It makes the contract.
    Deploy,
    /// It anchors.
    Anchor {
        /// In this slot.
        slot: u64,
        /// This.
        plan: Plan,
    },
}

/// One signed transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Its hash.
    pub hash: B256,
    /// Its bytes.
    pub raw: Bytes,
    /// Most wei per gas.
    #[serde(with = "quantity")]
    pub fee: u128,
    /// Most wei per gas beyond the base fee.
    #[serde(with = "quantity")]
    pub tip: u128,
    /// The chain's height when it was signed.
    pub height: u64,
    /// When it was signed, in seconds since 1970.
    pub time: u64,
}

/// A place on the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mined {
    /// The transaction.
    pub transaction: B256,
    /// The block's hash.
    pub block: B256,
    /// The block's number.
    pub number: u64,
}

/// A slot that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its number: its beginning in seconds since 1970, divided by the period.
    pub slot: u64,
    /// What was anchored.
    pub digest: B256,
    /// How many committees.
    pub committees: usize,
    /// Its transaction, in a final block.
    pub mined: Mined,
    /// What it cost, in wei.
    #[serde(with = "quantity")]
    pub cost: u128,
    /// Whether the transaction failed on the chain: it cost, and anchored nothing.
    pub failed: bool,
}

/// Why the state is of no use.
#[derive(Debug, Error)]
pub enum StateError {
    /// Another process has it.
    #[error("another bot works with {path}: stop it, or give this one a folder of its own", path = .0.display())]
    Held(PathBuf),
    /// The disk does not do it.
    #[error("{what} {path}: {why}", path = .path.display())]
    Disk {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The file is not one of ours.
    #[error(
        "{path} is damaged or of another version: {why}. Move it away to begin anew; a transaction that is on its way is \
         then forgotten, which costs its fee and no more",
        path = .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It is for something else.
    #[error("{path} is the state of account {account} on chain {chain}: give this bot a folder of its own", path = .path.display())]
    Another {
        /// The file.
        path: PathBuf,
        /// Its account.
        account: Address,
        /// Its chain.
        chain: u64,
    },
}

impl State {
    /// That of a bot which has done nothing yet.
    #[must_use]
    pub fn new(chain: u64, account: Address) -> Self {
        Self {
            version: VERSION,
            chain,
            account,
            settled: None,
            flight: None,
            slots: VecDeque::new(),
            last: BTreeMap::new(),
            days: BTreeMap::new(),
            spent: 0,
            deployed: None,
        }
    }

    /// Reads the state in this folder, without holding it; none if there is none.
    ///
    /// # Errors
    /// [`StateError::Disk`], [`StateError::Damaged`].
    pub fn read(folder: &Path) -> Result<Option<Self>, StateError> {
        let path = folder.join(FILE);
        let damaged = |why: String| StateError::Damaged {
            path: path.clone(),
            why,
        };
        let disk = |why| StateError::Disk {
            what: "cannot read",
            path: path.clone(),
            why,
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk(error)),
        };
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(disk)?;
        let state: Self = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if state.version != VERSION {
            return Err(damaged(format!("its version is {}, known is {VERSION}", state.version)));
        }
        if state.flight.as_ref().is_some_and(|flight| flight.attempts.is_empty()) {
            return Err(damaged("a transaction that was never signed is on its way".to_owned()));
        }
        Ok(Some(state))
    }

    /// The last slot that is over or on its way.
    #[must_use]
    pub fn latest(&self) -> Option<u64> {
        match &self.flight {
            Some(Flight {
                purpose: Purpose::Anchor { slot, .. },
                ..
            }) => Some(*slot),
            _ => self.slots.back().map(|slot| slot.slot),
        }
    }

    /// What was spent on that day.
    #[must_use]
    pub fn spent_on(&self, day: u64) -> u128 {
        self.days.get(&day).copied().unwrap_or_default().to()
    }

    /// Books a cost.
    pub(crate) fn spend(&mut self, day: u64, wei: u128) {
        self.spent = self.spent.saturating_add(wei);
        let of_day = self.days.entry(day).or_default();
        *of_day = of_day.saturating_add(U128::from(wei));
        while self.days.len() > DAYS {
            self.days.pop_first();
        }
    }

    /// Closes a slot.
    pub(crate) fn close(&mut self, slot: Slot, committees: impl Iterator<Item = Id>) {
        if !slot.failed {
            self.last.extend(committees.map(|committee| (committee, slot.slot)));
            while self.last.len() > COMMITTEES {
                let oldest = self
                    .last
                    .iter()
                    .min_by_key(|(_, slot)| **slot)
                    .map(|(committee, _)| *committee);
                oldest.and_then(|committee| self.last.remove(&committee));
            }
        }
        self.slots.push_back(slot);
        while self.slots.len() > SLOTS {
            self.slots.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_others_are_kept_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bot");
        let folder = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(StateError::Held(_))));
        assert_eq!(State::read(&path).unwrap(), None);

        let mut state = State::new(1, Address::ZERO);
        state.spend(3, u128::MAX);
        folder.write(&state).unwrap();
        assert_eq!(State::read(&path).unwrap(), None, "not in force yet");
        folder.replace().unwrap();
        assert_eq!(State::read(&path).unwrap(), Some(state));
        assert_eq!(
            fs::metadata(path.join(FILE)).unwrap().permissions().mode() & 0o777,
            0o600
        );

        drop(folder);
        drop(Folder::open(&path).unwrap());
        for wrong in ["", "{}", "{\"version\":2}"] {
            fs::write(path.join(FILE), wrong).unwrap();
            assert!(matches!(State::read(&path), Err(StateError::Damaged { .. })), "{wrong}");
        }
    }

    #[test]
    fn the_past_is_bounded() {
        let mut state = State::new(1, Address::ZERO);
        let mined = Mined {
            transaction: B256::ZERO,
            block: B256::ZERO,
            number: 0,
        };
        let slot = |slot| Slot {
            slot,
            digest: B256::ZERO,
            committees: 1,
            mined,
            cost: 1,
            failed: false,
        };
        let slots = u64::try_from(SLOTS).unwrap();
        for n in 0..slots + 5 {
            state.spend(n, 1);
            state.close(slot(n), std::iter::empty());
        }
        assert_eq!((state.slots.len(), state.days.len()), (SLOTS, DAYS));
        assert_eq!((state.slots[0].slot, state.spent), (5, u128::from(slots + 5)));
        let ids = (0..COMMITTEES + 3).map(|n| Id(althing_protocol::hash::sha256(&[&n.to_be_bytes()])));
        state.close(slot(9999), ids);
        assert_eq!(state.last.len(), COMMITTEES);
    }
}
