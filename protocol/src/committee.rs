//! One followed committee: who is a member, what is made, what is in the record.

use hashbrown::{HashMap, HashSet};

use crate::authority::{Authority, Change, Does};
use crate::control::{self, Control};
use crate::graph::{Graph, Num};
use crate::identity::Identities;
use crate::record::{Moved, Reason, Record};

/// A committee and everything that is computed about it as entries come.
///
/// Invariant: after every call the record is the one that [`crate::record::scratch`] computes from the same graph.
#[derive(Debug)]
pub struct Committee {
    root: Num,
    authority: Authority,
    record: Record,
    /// Made and unrevoked grants of each member; founders are members without any.
    grants: HashMap<Num, HashSet<Num>>,
    /// Whoever is or was a member: what they sign is fetched outside the floor's budget.
    ever: HashSet<Num>,
    /// Entries in this committee's space by identity.
    by_author: HashMap<Num, Vec<Num>>,
}

/// Reasons that one step gives and takes.
#[derive(Debug, Default)]
struct Step {
    give: Vec<(Num, Reason)>,
    take: Vec<(Num, Reason)>,
}

impl Committee {
    pub(crate) fn new(root: Num, control: &control::Committee, graph: &Graph) -> Self {
        let founders: Vec<Num> = control.founders.iter().filter_map(|f| graph.num(f)).collect();
        Self {
            root,
            ever: founders.iter().copied().collect(),
            authority: Authority::new(founders, control.threshold),
            record: Record::new(root),
            grants: HashMap::new(),
            by_author: HashMap::new(),
        }
    }

    /// Its root entry.
    #[must_use]
    pub fn root(&self) -> Num {
        self.root
    }

    /// Its acts and signatures.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Its record, so that the digest can be brought up to date.
    pub fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    /// Whether an identity is a founder or holds a made grant that no made revocation names.
    #[must_use]
    pub fn is_member(&self, identity: Num) -> bool {
        self.authority.founders().contains(&identity) || self.grants.contains_key(&identity)
    }

    /// Whether an identity is or was a member.
    #[must_use]
    pub fn was_member(&self, identity: Num) -> bool {
        self.ever.contains(&identity)
    }

    /// Members, in no particular order.
    pub fn members(&self) -> impl Iterator<Item = Num> {
        let granted = self.grants.keys().filter(|i| !self.authority.founders().contains(i));
        self.authority.founders().iter().chain(granted).copied()
    }

    /// Entries of an identity in this committee's space, record and floor.
    #[must_use]
    pub fn written_by(&self, identity: Num) -> &[Num] {
        self.by_author.get(&identity).map_or(&[], Vec::as_slice)
    }

    /// Identities that wrote here, with their entries.
    pub fn authors(&self) -> impl Iterator<Item = (Num, &[Num])> {
        self.by_author.iter().map(|(i, e)| (*i, e.as_slice()))
    }

    /// Notes the founders and their keys when the root itself was inserted.
    pub(crate) fn begin(&mut self, graph: &mut Graph, identities: &Identities) -> Vec<Moved> {
        let mut step = Step::default();
        step.give.push((self.root, Reason::Root));
        for founder in self.authority.founders().to_vec() {
            step.give
                .extend(identities.controls(founder).iter().map(|n| (*n, Reason::Identity)));
        }
        self.note_author(self.root, &mut step, graph);
        self.record.change(&step.give, &step.take, graph)
    }

    /// Notes an entry of this committee's space that was just inserted into the graph. Returns what moved and which
    /// acts were made by it.
    pub(crate) fn insert(
        &mut self,
        num: Num,
        control: &Control,
        graph: &mut Graph,
        identities: &Identities,
    ) -> (Vec<Moved>, Vec<Num>) {
        let mut step = Step::default();
        let mut made = Vec::new();
        graph.see(num, self.authority.look(graph.names(num), graph));
        self.note_author(num, &mut step, graph);
        if graph.node(num).class.is_authority() {
            for change in self.authority.insert(num, graph.author(num), control, graph) {
                match change {
                    Change::Made(act) => {
                        made.push(act);
                        self.make(act, &mut step, identities);
                    }
                    Change::Chosen(signature) => step.give.push((signature, Reason::Signature)),
                    Change::Unchosen(signature) => step.take.push((signature, Reason::Signature)),
                }
            }
        }
        (self.record.change(&step.give, &step.take, graph), made)
    }

