//! Whether what a key signed still counts for its identity (`docs/spec/authority.md`, Keys).
//!
//! Retiring, rotating and two rotations from one key change effect, never admission, membership or record. All of it
//! is a function of the identity's key acts that are here, on all branches.

use std::cell::RefCell;
use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use super::{Identities, KeyAct};
use crate::graph::{Graph, Num};
use crate::hash::{Hash, Key, key_commitment};

/// Why nothing, or this no longer, counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fallen {
    /// Two rotations were signed in one place: nobody can say who the identity is.
    Dead {
        /// The rotations, by rank.
        by: Vec<Num>,
    },
    /// A rotation did not keep the device, or replaced the root key that signed.
    Dropped {
        /// The rotation.
        by: Num,
    },
    /// The device was retired, and this is not in what its retirements name.
    Retired {
        /// The retirements, by rank.
        by: Vec<Num>,
    },
}

/// The keys of one identity, as its key acts leave them.
#[derive(Debug)]
pub struct Standing {
    dead: Vec<Num>,
    rotations: Vec<Rotation>,
    /// By device key: retirements that stand, and the entries that they name and that are here.
    retired: BTreeMap<Key, Vec<(Num, Vec<Num>)>>,
    /// What retirements leave of logs that fork: walked once.
    branches: RefCell<HashMap<Num, HashSet<Num>>>,
    /// The pasts of rotations, where somebody asked.
    pasts: RefCell<HashMap<Num, HashSet<Num>>>,
}

#[derive(Debug)]
struct Rotation {
    num: Num,
    /// The commitment that the root key before it had made.
    commitment: Hash,
    keep: Vec<Num>,
}

impl Standing {
    /// Reads those key acts of an identity, and of the last entries that they name, that are `known`: for a committee those in its record, so that nodes with
    /// equal records agree.
    #[must_use]
    pub fn new(identity: Num, known: impl Fn(Num) -> bool, identities: &Identities, graph: &Graph) -> Self {
        let mut acts: Vec<Num> = identities
            .controls(identity)
            .iter()
            .copied()
            .filter(|n| known(*n))
            .collect();
        acts.sort_unstable_by_key(|n| graph.rank(*n));
        let mut rotations = Vec::new();
        let mut by_key: BTreeMap<Key, Vec<Num>> = BTreeMap::new();
        for num in &acts {
            if let Some(KeyAct::Rotate { key, keep, .. }) = identities.act(*num) {
                by_key.entry(*key).or_default().push(*num);
                rotations.push(Rotation {
                    num: *num,
                    commitment: key_commitment(key),
                    keep: keep.clone(),
                });
            }
        }
        let mut dead: Vec<Num> = by_key.into_values().filter(|all| all.len() > 1).flatten().collect();
        dead.sort_unstable_by_key(|n| graph.rank(*n));
        let mut standing = Self {
            dead,
            rotations,
            retired: BTreeMap::new(),
            branches: RefCell::default(),
            pasts: RefCell::default(),
        };
        for num in acts {
            if let Some(KeyAct::Retire { key, last }) = identities.act(num)
                && standing.superseded(identity, num, identities, graph).is_none()
            {
                let last = last
                    .iter()
                    .filter_map(|id| graph.num(id))
                    .filter(|n| known(*n))
                    .collect();
                standing.retired.entry(*key).or_default().push((num, last));
            }
        }
        standing
    }

    /// Two rotations from one key, if there are.
    #[must_use]
    pub fn dead(&self) -> &[Num] {
        &self.dead
    }

    /// Whether what a device may sign from now on counts: why not, else.
    ///
    /// # Errors
    /// What took it. A retired device has no future, whatever its retirement keeps of its past.
    pub fn device(&self, enroll: Num, identities: &Identities) -> Result<(), Fallen> {
        self.enrolment(enroll, identities)?;
        let key = identities.enrolled(enroll);
        match key.and_then(|key| self.retired.get(&key)) {
            Some(retired) => Err(Fallen::Retired {
                by: retired.iter().map(|(num, _)| *num).collect(),
            }),
            None => Ok(()),
        }
    }

