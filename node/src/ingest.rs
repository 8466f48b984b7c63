//! THE door: every entry, local, peer or import, comes in here.
//!
//! ```text
//! submit ─▶ queue ─▶ verifier (decodes and verifies the next group on all cores)
//!                       └▶ writer (one thread): State::offer … ─▶ one batch, one fsync ─▶ answers, notices
//! ```
//!
//! Invariants: nobody sees a state that is not on disk, and nobody is answered before it is. Entries of one caller
//! are taken in their order. A write that fails stops the door for good: state and disk would differ.
//!
//! The queue has three lanes: what the owner does, what is asked for now, and what can wait (sync, strangers,
//! imports). A flood fills the last one only, so it delays nobody else by more than the group under way.
//!
//! Bounds: a lane holds [`limit::QUEUE`] jobs of at most [`limit::JOB_BYTES`] (or one larger entry) each, and whoever
//! comes then waits; a group holds [`limit::GROUP`] entries; at most three groups are under way.

mod author;
mod checkpoint;
mod choice;
mod job;
mod logs;
mod notice;
mod queue;
mod ration;
mod refused;
mod verifier;
mod withhold;
pub mod witness;
mod writer;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, mpsc as sync_mpsc};
use std::thread::{self, JoinHandle};

use althing_protocol::entry::{BadSignature, Body, Malformed};
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::state::{LOCAL, Outcome, State};
use althing_protocol::waiting::Source;
use thiserror::Error;
use tokio::sync::{broadcast, oneshot};

pub use self::author::{Author, MOST, MOST_BYTES, Signer, Unwritten};
pub use self::checkpoint::{LogView, Unsigned};
use self::choice::Choice;
use self::job::Job;
use self::logs::Logs;
pub use self::notice::Notice;
use self::queue::{Lane, Queue};
use self::ration::Ration;
use self::verifier::Verifier;
pub use self::withhold::Unerased;
pub use self::witness::{Unwitnessed, Witnessed};
use self::writer::Writer;
use crate::home::Home;
#[cfg(doc)]
use crate::limit;
use crate::store::{self, Bits, Bodies, Store};

/// Notices that a slow listener may be behind before it loses some.
pub const NOTICES: usize = 4096;

/// Documents whose bodies one `follow` may list.
pub const DOCS: usize = 4096;

/// From where an entry comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The owner of this node.
    Local,
    /// A peer, or somebody who posts signed entries: a number that the caller gives out, from 1.
    Peer(Source),
    /// An archive that the owner imports. Under the same budgets as a peer.
    Import,
}

impl Origin {
    fn source(self) -> Source {
        match self {
            Self::Local => LOCAL,
            Self::Peer(n) => n.clamp(1, Source::MAX - 1),
            Self::Import => Source::MAX,
        }
    }

    fn from_source(source: Source) -> Self {
        match source {
            LOCAL => Self::Local,
            Source::MAX => Self::Import,
            n => Self::Peer(n),
        }
    }
}

/// Why bytes are no entry. The next time the same bytes are refused unread, as long as that is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reject {
    /// They do not read as an entry.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The signature does not stand.
    #[error(transparent)]
    Signature(#[from] BadSignature),
}

impl Reject {
    /// Whether whoever sent them is at fault. Entries of a newer version are nobody's fault.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Malformed(Malformed::Version(_)))
    }
}

/// What became of an entry whose signature stands, or that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: Id,
    /// What the state made of it. [`Outcome::Rejected`] is a fault of whoever sent it, [`Outcome::Refused`] is not.
    pub outcome: Outcome,
    /// What became of the body that came along.
    pub body: Landed,
}

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landed {
    /// The entry has none, none came, or the entry itself is not kept.
    Nothing,
    /// Stored now.
    Stored,
    /// It is here from before.
    Known,
    /// It is the right one, but this node does not keep bodies there.
    Unwanted,
    /// It is not the one that the header commits to: a fault of whoever sent it.
    Mismatch,
    /// This node does not hold the entry.
    NoEntry,
}

/// The door is closed: the node stops, or has stopped.
#[derive(Debug, Clone, Error)]
#[error("the node has stopped{}", why.as_ref().map(|w| format!(": {w}")).unwrap_or_default())]
pub struct Stopped {
    /// The write that failed, if that is the reason.
    pub why: Option<Arc<store::Error>>,
}

