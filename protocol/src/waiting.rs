//! Verified entries that name something that is not here yet.
//!
//! Bounded per source and in all. Eviction loses nothing: what belongs to a record is found again by its digest.
//! What a present or past member's entry lacks is fetched on that member's *account*, outside these budgets: the
//! entry itself, what it calls for, what that calls for in turn. Accounts are bounded too, each and in all.

mod account;

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use self::account::{Accounts, Room};
use crate::entry::Verified;
use crate::hash::Id;

pub use self::account::Account;

/// From whom an entry came: a number that the node gives to each peer, importer or session. 0 is this node itself.
pub type Source = u64;

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries of one source.
    pub per_source: usize,
    /// Entries of all sources.
    pub total: usize,
    /// Bytes of all entries, headers and bodies. On accounts only bodies are dropped for it.
    pub bytes: usize,
    /// Entries that wait or are called for on one account, outside the budgets above.
    pub account: usize,
    /// The same on all accounts together.
    pub accounts: usize,
    /// Rejected ids that are remembered.
    pub rejected: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_source: 4096,
            total: 16_384,
            bytes: 32 << 20,
            account: 16_384,
            accounts: 65_536,
            rejected: 65_536,
        }
    }
}

#[derive(Debug)]
struct Held {
    entry: Verified,
    missing: BTreeSet<Id>,
    /// Of these, what it calls for on an account.
    calls: BTreeSet<Id>,
    source: Source,
    tick: u64,
}

/// The pool.
///
/// Invariant: an id is on an account exactly as long as it waits for its own author's sake or something that waits
/// calls for it. Whatever waits is counted for its source, unless it and all that it lacks are on accounts.
#[derive(Debug, Default)]
pub struct Waiting {
    limits: Limits,
    held: HashMap<Id, Held>,
    wanted_by: HashMap<Id, BTreeSet<Id>>,
    /// What counts for its source, oldest first.
    order: BTreeMap<u64, Id>,
    per_source: HashMap<Source, BTreeSet<u64>>,
    /// Bytes of what counts for its source, and of what is on accounts.
    bytes: usize,
    bytes_on_account: usize,
    tick: u64,
    accounts: Accounts,
}

/// An entry that need not wait for anything any more.
#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) entry: Verified,
    pub(crate) source: Source,
}

