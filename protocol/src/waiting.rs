//! Verified entries that name something that is not here yet.
//!
//! Bounded per source and in all. Eviction loses nothing: what belongs to a record is found again by its digest.
//! Entries that a member's waiting entry needs are *entitled*: they and it bypass these budgets, up to a bound of
//! their own per member.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};

use crate::entry::Verified;
use crate::graph::Num;
use crate::hash::Id;

/// From whom an entry came: a number that the node gives to each peer, importer or session. 0 is this node itself.
pub type Source = u64;

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries of one source.
    pub per_source: usize,
    /// Entries of all sources.
    pub total: usize,
    /// Bytes of all entries, headers and bodies.
    pub bytes: usize,
    /// Entries that one member's waiting entries may call for at a time, outside the budgets above.
    pub entitled: usize,
    /// Rejected ids that are remembered.
    pub rejected: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_source: 4096,
            total: 16_384,
            bytes: 32 << 20,
            entitled: 16_384,
            rejected: 65_536,
        }
    }
}

#[derive(Debug)]
struct Held {
    entry: Verified,
    missing: HashSet<Id>,
    source: Source,
    tick: u64,
    /// The member on whose account it is held, outside the pool's budget.
    account: Option<Num>,
}

/// The pool.
#[derive(Debug, Default)]
pub struct Waiting {
    limits: Limits,
    held: HashMap<Id, Held>,
    wanted_by: HashMap<Id, Vec<Id>>,
    order: BTreeMap<u64, Id>,
    per_source: HashMap<Source, BTreeSet<u64>>,
    bytes: usize,
    tick: u64,
    /// Ids that a member's waiting entry needs, and on whose account.
    entitled: HashMap<Id, Num>,
    accounts: HashMap<Num, usize>,
}

/// An entry that need not wait for anything any more.
#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) entry: Verified,
    pub(crate) source: Source,
    pub(crate) account: Option<Num>,
}

impl Waiting {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
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

    /// What is missing and not itself waiting, at most `most`: entitled ids first, then the latest.
    #[must_use]
    pub fn wants(&self, most: usize) -> Vec<Id> {
        let open = |id: &&Id| !self.held.contains_key(*id);
        let mut wants: Vec<Id> = self.entitled.keys().filter(open).take(most).copied().collect();
        wants.sort_unstable();
        let seen: HashSet<Id> = wants.iter().copied().collect();
        let rest = self
            .order
            .values()
            .rev()
            .filter_map(|id| self.held.get(id))
            .flat_map(|h| &h.missing);
        let mut listed = seen;
        for id in rest.filter(open) {
            if wants.len() >= most {
                break;
            }
            if listed.insert(*id) {
                wants.push(*id);
            }
        }
        wants
    }

    /// On whose account an entry may be kept outside the budgets, if on anybody's.
    pub(crate) fn account(&self, id: &Id) -> Option<Num> {
        self.entitled.get(id).copied()
    }

    /// Holds an entry until `missing` is here. Returns the ids that had to go for it. When memory is short its body is
    /// dropped: bodies are a cache and can be fetched again.
    pub(crate) fn hold(
        &mut self,
        mut entry: Verified,
        missing: Vec<Id>,
        source: Source,
        account: Option<Num>,
    ) -> Vec<Id> {
        let id = entry.id();
        if self.held.contains_key(&id) {
            return Vec::new();
        }
        self.tick += 1;
        if self.bytes + entry.weight() > self.limits.bytes {
            entry.take_body();
        }
        self.bytes += entry.weight();
        if account.is_none() {
            self.per_source.entry(source).or_default().insert(self.tick);
            self.order.insert(self.tick, id);
        }
        for name in &missing {
            self.wanted_by.entry(*name).or_default().push(id);
        }
        let missing: HashSet<Id> = missing.into_iter().collect();
        let called: Vec<Id> = missing.iter().copied().collect();
        self.held.insert(
            id,
            Held {
                entry,
                missing,
                source,
                tick: self.tick,
                account,
            },
        );
        if let Some(member) = account {
            self.entitle(called, member);
        }
        self.make_room(source)
    }

    /// An id came or is known to be invalid: takes out what waited for it and for nothing else.
    pub(crate) fn release(&mut self, id: &Id) -> Vec<Released> {
        self.forget_want(id);
        let mut released = Vec::new();
        for waiter in self.wanted_by.remove(id).unwrap_or_default() {
            let Some(held) = self.held.get_mut(&waiter) else {
                continue;
            };
            held.missing.remove(id);
            if held.missing.is_empty() {
                released.extend(self.take(&waiter));
            }
        }
        released
    }

    /// Takes out everything that waited for an id that turned out invalid.
    pub(crate) fn fail(&mut self, id: &Id) -> Vec<Released> {
        self.forget_want(id);
        let waiters = self.wanted_by.remove(id).unwrap_or_default();
        waiters.iter().filter_map(|w| self.take(w)).collect()
    }

    /// Entries that wait for this one.
    pub(crate) fn waiting_for(&self, id: &Id) -> Vec<Id> {
        self.wanted_by.get(id).cloned().unwrap_or_default()
    }

    /// Moves a waiting entry to a member's account, and what it misses with it.
    pub(crate) fn charge(&mut self, id: &Id, member: Num) {
        let missing = self.move_to(id, member);
        self.entitle(missing, member);
    }

    /// Takes one entry off the ordinary budget; answers what it misses.
    fn move_to(&mut self, id: &Id, member: Num) -> Vec<Id> {
        let Some(held) = self.held.get_mut(id).filter(|h| h.account.is_none()) else {
            return Vec::new();
        };
        held.account = Some(member);
        let (tick, source) = (held.tick, held.source);
        let missing = held.missing.iter().copied().collect();
        self.uncount(source, tick);
        missing
    }

    fn entitle(&mut self, mut open: Vec<Id>, member: Num) {
        while let Some(id) = open.pop() {
            let used = self.accounts.entry(member).or_insert(0);
            if *used >= self.limits.entitled {
                return;
            }
            if self.entitled.contains_key(&id) {
                continue;
            }
            *used += 1;
            self.entitled.insert(id, member);
            // It may be waiting already, on the ordinary budget.
            open.extend(self.move_to(&id, member));
        }
    }

    fn forget_want(&mut self, id: &Id) {
        if let Some(member) = self.entitled.remove(id)
            && let Some(used) = self.accounts.get_mut(&member)
        {
            *used -= 1;
            if *used == 0 {
                self.accounts.remove(&member);
            }
        }
    }

    fn uncount(&mut self, source: Source, tick: u64) {
        self.order.remove(&tick);
        if let Some(ticks) = self.per_source.get_mut(&source) {
            ticks.remove(&tick);
            if ticks.is_empty() {
                self.per_source.remove(&source);
            }
        }
    }

    fn take(&mut self, id: &Id) -> Option<Released> {
        let held = self.held.remove(id)?;
        self.bytes -= held.entry.weight();
        if held.account.is_none() {
            self.uncount(held.source, held.tick);
        }
        for name in &held.missing {
            if let Some(waiters) = self.wanted_by.get_mut(name) {
                waiters.retain(|w| w != id);
                if waiters.is_empty() {
                    self.wanted_by.remove(name);
                    self.forget_want(name);
                }
            }
        }
        Some(Released {
            entry: held.entry,
            source: held.source,
            account: held.account,
        })
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
