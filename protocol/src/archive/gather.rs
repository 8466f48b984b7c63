//! Which entries an archive of a committee holds.

use hashbrown::HashSet;

use crate::committee::Committee;
use crate::graph::{Class, Graph, Num};
use crate::hash::Id;
use crate::state::State;

impl State {
    /// Every entry here that belongs to a committee: what is and was in its record, what waits on its floor, the whole
    /// space of everybody who wrote any of it or is a member, and what these name. In no particular order, each with its
    /// depth: by (depth, id) whatever an entry names stands before it.
    #[must_use]
    pub fn archived(&self, committee: &Committee) -> Vec<(u32, Id, Num)> {
        let graph = self.graph();
        let mut gathered = Gathered::new(graph);
        let written = committee.authors().flat_map(|(_, entries)| entries.iter().copied());
        let members = committee.members();
        gathered.take(
            committee
                .record()
                .sequence()
                .iter()
                .copied()
                .chain(written)
                .chain(members),
        );
        // What belongs to a person may name another person: until nobody new turns up.
        loop {
            let new = std::mem::take(&mut gathered.people);
            if new.is_empty() {
                break;
            }
            for person in new {
                let roots = graph.roots(person).iter().copied().chain([person]);
                gathered.take(roots.flat_map(|root| std::iter::once(root).chain(graph.document(root).iter().copied())));
            }
        }
        let with_rank = |num: &Num| {
            let (depth, id) = graph.rank(*num);
            (depth, id, *num)
        };
        gathered.all.iter().map(with_rank).collect()
    }
}

struct Gathered<'a> {
    graph: &'a Graph,
    all: HashSet<Num>,
    /// Identities whose own space is not taken yet.
    people: HashSet<Num>,
}

impl<'a> Gathered<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            all: HashSet::new(),
            people: HashSet::new(),
        }
    }

    fn take(&mut self, nums: impl Iterator<Item = Num>) {
        let mut open: Vec<Num> = nums.collect();
        while let Some(num) = open.pop() {
            if self.all.insert(num) {
                open.extend_from_slice(self.graph.names(num));
                if self.graph.node(num).class == Class::Identity {
                    self.people.insert(num);
                }
            }
        }
    }
}
