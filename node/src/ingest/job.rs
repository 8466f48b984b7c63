//! What waits in the queue.

use std::fmt;

use althing_protocol::entry::Body;
use althing_protocol::hash::Id;
use tokio::sync::oneshot;

use super::writer::Step;
use super::{Accepted, Author, JOB, JOB_BYTES, Landed, Reject, Shared, World};
use crate::ingest::Origin;
use crate::store::Bodies;

/// Composes entries and gives back what tells the caller about it, once they are on disk.
pub(super) type Compose = Box<dyn FnOnce(&mut Author<'_>) -> Tell + Send>;

/// Changes what is kept, in a group of its own: everything that came before it is on disk by then.
pub(super) type Change = Box<dyn FnOnce(&mut Step, &mut World, &Shared) -> Tell + Send>;

/// Tells a caller that what it asked for is done.
pub(super) type Tell = Box<dyn FnOnce() + Send>;

pub(super) type Results = Vec<Result<Accepted, Reject>>;

pub(super) enum Job {
    Entries {
        origin: Origin,
        wires: Vec<Vec<u8>>,
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
    Stop,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entries { .. } => "Entries",
            Self::Write(_) => "Write",
            Self::Follow { .. } => "Follow",
            Self::Body { .. } => "Body",
            Self::Heal { .. } => "Heal",
            Self::Change(_) => "Change",
            Self::Stop => "Stop",
        })
    }
}

/// Cuts a submission into jobs of bounded size, in order.
pub(super) fn cut(wires: Vec<Vec<u8>>) -> Vec<Vec<Vec<u8>>> {
    let mut jobs = Vec::new();
    let mut job: Vec<Vec<u8>> = Vec::new();
    let mut bytes = 0;
    for wire in wires {
        if !job.is_empty() && (job.len() >= JOB || bytes + wire.len() > JOB_BYTES) {
            jobs.push(std::mem::take(&mut job));
            bytes = 0;
        }
        bytes += wire.len();
        job.push(wire);
    }
    if !job.is_empty() {
        jobs.push(job);
    }
    jobs
}

/// A job that composes, and where its answer comes.
pub(super) fn write<T: Send + 'static>(
    compose: impl FnOnce(&mut Author<'_>) -> T + Send + 'static,
) -> (Job, oneshot::Receiver<T>) {
    let (sender, receiver) = oneshot::channel();
    let job = Job::Write(Box::new(move |author| {
        let done = compose(author);
        tell(sender, done)
    }));
    (job, receiver)
}

/// A job that changes what is kept, and where its answer comes.
pub(super) fn change<T: Send + 'static>(
    change: impl FnOnce(&mut Step, &mut World, &Shared) -> T + Send + 'static,
) -> (Job, oneshot::Receiver<T>) {
    let (sender, receiver) = oneshot::channel();
    let job = Job::Change(Box::new(move |step, world, shared| {
        let done = change(step, world, shared);
        tell(sender, done)
    }));
    (job, receiver)
}

/// An answer to be given later. Nobody may be waiting for it any more.
pub(super) fn tell<T: Send + 'static>(sender: oneshot::Sender<T>, answer: T) -> Tell {
    Box::new(move || {
        if sender.send(answer).is_err() {
            tracing::trace!("nobody waits for this answer any more");
        }
    })
}