    /// Notes an entry of a restored graph without giving any reasons; parents come first.
    pub(crate) fn put_back(&mut self, num: Num, control: &Control, graph: &mut Graph, identities: &Identities) {
        graph.see(num, self.authority.look(graph.names(num), graph));
        self.by_author.entry(graph.author(num)).or_default().push(num);
        if graph.node(num).class.is_authority() {
            for change in self.authority.insert(num, graph.author(num), control, graph) {
                if let Change::Made(act) = change {
                    self.make(act, &mut Step::default(), identities);
                }
            }
        }
    }

    /// Gives all reasons at once, after the last [`Committee::put_back`]. False when the sequence lacks an entry of
    /// the record that follows.
    pub(crate) fn restored(&mut self, sequence: Vec<Num>, graph: &mut Graph, identities: &Identities) -> bool {
        let mut step = Step::default();
        step.give.push((self.root, Reason::Root));
        for member in self.members().collect::<Vec<_>>() {
            step.give
                .extend(self.written_by(member).iter().map(|n| (*n, Reason::Member)));
            step.give
                .extend(identities.controls(member).iter().map(|n| (*n, Reason::Identity)));
        }
        for (num, act) in self.authority.acts().filter(|(_, act)| act.made) {
            step.give.push((num, Reason::Act));
            step.give
                .extend(act.chosen().map(|(_, signature)| (signature, Reason::Signature)));
        }
        self.record.restore(&step.give, sequence, graph)
    }

    /// Notes an `enroll`, `retire` or `rotate` of an identity.
    pub(crate) fn insert_key_act(&mut self, num: Num, identity: Num, graph: &mut Graph) -> Vec<Moved> {
        if !self.is_member(identity) {
            return Vec::new();
        }
        self.record.change(&[(num, Reason::Identity)], &[], graph)
    }

    /// Forgets an entry that is about to leave the graph.
    pub(crate) fn remove(&mut self, num: Num, graph: &Graph) {
        if graph.node(num).class.is_authority() {
            self.authority.remove(num, graph);
        }
        let author = graph.author(num);
        if let Some(entries) = self.by_author.get_mut(&author) {
            entries.retain(|n| *n != num);
            if entries.is_empty() {
                self.by_author.remove(&author);
            }
        }
    }

    fn note_author(&mut self, num: Num, step: &mut Step, graph: &Graph) {
        let author = graph.author(num);
        self.by_author.entry(author).or_default().push(num);
        if self.is_member(author) {
            step.give.push((num, Reason::Member));
        }
    }

    /// What follows from an act having become made.
    fn make(&mut self, act: Num, step: &mut Step, identities: &Identities) {
        step.give.push((act, Reason::Act));
        let Some(made) = self.authority.act(act) else { return };
        step.give
            .extend(made.chosen().map(|(_, signature)| (signature, Reason::Signature)));
        match made.does.clone() {
            Does::Grant { to, .. } if !self.authority.is_revoked(act) => self.join(to, act, step, identities),
            Does::Grant { to, .. } => drop(self.ever.insert(to)),
            Does::Revoke { grant } => self.end(grant, step, identities),
            Does::Set { .. } => {}
        }
    }

    fn join(&mut self, identity: Num, grant: Num, step: &mut Step, identities: &Identities) {
        let newly = !self.is_member(identity);
        self.grants.entry(identity).or_default().insert(grant);
        self.ever.insert(identity);
        if newly {
            step.give
                .extend(self.written_by(identity).iter().map(|n| (*n, Reason::Member)));
            step.give
                .extend(identities.controls(identity).iter().map(|n| (*n, Reason::Identity)));
        }
    }

    fn end(&mut self, grant: Num, step: &mut Step, identities: &Identities) {
        let Some(Does::Grant { to, .. }) = self.authority.act(grant).map(|a| a.does.clone()) else {
            return;
        };
        let Some(grants) = self.grants.get_mut(&to) else { return };
        grants.remove(&grant);
        if !grants.is_empty() {
            return;
        }
        self.grants.remove(&to);
        if !self.is_member(to) {
            step.take
                .extend(self.written_by(to).iter().map(|n| (*n, Reason::Member)));
            step.take
                .extend(identities.controls(to).iter().map(|n| (*n, Reason::Identity)));
        }
    }
}
