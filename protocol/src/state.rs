//! Everything that one node knows, except bytes: the one place where a verified entry becomes part of it.
//!
//! `State` is pure. [`State::offer`] takes an entry and tells what changed as [`Event`]s; the caller writes these
//! down in one batch before it tells anybody. After a restart [`State::restore`] builds the same state from rows.

mod restore;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hashbrown::HashSet;
use thiserror::Error;

use crate::admit::{self, Fault, Verdict};
use crate::authority::Authority;
use crate::committee::Committee;
use crate::control::Control;
use crate::entry::{Header, Verified};
use crate::floor::{self, Floor};
use crate::graph::{Class, Graph, Num, Placed};
use crate::hash::Id;
use crate::identity::Identities;
use crate::record::Moved;
use crate::waiting::{self, Source, Waiting};

pub use self::restore::BadStore;

/// This node itself as a source: its own entries bypass the floor's budget.
pub const LOCAL: Source = 0;

/// The account on which this node fetches what it follows.
const OWN: Num = Num(u32::MAX);

/// What this node keeps at most of what no record holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// The floor.
    pub floor: floor::Limits,
    /// The waiting pool.
    pub waiting: waiting::Limits,
    /// Whose node this is: what they wrote is kept outside the budgets and goes for nobody, else a crowded floor would
    /// take the ends of their own logs, and their next entry would fork. Bounded like a member's account, since a
    /// stolen key of theirs writes too.
    pub own: Option<Id>,
}

/// What became of an entry that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the graph now.
    Admitted(Num),
    /// It was in the graph before.
    Known(Num),
    /// It names entries that are not here yet.
    Waiting(Vec<Id>),
    /// It can never be admitted.
    Rejected(Fault),
    /// It is fine but this node does not keep it now.
    Refused(Refusal),
}

/// Why a fine entry is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Its committee is not followed here.
    #[error("this node does not follow the committee that it belongs to")]
    NotFollowed,
    /// No room on the floor.
    #[error(transparent)]
    Floor(#[from] floor::Full),
}

/// What changed. The order is the order in which it happened.
#[derive(Debug)]
pub enum Event {
    /// Is in the graph under this number; to be stored. Boxed: entries are large, the others small.
    Admitted(Num, Box<Verified>),
    /// Joined the record of a committee; `position` in its sequence unless it is there from before.
    Joined {
        /// The committee's root.
        committee: Num,
        /// The entry.
        num: Num,
        /// The new place in the sequence.
        position: Option<u64>,
    },
    /// Left the record of a committee; stays as floor, and in the sequence.
    Left {
        /// The committee's root.
        committee: Num,
        /// The entry.
        num: Num,
    },
    /// An act has enough signatures now.
    Made {
        /// The committee's root.
        committee: Num,
        /// The act.
        act: Num,
    },
    /// Two entries stand at one place of a log: an equivocation proof.
    Forked {
        /// The one that was here.
        first: Num,
        /// The one that came.
        second: Num,
    },
    /// Left the graph to make room; its number is free again.
    Evicted(Num, Id),
    /// Waited, and turned out invalid.
    Rejected {
        /// Its id.
        id: Id,
        /// From whom it came.
        source: Source,
        /// Why.
        fault: Fault,
    },
    /// Waited, was fine, and is not kept.
    Refused {
        /// Its id.
        id: Id,
        /// Why.
        why: Refusal,
    },
}

/// The state.
#[derive(Debug, Default)]
pub struct State {
    limits: Limits,
    graph: Graph,
    identities: Identities,
    followed: BTreeSet<Id>,
    committees: BTreeMap<Num, Committee>,
    waiting: Waiting,
    rejected: HashSet<Id>,
    rejected_order: VecDeque<Id>,
    floor: Floor,
}

/// An entry on its way in, and on whose account it comes.
struct Incoming {
    entry: Verified,
    source: Source,
    account: Option<Num>,
}

