//! Full-text search over what this node holds, on an index in the data folder (`search/`).
//!
//! ```text
//! sequences, floor, notices ─▶ fill (one task, behind everything else) ─▶ index ─▶ find
//! ```
//!
//! The index is a cache: it can be removed at any time and is built again. It holds no text to show, only what finds
//! it; what is shown is read from the store. How far it got is written with each commit, so nothing is taken twice.
//!
//! Invariants: an entry is in it once. An erased or refused body is in no file of it once [`Search::forget`] answered;
//! what a crash left is removed at the next start.
//!
//! Bounds: one thread that writes, with [`limit::search::HEAP`] bytes; one that merges; [`query`] says how long a
//! question may be and how many answers it has.

mod fill;
mod index;
mod query;
mod said;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use althing_protocol::hash::Id;
use serde::Serialize;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use utoipa::ToSchema;

use crate::ingest::Ingest;
#[cfg(doc)]
use crate::limit;

pub(crate) use self::index::analyzer;
pub(crate) use self::query::{Ask, BadQuestion, Hits, Names, Sort, Words};
pub(crate) use self::said::{Said, said};

/// Commands that wait for the task.
const COMMANDS: usize = 16;

/// Why search does not work.
#[derive(Debug, Clone, Error)]
pub(crate) enum Error {
    /// The index cannot be opened, read or written.
    #[error(
        "the search index in {folder} cannot be used: {why}. Stop the node and remove that folder: it is built again"
    )]
    Index {
        /// Where it is.
        folder: PathBuf,
        /// What the engine said.
        why: String,
    },
    /// It is only just being opened, or the node stops.
    #[error("the search index is not open yet; try again in a moment")]
    Closed,
    /// Files that must go are still there.
    #[error("the search index still has files that hold erased text: {0}; start the node anew")]
    Left(String),
}

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// Entries of the records that were looked at.
    pub(crate) done: u64,
    /// Entries of the records.
    pub(crate) total: u64,
    /// Whether everything that is here can be found.
    pub(crate) complete: bool,
}

/// What is to leave the index.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Forget {
    /// An entry.
    Entry(Id),
    /// What an identity wrote and is not here any more.
    Author(Id),
}

/// A handle of the index. Clones are handles of the same one.
#[derive(Debug, Clone)]
pub(crate) struct Search(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    commands: mpsc::Sender<Command>,
    open: OnceLock<query::Finder>,
    /// Why the task ended, if the index made it end.
    failed: OnceLock<Error>,
    done: AtomicU64,
    total: AtomicU64,
    busy: std::sync::atomic::AtomicBool,
}

struct Command {
    what: Forget,
    answer: oneshot::Sender<Result<(), Error>>,
}

/// What [`Search::run`] needs.
#[derive(Debug)]
pub(crate) struct Commands(mpsc::Receiver<Command>);

impl Search {
    /// A handle, and what fills the index once it runs.
    pub(crate) fn new(folder: PathBuf) -> (Self, Commands) {
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let inner = Inner {
            folder,
            commands,
            open: OnceLock::new(),
            failed: OnceLock::new(),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            busy: std::sync::atomic::AtomicBool::new(true),
        };
        (Self(Arc::new(inner)), Commands(receiver))
    }

    /// Opens the index and fills it until `closing` says that the node stops.
    pub(crate) fn run(&self, ingest: Ingest, commands: Commands, closing: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(fill::run(self.clone(), ingest, commands.0, closing))
    }

    /// Entries that answer a question.
    pub(crate) fn find(&self, ask: &Ask, names: &dyn Names) -> Result<Hits, Failed> {
        let finder = self.finder()?;
        finder.find(ask, names, &self.0.folder)
    }

    /// Makes text leave the index and its files. Answers when it did.
    pub(crate) async fn forget(&self, what: Forget) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.commands.send(Command { what, answer }).await;
        sent.map_err(|_| self.why())?;
        answered.await.map_err(|_| self.why())?
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress {
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
            complete: !self.0.busy.load(Ordering::Relaxed),
        }
    }

    fn finder(&self) -> Result<&query::Finder, Error> {
        match self.0.failed.get() {
            Some(why) => Err(why.clone()),
            None => self.0.open.get().ok_or(Error::Closed),
        }
    }

    /// Why the task does not answer.
    fn why(&self) -> Error {
        self.0.failed.get().cloned().unwrap_or(Error::Closed)
    }
}

/// Why a question has no answer.
#[derive(Debug, Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Index(#[from] Error),
    #[error(transparent)]
    Question(#[from] BadQuestion),
}
