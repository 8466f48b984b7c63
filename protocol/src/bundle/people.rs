//! Whose key is this? By the entries of identities that a proof brings along, and by nothing else.

use std::collections::BTreeSet;

use super::proof::Signed;
use crate::admit;
use crate::control::{Control, Shape, Use};
use crate::entry::Verified;
use crate::hash::{Hash, Id, Key, key_commitment};

/// One of the entries.
pub(super) struct Person {
    entry: Verified,
    control: Control,
    shape: Shape,
    /// The identity; of a root, itself.
    identity: Id,
    /// For roots and rotations that stand: the one whose commitment this key opens. A root opens none.
    root: Option<Link>,
    used: bool,
}

/// How a root key is known to be one.
#[derive(Clone, Copy)]
enum Link {
    /// It signed the identity's root.
    First,
    /// The entry of this place committed to it.
    Next(usize),
}

/// The entries, in their order.
pub(super) struct People(Vec<Person>);

impl People {
    /// Checks them one by one: form, signature, and that none names one that comes later, or itself comes twice.
    pub(super) fn read(signed: &[Signed]) -> Option<Self> {
        let mut all: Vec<Person> = Vec::new();
        for one in signed {
            let entry = one.verify()?;
            let (shape, control) = admit::read(entry.header()).ok()?;
            let identity = entry.header().space.unwrap_or_else(|| entry.id());
            all.push(Person {
                entry,
                control,
                shape,
                identity,
                root: None,
                used: false,
            });
        }
        let mut later: BTreeSet<Id> = BTreeSet::new();
        for person in all.iter().rev() {
            let names = admit::names(person.entry.header());
            if names.iter().any(|name| later.contains(name)) || !later.insert(person.entry.id()) {
                return None;
            }
        }
        let mut people = Self(all);
        for at in 0..people.0.len() {
            let link = people.0.get(at).and_then(|person| people.link(person));
            if let Some(person) = people.0.get_mut(at) {
                person.root = link;
            }
        }
        Some(people)
    }

    /// How the signer of an identity's root, or of a rotation, is a root key, by the entries whose links are known.
    fn link(&self, person: &Person) -> Option<Link> {
        match (person.shape, &person.control) {
            (Shape::Identity, _) => Some(Link::First),
            (Shape::Entry, Control::Rotate(_)) => self.opens(&person.entry).map(Link::Next),
            _ => None,
        }
    }

    /// The first root or rotation of an entry's identity that committed to the entry's key; for entries of an identity
    /// that a root key signed.
    fn opens(&self, entry: &Verified) -> Option<usize> {
        let header = entry.header();
        let own = header.cert.is_none() && header.space.is_some() && header.space == header.doc;
        let opened = key_commitment(&header.by);
        let found = |person: &Person| {
            Some(person.identity) == header.space && person.root.is_some() && person.commitment() == Some(opened)
        };
        self.0.iter().position(found).filter(|_| own)
    }

    /// The first root or rotation of this identity that this key signed.
    fn root_key(&self, identity: Id, key: Key) -> Option<usize> {
        let found = |person: &Person| {
            person.identity == identity && person.root.is_some() && person.entry.header().by == key
        };
        self.0.iter().position(found)
    }

    /// The identity for which this enrolment lets this key sign, if it is sound.
    pub(super) fn enrolled(&mut self, enroll: Id, key: Key) -> Option<Id> {
        let at = self.0.iter().position(|person| person.entry.id() == enroll)?;
        self.enrolment(at, key, None)
    }

    /// The identity that made this key one of its nodes; by the first sound enrolment.
    pub(super) fn node(&mut self, key: Key) -> Option<Id> {
        (0..self.0.len()).find_map(|at| self.enrolment(at, key, Some(Use::Node)))
    }

    fn enrolment(&mut self, at: usize, key: Key, usage: Option<Use>) -> Option<Id> {
        let person = self.0.get(at)?;
        let (identity, header) = (person.identity, person.entry.header());
        let Control::Enroll(enroll) = &person.control else {
            return None;
        };
        let own = header.cert.is_none() && header.doc == Some(identity);
        if !own || enroll.key != key || usage.is_some_and(|usage| usage != enroll.usage) {
            return None;
        }
        let root = self.root_key(identity, header.by)?;
        self.first(identity)?;
        self.mark(at);
        self.mark_from(root);
        Some(identity)
    }

    /// The identity in whose space a root key of its own signed this entry: one that is known here, or the next one, by
    /// which this very entry takes over.
    pub(super) fn own(&mut self, entry: &Verified, control: &Control) -> Option<Id> {
        let identity = entry.header().space?;
        self.first(identity)?;
        let by = self.root_key(identity, entry.header().by);
        let by = match control {
            Control::Rotate(_) => by.or_else(|| self.opens(entry)),
            _ => by,
        };
        self.mark_from(by?);
        Some(identity)
    }

    /// Whether this is the root of an identity that is here.
    pub(super) fn is_identity(&self, id: Id) -> bool {
        self.first(id).is_some()
    }

    /// Whether each of them was needed.
    pub(super) fn all_used(&self) -> bool {
        self.0.iter().all(|person| person.used)
    }

    fn first(&self, identity: Id) -> Option<usize> {
        let root = |person: &Person| person.shape == Shape::Identity && person.identity == identity;
        self.0.iter().position(root)
    }

    fn mark(&mut self, at: usize) {
        if let Some(person) = self.0.get_mut(at) {
            person.used = true;
        }
    }

    /// Marks a root key's entry and those that lead to it. Each link leads to an earlier place, so this ends.
    fn mark_from(&mut self, mut at: usize) {
        loop {
            self.mark(at);
            match self.0.get(at).and_then(|person| person.root) {
                Some(Link::Next(before)) if before < at => at = before,
                _ => return,
            }
        }
    }
}

impl Person {
    fn commitment(&self) -> Option<Hash> {
        match &self.control {
            Control::Identity(root) => Some(root.next),
            Control::Rotate(rotate) => Some(rotate.next),
            _ => None,
        }
    }
}
