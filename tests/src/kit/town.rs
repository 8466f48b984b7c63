//! A committee with its founders.

use althing_protocol::author;
use althing_protocol::control;
use althing_protocol::entry::Verified;
use althing_protocol::hash::Id;

use super::{Pen, Person};

/// A committee and who founded it.
#[derive(Debug, Clone)]
pub struct Town {
    /// The committee.
    pub id: Id,
    /// Its root, signed by the first founder.
    pub root: Verified,
    /// The founders, in the order in which they were named.
    pub founders: Vec<Person>,
}

impl Town {
    /// Founds a committee; founders are named after the seed.
    #[must_use]
    pub fn new(seed: &str, founders: usize, threshold: u64) -> Self {
        let founders = (0..founders)
            .map(|n| Person::new(&format!("{seed}/founder {n}")))
            .collect();
        Self::of(founders, threshold)
    }

    /// Founds a committee of these people.
    #[must_use]
    pub fn of(founders: Vec<Person>, threshold: u64) -> Self {
        let mut ids: Vec<Id> = founders.iter().map(|p| p.identity).collect();
        ids.sort_unstable();
        let founding = control::Committee {
            founders: ids,
            threshold,
        };
        let root = author::committee(&founders[0].device.writer(), founding, None, 0);
        Self {
            id: root.id(),
            root,
            founders,
        }
    }

    /// The identities of the founders and the committee's root, parents first.
    #[must_use]
    pub fn entries(&self) -> Vec<Verified> {
        let people = self.founders.iter().flat_map(|p| p.entries.iter().cloned());
        people.chain([self.root.clone()]).collect()
    }

    /// A founder's pen in the committee. The first founder's log begins with the root.
    #[must_use]
    pub fn pen(&self, founder: usize) -> Pen {
        let person = &self.founders[founder];
        if founder == 0 {
            Pen::after(&person.device.key, Some(person.device.cert), self.id, 0, self.id)
        } else {
            person.pen(self.id)
        }
    }

    /// The pens of all founders.
    #[must_use]
    pub fn pens(&self) -> Vec<Pen> {
        (0..self.founders.len()).map(|n| self.pen(n)).collect()
    }
}
