//! A node without disk and network: the shipped state, the bytes beside it, and a mirror of what events told.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::author::{self, Draft, Refused};
use althing_protocol::entry::{Body, Carried, Entry, Verified};
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::state::{Event, LOCAL, Limits, Outcome, State};
use althing_protocol::waiting::Source;

use super::{Device, check};

/// The node.
#[derive(Debug, Default)]
pub struct Replica {
    /// The shipped state machine.
    pub state: State,
    /// Bodies by entry: a cache, as on a real node.
    pub bodies: BTreeMap<Id, Body>,
    /// Entries whose body was erased here: it may not come back.
    pub erased: BTreeSet<Id>,
    /// Whether everything is computed anew and compared after each step.
    pub checked: bool,
    /// What a store would hold: admitted entries, without their bodies.
    pub(super) entries: BTreeMap<Id, Verified>,
    /// What a store would hold of each committee.
    pub(super) mirror: BTreeMap<Id, Mirror>,
    /// Acts that were made, as events told.
    pub(super) made: BTreeSet<Id>,
    /// Equivocations, as events told.
    pub forked: BTreeSet<(Id, Id)>,
    limits: Limits,
}

/// A committee's record as events told it.
#[derive(Debug, Default, Clone)]
pub(super) struct Mirror {
    pub(super) record: BTreeSet<Id>,
    pub(super) sequence: Vec<Id>,
}

impl Replica {
    /// An empty node that follows these committees and computes everything anew after each step.
    #[must_use]
    pub fn new(limits: Limits, follows: &[Id]) -> Self {
        let mut state = State::new(limits);
        for committee in follows {
            state.follow(*committee);
        }
        Self {
            state,
            limits,
            checked: true,
            ..Self::default()
        }
    }

    /// The same without the comparison after each step: for large sets.
    #[must_use]
    pub fn unchecked(limits: Limits, follows: &[Id]) -> Self {
        Self {
            checked: false,
            ..Self::new(limits, follows)
        }
    }

    /// Takes bytes from a peer, as a node does: decode, verify, offer. None if they are no entry that anybody signed.
    pub fn offer_wire(&mut self, bytes: &[u8], source: Source) -> Option<Outcome> {
        let entry = Entry::decode(bytes).ok()?.verify().ok()?;
        Some(self.offer_from(entry, source))
    }

    /// Takes an entry from source 1.
    pub fn offer(&mut self, entry: &Verified) -> Outcome {
        self.offer_from(entry.clone(), 1)
    }

