//! What goes wrong, in one clear sentence: what, why, what to do.

use std::path::PathBuf;

use thiserror::Error;

use crate::archive;
use crate::home;
use crate::repair;
use crate::runtime;
use crate::store;

/// Why a command is not done.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// The node said no, in its own words.
    #[error("{0}")]
    Refused(String),
    /// Nobody answers.
    #[error(
        "no node answers at {url} ({why}); start one with `althing run`, or name the right one with --api or --data"
    )]
    Unreachable { url: String, why: String },
    /// Something answers that is no node of ours.
    #[error("{url} answers something that is no answer of a node ({what}); check --api")]
    Strange { url: String, what: String },
    /// A file.
    #[error("cannot {doing} {path}: {why}")]
    File {
        doing: &'static str,
        path: PathBuf,
        why: std::io::Error,
    },
    /// A file that is too large to be meant.
    #[error("{path} has more than {limit} bytes, the most that is read here")]
    LargeFile { path: PathBuf, limit: u64 },
    /// A file that does not hold what it should.
    #[error("{path} {what}")]
    BadFile { path: PathBuf, what: String },
    /// An argument whose meaning is wrong, rather than its form.
    #[error("{0}")]
    Input(String),
    /// No place for the data folder.
    #[error("there is no home folder to keep keys in; name one with --data")]
    NoFolder,
    /// A copy that could not be read.
    #[error("{0}")]
    Copy(#[from] super::automerge::Unread),
    /// An archive.
    #[error(transparent)]
    Archive(#[from] archive::read::Unread),
    /// Damage.
    #[error("{0} things in the store are damaged; standard output says which, and what to do about each")]
    Damaged(u64),
    /// A key file.
    #[error(transparent)]
    Keys(#[from] home::Unopened),
    #[error(transparent)]
    Home(#[from] home::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Repair(#[from] repair::Error),
    #[error(transparent)]
    Run(#[from] runtime::Error),
}
