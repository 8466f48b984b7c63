//! Verified entries that name something that is not here yet.
//!
//! Bounded per source and in all. Eviction loses nothing: what belongs to a record is found again by its digest.
//! Entries that a member's waiting entry needs are *entitled*: they and it bypass these budgets, on that member's
//! account, which is bounded too.
//!
//! Invariant: what is held on account is entitled, and what is entitled is counted on one member's account.

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
    /// Entries on one member's account at a time, outside the budgets above: held, or called for and not here yet.
    pub entitled: usize,
    /// Bytes of all entries on accounts.
    pub entitled_bytes: usize,
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
            entitled_bytes: 64 << 20,
            rejected: 65_536,
        }
    }
}

/// Names of waiting entries that are looked at when wants are listed, beyond the entitled ones.
const SCAN: usize = 16_384;

#[derive(Debug)]
struct Held {
    entry: Verified,
    missing: BTreeSet<Id>,
    source: Source,
    tick: u64,
    /// Outside the pool's budgets.
    on_account: bool,
    /// Entitled in its own right: a member wrote it. Others are entitled as long as something waits for them.
    own: bool,
}

/// The pool.
#[derive(Debug, Default)]
pub struct Waiting {
    limits: Limits,
    held: HashMap<Id, Held>,
    wanted_by: HashMap<Id, BTreeSet<Id>>,
    order: BTreeMap<u64, Id>,
    per_source: HashMap<Source, BTreeSet<u64>>,
    bytes: usize,
    account_bytes: usize,
    tick: u64,
    /// Ids on a member's account, and on whose.
    entitled: HashMap<Id, Num>,
    used: HashMap<Num, usize>,
    /// Entitled ids that are not here, by account.
    open: BTreeMap<Num, BTreeSet<Id>>,
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