    /// Whether an entry that was signed for this identity counts.
    ///
    /// # Errors
    /// What took it.
    pub fn entry(&self, num: Num, identity: Num, identities: &Identities, graph: &Graph) -> Result<(), Fallen> {
        let Some(enroll) = graph.node(num).cert() else {
            if !self.dead.is_empty() {
                return Err(Fallen::Dead { by: self.dead.clone() });
            }
            return match self.superseded(identity, num, identities, graph) {
                Some(by) => Err(Fallen::Dropped { by }),
                None => Ok(()),
            };
        };
        self.enrolment(enroll, identities)?;
        let retired = self.retired.get(&graph.key(num)).map_or(&[][..], Vec::as_slice);
        let missed = retired.iter().filter(|(_, last)| !self.covers(last, num, graph));
        let by: Vec<Num> = missed.map(|(num, _)| *num).collect();
        if by.is_empty() {
            Ok(())
        } else {
            Err(Fallen::Retired { by })
        }
    }

    fn enrolment(&self, enroll: Num, identities: &Identities) -> Result<(), Fallen> {
        if !self.dead.is_empty() {
            return Err(Fallen::Dead { by: self.dead.clone() });
        }
        let drops = |r: &&Rotation| !r.keep.contains(&enroll) && !identities.saw(enroll, r.num);
        match self.rotations.iter().find(drops) {
            Some(rotation) => Err(Fallen::Dropped { by: rotation.num }),
            None => Ok(()),
        }
    }

    /// The rotation that replaced the root key which signed this, unless the rotation had seen it.
    fn superseded(&self, identity: Num, num: Num, identities: &Identities, graph: &Graph) -> Option<Num> {
        let key = graph.key(num);
        let roots = std::iter::once(identity).chain(self.rotations.iter().map(|r| r.num));
        let committed = roots.filter_map(|n| match identities.act(n)? {
            KeyAct::Root { key: root, next } | KeyAct::Rotate { key: root, next, .. } => {
                (*root == key).then_some(*next)
            }
            _ => None,
        });
        let committed: Vec<Hash> = committed.collect();
        let next = self.rotations.iter().filter(|r| committed.contains(&r.commitment));
        let mut unseen = next.filter(|r| !self.precedes(num, r.num, identities, graph));
        unseen.next().map(|r| r.num)
    }

    /// Whether an entry signed by a root key lies in a rotation's past. Key acts are looked up; for other entries the
    /// rotation's past is walked once.
    fn precedes(&self, num: Num, rotation: Num, identities: &Identities, graph: &Graph) -> bool {
        if graph.node(num).class.is_identity_control() {
            return identities.saw(rotation, num);
        }
        let mut pasts = self.pasts.borrow_mut();
        let past = pasts.entry(rotation).or_insert_with(|| {
            let mut seen = HashSet::new();
            let mut open = vec![rotation];
            while let Some(at) = open.pop() {
                if seen.insert(at) {
                    open.extend_from_slice(graph.names(at));
                }
            }
            seen
        });
        past.contains(&num)
    }

    /// Whether an entry is one of these or lies on their `prev` chains.
    fn covers(&self, last: &[Num], num: Num, graph: &Graph) -> bool {
        let node = graph.node(num);
        let same_log = last.iter().filter(|m| {
            let last = graph.node(**m);
            last.key == node.key && last.space == node.space && last.seq >= node.seq
        });
        let fork = graph.log_of(num).forks().next().map(|(seq, _)| seq);
        let mut same_log = same_log.peekable();
        match fork {
            Some(fork) if fork <= node.seq => same_log.any(|m| self.on_branch(*m, num, graph)),
            _ => same_log.peek().is_some(),
        }
    }

    fn on_branch(&self, last: Num, num: Num, graph: &Graph) -> bool {
        let mut branches = self.branches.borrow_mut();
        let branch = branches
            .entry(last)
            .or_insert_with(|| std::iter::successors(Some(last), |n| graph.prev(*n)).collect());
        branch.contains(&num)
    }
}

impl Identities {
    /// Whether a key act lies in the past of an entry of its identity's space, or is that entry.
    #[must_use]
    pub fn saw(&self, entry: Num, act: Num) -> bool {
        self.past
            .get(&entry)
            .is_some_and(|past| past.binary_search(&act).is_ok())
    }
}
