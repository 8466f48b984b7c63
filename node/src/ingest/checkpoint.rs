//! Checkpoints of this node's logs: what it signs, after it looked twice (`docs/spec/log.md`).
//!
//! ```text
//! cut ─▶ hash the new leaves again from the stored headers ─▶ compare ─▶ sign ─▶ one batch: what was signed ─▶ answer
//! ```
//!
//! Invariant: a signed note leaves this node only when it is on disk, covers no fewer leaves than the one before under
//! the same origin, and its root is the one that three ways of computing it agree upon.

use althing_protocol::graph::Num;
use std::cell::RefCell;

use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::log::checkpoint::{Checkpoint, Origin};
use althing_protocol::log::note::{self, BadNote, Line, Note, Use};
use althing_protocol::log::{Frontier, Leaf, Missing, Tree, tile};
use hashbrown::HashMap;
use thiserror::Error;

use super::logs::{self, Log};
use super::{Ingest, Shared, Stopped, job};
use crate::clock;
use crate::store::log::{Logged, Signed};
use crate::store::{self, Store};

/// Why there is no checkpoint.
#[derive(Debug, Error)]
pub enum Unsigned {
    /// Nothing to sign.
    #[error("committee {0} is not followed here, or nothing of it is here yet")]
    NotFollowed(Id),
    /// Its key is nobody's.
    #[error("this machine is not enrolled yet, so nobody could tell whose checkpoint it is; see `althing id`")]
    NotEnrolled,
    /// Memory, tables and headers do not agree.
    #[error(
        "the log of committee {0} differs from the entries in the store; nothing is signed. Stop the node and run \
         `althing fsck`"
    )]
    Differs(Id),
    /// A hash is missing.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A note that cannot be read.
    #[error("the stored checkpoint cannot be read: {0}")]
    Note(#[from] BadNote),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The door.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// A log as it is now.
struct Head {
    root: Num,
    frontier: Frontier,
}

impl Ingest {
    /// The name of this node's log of a committee.
    #[must_use]
    pub fn origin(&self, committee: Id) -> Origin {
        Origin {
            committee,
            node: Key(self.home().node_key().verifying_key().to_bytes()),
            generation: self.shared.generation(),
        }
    }

    /// The latest checkpoint that was signed of a committee's log; none before the first.
    ///
    /// # Errors
    /// What the store says.
    pub fn signed(&self, committee: &Id) -> Result<Option<Signed>, store::Error> {
        self.store().signed(committee)
    }

    /// Signs the log as it is, with a cut as its last leaf if asked for. If nothing changed since the last signature then
    /// that is the answer. One at a time; the first of a long log takes as long as reading it.
    ///
    /// # Errors
    /// [`Unsigned`]; nothing was signed then.
    pub async fn checkpoint(&self, committee: Id, cut: bool) -> Result<Signed, Unsigned> {
        if self.home().node_cert().is_none() {
            return Err(Unsigned::NotEnrolled);
        }
        let _one = self.shared.signing.lock().await;
        let origin = self.origin(committee);
        let (job, head) = job::change(move |step, world, _| {
            let root = world.state.graph().num(&committee)?;
            if cut && let Some(of) = world.state.committee_mut(&committee) {
                of.record_mut().tree_mut().settle();
                let digest = of.record().tree().root();
                world.logs.cut(root, digest, &mut step.batch);
            }
            let frontier = world.logs.get(root).map(|Log { frontier, .. }| frontier.clone())?;
            Some(Head { root, frontier })
        });
        self.send(job).await?;
        let head = head.await.map_err(|_| self.stopped())?;
        let head = head.ok_or(Unsigned::NotFollowed(committee))?;
        let last = self.signed(&committee)?;
        let again = last.as_ref().filter(|last| last.size == head.frontier.size());
        if let Some(last) = again.filter(|last| last.note.starts_with(&format!("{origin}\n"))) {
            return Ok(last.clone());
        }
        let from = last.as_ref().and_then(Signed::frontier).unwrap_or_default();
        let (ingest, now) = (self.clone(), head.frontier.clone());
        let checked = tokio::task::spawn_blocking(move || agree(&ingest, head.root, from, &now));
        if !checked.await.map_err(|_| self.stopped())?? {
            tracing::error!(%committee, "the log differs from the stored entries; nothing is signed");
            return Err(Unsigned::Differs(committee));
        }
        let checkpoint = Checkpoint {
            origin,
            size: head.frontier.size(),
            root: head.frontier.root(),
        };
        let text = checkpoint.to_string();
        let line = note::sign(&text, &origin.to_string(), Use::Note, 0, self.home().node_key())?;
        let signed = Signed {
            note: Note {
                text,
                signatures: vec![line],
            }
            .write(),
            size: checkpoint.size,
            peaks: head.frontier.peaks().to_vec(),
            time: clock::now_ms(),
        };
        self.keep_signed(committee, signed.clone()).await?;
        Ok(signed)
    }

    /// Adds cosignatures to the latest checkpoint, if it is still the one with this text. They were checked. Answers it
    /// with all that it has.
    ///
    /// # Errors
    /// [`Unsigned`].
    pub async fn cosigned(&self, committee: Id, text: &str, lines: Vec<Line>) -> Result<Option<Signed>, Unsigned> {
        let _one = self.shared.signing.lock().await;
        let Some(mut signed) = self.signed(&committee)? else {
            return Ok(None);
        };
        let mut note = Note::read(&signed.note)?;
        if note.text != text {
            return Ok(None);
        }
        for line in lines {
            note.signatures
                .retain(|known| (&known.name, known.key) != (&line.name, line.key));
            if note.signatures.len() < note::SIGNATURES {
                note.signatures.push(line);
            }
        }
        signed.note = note.write();
        self.keep_signed(committee, signed.clone()).await?;
        Ok(Some(signed))
    }

    /// Begins a new generation of this node's logs, beyond `seen`: somebody saw more of the current one than is here.
    ///
    /// # Errors
    /// [`Unsigned`].
    pub async fn begin_generation(&self, seen: u32) -> Result<u32, Unsigned> {
        let _one = self.shared.signing.lock().await;
        let now = self.shared.generation();
        if now > seen {
            // Another witness said so a moment ago.
            return Ok(now);
        }
        let next = seen.saturating_add(1);
        self.home().note_generation(next).map_err(|source| store::Error::File {
            path: self.home().dir().to_owned(),
            source,
        })?;
        let (job, done) = job::change(move |step, _, shared| {
            step.batch.generation(next);
            shared.set_generation(next);
        });
        self.send(job).await?;
        done.await.map_err(|_| self.stopped())?;
        tracing::warn!(generation = next, "this node's logs go on as a new generation");
        Ok(next)
    }

    async fn keep_signed(&self, committee: Id, signed: Signed) -> Result<(), Unsigned> {
        let oldest = self.store().oldest_note(&committee, signed.time)?;
        let (job, done) = job::change(move |step, _, _| {
            step.batch.signed(&committee, &signed);
            step.batch.noted(&committee, &signed, oldest);
        });
        self.send(job).await?;
        Ok(done.await.map_err(|_| self.stopped())?)
    }

    /// Looks at a committee's log as it is now; none if it has none.
    pub fn look_at_log<R>(&self, committee: &Id, look: impl FnOnce(&LogView<'_>) -> R) -> Option<R> {
        let world = self.shared.read();
        let root = world.state.graph().num(committee)?;
        let log = world.logs.get(root)?;
        Some(look(&LogView {
            shared: &self.shared,
            root,
            graph: world.state.graph(),
            frontier: &log.frontier,
        }))
    }
}

/// A log and what is stored of it. Nothing changes while it is looked at: be quick.
pub struct LogView<'a> {
    shared: &'a Shared,
    root: Num,
    graph: &'a althing_protocol::graph::Graph,
    frontier: &'a Frontier,
}

impl LogView<'_> {
    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Its hashes, read tile by tile: a proof asks for most of each that it touches.
    pub fn tree(&self) -> Tree<impl Fn(u8, u64) -> Option<Hash> + '_> {
        let tiles: RefCell<HashMap<(u8, u64), Vec<Hash>>> = RefCell::default();
        Tree::new(self.size(), move |level, index| {
            let at = usize::try_from(index % tile::WIDTH).ok()?;
            let tile = index / tile::WIDTH;
            let mut tiles = tiles.borrow_mut();
            let hashes = tiles.entry((level, tile)).or_insert_with(|| self.tile(level, tile));
            hashes.get(at).copied()
        })
    }

    /// The hashes of a tile, as many as there are; none where they cannot be read.
    fn tile(&self, level: u8, tile: u64) -> Vec<Hash> {
        let (store, from) = (&self.shared.store, tile.saturating_mul(tile::WIDTH));
        let width = usize::try_from(tile::WIDTH).unwrap_or(0);
        if level > 0 {
            return store.subtrees_from(self.root, level, from, width).unwrap_or_default();
        }
        let leaves = store.leaves_from(self.root, from, width).unwrap_or_default();
        let hash = |logged| logs::leaf(logged, |num| self.graph.id(num)).hash();
        leaves.into_iter().map(hash).collect()
    }

    /// A kept hash, or that of a leaf.
    #[must_use]
    pub fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        logs::hash(&self.shared.store, self.graph, self.root, level, index)
    }

    /// A leaf; none beyond its end.
    ///
    /// # Errors
    /// What the store says.
    pub fn leaf(&self, index: u64) -> Result<Option<Leaf>, store::Error> {
        let logged = self.shared.store.leaf(self.root, index)?;
        Ok(logged.map(|logged| logs::leaf(logged, |num| self.graph.id(num))))
    }

    /// At most so many leaves from one on, in order: as many as there are.
    ///
    /// # Errors
    /// What the store says.
    pub fn leaves(&self, from: u64, most: usize) -> Result<Vec<Leaf>, store::Error> {
        let logged = self.shared.store.leaves_from(self.root, from, most)?;
        let leaf = |logged| logs::leaf(logged, |num| self.graph.id(num));
        Ok(logged.into_iter().map(leaf).collect())
    }

    /// All that these entries name.
    pub fn named_by<'i>(&self, entries: impl Iterator<Item = &'i Id>) -> Vec<Id> {
        let nums = entries.filter_map(|id| self.graph.num(id));
        let names = nums.flat_map(|num| self.graph.names(num));
        names.map(|name| self.graph.id(*name)).collect()
    }

    /// The number of the leaf with which an entry joined the record, the latest one.
    ///
    /// # Errors
    /// What the store says.
    pub fn place(&self, entry: &Id) -> Result<Option<u64>, store::Error> {
        match self.graph.num(entry) {
            Some(num) => self.shared.store.place(self.root, num),
            None => Ok(None),
        }
    }
}

