//! Documents that were computed, kept until something that they were computed from differs.
//!
//! Bound: whole documents count [`KEPT`] bytes, and their gists as many again; the least recently used go first.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(doc)]
use althing_protocol::document::Document;
use althing_protocol::hash::Id;

use super::{Loaded, Parts, stamp};
use crate::http::error::Problem;
use crate::ingest::Ingest;
use crate::limit::http::KEPT;

/// What an entry counts beside its body.
const ENTRY: usize = 1024;

/// Documents that were computed.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    whole: Shelf,
    /// The same without the words that only their own pages show: a committee's views read all of them.
    gists: Shelf,
    /// How often something was forgotten: what was read before does not come back after it.
    epoch: AtomicU64,
    hasher: RandomState,
}

impl Cache {
    /// The document with this root, which must be here.
    pub(crate) fn load(&self, ingest: &Ingest, root: Id) -> Result<Arc<Loaded>, Problem> {
        let now = self.stamp(ingest, &root).ok_or_else(|| gone(root))?;
        if let Some(loaded) = self.whole.get(&root, now) {
            return Ok(loaded);
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        let read = self.read(ingest, root, self.whole.before(&root), epoch)?;
        let loaded = Arc::clone(&read.loaded);
        self.keep(&self.whole, root, read);
        Ok(loaded)
    }

    /// The document's [gist](Document::gist), for whoever reads many: titles, people, acts and states.
    pub(crate) fn gist(&self, ingest: &Ingest, root: Id) -> Result<Arc<Loaded>, Problem> {
        let now = self.stamp(ingest, &root).ok_or_else(|| gone(root))?;
        if let Some(gist) = self.gists.get(&root, now) {
            return Ok(gist);
        }
        // Before anything is taken: what is erased meanwhile must not be kept by this.
        let epoch = self.epoch.load(Ordering::SeqCst);
        let read = match self.whole.get(&root, now) {
            Some(loaded) => Read {
                stamp: now,
                bytes: 0,
                loaded,
                epoch,
            },
            // An older gist has read every body but those that came since, and a gist is what this becomes.
            None => {
                let before = self.whole.before(&root).or_else(|| self.gists.before(&root));
                self.read(ingest, root, before, epoch)?
            }
        };
        let gist = Arc::new(read.loaded.gist());
        let bytes = ENTRY * gist.document.outcomes().len() + gist.document.weight();
        let loaded = Arc::clone(&gist);
        self.keep(&self.gists, root, Read { loaded, bytes, ..read });
        Ok(gist)
    }

    fn read(&self, ingest: &Ingest, root: Id, before: Option<Arc<Loaded>>, epoch: u64) -> Result<Read, Problem> {
        let parts = ingest.read(|state| {
            let num = state.graph().num(&root).ok_or_else(|| gone(root))?;
            // Under the same lock as the reading, so that the stamp is that of what is read.
            Ok::<_, Problem>((
                stamp(ingest, state, num, &self.hasher),
                Parts::read(ingest, state, num, before.as_deref())?,
            ))
        });
        let (stamp, parts) = parts?;
        Ok(Read {
            stamp,
            bytes: parts.entries.iter().map(|e| ENTRY + e.body_len()).sum(),
            loaded: Arc::new(parts.build(before.as_deref())),
            epoch,
        })
    }

    /// A hash over everything that a document is computed from, where its root is here.
    pub(crate) fn stamp(&self, ingest: &Ingest, root: &Id) -> Option<u64> {
        ingest.read(|state| Some(stamp(ingest, state, state.graph().num(root)?, &self.hasher)))
    }

    /// The document of an identity, which must be here.
    pub(crate) fn identity(&self, ingest: &Ingest, id: Id) -> Result<Arc<Loaded>, Problem> {
        let loaded = self.load(ingest, id)?;
        if loaded.document.kind_name() != "identity" {
            return Err(Problem::WrongSort {
                id,
                found: format!("a {}", loaded.document.kind_name()),
                wanted: "an identity",
            });
        }
        Ok(loaded)
    }

    /// What an identity calls itself, if its profile is here.
    pub(crate) fn name(&self, ingest: &Ingest, identity: Id) -> Option<String> {
        let loaded = self.load(ingest, identity).ok()?;
        loaded.text("name").map(str::to_owned)
    }

    /// Drops everything that was computed: a body was erased, and its text is not to stay in memory either.
    pub(crate) fn forget(&self) {
        let all = [&self.whole, &self.gists].map(Shelf::held);
        self.epoch.fetch_add(1, Ordering::SeqCst);
        for mut kept in all {
            *kept = Kept::default();
        }
    }

    fn keep(&self, shelf: &Shelf, root: Id, read: Read) {
        if read.bytes > KEPT / 4 {
            return;
        }
        let mut kept = shelf.held();
        if self.epoch.load(Ordering::SeqCst) == read.epoch {
            kept.put(root, read);
        }
    }
}

fn gone(root: Id) -> Problem {
    Problem::NotHere {
        what: "document",
        id: root,
    }
}

/// A document as it was read, and under which stamp.
struct Read {
    stamp: u64,
    loaded: Arc<Loaded>,
    bytes: usize,
    epoch: u64,
}

/// Documents that are kept.
#[derive(Debug, Default)]
struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    documents: HashMap<Id, Slot>,
    bytes: usize,
    tick: u64,
}

#[derive(Debug)]
struct Slot {
    stamp: u64,
    loaded: Arc<Loaded>,
    bytes: usize,
    used: u64,
}

impl Shelf {
    fn held(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, root: &Id, stamp: u64) -> Option<Arc<Loaded>> {
        let mut kept = self.held();
        kept.tick += 1;
        let tick = kept.tick;
        let slot = kept.documents.get_mut(root).filter(|slot| slot.stamp == stamp)?;
        slot.used = tick;
        Some(Arc::clone(&slot.loaded))
    }

    /// The document as it was computed last, whatever has changed since.
    fn before(&self, root: &Id) -> Option<Arc<Loaded>> {
        self.held().documents.get(root).map(|slot| Arc::clone(&slot.loaded))
    }
}

impl Kept {
    fn put(&mut self, root: Id, read: Read) {
        self.tick += 1;
        let slot = Slot {
            stamp: read.stamp,
            loaded: read.loaded,
            bytes: read.bytes,
            used: self.tick,
        };
        let old = self.documents.insert(root, slot);
        self.bytes = self.bytes + read.bytes - old.map_or(0, |slot| slot.bytes);
        if self.bytes > KEPT {
            self.make_room();
        }
    }

    /// Down to three quarters at once, so that a full cache is not sorted at every step.
    fn make_room(&mut self) {
        let mut by_use: Vec<(u64, Id)> = self.documents.iter().map(|(id, slot)| (slot.used, *id)).collect();
        by_use.sort_unstable();
        for (_, id) in by_use {
            if self.bytes <= KEPT / 4 * 3 {
                break;
            }
            if let Some(slot) = self.documents.remove(&id) {
                self.bytes -= slot.bytes;
            }
        }
    }
}
