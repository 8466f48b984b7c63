//! Identities: a root key that commits to the next one, and the devices that sign for it.
//!
//! Invariant: what an identity's entry may do is a function of the key acts in its own causal past, at most
//! [`limit::IDENTITY_CONTROLS`] of them. Retiring and rotating change what entries count for, never whether they
//! are admitted, so a late rotation cannot split nodes.

mod devices;
mod standing;

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use thiserror::Error;

use crate::control::{Control, Use};
use crate::entry::Header;
use crate::graph::{Class, Graph, Num};
use crate::hash::{Hash, Id, Key, key_commitment};
use crate::limit;

pub use self::devices::{Device, Devices, Root};
pub use self::standing::{Fallen, Standing};

/// A breach of the rules of an identity's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// Signed without certificate by a key that is not the root key there.
    #[error("it is signed by a key that was not this identity's root key when it was written")]
    NotRoot,
    /// The new root key is not the one that was committed to.
    #[error("the new root key is not the one that the identity committed to")]
    NotCommitted,
    /// This root key has taken over before.
    #[error("this root key has taken over already")]
    RotatedTwice,
    /// More devices than one identity may have.
    #[error("an identity has at most {} devices at a time; retire one first", limit::DEVICES)]
    Devices,
    /// More key acts than one identity may have.
    #[error(
        "an identity has at most {} enrolments, retirements and rotations; a new identity can say that it follows this one",
        limit::IDENTITY_CONTROLS
    )]
    Controls,
}

impl Fault {
    /// The stable short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotRoot => "not_root",
            Self::NotCommitted => "not_committed",
            Self::RotatedTwice => "rotated_twice",
            Self::Devices => "devices",
            Self::Controls => "identity_controls",
        }
    }
}

/// What an entry of an identity's space does to its keys.
#[derive(Debug, Clone)]
pub enum KeyAct {
    /// The root: who may sign, and which key may follow.
    Root {
        /// The root key.
        key: Key,
        /// Commitment to the next.
        next: Hash,
    },
    /// A device.
    Enroll {
        /// Its key.
        key: Key,
        /// What for.
        usage: Use,
    },
    /// The end of a device.
    Retire {
        /// Its key.
        key: Key,
        /// The last entries of it that count, with all before them.
        last: Vec<Id>,
    },
    /// The next root key.
    Rotate {
        /// The new root key.
        key: Key,
        /// Commitment to the one after.
        next: Hash,
        /// Enrolments that live on.
        keep: Vec<Num>,
    },
}

/// The identities whose entries are here.
#[derive(Debug, Default)]
pub struct Identities {
    acts: HashMap<Num, KeyAct>,
    /// The key acts in an entry's past, itself included, ascending; shared between entries that see the same.
    past: HashMap<Num, Arc<[Num]>>,
    controls: HashMap<Num, Vec<Num>>,
}

impl Identities {
    /// The key that an `enroll` entry enrols.
    #[must_use]
    pub fn enrolled(&self, enroll: Num) -> Option<Key> {
        match self.acts.get(&enroll) {
            Some(KeyAct::Enroll { key, .. }) => Some(*key),
            _ => None,
        }
    }

    /// What an entry does to its identity's keys.
    #[must_use]
    pub fn act(&self, num: Num) -> Option<&KeyAct> {
        self.acts.get(&num)
    }

    /// The `enroll`, `retire` and `rotate` entries of an identity that are here, on all branches.
    #[must_use]
    pub fn controls(&self, identity: Num) -> &[Num] {
        self.controls.get(&identity).map_or(&[], Vec::as_slice)
    }

    /// Whether a key is a root key of this identity on any branch, or the one that a root key committed to.
    #[must_use]
    pub fn has_root(&self, identity: Num, key: &Key) -> bool {
        let commitment = key_commitment(key);
        self.roots(identity, self.controls(identity))
            .any(|(root, next)| root == *key || next == commitment)
    }

    /// Notes an entry of an identity's space that was just inserted into the graph.
    pub(crate) fn insert(&mut self, num: Num, by: Key, control: &Control, graph: &Graph) {
        let resolve = |ids: &[Id]| ids.iter().filter_map(|id| graph.num(id)).collect();
        let act = match control {
            Control::Identity(c) => Some(KeyAct::Root { key: by, next: c.next }),
            Control::Enroll(c) => Some(KeyAct::Enroll {
                key: c.key,
                usage: c.usage,
            }),
            Control::Retire(c) => Some(KeyAct::Retire {
                key: c.key,
                last: c.last.clone(),
            }),
            Control::Rotate(c) => Some(KeyAct::Rotate {
                key: by,
                next: c.next,
                keep: resolve(&c.keep),
            }),
            _ => None,
        };
        let space = graph.node(num).space;
        let own = act.is_some() && num != space;
        let mut past = self.join(graph.names(num).iter().copied());
        if own {
            let at = past.partition_point(|n| *n < num);
            let mut with_self = past.to_vec();
            with_self.insert(at, num);
            past = with_self.into();
            self.controls.entry(space).or_default().push(num);
        }
        if let Some(act) = act {
            self.acts.insert(num, act);
        }
        self.past.insert(num, past);
    }

