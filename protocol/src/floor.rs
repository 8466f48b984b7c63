//! The floor: admitted entries that no record holds, kept under this node's own budget.
//!
//! Nothing here changes what nodes agree on. An entry goes only when nothing held names it; a full budget refuses
//! newer entries, except that the fullest log gives way to a smaller one. What a member's entries call for, and what
//! left a record but stays because its sequence lists it, is outside the budget.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use thiserror::Error;

use crate::graph::{Graph, Num};
use crate::hash::Key;
use crate::waiting::Account;

/// How much this node keeps for people whom nobody has listened to yet.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries of one key.
    pub per_key: u32,
    /// Entries of all keys.
    pub total: u32,
    /// Entries kept outside these budgets because one member's entries call for them.
    pub per_account: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_key: 256,
            total: 100_000,
            per_account: 65_536,
        }
    }
}

/// Why a valid entry is not kept. It may be offered again later, or be taken up by a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Full {
    /// This key has as many entries here as nobody has taken up.
    #[error("this key has {limit} entries here that nobody has taken up; a member has to answer one first")]
    Key {
        /// The budget.
        limit: u32,
    },
    /// The whole floor is taken.
    #[error("this node keeps {limit} entries that nobody has taken up and has no room for more")]
    Total {
        /// The budget.
        limit: u32,
    },
}

/// In which budget an entry on the floor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// That of its key.
    Budget,
    /// A present or past member's account.
    Account(Account),
    /// None: a sequence lists it.
    Listed,
}

/// Who uses how much of the floor.
#[derive(Debug, Default)]
pub struct Floor {
    limits: Limits,
    counted: HashMap<Key, u32>,
    by_count: BTreeSet<(u32, Key)>,
    total: u32,
    /// Entries outside the budgets.
    outside: HashMap<Num, Standing>,
    per_account: HashMap<Account, u32>,
}

impl Floor {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// How many entries are on the floor.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.total).unwrap_or(usize::MAX) + self.outside.len()
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them count for the budget.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.total
    }

    /// Whether an entry of this key may come: what it takes is the key whose last entry must go first, if any.
    pub(crate) fn admits(&self, key: &Key) -> Result<Option<Key>, Full> {
        let own = self.counted.get(key).copied().unwrap_or(0);
        if own >= self.limits.per_key {
            return Err(Full::Key {
                limit: self.limits.per_key,
            });
        }
        if self.total < self.limits.total {
            return Ok(None);
        }
        match self.by_count.last() {
            Some((most, fullest)) if *most > own + 1 => Ok(Some(*fullest)),
            _ => Err(Full::Total {
                limit: self.limits.total,
            }),
        }
    }

    /// Whether an account still has room.
    pub(crate) fn has_room(&self, account: &Account) -> bool {
        self.per_account.get(account).copied().unwrap_or(0) < self.limits.per_account
    }

    pub(crate) fn add(&mut self, num: Num, standing: Standing, graph: &Graph) {
        match standing {
            Standing::Budget => {
                self.total += 1;
                self.count(graph.key(num), true);
                return;
            }
            Standing::Account(account) => *self.per_account.entry(account).or_insert(0) += 1,
            Standing::Listed => {}
        }
        self.outside.insert(num, standing);
    }

    pub(crate) fn remove(&mut self, num: Num, graph: &Graph) {
        match self.outside.remove(&num) {
            None => {
                self.total -= 1;
                self.count(graph.key(num), false);
            }
            Some(Standing::Account(account)) => {
                if let Some(count) = self.per_account.get_mut(&account) {
                    *count -= 1;
                    if *count == 0 {
                        self.per_account.remove(&account);
                    }
                }
            }
            Some(_) => {}
        }
    }

    fn count(&mut self, key: Key, up: bool) {
        let before = self.counted.get(&key).copied().unwrap_or(0);
        let after = if up { before + 1 } else { before - 1 };
        self.by_count.remove(&(before, key));
        if after == 0 {
            self.counted.remove(&key);
        } else {
            self.counted.insert(key, after);
            self.by_count.insert((after, key));
        }
    }
}