impl Waiting {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            accounts: Accounts::new(limits.account, limits.accounts),
            ..Self::default()
        }
    }

    /// How many entries wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether an entry waits.
    #[must_use]
    pub fn contains(&self, id: &Id) -> bool {
        self.held.contains_key(id)
    }

    /// An entry that waits, so that a peer that lacks it too can be served.
    #[must_use]
    pub fn entry(&self, id: &Id) -> Option<&Verified> {
        self.held.get(id).map(|h| &h.entry)
    }

    /// Ids of the entries that wait, sorted.
    #[must_use]
    pub fn ids(&self) -> Vec<Id> {
        let mut ids: Vec<Id> = self.held.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Entries that wait or are called for outside the budgets.
    #[must_use]
    pub fn on_accounts(&self) -> usize {
        self.accounts.len()
    }

    /// What is missing and not itself waiting, at most `most`: what accounts call for first, one of each account in
    /// turn, so that nobody's calls for what does not exist starve the others; then what the latest others lack.
    #[must_use]
    pub fn wants(&self, most: usize) -> Vec<Id> {
        let open = |id: &Id| !self.held.contains_key(id);
        let mut wants = self.accounts.calls(most, &open);
        let mut listed: BTreeSet<Id> = wants.iter().copied().collect();
        let latest = self.order.values().rev().filter_map(|id| self.held.get(id));
        for id in latest.flat_map(|h| &h.missing) {
            if wants.len() >= most {
                break;
            }
            if open(id) && listed.insert(*id) {
                wants.push(*id);
            }
        }
        wants
    }

    /// On whose account an entry may be kept outside the budgets, if on anybody's.
    pub(crate) fn account(&self, id: &Id) -> Option<Account> {
        self.accounts.of(id)
    }

    /// Holds an entry until `missing` is here; on `account` if that has room. Returns the ids that had to go for it.
    /// When memory is short its body is dropped: bodies are a cache and can be fetched again.
    pub(crate) fn hold(
        &mut self,
        mut entry: Verified,
        missing: Vec<Id>,
        source: Source,
        account: Option<Account>,
    ) -> Vec<Id> {
        let id = entry.id();
        if self.held.contains_key(&id) {
            return Vec::new();
        }
        self.tick += 1;
        if self.bytes + self.bytes_on_account + entry.weight() > self.limits.bytes {
            entry.take_body();
        }
        self.bytes += entry.weight();
        self.per_source.entry(source).or_default().insert(self.tick);
        self.order.insert(self.tick, id);
        for name in &missing {
            self.wanted_by.entry(*name).or_default().insert(id);
        }
        let held = Held {
            entry,
            missing: missing.into_iter().collect(),
            calls: BTreeSet::new(),
            source,
            tick: self.tick,
        };
        self.held.insert(id, held);
        if let Some(account) = account {
            self.make_account_room(account);
            self.accounts.own(id, account);
        }
        if let Some(account) = self.accounts.of(&id) {
            self.settle_on(id, account);
        }
        self.make_room(source)
    }

    /// An id came: takes out what waited for it and for nothing else. The second answer lists what still waits.
    pub(crate) fn release(&mut self, id: &Id) -> (Vec<Released>, Vec<Id>) {
        self.accounts.forget(id);
        let (mut released, mut still) = (Vec::new(), Vec::new());
        for waiter in self.wanted_by.remove(id).unwrap_or_default() {
            let Some(held) = self.held.get_mut(&waiter) else {
                continue;
            };
            held.missing.remove(id);
            held.calls.remove(id);
            if held.missing.is_empty() {
                released.extend(self.take(&waiter));
            } else {
                still.push(waiter);
            }
        }
        (released, still)
    }

    /// Takes out everything that waited for an id that turned out invalid.
    pub(crate) fn fail(&mut self, id: &Id) -> Vec<Released> {
        self.accounts.forget(id);
        let waiters = self.wanted_by.remove(id).unwrap_or_default();
        waiters.iter().filter_map(|w| self.take(w)).collect()
    }

    /// An entry that was taken out is not kept after all. What others call for stays called for.
    pub(crate) fn let_go(&mut self, id: &Id) {
        self.accounts.disown(id);
    }

    /// Moves a waiting entry to an account, and what it lacks with it.
    pub(crate) fn charge(&mut self, id: Id, account: Account) {
        self.make_account_room(account);
        if self.held.contains_key(&id) && self.accounts.own(id, account) {
            self.settle_on(id, account);
        }
    }

    /// Calls for what an entry on an account lacks; if there is room for all of it, takes the entry off its source's
    /// budget. The same for what was waiting already and comes on the account by that.
    fn settle_on(&mut self, id: Id, account: Account) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let missing = self
                .held
                .get(&id)
                .map_or_else(Vec::new, |h| h.missing.iter().copied().collect());
            let (mut calls, mut all) = (BTreeSet::new(), true);
            for name in missing {
                self.make_account_room(account);
                match self.accounts.call(name, account) {
                    Room::New => open.push(name),
                    Room::Known => {}
                    Room::Full => {
                        all = false;
                        continue;
                    }
                }
                calls.insert(name);
            }
            let Some(held) = self.held.get_mut(&id) else {
                continue;
            };
            // What it called for before stays called for once.
            for again in calls.iter().filter(|c| held.calls.contains(*c)) {
                self.accounts.uncall(again);
            }
            held.calls.extend(calls);
            if all && self.order.remove(&held.tick).is_some() {
                self.bytes -= held.entry.weight();
                self.bytes_on_account += held.entry.weight();
                uncount(&mut self.per_source, held.source, held.tick);
            }
        }
    }

    /// All accounts together are full: the fullest gives way to one that is smaller by more than one.
    fn make_account_room(&mut self, account: Account) {
        while let Some(victim) = self.accounts.victim(account) {
            self.accounts.forget(&victim);
            self.take(&victim);
        }
    }

    fn take(&mut self, id: &Id) -> Option<Released> {
        let (released, calls) = self.remove(id)?;
        let mut open = calls;
        while let Some(name) = open.pop_first() {
            // Nothing calls for it any more: it goes, unless it is there for its own author's sake.
            if self.accounts.uncall(&name)
                && let Some((_, calls)) = self.remove(&name)
            {
                open.extend(calls);
            }
        }
        Some(released)
    }

    /// Takes one entry out, and answers what it called for.
    fn remove(&mut self, id: &Id) -> Option<(Released, BTreeSet<Id>)> {
        let held = self.held.remove(id)?;
        if self.order.remove(&held.tick).is_some() {
            self.bytes -= held.entry.weight();
            uncount(&mut self.per_source, held.source, held.tick);
        } else {
            self.bytes_on_account -= held.entry.weight();
        }
        for name in &held.missing {
            if let Some(waiters) = self.wanted_by.get_mut(name) {
                waiters.retain(|w| w != id);
                if waiters.is_empty() {
                    self.wanted_by.remove(name);
                }
            }
        }
        let released = Released {
            entry: held.entry,
            source: held.source,
        };
        Some((released, held.calls))
    }

    fn make_room(&mut self, source: Source) -> Vec<Id> {
        let mut evicted = Vec::new();
        while let Some(tick) = self.surplus(source) {
            let Some(oldest) = self.order.get(&tick).copied() else {
                break;
            };
            self.take(&oldest);
            evicted.push(oldest);
        }
        evicted
    }

    /// The tick of the entry that has to go next, if any has to.
    fn surplus(&self, source: Source) -> Option<u64> {
        let own = self.per_source.get(&source);
        if let Some(ticks) = own.filter(|t| t.len() > self.limits.per_source) {
            return ticks.first().copied();
        }
        let full = self.order.len() > self.limits.total || self.bytes > self.limits.bytes;
        if full { self.order.keys().next().copied() } else { None }
    }
}

fn uncount(per_source: &mut HashMap<Source, BTreeSet<u64>>, source: Source, tick: u64) {
    if let Some(ticks) = per_source.get_mut(&source) {
        ticks.remove(&tick);
        if ticks.is_empty() {
            per_source.remove(&source);
        }
    }
}