    pub(crate) fn remove(&mut self, num: Num, space: Num) {
        self.past.remove(&num);
        if self.acts.remove(&num).is_some()
            && let Some(controls) = self.controls.get_mut(&space)
        {
            controls.retain(|n| *n != num);
        }
        if num == space {
            self.controls.remove(&num);
        }
    }

    /// Key acts in the pasts of these entries, together.
    fn join(&self, names: impl Iterator<Item = Num>) -> Arc<[Num]> {
        let mut joined: Option<Arc<[Num]>> = None;
        for past in names.filter_map(|n| self.past.get(&n)) {
            joined = Some(match joined {
                None => Arc::clone(past),
                Some(other) if contains_all(&other, past) => other,
                Some(other) if contains_all(past, &other) => Arc::clone(past),
                Some(other) => {
                    let mut all: Vec<Num> = other.iter().chain(past.iter()).copied().collect();
                    all.sort_unstable();
                    all.dedup();
                    all.into()
                }
            });
        }
        joined.unwrap_or_else(|| Arc::from([]))
    }

    /// (key, commitment to its successor) of the root and of every rotation in `past`.
    fn roots<'a>(&'a self, identity: Num, past: &'a [Num]) -> impl Iterator<Item = (Key, Hash)> + 'a {
        std::iter::once(identity)
            .chain(past.iter().copied())
            .filter_map(|n| match self.acts.get(&n) {
                Some(KeyAct::Root { key, next } | KeyAct::Rotate { key, next, .. }) => Some((*key, *next)),
                _ => None,
            })
    }

    /// How many devices live in a past: enrolled, not retired, kept by every rotation that saw them.
    fn devices(&self, past: &[Num]) -> usize {
        let retired = |key: &Key| {
            past.iter()
                .any(|n| matches!(self.acts.get(n), Some(KeyAct::Retire { key: k, .. }) if k == key))
        };
        let dropped = |enroll: Num| {
            past.iter().any(|n| match self.acts.get(n) {
                Some(KeyAct::Rotate { keep, .. }) => {
                    !keep.contains(&enroll) && self.past.get(n).is_some_and(|p| p.binary_search(&enroll).is_ok())
                }
                _ => false,
            })
        };
        past.iter()
            .filter(|n| self.enrolled(**n).is_some_and(|key| !retired(&key) && !dropped(**n)))
            .count()
    }
}

/// Judges an entry in an identity's space whose names are all here.
pub(crate) fn check(
    header: &Header,
    control: &Control,
    identity: Num,
    graph: &Graph,
    identities: &Identities,
) -> Result<(), Fault> {
    let past = identities.join(names(header, control, graph).into_iter());
    if let Control::Rotate(_) = control {
        let commitment = key_commitment(&header.by);
        if identities.roots(identity, &past).any(|(key, _)| key == header.by) {
            return Err(Fault::RotatedTwice);
        }
        if !identities.roots(identity, &past).any(|(_, next)| next == commitment) {
            return Err(Fault::NotCommitted);
        }
    } else if header.cert.is_none() {
        // Once for all: an identity may rotate on 256 branches from one key.
        let taken: BTreeSet<Hash> = identities
            .roots(identity, &past)
            .map(|(key, _)| key_commitment(&key))
            .collect();
        if !identities
            .roots(identity, &past)
            .any(|(key, next)| key == header.by && !taken.contains(&next))
        {
            return Err(Fault::NotRoot);
        }
    }
    // Of every entry, not of key acts alone: an entry that joins branches would else carry a past without bound.
    let own = matches!(control, Control::Enroll(_) | Control::Retire(_) | Control::Rotate(_));
    if past.len() + usize::from(own) > limit::IDENTITY_CONTROLS {
        return Err(Fault::Controls);
    }
    if matches!(control, Control::Enroll(_)) && identities.devices(&past) >= limit::DEVICES {
        return Err(Fault::Devices);
    }
    Ok(())
}

/// The names of a header that is not in the graph yet and that lie in an identity's space.
fn names(header: &Header, control: &Control, graph: &Graph) -> Vec<Num> {
    let keep = match control {
        Control::Rotate(c) => c.keep.as_slice(),
        _ => &[],
    };
    let single = header
        .prev
        .iter()
        .chain(&header.cert)
        .chain(&header.doc)
        .chain(&header.space);
    let all = single.chain(&header.after).chain(keep).filter_map(|id| graph.num(id));
    all.filter(|n| graph.node(*n).class != Class::Committee).collect()
}

fn contains_all(all: &[Num], some: &[Num]) -> bool {
    some.len() <= all.len() && some.iter().all(|n| all.binary_search(n).is_ok())
}