/// The writer's thread. It answers with the write that failed, if one stopped it.
pub type Thread = JoinHandle<Result<(), Arc<store::Error>>>;

/// A handle of the door. Clones are handles of the same one.
#[derive(Debug, Clone)]
pub struct Ingest {
    queue: Queue,
    shared: Arc<Shared>,
}

/// What the threads and the handles share.
#[derive(Debug)]
struct Shared {
    store: Store,
    home: Arc<Home>,
    world: RwLock<World>,
    /// Readers that wait for the lock: the writer lets them in between two groups.
    readers: AtomicUsize,
    notices: broadcast::Sender<Arc<Notice>>,
    /// Held while a checkpoint is made: one at a time.
    signing: tokio::sync::Mutex<()>,
    /// The generation of this node's logs.
    generation: AtomicU32,
    failure: OnceLock<Arc<store::Error>>,
}

/// The state, and which bodies this node wants for it.
#[derive(Debug)]
struct World {
    state: State,
    choice: Choice,
    ration: Ration,
    logs: Logs,
}

impl Ingest {
    /// Opens the door. The entries that `init` signed go in first. The handle of the writer's thread answers with
    /// the failed write if one stopped it; whoever runs the node ends it then.
    ///
    /// # Errors
    /// What the store says.
    pub fn start(store: Store, state: State, home: Arc<Home>) -> Result<(Self, Thread), store::Error> {
        let logs = Logs::load(&store, &state)?;
        let generation = logs::generation(&store, &home)?;
        let ration = Ration::new(&store, &state, &home.identity())?;
        let choice = Choice::new(&store, &state, home.identity(), &ration)?;
        let shared = Arc::new(Shared {
            store,
            home,
            world: RwLock::new(World {
                state,
                choice,
                ration,
                logs,
            }),
            readers: AtomicUsize::new(0),
            notices: broadcast::Sender::new(NOTICES),
            signing: tokio::sync::Mutex::new(()),
            generation: AtomicU32::new(generation),
            failure: OnceLock::new(),
        });
        let (queue, jobs) = queue::lanes();
        let (groups, ready) = sync_mpsc::sync_channel(1);
        let mut verifier = Verifier::new(Arc::clone(&shared));
        let mut writer = Writer::new(Arc::clone(&shared));
        let (answer, _) = oneshot::channel();
        let initial = shared.home.initial_entries();
        let group = verifier.prepare(vec![Job::Entries {
            origin: Origin::Local,
            wires: initial,
            answer,
        }]);
        writer.write(group)?;
        writer.finish_withholding(&shared)?;
        offer_left(&shared, &mut verifier, &mut writer)?;
        let spawn = |name: &str| thread::Builder::new().name(name.to_owned());
        let failed = |source| store::Error::File {
            path: "a new thread".into(),
            source,
        };
        let verifying = spawn("verifier")
            .spawn(move || verifier.run(jobs, &groups))
            .map_err(failed)?;
        let write = move || {
            writer.run(&ready)?;
            // It has nothing left to do and holds the store: a process that ends meanwhile would abort in RocksDB.
            drop(verifying.join());
            Ok(())
        };
        let thread = spawn("writer").spawn(write).map_err(failed)?;
        Ok((Self { queue, shared }, thread))
    }

    /// Takes wire bytes in. Answers once whatever came of them is on disk, in their order.
    ///
    /// # Errors
    /// [`Stopped`]; what was not answered may or may not be kept then.
    pub async fn submit(&self, origin: Origin, wires: Vec<Vec<u8>>) -> Result<Vec<Result<Accepted, Reject>>, Stopped> {
        self.submit_in(Lane::of(origin), origin, wires).await
    }

    /// The same for what can wait: it lets everything else go first, all but one job in [`limit::TURN`].
    ///
    /// # Errors
    /// As [`Ingest::submit`].
    pub async fn submit_last(
        &self,
        origin: Origin,
        wires: Vec<Vec<u8>>,
    ) -> Result<Vec<Result<Accepted, Reject>>, Stopped> {
        self.submit_in(Lane::Last, origin, wires).await
    }

    async fn submit_in(
        &self,
        lane: Lane,
        origin: Origin,
        wires: Vec<Vec<u8>>,
    ) -> Result<Vec<Result<Accepted, Reject>>, Stopped> {
        let mut answers = Vec::new();
        for wires in job::cut(wires) {
            let (answer, receiver) = oneshot::channel();
            let job = Job::Entries { origin, wires, answer };
            self.queue.send(lane, job).await.map_err(|_| self.stopped())?;
            answers.push(receiver);
        }
        let mut all = Vec::new();
        for answer in answers {
            all.extend(answer.await.map_err(|_| self.stopped())?);
        }
        Ok(all)
    }