    /// Takes entries in the order given.
    pub fn offer_all<'a>(&mut self, entries: impl IntoIterator<Item = &'a Verified>) -> Vec<Outcome> {
        entries.into_iter().map(|e| self.offer(e)).collect()
    }

    /// Takes an entry from a source.
    pub fn offer_from(&mut self, entry: Verified, source: Source) -> Outcome {
        let id = entry.id();
        let late = match entry.body() {
            Carried::Here(body) => Some(body.clone()),
            _ => None,
        };
        let mut events = Vec::new();
        let outcome = self.state.offer(entry, source, &mut events);
        if let (Outcome::Known(_), Some(body)) = (&outcome, late) {
            self.keep(id, body);
        }
        for event in events {
            self.note(event);
        }
        if self.checked {
            check::all(self);
        }
        outcome
    }

    /// Writes an honest entry with the protocol's own author, and takes it in.
    ///
    /// # Errors
    /// As [`author::write`].
    pub fn write(&mut self, space: Id, device: &Device, draft: Draft) -> Result<Verified, Refused> {
        let entry = author::write(&self.state, space, &device.writer(), draft)?;
        let outcome = self.offer_from(entry.clone(), LOCAL);
        assert!(
            matches!(outcome, Outcome::Admitted(_)),
            "what a node writes it admits: {outcome:?}"
        );
        Ok(entry)
    }

    /// A body that comes later.
    pub fn keep(&mut self, id: Id, body: Body) {
        let fits = self.entries.get(&id).is_some_and(|e| body.fits(e.header()));
        if fits && !self.erased.contains(&id) {
            self.bodies.insert(id, body);
        }
    }

    /// Erases a body for good.
    pub fn erase(&mut self, id: Id) {
        self.bodies.remove(&id);
        self.erased.insert(id);
    }

    /// The node as it comes back after a restart: the state rebuilt from rows, what waited forgotten.
    #[must_use]
    pub fn restarted(&self) -> Self {
        let old = self.state.graph();
        let mut rows: Vec<(Num, Vec<u8>)> = old.iter().map(|n| (n, old.row(n).as_bytes().to_vec())).collect();
        rows.sort_unstable_by_key(|(n, _)| *n);
        let mut graph = Graph::default();
        for (num, row) in &rows {
            graph.restore(*num, row).expect("a row that the graph wrote");
        }
        let nums: BTreeMap<Num, Id> = rows.iter().map(|(n, _)| (*n, old.id(*n))).collect();
        let header = |n: Num| self.entries.get(nums.get(&n)?).map(|e| e.header().clone());
        let sequence = |n: Num| {
            let mirror = self.mirror.get(nums.get(&n)?)?;
            Some(
                mirror
                    .sequence
                    .iter()
                    .map(|id| old.num(id).expect("kept as long as it is listed"))
                    .collect(),
            )
        };
        let state = State::restore(self.limits, self.state.followed(), graph, header, sequence)
            .expect("rows of a state that was sound");
        let replica = Self {
            state,
            bodies: self.bodies.clone(),
            erased: self.erased.clone(),
            checked: self.checked,
            entries: self.entries.clone(),
            mirror: self.mirror.clone(),
            made: self.made.clone(),
            forked: self.forked.clone(),
            limits: self.limits,
        };
        check::all(&replica);
        replica
    }

    /// The digest of a committee; zeros if it is not here.
    #[must_use]
    pub fn digest(&self, committee: Id) -> Hash {
        self.state
            .committee(&committee)
            .map_or(Hash::ZERO, |c| c.record().tree().root())
    }

    /// Ids of all admitted entries.
    #[must_use]
    pub fn admitted(&self) -> BTreeSet<Id> {
        self.state.graph().iter().map(|n| self.state.graph().id(n)).collect()
    }

    /// Ids in a committee's record.
    #[must_use]
    pub fn record(&self, committee: Id) -> BTreeSet<Id> {
        let tree = self.state.committee(&committee).map(|c| c.record().tree());
        tree.into_iter().flat_map(|t| t.iter().copied()).collect()
    }

    /// Whether an entry is in a committee's record.
    #[must_use]
    pub fn has_in_record(&self, committee: Id, id: Id) -> bool {
        self.state
            .committee(&committee)
            .is_some_and(|c| c.record().tree().contains(&id))
    }

    /// Identities that are members of a committee.
    #[must_use]
    pub fn members(&self, committee: Id) -> BTreeSet<Id> {
        let committee = self.state.committee(&committee);
        committee
            .into_iter()
            .flat_map(|c| c.members())
            .map(|n| self.state.graph().id(n))
            .collect()
    }

    /// Acts of a committee that are made.
    #[must_use]
    pub fn made(&self, committee: Id) -> BTreeSet<Id> {
        let committee = self.state.committee(&committee);
        committee
            .into_iter()
            .flat_map(|c| c.authority().acts())
            .filter(|(_, act)| act.made)
            .map(|(n, _)| self.state.graph().id(n))
            .collect()
    }

    /// Who holds which role, by which grant: whatever is effective and not revoked.
    #[must_use]
    pub fn holders(&self, committee: Id) -> BTreeSet<(String, Id, Id)> {
        let graph = self.state.graph();
        let committee = self.state.committee(&committee);
        let roles = committee.into_iter().flat_map(|c| c.authority().roles(graph));
        roles.map(|r| (r.role, graph.id(r.to), graph.id(r.grant))).collect()
    }

    /// Places in logs that hold more than one entry, with all of these.
    #[must_use]
    pub fn forks(&self) -> BTreeSet<Vec<Id>> {
        let graph = self.state.graph();
        let logs = graph.logs().flat_map(|(_, _, log)| log.forks());
        logs.map(|(_, all)| {
            let mut ids: Vec<Id> = all.iter().map(|n| graph.id(*n)).collect();
            ids.sort_unstable();
            ids
        })
        .collect()
    }

    /// Ids that wait.
    #[must_use]
    pub fn waiting(&self) -> BTreeSet<Id> {
        self.state.waiting().ids().into_iter().collect()
    }

    /// Everything that nodes must agree on, and what waits.
    #[must_use]
    pub fn summary(&self, committee: Id) -> Summary {
        Summary {
            digest: self.digest(committee),
            record: self.record(committee),
            members: self.members(committee),
            made: self.made(committee),
            holders: self.holders(committee),
        }
    }

    /// The wire form of an admitted entry, with its body if that is here.
    #[must_use]
    pub fn wire(&self, id: &Id) -> Option<Vec<u8>> {
        let entry = self.entries.get(id)?;
        Some(althing_protocol::entry::wire(
            entry.header_bytes(),
            entry.signature(),
            self.bodies.get(id),
        ))
    }

    /// The wire form of an admitted entry without its body.
    #[must_use]
    pub fn bare(&self, id: &Id) -> Option<Vec<u8>> {
        let entry = self.entries.get(id)?;
        Some(althing_protocol::entry::wire(
            entry.header_bytes(),
            entry.signature(),
            None,
        ))
    }

    /// Admitted entries whose body is neither here nor erased.
    pub fn absent(&self) -> impl Iterator<Item = Id> {
        let lacking = self
            .entries
            .iter()
            .filter(|(_, e)| e.header().len > 0)
            .map(|(id, _)| *id);
        lacking.filter(|id| !self.bodies.contains_key(id) && !self.erased.contains(id))
    }

    /// An admitted entry with its header.
    #[must_use]
    pub fn entry(&self, id: &Id) -> Option<&Verified> {
        self.entries.get(id)
    }

    fn note(&mut self, event: Event) {
        let graph = self.state.graph();
        match event {
            Event::Admitted(_, mut entry) => {
                let id = entry.id();
                if let Some(body) = entry.take_body()
                    && !self.erased.contains(&id)
                {
                    self.bodies.insert(id, body);
                }
                assert!(self.entries.insert(id, *entry).is_none(), "{id} was admitted twice");
            }
            Event::Joined {
                committee,
                num,
                position,
            } => {
                let (committee, id) = (graph.id(committee), graph.id(num));
                let mirror = self.mirror.entry(committee).or_default();
                assert!(mirror.record.insert(id), "{id} joined twice");
                if let Some(position) = position {
                    assert_eq!(position, mirror.sequence.len() as u64, "positions have no gaps");
                    mirror.sequence.push(id);
                }
            }
            Event::Left { committee, num } => {
                let (committee, id) = (graph.id(committee), graph.id(num));
                let mirror = self.mirror.entry(committee).or_default();
                assert!(mirror.record.remove(&id), "{id} left without having joined");
            }
            Event::Made { act, .. } => {
                self.made.insert(graph.id(act));
            }
            Event::Forked { first, second } => {
                let (first, second) = (graph.id(first), graph.id(second));
                self.forked.insert((first.min(second), first.max(second)));
            }
            Event::Evicted(_, id) => {
                self.bodies.remove(&id);
                assert!(
                    self.entries.remove(&id).is_some(),
                    "{id} was evicted without being here"
                );
            }
            Event::Rejected { .. } | Event::Refused { .. } => {}
        }
    }
}

/// What nodes that hold the same entries must agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The digest.
    pub digest: Hash,
    /// The record's ids.
    pub record: BTreeSet<Id>,
    /// The members' identities.
    pub members: BTreeSet<Id>,
    /// The made acts.
    pub made: BTreeSet<Id>,
    /// Who holds which role, by which grant.
    pub holders: BTreeSet<(String, Id, Id)>,
}