impl State {
    /// An empty state.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let (floor, waiting) = (Floor::new(limits.floor), Waiting::new(limits.waiting));
        Self {
            limits,
            floor,
            waiting,
            ..Self::default()
        }
    }

    /// The admitted entries.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The identities among them.
    #[must_use]
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// What waits.
    #[must_use]
    pub fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// What no record holds.
    #[must_use]
    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    /// Ids of the committees that this node follows, whether or not their root came.
    pub fn followed(&self) -> impl Iterator<Item = Id> {
        self.followed.iter().copied()
    }

    /// Whether a committee is followed.
    #[must_use]
    pub fn follows(&self, committee: &Id) -> bool {
        self.followed.contains(committee)
    }

    /// The committees whose root is here.
    pub fn committees(&self) -> impl Iterator<Item = &Committee> {
        self.committees.values()
    }

    /// A committee by the id of its root.
    #[must_use]
    pub fn committee(&self, id: &Id) -> Option<&Committee> {
        self.committees.get(&self.graph.num(id)?)
    }

    /// The same, so that its digest can be brought up to date.
    pub fn committee_mut(&mut self, id: &Id) -> Option<&mut Committee> {
        self.committees.get_mut(&self.graph.num(id)?)
    }

    /// Entries of a committee's space that are not in its record.
    #[must_use]
    pub fn floor_of(&self, committee: &Committee) -> Vec<Num> {
        let all = committee.authors().flat_map(|(_, entries)| entries.iter().copied());
        all.filter(|n| !committee.record().contains(*n, &self.graph)).collect()
    }

    /// Whether an id was refused for good, as far as that is remembered.
    #[must_use]
    pub fn is_rejected(&self, id: &Id) -> bool {
        self.rejected.contains(id)
    }

    /// The lowest place at which an entry's log holds two entries of this committee's record.
    #[must_use]
    pub fn fork(&self, committee: &Committee, num: Num) -> Option<u32> {
        let in_record = |n: &&Num| committee.record().contains(**n, &self.graph);
        self.graph
            .log_of(num)
            .forks()
            .find(|(_, all)| all.iter().filter(in_record).count() > 1)
            .map(|(seq, _)| seq)
    }

    /// Follows a committee. Its root may come later.
    pub fn follow(&mut self, committee: Id) {
        self.followed.insert(committee);
    }

    /// How many floor entries an entry that names these would take into the committee's record.
    #[must_use]
    pub fn would_take_up(&self, committee: &Committee, names: &[Num]) -> usize {
        let mut open = names.to_vec();
        let mut seen = HashSet::new();
        while let Some(num) = open.pop() {
            if !committee.record().contains(num, &self.graph) && seen.insert(num) {
                open.extend_from_slice(self.graph.names(num));
            }
        }
        seen.len()
    }

    /// Takes an entry in, or tells why not. `events` gets everything that changed, this entry's admission and that
    /// of entries that waited for it included.
    pub fn offer(&mut self, entry: Verified, source: Source, events: &mut Vec<Event>) -> Outcome {
        let told = events.len();
        let account = self.waiting.account(&entry.id());
        let (outcome, settled) = self.settle(Incoming { entry, source, account }, events);
        let mut open: VecDeque<(Id, bool)> = settled.into_iter().collect();
        while let Some((id, valid)) = open.pop_front() {
            let waiters = if valid {
                self.waiting.waiting_for(&id)
            } else {
                Vec::new()
            };
            let released = if valid {
                self.waiting.release(&id)
            } else {
                self.waiting.fail(&id)
            };
            for waited in released {
                let waiter = waited.entry.id();
                let incoming = Incoming {
                    entry: waited.entry,
                    source: waited.source,
                    account: waited.account,
                };
                let (outcome, settled) = self.settle(incoming, events);
                match outcome {
                    Outcome::Rejected(fault) => events.push(Event::Rejected {
                        id: waiter,
                        source: waited.source,
                        fault,
                    }),
                    Outcome::Refused(why) => events.push(Event::Refused { id: waiter, why }),
                    _ => {}
                }
                open.extend(settled);
            }
            // With a certificate or a committee's root here it may show that a member wrote them.
            self.charge_members(&waiters);
        }
        if events.iter().skip(told).any(|e| self.makes_members(e)) {
            self.charge_members(&self.waiting.ids());
        }
        outcome
    }

    /// Judges one entry and does what follows for it alone. The second answer says what waiting entries may now be
    /// looked at again: the id, and whether it is here or invalid.
    fn settle(&mut self, incoming: Incoming, events: &mut Vec<Event>) -> (Outcome, Option<(Id, bool)>) {
        let id = incoming.entry.id();
        if let Some(num) = self.graph.num(&id) {
            return (Outcome::Known(num), None);
        }
        if let Some(why) = self.unfollowed(incoming.entry.header(), &id) {
            return (Outcome::Refused(why), None);
        }
        match admit::judge(
            id,
            incoming.entry.header(),
            &self.graph,
            &self.identities,
            &self.rejected,
        ) {
            Verdict::Reject(fault) => {
                self.remember_rejected(id);
                (Outcome::Rejected(fault), Some((id, false)))
            }
            Verdict::Wait(missing) => {
                let account = incoming.account.or_else(|| self.member_author(incoming.entry.header()));
                let account = account.filter(|m| self.floor.has_account(*m));
                self.waiting
                    .hold(incoming.entry, missing.clone(), incoming.source, account);
                (Outcome::Waiting(missing), None)
            }
            Verdict::Admit(placed, control) => match self.make_room(&incoming, &placed, &control, events) {
                Err(why) => (Outcome::Refused(why), None),
                Ok(account) => {
                    let incoming = Incoming { account, ..incoming };
                    let num = self.insert(incoming, placed, &control, events);
                    (Outcome::Admitted(num), Some((id, true)))
                }
            },
        }
    }

    fn unfollowed(&self, header: &Header, id: &Id) -> Option<Refusal> {
        let unfollowed = match header.space {
            None => header.kind == "committee" && !self.followed.contains(id),
            Some(space) if self.followed.contains(&space) => false,
            // What is here and no root at all is no matter of following: admission rejects it.
            Some(space) => self
                .graph
                .num(&space)
                .is_some_and(|n| self.graph.node(n).class == Class::Committee),
        };
        unfollowed.then_some(Refusal::NotFollowed)
    }

    /// The identity that signed an entry which is not admitted yet, if what shows it is here and it is or was a member
    /// of the entry's committee, or of any committee for an entry of its own space.
    fn member_author(&self, header: &Header) -> Option<Num> {
        if header.space.is_none() {
            // The root of a committee that is followed, or it would not be here: this node wants it itself.
            return (header.kind == "committee").then_some(OWN);
        }
        let space = self.graph.num(&header.space?)?;
        let cert = header.cert.and_then(|cert| self.graph.num(&cert));
        let certified = cert.filter(|cert| self.identities.enrolled(*cert) == Some(header.by));
        if self.graph.node(space).class == Class::Identity {
            // Its key acts are in the record and carry their whole log along.
            let own = match certified {
                Some(cert) => self.graph.node(cert).space == space,
                None => header.cert.is_none() && self.identities.has_root(space, &header.by),
            };
            let member = || self.committees.values().any(|c| c.was_member(space));
            return (own && member()).then_some(space);
        }
        let author = self.graph.node(certified?).space;
        self.committees.get(&space)?.was_member(author).then_some(author)
    }

    /// Whether somebody may have become a member by this. Founders do when their committee comes.
    fn makes_members(&self, event: &Event) -> bool {
        match event {
            Event::Made { .. } => true,
            Event::Admitted(num, _) => self.committees.contains_key(num),
            _ => false,
        }
    }

    /// What a member's waiting entry misses is fetched on that member's account.
    fn charge_members(&mut self, waiters: &[Id]) {
        for waiter in waiters {
            let member = self.waiting.entry(waiter).and_then(|e| self.member_author(e.header()));
            if let Some(member) = member.filter(|m| self.floor.has_account(*m)) {
                self.waiting.charge(waiter, member);
            }
        }
    }

    /// Whether this entry may be kept, and on whose account; evicts for it where the floor's rules say so.
    fn make_room(
        &mut self,
        incoming: &Incoming,
        placed: &Placed,
        control: &Control,
        events: &mut Vec<Event>,
    ) -> Result<Option<Num>, Refusal> {
        if incoming.source == LOCAL || incoming.account.is_some() || self.belongs(placed) {
            return Ok(incoming.account);
        }
        let author = placed.cert.map(|cert| self.graph.node(cert).space).or(placed.space);
        if let Some(own) = author.filter(|author| self.is_own(*author)) {
            return Ok(Some(own));
        }
        let owed = self.owed_to(placed, control).filter(|m| self.floor.has_account(*m));
        if owed.is_some() {
            return Ok(owed);
        }
        while let Some(fullest) = self.floor.admits(&placed.key)? {
            if !self.evict_last(&fullest, placed, events) {
                return Err(floor::Full::Total {
                    limit: self.limits.floor.total,
                }
                .into());
            }
        }
        Ok(None)
    }

    /// Whether this is the identity whose node this is, and its account has room.
    fn is_own(&self, author: Num) -> bool {
        self.limits.own.is_some_and(|own| self.graph.id(author) == own) && self.floor.has_account(author)
    }

    /// Notes an entry that no record holds.
    fn keep_on_floor(&mut self, num: Num, account: Option<Num>) {
        let author = self.graph.author(num);
        let account = account.or_else(|| self.is_own(author).then_some(author));
        self.floor.add(num, account, &self.graph);
    }

    /// Whether an entry that is about to be inserted will be in a record for a reason of its own.
    fn belongs(&self, placed: &Placed) -> bool {
        let Some(space) = placed.space else {
            return self.followed.contains(&placed.id);
        };
        if placed.class.is_identity_control() {
            return self.committees.values().any(|c| c.is_member(space));
        }
        let author = placed.cert.map_or(space, |c| self.graph.node(c).space);
        self.committees.get(&space).is_some_and(|c| c.is_member(author))
    }

    /// The past member whose valid signature this is, if a record keeps it once its act is made, or whose key act this
    /// is, on which such a signature rests. Every node must have these whatever its budgets: else an act is made here
    /// and not there, or two nodes keep different signatures.
    fn owed_to(&self, placed: &Placed, control: &Control) -> Option<Num> {
        if placed.class.is_identity_control() {
            let identity = placed.space?;
            return self
                .committees
                .values()
                .any(|c| c.was_member(identity))
                .then_some(identity);
        }
        let committee = self.committees.get(&placed.space?)?;
        let author = self.graph.node(placed.cert?).space;
        if !placed.class.is_authority() || !committee.was_member(author) {
            return None;
        }
        let authority = committee.authority();
        if let Control::Cosign(cosign) = control {
            let act = self.graph.num(&cosign.entry)?;
            let rank = (self.graph.depth_above(&placed.names), placed.id);
            if !self.graph.node(act).class.is_act() || !authority.would_choose(act, author, rank) {
                return None;
            }
        }
        let past = authority.look(&placed.names, &self.graph);
        authority.grounds(author, &past).map(|_| author)
    }

    fn insert(&mut self, incoming: Incoming, placed: Placed, control: &Control, events: &mut Vec<Event>) -> Num {
        let Incoming { entry, account, .. } = incoming;
        let num = self.graph.insert(placed);
        let node = *self.graph.node(num);
        events.push(Event::Admitted(num, Box::new(entry)));
        if let [first, .., second] = self.graph.log_of(num).at(node.seq) {
            events.push(Event::Forked {
                first: *first,
                second: *second,
            });
        }
        self.note(num, account, control, events);
        num
    }

    /// Tells identities and committees about an entry that is new in the graph. It is on the floor unless one of
    /// their records takes it.
    fn note(&mut self, num: Num, account: Option<Num>, control: &Control, events: &mut Vec<Event>) {
        let told = events.len();
        self.tell(num, control, events);
        if self.graph.node(num).records == 0 {
            self.keep_on_floor(num, account);
        }
        // An identity's entry may join several records at once: count, so that it leaves the floor once.
        let mut joins: BTreeMap<Num, (u32, u32)> = BTreeMap::new();
        for event in events.iter().skip(told) {
            match event {
                Event::Joined { num, .. } => joins.entry(*num).or_default().0 += 1,
                Event::Left { num, .. } => joins.entry(*num).or_default().1 += 1,
                _ => {}
            }
        }
        joins.remove(&num);
        for (moved, (joined, left)) in joins {
            let after = self.graph.node(moved).records;
            let before = after + left - joined;
            if before == 0 && after > 0 {
                self.floor.remove(moved, &self.graph);
            } else if before > 0 && after == 0 {
                self.floor.list(moved);
            }
        }
    }

    fn tell(&mut self, num: Num, control: &Control, events: &mut Vec<Event>) {
        let node = *self.graph.node(num);
        if let Control::Committee(founding) = control {
            let mut committee = Committee::new(num, founding, &self.graph);
            let moved = committee.begin(&mut self.graph, &self.identities);
            self.committees.insert(num, committee);
            moved_events(num, &moved, events);
        } else if self.graph.node(node.space).class == Class::Identity {
            self.identities.insert(num, self.graph.key(num), control, &self.graph);
            if node.class.is_identity_control() {
                for (root, committee) in &mut self.committees {
                    let moved = committee.insert_key_act(num, node.space, &mut self.graph);
                    moved_events(*root, &moved, events);
                }
            }
        } else if let Some(committee) = self.committees.get_mut(&node.space) {
            let (moved, made) = committee.insert(num, control, &mut self.graph, &self.identities);
            moved_events(node.space, &moved, events);
            events.extend(made.into_iter().map(|act| Event::Made {
                committee: node.space,
                act,
            }));
        }
    }

    /// Takes the last entry off a key's fullest log on the floor, if nothing holds it.
    fn evict_last(&mut self, key: &crate::hash::Key, newcomer: &Placed, events: &mut Vec<Event>) -> bool {
        let spaces = self.graph.spaces_of(key);
        let victim = spaces
            .iter()
            .filter_map(|space| self.graph.log(key, *space)?.last())
            .find(|num| {
                let node = self.graph.node(*num);
                let kept = self.committees.values().any(|c| c.record().keeps(*num))
                    || self
                        .committees
                        .get(&node.space)
                        .is_some_and(|c| c.authority().is_chosen(*num))
                    || self.floor.on_account(*num);
                node.namers == 0 && node.records == 0 && !kept && !newcomer.names.contains(num)
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

    fn remember_rejected(&mut self, id: Id) {
        if self.rejected.insert(id) {
            self.rejected_order.push_back(id);
        }
        while self.rejected_order.len() > self.limits.waiting.rejected {
            if let Some(oldest) = self.rejected_order.pop_front() {
                self.rejected.remove(&oldest);
            }
        }
    }

    /// Which act an entry of this committee signs, see [`Authority::signs`].
    #[must_use]
    pub fn signs(&self, num: Num, control: &Control) -> Option<Num> {
        Authority::signs(num, control, &self.graph)
    }

    /// Heads of a document: its entries that no other of its entries builds on, its root if there are none. Deepest first.
    #[must_use]
    pub fn heads(&self, document: Num) -> Vec<Num> {
        let entries = self.graph.document(document);
        let named: HashSet<Num> = entries.iter().flat_map(|n| self.graph.after(*n)).copied().collect();
        let mut heads: Vec<Num> = entries.iter().copied().filter(|n| !named.contains(n)).collect();
        if heads.is_empty() {
            heads.push(document);
        }
        heads.sort_unstable_by_key(|n| std::cmp::Reverse(self.graph.rank(*n)));
        heads
    }
}

fn moved_events(committee: Num, moved: &[Moved], events: &mut Vec<Event>) {
    events.extend(moved.iter().map(|Moved { num, joined, position }| match joined {
        true => Event::Joined {
            committee,
            num: *num,
            position: *position,
        },
        false => Event::Left { committee, num: *num },
    }));
}

#[cfg(test)]
mod tests;