    /// The same for a thread that is not async.
    ///
    /// # Errors
    /// As [`Ingest::submit`].
    ///
    /// # Panics
    /// Inside an async runtime, which it would block.
    pub fn submit_blocking(
        &self,
        origin: Origin,
        wires: Vec<Vec<u8>>,
    ) -> Result<Vec<Result<Accepted, Reject>>, Stopped> {
        let mut answers = Vec::new();
        for wires in job::cut(wires) {
            let (answer, receiver) = oneshot::channel();
            let job = Job::Entries { origin, wires, answer };
            let sent = self.queue.send_blocking(Lane::of(origin), job);
            sent.map_err(|_| self.stopped())?;
            answers.push(receiver);
        }
        let mut all = Vec::new();
        for answer in answers {
            all.extend(answer.blocking_recv().map_err(|_| self.stopped())?);
        }
        Ok(all)
    }

    /// Composes and signs entries on the writer's thread, where nothing changes meanwhile. They are one batch: after
    /// a crash all are there or none. What was written before `compose` itself gives up stays written.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn write<T: Send + 'static>(
        &self,
        compose: impl FnOnce(&mut Author<'_>) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (job, receiver) = job::write(compose);
        self.send(job).await?;
        receiver.await.map_err(|_| self.stopped())
    }

    /// The same for a thread that is not async.
    ///
    /// # Errors
    /// [`Stopped`].
    ///
    /// # Panics
    /// Inside an async runtime, which it would block.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        compose: impl FnOnce(&mut Author<'_>) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (job, receiver) = job::write(compose);
        self.send_blocking(job)?;
        receiver.blocking_recv().map_err(|_| self.stopped())
    }

    /// Follows a committee, or changes which of its bodies are kept. Bodies that are here already stay. A list of
    /// documents is cut to [`DOCS`].
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn follow(&self, committee: Id, bodies: Bodies) -> Result<(), Stopped> {
        let (answer, receiver) = oneshot::channel();
        self.send(Job::Follow {
            committee,
            bodies: bounded(bodies),
            answer,
        })
        .await?;
        receiver.await.map_err(|_| self.stopped())
    }

    /// The same for a thread that is not async.
    ///
    /// # Errors
    /// [`Stopped`].
    ///
    /// # Panics
    /// Inside an async runtime, which it would block.
    pub fn follow_blocking(&self, committee: Id, bodies: Bodies) -> Result<(), Stopped> {
        let (answer, receiver) = oneshot::channel();
        self.send_blocking(Job::Follow {
            committee,
            bodies: bounded(bodies),
            answer,
        })?;
        receiver.blocking_recv().map_err(|_| self.stopped())
    }

    /// Takes a body for an entry whose header is here.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn body(&self, id: Id, body: Body) -> Result<Landed, Stopped> {
        let (answer, receiver) = oneshot::channel();
        self.send(Job::Body { id, body, answer }).await?;
        receiver.await.map_err(|_| self.stopped())
    }

    /// Gives up what of an entry reads as damaged ([`store::Error::Corrupt`]), so that peers are asked for it again. Until
    /// then a damaged header is an error to whoever reads it. False when there is no such damage, or it is known.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn heal(&self, id: Id) -> Result<bool, Stopped> {
        let (answer, receiver) = oneshot::channel();
        self.send(Job::Heal { id, answer }).await?;
        receiver.await.map_err(|_| self.stopped())
    }

    /// The same for whoever met the damage and cannot wait. If the door is busy then the next reader meets it again.
    pub fn heal_later(&self, id: Id) {
        let (answer, _) = oneshot::channel();
        self.queue.send_or_drop(Lane::First, Job::Heal { id, answer });
    }

    /// The wire form of an entry that is here, with its body if that is here and has at most `most` bytes; inside
    /// [`Ingest::read`]. What is damaged is never given: a body stays out, without a header there is nothing, and peers
    /// are asked for either.
    ///
    /// # Errors
    /// What the disk says, or [`store::Error::Corrupt`] for a header.
    pub fn wire(&self, num: Num, id: &Id, most: usize) -> Result<Option<Vec<u8>>, store::Error> {
        let wire = self.store().wire(num, id, most);
        match wire {
            Err(store::Error::Corrupt { part: "body", .. }) => {
                self.heal_later(*id);
                self.store().wire(num, id, 0)
            }
            Err(store::Error::Corrupt { .. }) => {
                self.heal_later(*id);
                wire
            }
            other => other,
        }
    }

    /// Looks at the state. Everything in it is on disk, and stays as it is until `look` returns: be quick.
    pub fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.shared.read().state)
    }

    /// The same, with the numbers of entries whose body is wanted and absent.
    pub fn read_wanting<R>(&self, look: impl FnOnce(&State, &Bits) -> R) -> R {
        let world = self.shared.read();
        look(&world.state, world.choice.bits())
    }

    /// Ids of entries whose body is wanted and absent, at most `most`, those that came first first.
    #[must_use]
    pub fn wanted_bodies(&self, most: usize) -> Vec<Id> {
        let world = self.shared.read();
        world
            .choice
            .wanted()
            .take(most)
            .map(|n| world.state.graph().id(Num(n)))
            .collect()
    }

    /// Which bodies of a committee are kept; none if it is not followed.
    #[must_use]
    pub fn bodies_of(&self, committee: &Id) -> Option<Bodies> {
        self.shared.read().choice.of(committee).cloned()
    }

    /// The store, for reading bytes of entries; inside [`Ingest::read`].
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Whether entries can be written: no write failed, and the door is open.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.shared.failure.get().is_none() && self.queue.is_open()
    }

    /// The data folder.
    #[must_use]
    pub fn home(&self) -> &Arc<Home> {
        &self.shared.home
    }

    /// What happens from now on. A listener that is [`NOTICES`] behind loses some and is told how many.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.shared.notices.subscribe()
    }

    /// Closes the door: what is queued is written, then the writer's thread ends.
    pub async fn stop(&self) {
        // It is closed already if nobody takes the job.
        drop(self.queue.send(Lane::First, Job::Stop).await);
    }

    /// The same for a thread that is not async.
    ///
    /// # Panics
    /// Inside an async runtime, which it would block.
    pub fn stop_blocking(&self) {
        drop(self.queue.send_blocking(Lane::First, Job::Stop));
    }

    async fn send(&self, job: Job) -> Result<(), Stopped> {
        self.queue.send(Lane::First, job).await.map_err(|_| self.stopped())
    }

    fn send_blocking(&self, job: Job) -> Result<(), Stopped> {
        self.queue.send_blocking(Lane::First, job).map_err(|_| self.stopped())
    }

    fn stopped(&self) -> Stopped {
        Stopped {
            why: self.shared.failure.get().cloned(),
        }
    }
}

