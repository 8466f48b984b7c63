//! The first stage: bytes → verified entries, a group at a time, on all cores, while the writer writes the group before.

use std::sync::{Arc, TryLockError, mpsc as sync_mpsc};

use althing_protocol::entry::{Body, Entry, Verified, wire_hash};
use althing_protocol::hash::{Hash, Id};
use hashbrown::HashSet;
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use tokio::sync::{mpsc, oneshot};

use super::job::{Change, Compose, Job, Results};
use super::refused::Refused;
use super::{GROUP, GROUP_BYTES, Landed, Origin, Reject, Shared};
use crate::store::Bodies;

/// Fewer are verified on this thread: waking others costs more.
const FEW: usize = 3;

pub(super) struct Verifier {
    shared: Arc<Shared>,
    refused: Refused,
}

/// One entry of a job.
pub(super) enum Checked {
    /// Its signature stands.
    Good(Box<Verified>, Hash),
    /// It was here a moment ago and brings nothing that is wanted, or the same bytes are in this group before it: if
    /// it is here when its turn comes, then nothing depends on its signature.
    Known(Box<Entry>, Hash),
    /// No entry.
    Bad(Reject),
}

/// A job, ready for the writer.
pub(super) enum Ready {
    Entries {
        origin: Origin,
        entries: Vec<Checked>,
        answer: oneshot::Sender<Results>,
    },
    Write(Compose),
    Follow {
        committee: Id,
        bodies: Bodies,
        answer: oneshot::Sender<()>,
    },
    Body {
        id: Id,
        body: Body,
        answer: oneshot::Sender<Landed>,
    },
    Heal {
        id: Id,
        answer: oneshot::Sender<bool>,
    },
    Change(Change),
}

impl Verifier {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            refused: Refused::default(),
        }
    }

    /// Until the last handle is gone, somebody stops it, or the writer does.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>, groups: &sync_mpsc::SyncSender<Vec<Ready>>) {
        // Came while a group was filled, and begins the next.
        let mut held = None;
        while let Some(first) = held.take().or_else(|| jobs.blocking_recv()) {
            let mut group = vec![first];
            let (mut count, mut bytes) = (0, 0);
            let mut stop = false;
            loop {
                match group.last() {
                    Some(Job::Stop) => stop = true,
                    Some(Job::Entries { wires, .. }) => {
                        count += wires.len();
                        bytes += wires.iter().map(Vec::len).sum::<usize>();
                    }
                    Some(Job::Body { body, .. }) => bytes += body.bytes.len(),
                    // What it writes is bounded by the author.
                    Some(Job::Write(_)) => count += GROUP / 8,
                    _ => {}
                }
                let alone = matches!(group.last(), Some(Job::Change(_)));
                if stop || alone || count >= GROUP || bytes >= GROUP_BYTES {
                    break;
                }
                match jobs.try_recv() {
                    Ok(job @ Job::Change(_)) => {
                        held = Some(job);
                        break;
                    }
                    Ok(job) => group.push(job),
                    Err(_) => break,
                }
            }
            let ready = self.prepare(group);
            if groups.send(ready).is_err() || stop {
                return;
            }
        }
    }

    /// Decodes and verifies what is in these jobs.
    pub(super) fn prepare(&mut self, jobs: Vec<Job>) -> Vec<Ready> {
        let wires: Vec<&[u8]> = jobs
            .iter()
            .flat_map(|job| match job {
                Job::Entries { wires, .. } => wires.as_slice(),
                _ => &[],
            })
            .map(Vec::as_slice)
            .collect();
        let hashes: Vec<Hash> = match wires.len() {
            0..=FEW => wires.iter().map(|w| wire_hash(w)).collect(),
            _ => wires.par_iter().with_min_len(64).map(|w| wire_hash(w)).collect(),
        };
        let mut seen = HashSet::with_capacity(hashes.len());
        let mut todo = Vec::with_capacity(wires.len());
        for (wire, hash) in wires.into_iter().zip(hashes) {
            todo.push(match self.refused.find(&hash) {
                Some(reject) => Todo::Refused(reject.clone()),
                None => Todo::Check {
                    wire,
                    hash,
                    again: !seen.insert(hash),
                },
            });
        }
        let checked: Vec<(Checked, Option<Hash>)> = match todo.len() {
            0..=FEW => todo.into_iter().map(|t| self.check(t)).collect(),
            _ => todo.into_par_iter().with_min_len(8).map(|t| self.check(t)).collect(),
        };
        let mut checked = checked.into_iter().map(|(checked, fresh)| {
            if let (Checked::Bad(reject), Some(hash)) = (&checked, fresh) {
                self.refused.remember(hash, reject.clone());
            }
            checked
        });
        let ready = jobs.into_iter().filter_map(|job| match job {
            Job::Entries { origin, wires, answer } => Some(Ready::Entries {
                origin,
                entries: checked.by_ref().take(wires.len()).collect(),
                answer,
            }),
            Job::Write(compose) => Some(Ready::Write(compose)),
            Job::Follow {
                committee,
                bodies,
                answer,
            } => Some(Ready::Follow {
                committee,
                bodies,
                answer,
            }),
            Job::Body { id, body, answer } => Some(Ready::Body { id, body, answer }),
            Job::Heal { id, answer } => Some(Ready::Heal { id, answer }),
            Job::Change(change) => Some(Ready::Change(change)),
            Job::Stop => None,
        });
        ready.collect()
    }

    /// Beside what is bad, the hash by which to remember it.
    fn check(&self, todo: Todo<'_>) -> (Checked, Option<Hash>) {
        let (wire, hash, again) = match todo {
            Todo::Refused(reject) => return (Checked::Bad(reject), None),
            Todo::Check { wire, hash, again } => (wire, hash, again),
        };
        let checked = match Entry::decode(wire) {
            Err(malformed) => Checked::Bad(malformed.into()),
            Ok(entry) if again || self.shared.is_known(&entry.id()) => Checked::Known(Box::new(entry), hash),
            Ok(entry) => match entry.verify() {
                Ok(verified) => Checked::Good(Box::new(verified), hash),
                Err(bad) => Checked::Bad(bad.into()),
            },
        };
        (checked, Some(hash))
    }
}

impl Shared {
    /// Whether an entry is here already, with its body or without wanting it. Does not wait for the writer: then the
    /// answer is no, which costs one verification.
    fn is_known(&self, id: &Id) -> bool {
        match self.world.try_read() {
            Ok(world) => world
                .state
                .graph()
                .num(id)
                .is_some_and(|num| !world.choice.is_wanted(num)),
            Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => false,
        }
    }
}

enum Todo<'a> {
    /// Refused before, unread now.
    Refused(Reject),
    Check {
        wire: &'a [u8],
        hash: Hash,
        /// The same bytes are earlier in this group.
        again: bool,
    },
}
