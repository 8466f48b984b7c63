//! Who answers for entries that are fetched outside the budgets.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::Id;

/// The identity of a present or past member, or a followed committee whose root is not here yet.
pub type Account = Id;

/// Why an id is on an account.
#[derive(Debug, Clone, Copy)]
struct Charge {
    account: Account,
    /// It waits, and its own author answers for it.
    own: bool,
    /// So many entries that wait call for it.
    callers: usize,
}

/// What came of calling for an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// It is on the account now.
    New,
    /// It was on an account before.
    Known,
    /// No account has room for it.
    Full,
}

/// What is on accounts: at most so much on each, and on all together.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    each: usize,
    all: usize,
    charges: BTreeMap<Id, Charge>,
    by_account: BTreeMap<Account, BTreeSet<Id>>,
    by_size: BTreeSet<(usize, Account)>,
}

impl Accounts {
    pub(super) fn new(each: usize, all: usize) -> Self {
        Self {
            each,
            all,
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.charges.len()
    }

    pub(super) fn of(&self, id: &Id) -> Option<Account> {
        self.charges.get(id).map(|c| c.account)
    }

    /// An entry waits for its own author's sake. False if there is no room.
    pub(super) fn own(&mut self, id: Id, account: Account) -> bool {
        match self.charges.get_mut(&id) {
            Some(charge) => {
                charge.own = true;
                true
            }
            None => self.add(id, account, true),
        }
    }

    /// An entry that waits calls for this id.
    pub(super) fn call(&mut self, id: Id, account: Account) -> Room {
        if let Some(charge) = self.charges.get_mut(&id) {
            charge.callers += 1;
            Room::Known
        } else if self.add(id, account, false) {
            Room::New
        } else {
            Room::Full
        }
    }

    /// One entry fewer calls for this id. True if it is on no account then.
    pub(super) fn uncall(&mut self, id: &Id) -> bool {
        self.weaken(id, |charge| charge.callers = charge.callers.saturating_sub(1))
    }

    /// The entry does not wait any more.
    pub(super) fn disown(&mut self, id: &Id) -> bool {
        self.weaken(id, |charge| charge.own = false)
    }

    /// When all is full: an entry of the fullest account that has to give way to `account`, if one has to.
    pub(super) fn victim(&self, account: Account) -> Option<Id> {
        if self.charges.len() < self.all {
            return None;
        }
        let used = self.used(&account);
        let (_, fullest) = self.by_size.last().filter(|(size, _)| *size > used + 1)?;
        let own = |id: &&Id| self.charges.get(*id).is_some_and(|c| c.own && c.callers == 0);
        self.by_account.get(fullest)?.iter().find(own).copied()
    }

    /// The id is settled.
    pub(super) fn forget(&mut self, id: &Id) {
        if let Some(charge) = self.charges.remove(id) {
            self.resize(charge.account, |ids| ids.remove(id));
        }
    }

    /// At most `most` ids that are called for and `open`, one of each account in turn.
    pub(super) fn calls(&self, most: usize, open: &impl Fn(&Id) -> bool) -> Vec<Id> {
        let called = |id: &&Id| self.charges.get(*id).is_some_and(|c| c.callers > 0) && open(id);
        let mut lists: Vec<_> = self.by_account.values().map(|ids| ids.iter().filter(called)).collect();
        let mut calls = Vec::new();
        while !lists.is_empty() && calls.len() < most {
            lists.retain_mut(|list| match list.next() {
                Some(id) if calls.len() < most => {
                    calls.push(*id);
                    true
                }
                _ => false,
            });
        }
        calls
    }

    fn add(&mut self, id: Id, account: Account, own: bool) -> bool {
        if self.used(&account) >= self.each || self.charges.len() >= self.all {
            return false;
        }
        let charge = Charge {
            account,
            own,
            callers: usize::from(!own),
        };
        self.charges.insert(id, charge);
        self.resize(account, |ids| ids.insert(id));
        true
    }

    fn used(&self, account: &Account) -> usize {
        self.by_account.get(account).map_or(0, BTreeSet::len)
    }

    fn resize(&mut self, account: Account, change: impl FnOnce(&mut BTreeSet<Id>) -> bool) {
        let ids = self.by_account.entry(account).or_default();
        self.by_size.remove(&(ids.len(), account));
        change(ids);
        if ids.is_empty() {
            self.by_account.remove(&account);
        } else {
            self.by_size.insert((ids.len(), account));
        }
    }

    fn weaken(&mut self, id: &Id, change: impl FnOnce(&mut Charge)) -> bool {
        let Some(charge) = self.charges.get_mut(id) else {
            return false;
        };
        change(charge);
        if charge.own || charge.callers > 0 {
            return false;
        }
        self.forget(id);
        true
    }
}
