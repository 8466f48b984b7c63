//! Which bodies this node wants. What its owner erased or refused it never does, whatever else holds.

use std::collections::BTreeMap;

use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::state::State;

use crate::store::{self, Bits, Bodies, Store};

/// What is followed how, and which wanted bodies are absent.
#[derive(Debug)]
pub(super) struct Choice {
    store: Store,
    own: Id,
    follows: BTreeMap<Id, Bodies>,
    wanted: Bits,
    /// Entries whose stored header is damaged. They are wanted too: with a body comes the whole entry.
    broken: Bits,
}

impl Choice {
    pub(super) fn new(store: &Store, state: &State, own: Id) -> Result<Self, store::Error> {
        let mut choice = Self {
            store: store.clone(),
            own,
            follows: store.followed()?.into_iter().collect(),
            wanted: Bits::default(),
            broken: Bits::default(),
        };
        choice.renew(state);
        Ok(choice)
    }

    /// Which bodies of a committee are kept.
    pub(super) fn of(&self, committee: &Id) -> Option<&Bodies> {
        self.follows.get(committee)
    }

    /// Numbers of entries whose body is wanted and absent.
    pub(super) fn wanted(&self) -> impl Iterator<Item = u32> {
        self.wanted.iter()
    }

    /// The same as a set.
    pub(super) fn bits(&self) -> &Bits {
        &self.wanted
    }

    pub(super) fn follow(&mut self, committee: Id, bodies: Bodies, state: &State) {
        self.follows.insert(committee, bodies);
        self.renew(state);
    }

    /// Whether an entry's body is to be kept.
    pub(super) fn keeps(&self, num: Num, state: &State) -> bool {
        let graph = state.graph();
        let node = graph.node(num);
        let author = graph.id(graph.author(num));
        if self.is_withheld(&graph.id(num), &author) {
            return false;
        }
        // Names and profiles are needed wherever their owners write.
        if graph.node(node.space).class == Class::Identity || author == self.own {
            return true;
        }
        match self.follows.get(&graph.id(node.space)) {
            Some(Bodies::All) => true,
            Some(Bodies::Docs(docs)) => node.doc == node.space || docs.contains(&graph.id(node.doc)),
            Some(Bodies::None) | None => false,
        }
    }

    /// Whether an entry's body is wanted and absent.
    pub(super) fn is_wanted(&self, num: Num) -> bool {
        self.wanted.contains(num.0)
    }

    /// Notes whether a wanted body is absent.
    pub(super) fn want(&mut self, num: Num, wanted: bool) {
        self.wanted.set(num.0, wanted);
    }

    /// Whether the stored header of an entry is known to be damaged.
    pub(super) fn is_broken(&self, num: Num) -> bool {
        self.broken.contains(num.0)
    }

    /// Notes that a stored header is damaged.
    pub(super) fn broke(&mut self, num: Num) {
        self.broken.set(num.0, true);
        self.want(num, true);
    }

    /// Notes that it is not any more.
    pub(super) fn mended(&mut self, num: Num, state: &State) {
        self.broken.set(num.0, false);
        let absent = self.store.absent().contains(num.0);
        self.want(num, absent && self.keeps(num, state));
    }

    /// Forgets an entry that left.
    pub(super) fn forget(&mut self, num: Num) {
        self.broken.set(num.0, false);
        self.want(num, false);
    }

    fn is_withheld(&self, entry: &Id, author: &Id) -> bool {
        let withheld = self.store.withheld();
        !withheld.is_empty() && withheld.holds(entry, author)
    }

    /// Looks anew at which absent bodies are wanted.
    pub(super) fn renew(&mut self, state: &State) {
        let mut wanted = Bits::default();
        for num in self.store.absent().iter() {
            wanted.set(num, self.keeps(Num(num), state));
        }
        for num in self.broken.iter() {
            wanted.set(num, true);
        }
        self.wanted = wanted;
    }
}
