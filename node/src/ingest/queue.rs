//! The door's queue: three lanes, each in its own order, the first one first.

use tokio::sync::mpsc;

use super::Origin;
use super::job::Job;
use crate::limit;

/// Where a job queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// What the owner does.
    First,
    /// What somebody waits for.
    Middle,
    /// What can wait.
    Last,
}

impl Lane {
    pub(super) fn of(origin: Origin) -> Self {
        match origin {
            Origin::Local => Self::First,
            Origin::Peer(_) => Self::Middle,
            Origin::Import => Self::Last,
        }
    }
}

/// The end at which jobs go in. Clones are ends of the same queue.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    lanes: [mpsc::Sender<Job>; 3],
    /// One for each job that was put into a lane, after it was. So it holds no more than the lanes do.
    bell: mpsc::UnboundedSender<()>,
}

/// The end at which they come out.
pub(super) struct Jobs {
    lanes: [mpsc::Receiver<Job>; 3],
    bell: mpsc::UnboundedReceiver<()>,
    taken: u32,
}

/// Nobody takes jobs any more.
#[derive(Debug)]
pub(super) struct Closed;

pub(super) fn lanes() -> (Queue, Jobs) {
    let (first, middle, last) = (
        mpsc::channel(limit::QUEUE),
        mpsc::channel(limit::QUEUE),
        mpsc::channel(limit::QUEUE),
    );
    let (bell, rung) = mpsc::unbounded_channel();
    let queue = Queue {
        lanes: [first.0, middle.0, last.0],
        bell,
    };
    let jobs = Jobs {
        lanes: [first.1, middle.1, last.1],
        bell: rung,
        taken: 0,
    };
    (queue, jobs)
}

impl Queue {
    /// Waits for room in the lane.
    pub(super) async fn send(&self, lane: Lane, job: Job) -> Result<(), Closed> {
        self.lane(lane).send(job).await.map_err(|_| Closed)?;
        self.bell.send(()).map_err(|_| Closed)
    }

    pub(super) fn send_blocking(&self, lane: Lane, job: Job) -> Result<(), Closed> {
        self.lane(lane).blocking_send(job).map_err(|_| Closed)?;
        self.bell.send(()).map_err(|_| Closed)
    }

    /// Gives the job up if there is no room.
    pub(super) fn send_or_drop(&self, lane: Lane, job: Job) {
        if self.lane(lane).try_send(job).is_ok() {
            // Nobody listens any more when the door is closed.
            self.bell.send(()).unwrap_or_default();
        }
    }

    /// Whether somebody still takes jobs.
    pub(super) fn is_open(&self) -> bool {
        !self.bell.is_closed()
    }

    fn lane(&self, lane: Lane) -> &mpsc::Sender<Job> {
        let [first, middle, last] = &self.lanes;
        match lane {
            Lane::First => first,
            Lane::Middle => middle,
            Lane::Last => last,
        }
    }
}

impl Jobs {
    /// The next job; waits for one. None when none can come any more.
    pub(super) fn next(&mut self) -> Option<Job> {
        self.bell.blocking_recv()?;
        self.take()
    }

    /// The next job, if there is one.
    pub(super) fn try_next(&mut self) -> Option<Job> {
        self.bell.try_recv().ok()?;
        self.take()
    }

    /// Takes no further jobs in; those that are here still come out.
    pub(super) fn close(&mut self) {
        self.lanes.iter_mut().for_each(mpsc::Receiver::close);
        self.bell.close();
    }

    fn take(&mut self) -> Option<Job> {
        self.taken = self.taken.wrapping_add(1);
        let from_last = self.taken.is_multiple_of(limit::TURN);
        let job = |lane: &mut mpsc::Receiver<Job>| lane.try_recv().ok();
        if from_last {
            self.lanes.iter_mut().rev().find_map(job)
        } else {
            self.lanes.iter_mut().find_map(job)
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn job(from: Origin) -> Job {
        Job::Entries {
            origin: from,
            wires: Vec::new(),
            answer: oneshot::channel().0,
        }
    }

    fn lane(job: &Job) -> Lane {
        match job {
            Job::Entries { origin, .. } => Lane::of(*origin),
            _ => Lane::First,
        }
    }

    #[test]
    fn the_owner_goes_first_and_a_flood_waits_but_not_for_ever() {
        let (queue, mut jobs) = lanes();
        for _ in 0..limit::QUEUE {
            queue.send_blocking(Lane::Last, job(Origin::Import)).unwrap();
        }
        for _ in 0..20 {
            queue.send_blocking(Lane::First, job(Origin::Local)).unwrap();
            queue.send_blocking(Lane::Middle, job(Origin::Peer(1))).unwrap();
        }
        let order: Vec<Lane> = (0..40).map(|_| lane(&jobs.next().unwrap())).collect();
        let at = |lane| order.iter().rposition(|l| *l == lane).unwrap();
        assert!(at(Lane::First) < 24, "{order:?}");
        assert_eq!(order.iter().filter(|l| **l == Lane::Last).count(), 5, "{order:?}");
        jobs.close();
        assert!(queue.send_blocking(Lane::First, job(Origin::Local)).is_err());
        let left = std::iter::from_fn(|| jobs.try_next()).count();
        assert_eq!(left, limit::QUEUE + 40 - 40);
        assert!(jobs.next().is_none());
    }
}
