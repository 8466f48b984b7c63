//! The floor: admitted entries that no record holds, kept under this node's own budget.
//!
//! Nothing here changes what nodes agree on. An entry goes only when nothing held names it; a full budget refuses
//! newer entries, except that the fullest log gives way to a smaller one.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use thiserror::Error;

use crate::graph::{Graph, Num};
use crate::hash::Key;

/// How much this node keeps for people whom nobody has listened to yet.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries of one key.
    pub per_key: u32,
    /// Entries of all keys.
    pub total: u32,
    /// Entries kept outside these budgets because one member's entries call for them.
    pub per_member: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_key: 256,
            total: 100_000,
            per_member: 65_536,
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

/// Who uses how much of the floor.
#[derive(Debug, Default)]
pub struct Floor {
    limits: Limits,
    counted: HashMap<Key, u32>,
    by_count: BTreeSet<(u32, Key)>,
    /// Entries within the budgets.
    total: u32,
    /// Entries outside the budgets, and on whose account; on nobody's what a sequence lists.
    accounts: HashMap<Num, Option<Num>>,
    per_member: HashMap<Num, u32>,
}

impl Floor {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// How many entries are on the floor, within the budgets and outside them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts.len() + usize::try_from(self.total).unwrap_or(usize::MAX)
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an entry is kept outside the budgets.
    pub(crate) fn on_account(&self, num: Num) -> bool {
        self.accounts.contains_key(&num)
    }

    /// Whether one more entry of this key would be kept within the budgets, perhaps at the cost of a fuller log.
    #[must_use]
    pub fn has_room(&self, key: &Key) -> bool {
        self.admits(key).is_ok()
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

    /// Whether a member's account still has room.
    pub(crate) fn has_account(&self, member: Num) -> bool {
        self.per_member.get(&member).copied().unwrap_or(0) < self.limits.per_member
    }

    /// Notes an entry: on a member's account, or within the budgets. Never in both: members could else crowd out everybody.
    pub(crate) fn add(&mut self, num: Num, account: Option<Num>, graph: &Graph) {
        if let Some(member) = account {
            self.accounts.insert(num, account);
            *self.per_member.entry(member).or_insert(0) += 1;
        } else {
            self.total += 1;
            self.count(graph.key(num), true);
        }
    }

    /// Notes an entry that left a record and stays for ever, because the sequence lists it: it takes no room from
    /// strangers.
    pub(crate) fn list(&mut self, num: Num) {
        self.accounts.insert(num, None);
    }

    pub(crate) fn remove(&mut self, num: Num, graph: &Graph) {
        let Some(account) = self.accounts.remove(&num) else {
            self.total -= 1;
            self.count(graph.key(num), false);
            return;
        };
        if let Some(member) = account
            && let Some(count) = self.per_member.get_mut(&member)
        {
            *count -= 1;
            if *count == 0 {
                self.per_member.remove(&member);
            }
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