/// Entries that a repair saved: those that still wait for others stay on the list.
fn offer_left(shared: &Shared, verifier: &mut Verifier, writer: &mut Writer) -> Result<(), store::Error> {
    let left = shared.store.left()?;
    if left.is_empty() {
        return Ok(());
    }
    for wires in job::cut(left) {
        let (answer, _) = oneshot::channel();
        let origin = Origin::Local;
        let group = verifier.prepare(vec![Job::Entries { origin, wires, answer }]);
        writer.write(group)?;
    }
    if shared.read().state.waiting().is_empty() {
        shared.store.set_left(&[])?;
    }
    Ok(())
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, World> {
        self.readers.fetch_add(1, Ordering::Relaxed);
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        self.readers.fetch_sub(1, Ordering::Relaxed);
        world
    }

    fn generation(&self) -> u32 {
        self.generation.load(Ordering::Relaxed)
    }

    fn set_generation(&self, generation: u32) {
        self.generation.store(generation, Ordering::Relaxed);
    }

    /// Between two groups readers that wait go first: a busy writer would otherwise take the lock again before any
    /// of them wakes. They cannot keep it out for ever: it asks a bounded number of times.
    fn write(&self) -> RwLockWriteGuard<'_, World> {
        for _ in 0..64 {
            if self.readers.load(Ordering::Relaxed) == 0 {
                break;
            }
            thread::yield_now();
        }
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bounded(bodies: Bodies) -> Bodies {
    match bodies {
        Bodies::Docs(docs) => Bodies::Docs(docs.into_iter().take(DOCS).collect::<BTreeSet<Id>>()),
        other => other,
    }
}

#[cfg(test)]
pub(crate) mod tests;
