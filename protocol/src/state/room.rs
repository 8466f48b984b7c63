//! Who gets room: what a record will hold always, what a member answers for on the member's account, strangers
//! within the floor's budget.

use super::{Event, LOCAL, Refusal, State};
use crate::authority::Does;
use crate::control::Control;
use crate::entry::Header;
use crate::floor::{self, Standing};
use crate::graph::{Class, Num, Placed};
use crate::hash::{Id, Key};
use crate::waiting::{Account, Source};

/// Entries of one key that are looked at to find one that can go.
const LOOKED_AT: usize = 1024;

impl State {
    /// On whose account an entry waits, if on anybody's: a followed committee's own until its root is here, that of
    /// a present or past member who wrote it.
    pub(super) fn account_of(&self, id: &Id, header: &Header) -> Option<Account> {
        let Some(space) = header.space else {
            return (header.kind == "committee" && self.followed.contains(id)).then_some(*id);
        };
        let space = self.graph.num(&space)?;
        let author = match header.cert {
            Some(cert) => {
                let cert = self.graph.num(&cert)?;
                let signs = self.identities.enrolled(cert) == Some(header.by);
                signs.then(|| self.graph.node(cert).space)?
            }
            None if self.graph.node(space).class == Class::Identity => {
                self.identities.is_root(space, &header.by).then_some(space)?
            }
            None => return None,
        };
        let was_member = match self.committees.get(&space) {
            Some(committee) => committee.was_member(author),
            None => author == space && self.committees.values().any(|c| c.was_member(author)),
        };
        was_member.then(|| self.graph.id(author))
    }

    /// Looks again at waiting entries: those that a member turns out to have written go on the member's account.
    pub(super) fn charge(&mut self, waiters: Vec<Id>) {
        for waiter in waiters {
            let entry = self.waiting.entry(&waiter);
            if let Some(account) = entry.and_then(|e| self.account_of(&waiter, e.header())) {
                self.waiting.charge(waiter, account);
            }
        }
    }

    /// Whether somebody became a member by this.
    pub(super) fn makes_members(&self, event: &Event) -> bool {
        match event {
            Event::Admitted(num, _) => self.graph.contains(*num) && self.graph.node(*num).class == Class::Committee,
            Event::Made { committee, act } => {
                let act = self.committees.get(committee).and_then(|c| c.authority().act(*act));
                act.is_some_and(|a| matches!(a.does, Does::Grant { .. }))
            }
            _ => false,
        }
    }

    /// Whether an entry that is about to be inserted may be kept, and in which budget; evicts for it where the
    /// floor's rules say so.
    pub(super) fn make_room(
        &mut self,
        source: Source,
        placed: &Placed,
        control: &Control,
        events: &mut Vec<Event>,
    ) -> Result<Standing, Refusal> {
        if source == LOCAL || self.joins(placed) {
            return Ok(Standing::Budget);
        }
        let called = self.waiting.account(&placed.id).filter(|a| self.floor.has_room(a));
        let account = called.or_else(|| self.answers_for(placed, control).filter(|a| self.floor.has_room(a)));
        if let Some(account) = account {
            return Ok(Standing::Account(account));
        }
        while let Some(fullest) = self.floor.admits(&placed.key)? {
            if !self.evict_last(&fullest, placed, events) {
                return Err(floor::Full::Total {
                    limit: self.limits.floor.total,
                }
                .into());
            }
        }
        Ok(Standing::Budget)
    }

    /// Whether an entry will be in a record as soon as it is inserted, whatever else is here.
    fn joins(&self, placed: &Placed) -> bool {
        let Some(space) = placed.space else {
            return self.followed.contains(&placed.id);
        };
        if placed.class.is_identity_control() {
            return self.committees.values().any(|c| c.is_member(space));
        }
        let author = self.author(placed, space);
        self.committees.get(&space).is_some_and(|c| c.is_member(author))
    }

    /// Who answers for an entry that a record may come to hold although its author is no member now: a past member
    /// for the keys that show what they signed, and for a valid signature that is the lowest of theirs.
    fn answers_for(&self, placed: &Placed, control: &Control) -> Option<Account> {
        let space = placed.space?;
        if placed.class.is_identity_control() {
            let was_member = self.committees.values().any(|c| c.was_member(space));
            return was_member.then(|| self.graph.id(space));
        }
        let author = self.author(placed, space);
        let committee = self.committees.get(&space).filter(|c| c.was_member(author))?;
        if !placed.class.is_authority() {
            return None;
        }
        let authority = committee.authority();
        let wanted = match control {
            Control::Cosign(c) => {
                let depth = 1 + placed
                    .names
                    .iter()
                    .map(|n| self.graph.node(*n).depth)
                    .max()
                    .unwrap_or(0);
                let act = self.graph.num(&c.entry);
                act.is_some_and(|act| authority.would_choose(act, author, (depth, placed.id)))
            }
            _ => true,
        };
        let valid = wanted && authority.is_valid(author, &placed.names, &self.graph);
        valid.then(|| self.graph.id(author))
    }

    fn author(&self, placed: &Placed, space: Num) -> Num {
        placed.cert.map_or(space, |c| self.graph.node(c).space)
    }

    /// Takes a last entry off one of a key's logs, if nothing holds it.
    fn evict_last(&mut self, key: &Key, newcomer: &Placed, events: &mut Vec<Event>) -> bool {
        let logs = self
            .graph
            .spaces_of(key)
            .iter()
            .filter_map(|space| self.graph.log(key, *space));
        let victim = logs.flat_map(crate::graph::Log::ends).take(LOOKED_AT).find(|num| {
            let node = self.graph.node(*num);
            let listed = self.committees.values().any(|c| c.record().keeps(*num));
            node.namers == 0 && node.records == 0 && !listed && !newcomer.names.contains(num)
        });
        victim.is_some_and(|num| self.evict(num, events))
    }

    fn evict(&mut self, num: Num, events: &mut Vec<Event>) -> bool {
        let (id, space) = (self.graph.id(num), self.graph.node(num).space);
        self.floor.remove(num, &self.graph);
        if let Some(committee) = self.committees.get_mut(&space) {
            committee.remove(num, &self.graph);
        }
        if self.graph.node(space).class == Class::Identity {
            self.identities.remove(num, space);
        }
        let removed = self.graph.remove(num);
        debug_assert!(removed, "only entries that nothing names are evicted");
        events.push(Event::Evicted(num, id));
        removed
    }
}
