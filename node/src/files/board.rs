//! What is to be fetched, and how that goes: here the API, which asks, and [`crate::fetch`], which does it, meet.
//!
//! Bounds: [`limit::WAITING`] files wait or are being fetched, [`limit::FAILED`] are remembered that did not come.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use althing_protocol::hash::Hash;
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use utoipa::ToSchema;

use super::{Error, Files};
use crate::limit::files as limit;

/// How a fetch goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fetch {
    /// Bytes that are here.
    pub have: u64,
    /// Bytes that it should have, as the entry says that is gone by.
    pub length: u64,
    /// Peers that may be asked; none while it waits for its turn, or for somebody.
    pub peers: usize,
}

/// Files to fetch, for whoever does it.
pub(crate) type Wants = mpsc::Receiver<Hash>;

#[derive(Debug)]
pub(super) struct Board {
    /// Under way, or why it did not come.
    all: Mutex<HashMap<Hash, Result<Fetch, String>>>,
    asked: mpsc::Sender<Hash>,
    asking: Mutex<Option<Wants>>,
    changed: watch::Sender<u64>,
}

impl Default for Board {
    fn default() -> Self {
        let (asked, asking) = mpsc::channel(limit::WAITING);
        Self {
            all: Mutex::default(),
            asked,
            asking: Mutex::new(Some(asking)),
            changed: watch::Sender::new(0),
        }
    }
}

impl Board {
    pub(super) fn find(&self, hash: &Hash) -> Option<Result<Fetch, String>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(hash).cloned()
    }

    /// Notes how a fetch goes; none when the file is here, or nobody wants it any more.
    fn put(&self, hash: &Hash, how: Option<Result<Fetch, String>>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = all.values().filter(|how| how.is_err()).count();
        if failed >= limit::FAILED {
            all.retain(|_, how| how.is_ok());
        }
        match how {
            Some(how) => drop(all.insert(*hash, how)),
            None => drop(all.remove(hash)),
        }
        drop(all);
        self.changed.send_modify(|n| *n = n.wrapping_add(1));
    }
}

impl Files {
    /// Asks for a file that some entry names: somebody fetches it from peers. Returns at once; [`Files::state`] tells how
    /// it goes. One that is here or under way need not be asked for again.
    ///
    /// # Errors
    /// [`Error::NotNamed`], [`Error::TooLarge`] or [`Error::Busy`].
    pub fn want(&self, hash: &Hash) -> Result<(), Error> {
        if self.find(hash).is_some() || matches!(self.0.board.find(hash), Some(Ok(_))) {
            return Ok(());
        }
        let claims = self.claims(hash);
        let length = claims.iter().map(|claim| claim.file.length).min();
        let length = length.ok_or(Error::NotNamed(*hash))?;
        let most = self.0.limits.file;
        if length > most {
            return Err(Error::TooLarge { most });
        }
        let how = Fetch {
            length,
            ..Fetch::default()
        };
        self.0.board.put(hash, Some(Ok(how)));
        self.0.board.asked.try_send(*hash).map_err(|_| {
            self.0.board.put(hash, None);
            Error::Busy
        })
    }

    /// What is asked for. Taken once, by whoever fetches.
    pub(crate) fn wants(&self) -> Option<Wants> {
        let mut asking = self.0.board.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.take()
    }

    /// A fetch goes on.
    pub(crate) fn goes(&self, hash: &Hash, how: Fetch) {
        self.0.board.put(hash, Some(Ok(how)));
    }

    /// A fetch ended, well or with a reason.
    pub(crate) fn ended(&self, hash: &Hash, how: Result<(), String>) {
        self.0.board.put(hash, how.err().map(Err));
    }

    /// Waits until a file that was asked for is here or does not come, at most so long.
    pub async fn wait(&self, hash: &Hash, most: Duration) -> super::State {
        let mut changed = self.0.board.changed.subscribe();
        let done = async {
            loop {
                let state = self.state(hash);
                if !matches!(state, super::State::Fetching(_)) || changed.changed().await.is_err() {
                    return state;
                }
            }
        };
        tokio::time::timeout(most, done)
            .await
            .unwrap_or_else(|_| self.state(hash))
    }
}