/// Whether what the writer holds in memory, the kept hashes and the stored headers all say the same.
fn agree(ingest: &Ingest, root: Num, from: Frontier, now: &Frontier) -> Result<bool, Unsigned> {
    if from.size() > now.size() {
        return Ok(false);
    }
    let again = rehash(ingest.store(), root, from, now.size())?;
    let kept = ingest.read(|state| {
        let graph = state.graph();
        Tree::new(now.size(), |level, index| {
            logs::hash(ingest.store(), graph, root, level, index)
        })
        .root()
    })?;
    Ok(again == *now && kept == now.root())
}

/// Goes on with a log from the headers as they are stored. Entries in a log keep their numbers for ever.
fn rehash(store: &Store, root: Num, mut frontier: Frontier, size: u64) -> Result<Frontier, store::Error> {
    let gone = || store.damaged(store::Damage::Shape("log"));
    while frontier.size() < size {
        let logged = store.leaf(root, frontier.size())?.ok_or_else(gone)?;
        let id = |num| store.hashed(num)?.ok_or_else(gone);
        let leaf = match logged {
            Logged::Joined(num) | Logged::Again(num) => Leaf::Entry(id(num)?),
            Logged::Left(num) => Leaf::Left(id(num)?),
            Logged::Cut(digest) => Leaf::Cut(digest),
        };
        frontier.push(leaf.hash(), |_| {});
    }
    Ok(frontier)
}
