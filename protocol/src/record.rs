//! The record of one committee: the entries that every follower keeps, and the digest over them.
//!
//! The record is the least set that holds certain entries for a reason of their own ([`Reason`]) and whatever these
//! name. The graph has no cycles, so a count of record entries that name an entry, beside its own reasons, decides
//! membership exactly: an addition or removal costs what it changes and nothing else. [`scratch`] computes the same
//! set from the definition; tests and `fsck` hold the two equal.

pub mod scratch;

use hashbrown::{HashMap, HashSet};

use crate::digest::Tree;
use crate::graph::{Graph, Num};

/// Why an entry is in a record, other than that a record entry names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The committee's root.
    Root,
    /// A member wrote it here.
    Member,
    /// A made grant, revocation or parameter.
    Act,
    /// The lowest valid signature of one identity under a made act.
    Signature,
    /// An `enroll`, `retire` or `rotate` of a member or founder.
    Identity,
}

/// One record entry that names another: counted above the five bits of the reasons.
const NAMER: u32 = 32;

/// The record of one committee.
#[derive(Debug, Default)]
pub struct Record {
    space: Option<Num>,
    /// Reasons in the low five bits, record entries that name it above; by place in the committee's space.
    inside: Vec<u32>,
    /// The same for entries of identities' spaces.
    outside: HashMap<Num, u32>,
    len: usize,
    documents: usize,
    tree: Tree,
    sequence: Vec<Num>,
    /// Entries that left the record but stay in the sequence.
    left: HashSet<Num>,
}

/// An entry that joined or left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub num: Num,
    /// Whether it is in now.
    pub joined: bool,
    /// Its position in the sequence, if it entered that now.
    pub position: Option<u64>,
}

impl Record {
    pub(crate) fn new(root: Num) -> Self {
        Self {
            space: Some(root),
            ..Self::default()
        }
    }

    /// How many entries are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is in it: only before its root came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many document roots are in it, the committee's own among them.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Whether an entry is in it.
    #[must_use]
    pub fn contains(&self, num: Num, graph: &Graph) -> bool {
        self.count(num, graph) > 0
    }

    /// The digest tree over the ids.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The digest tree, so that its hashes can be brought up to date.
    pub fn tree_mut(&mut self) -> &mut Tree {
        &mut self.tree
    }

    /// Every entry that was ever in the record here, parents first, each once; positions never change.
    #[must_use]
    pub fn sequence(&self) -> &[Num] {
        &self.sequence
    }

    fn count(&self, num: Num, graph: &Graph) -> u32 {
        let node = graph.node(num);
        if Some(node.space) == self.space {
            usize::try_from(node.local)
                .ok()
                .and_then(|at| self.inside.get(at))
                .copied()
                .unwrap_or(0)
        } else {
            self.outside.get(&num).copied().unwrap_or(0)
        }
    }

    fn count_mut(&mut self, num: Num, graph: &Graph) -> &mut u32 {
        let node = graph.node(num);
        if Some(node.space) != self.space {
            return self.outside.entry(num).or_insert(0);
        }
        let at = usize::try_from(node.local).expect("a u32 fits usize on every machine this runs on");
        if at >= self.inside.len() {
            self.inside.resize(at + 1, 0);
        }
        self.inside.get_mut(at).expect("the list was just made long enough")
    }

    /// Gives and takes reasons, and moves what follows from that. Gives first, so that nothing leaves and returns.
    pub(crate) fn change(&mut self, give: &[(Num, Reason)], take: &[(Num, Reason)], graph: &mut Graph) -> Vec<Moved> {
        let mut joined = self.give(give, graph);
        let left = self.take(take, graph);
        // Depth grows along names, so ascending ranks put parents first.
        joined.sort_unstable_by_key(|num| graph.rank(*num));
        let mut moved = Vec::with_capacity(joined.len() + left.len());
        for num in joined {
            self.tree.insert(graph.id(num));
            moved.push(Moved {
                num,
                joined: true,
                position: self.enter(num),
            });
        }
        for num in left {
            self.tree.remove(&graph.id(num));
            moved.push(Moved {
                num,
                joined: false,
                position: None,
            });
        }
        moved
    }

    fn enter(&mut self, num: Num) -> Option<u64> {
        if self.left.remove(&num) {
            return None;
        }
        self.sequence.push(num);
        u64::try_from(self.sequence.len() - 1).ok()
    }

    fn give(&mut self, reasons: &[(Num, Reason)], graph: &mut Graph) -> Vec<Num> {
        let mut joined = Vec::new();
        let mut open = Vec::new();
        for (num, reason) in reasons {
            let count = self.count_mut(*num, graph);
            let before = *count;
            *count |= bit(*reason);
            if before == 0 {
                open.push(*num);
            }
        }
        while let Some(num) = open.pop() {
            joined.push(num);
            self.note(num, true, graph);
            for name in graph.names(num) {
                let count = self.count_mut(*name, graph);
                let before = *count;
                *count += NAMER;
                if before == 0 {
                    open.push(*name);
                }
            }
        }
        joined
    }

    fn take(&mut self, reasons: &[(Num, Reason)], graph: &mut Graph) -> Vec<Num> {
        let mut left = Vec::new();
        let mut open = Vec::new();
        for (num, reason) in reasons {
            let count = self.count_mut(*num, graph);
            let before = *count;
            *count &= !bit(*reason);
            if before != 0 && *count == 0 {
                open.push(*num);
            }
        }
        while let Some(num) = open.pop() {
            left.push(num);
            self.note(num, false, graph);
            for name in graph.names(num) {
                let count = self.count_mut(*name, graph);
                *count -= NAMER;
                if *count == 0 {
                    open.push(*name);
                }
            }
        }
        self.left.extend(&left);
        left
    }

    fn note(&mut self, num: Num, joined: bool, graph: &mut Graph) {
        let node = *graph.node(num);
        let is_document = node.doc == num && Some(node.space) == self.space;
        if joined {
            self.len += 1;
            self.documents += usize::from(is_document);
        } else {
            self.len -= 1;
            self.documents -= usize::from(is_document);
            if Some(node.space) != self.space {
                self.outside.remove(&num);
            }
        }
        graph.count_record(num, joined);
    }

    /// Builds the record of a restored graph at once. The stored sequence, in which each entry stands once, is
    /// history and is kept as it is. False when it lacks an entry of the record.
    pub(crate) fn restore(&mut self, give: &[(Num, Reason)], sequence: Vec<Num>, graph: &mut Graph) -> bool {
        let joined = self.give(give, graph);
        let outside = |num: &Num| !self.contains(*num, graph);
        self.left = sequence.iter().copied().filter(outside).collect();
        self.tree = Tree::from_ids(joined.iter().map(|num| graph.id(*num)));
        self.sequence = sequence;
        self.sequence.len() == joined.len() + self.left.len()
    }

    /// Whether an entry stays because the sequence lists it, although it left the record.
    #[must_use]
    pub fn keeps(&self, num: Num) -> bool {
        self.left.contains(&num)
    }
}

fn bit(reason: Reason) -> u32 {
    match reason {
        Reason::Root => 1,
        Reason::Member => 2,
        Reason::Act => 4,
        Reason::Signature => 8,
        Reason::Identity => 16,
    }
}