    /// What is missing and not itself waiting, at most `most`: entitled ids first, each account in its turn so that none
    /// crowds out the others, then what the latest arrivals miss.
    #[must_use]
    pub fn wants(&self, most: usize) -> Vec<Id> {
        let mut wants = Vec::new();
        let mut accounts: Vec<_> = self.open.values().map(BTreeSet::iter).collect();
        while wants.len() < most && !accounts.is_empty() {
            accounts.retain_mut(|ids| match ids.next() {
                Some(id) if wants.len() < most => {
                    wants.push(*id);
                    true
                }
                _ => false,
            });
        }
        let latest = self.order.values().rev().filter_map(|id| self.held.get(id));
        let rest = latest.flat_map(|h| &h.missing).take(SCAN);
        let mut listed: HashSet<Id> = wants.iter().copied().collect();
        for id in rest.filter(|id| !self.held.contains_key(*id)) {
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
        let newly = !self.entitled.contains_key(&id);
        let entitled = account.filter(|member| self.entitle_one(id, *member));
        let (taken, limit) = match entitled {
            Some(_) => (self.account_bytes, self.limits.entitled_bytes),
            None => (self.bytes, self.limits.bytes),
        };
        if taken + entry.weight() > limit {
            entry.take_body();
        }
        for name in &missing {
            self.wanted_by.entry(*name).or_default().insert(id);
        }
        let held = Held {
            entry,
            missing: missing.into_iter().collect(),
            source,
            tick: self.tick,
            on_account: false,
            own: newly && entitled.is_some(),
        };
        self.held.insert(id, held);
        self.count(&id);
        if let Some(member) = self.entitled.get(&id).copied() {
            self.close(&id, member);
            self.extend_account(id, member);
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
        self.wanted_by.get(id).into_iter().flatten().copied().collect()
    }

    /// Moves a waiting entry to a member's account, and what it misses with it.
    pub(crate) fn charge(&mut self, id: &Id, member: Num) {
        if self.entitled.contains_key(id) || !self.entitle_one(*id, member) {
            return;
        }
        if let Some(held) = self.held.get_mut(id) {
            held.own = true;
            self.extend_account(*id, member);
        }
    }

    /// Puts an entitled entry on its account, with what it misses, and so on through what waits here. What finds no room
    /// for all that it misses stays within the pool's budgets, where its wants are listed too.
    fn extend_account(&mut self, id: Id, member: Num) {
        let mut seen = HashSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let Some(held) = self.held.get(&id).filter(|h| !h.on_account && seen.insert(id)) else {
                continue;
            };
            let missing: Vec<Id> = held.missing.iter().copied().collect();
            if missing.iter().all(|name| self.entitle_one(*name, member)) {
                self.put_on_account(&id);
                open.extend(missing);
            } else if self.held.get(&id).is_some_and(|h| h.own) {
                self.disown(&id);
            }
        }
    }

    fn disown(&mut self, id: &Id) {
        if let Some(held) = self.held.get_mut(id) {
            held.own = false;
        }
        if !self.wanted_by.contains_key(id) {
            self.disentitle(id);
        }
    }

    /// Counts an id on an account; false if there is no room.
    fn entitle_one(&mut self, id: Id, member: Num) -> bool {
        if self.entitled.contains_key(&id) {
            return true;
        }
        let used = self.used.entry(member).or_insert(0);
        if *used >= self.limits.entitled {
            return false;
        }
        *used += 1;
        self.entitled.insert(id, member);
        if !self.held.contains_key(&id) {
            self.open.entry(member).or_default().insert(id);
        }
        true
    }

    fn disentitle(&mut self, id: &Id) {
        let Some(member) = self.entitled.remove(id) else { return };
        self.close(id, member);
        if let Some(used) = self.used.get_mut(&member) {
            *used -= 1;
            if *used == 0 {
                self.used.remove(&member);
            }
        }
    }

    fn close(&mut self, id: &Id, member: Num) {
        if let Some(open) = self.open.get_mut(&member) {
            open.remove(id);
            if open.is_empty() {
                self.open.remove(&member);
            }
        }
    }

    /// Nothing waits for this id any more, or it came: it is no longer entitled, unless in its own right.
    fn forget_want(&mut self, id: &Id) {
        match self.held.get(id).map(|h| (h.own, h.on_account)) {
            Some((true, _)) => return,
            Some((false, true)) => {
                self.off_account(id);
                self.count(id);
            }
            Some((false, false)) | None => {}
        }
        self.disentitle(id);
    }

    /// From the pool's budgets to the account on which an entry is entitled, if there is room for its bytes.
    fn put_on_account(&mut self, id: &Id) {
        let Some(held) = self.held.get_mut(id).filter(|h| !h.on_account) else {
            return;
        };
        let (source, tick, weight) = (held.source, held.tick, held.entry.weight());
        if self.account_bytes + weight > self.limits.entitled_bytes {
            return;
        }
        if let Some(held) = self.held.get_mut(id) {
            held.on_account = true;
        }
        self.account_bytes += weight;
        self.uncount(source, tick, weight);
    }

    fn off_account(&mut self, id: &Id) {
        if let Some(held) = self.held.get_mut(id).filter(|h| h.on_account) {
            held.on_account = false;
            self.account_bytes -= held.entry.weight();
        }
    }

    fn count(&mut self, id: &Id) {
        let Some(held) = self.held.get(id) else { return };
        self.bytes += held.entry.weight();
        self.per_source.entry(held.source).or_default().insert(held.tick);
        self.order.insert(held.tick, *id);
    }

    fn uncount(&mut self, source: Source, tick: u64, weight: usize) {
        self.bytes -= weight;
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
        let account = self.entitled.get(id).copied();
        let weight = held.entry.weight();
        if held.on_account {
            self.account_bytes -= weight;
        } else {
            self.uncount(held.source, held.tick, weight);
        }
        match account {
            Some(_) if held.own && !self.wanted_by.contains_key(id) => self.disentitle(id),
            Some(member) => drop(self.open.entry(member).or_default().insert(*id)),
            None => {}
        }
        for name in &held.missing {
            if let Some(waiters) = self.wanted_by.get_mut(name) {
                waiters.remove(id);
                if waiters.is_empty() {
                    self.wanted_by.remove(name);
                    self.forget_want(name);
                }
            }
        }
        Some(Released {
            entry: held.entry,
            source: held.source,
            account,
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
