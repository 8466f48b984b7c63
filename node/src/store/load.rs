//! The state from what was stored.

use std::cell::RefCell;

use althing_protocol::codec;
use althing_protocol::graph::{BadRow, Graph, Num};
use althing_protocol::hash::Id;
use althing_protocol::state::{BadStore, Limits, State};
use rocksdb::{Direction, IteratorMode, ReadOptions};

use super::batch::{ABSENT, FOLLOW, HERE, WITHOUT};
use super::{Bits, Bodies, Damage, Error, HEADER, META, ROW, Store, key};

impl Store {
    /// Builds the state that was stored, and notes which bodies are absent.
    ///
    /// # Errors
    /// [`Error::Damaged`] when what is stored does not fit together.
    pub fn load_state(&self, limits: Limits) -> Result<State, Error> {
        let graph = self.load_graph()?;
        let followed: Vec<Id> = self.followed()?.into_iter().map(|(id, _)| id).collect();
        let failure = RefCell::new(None);
        let note = |error| {
            failure.borrow_mut().get_or_insert(error);
        };
        let state = State::restore(
            limits,
            followed,
            graph,
            |num| {
                let value = self.read(HEADER, &key(num)).map_err(note).ok()??;
                let (bytes, _) = value.split_last_chunk::<64>()?;
                codec::decode(bytes).ok()
            },
            |root| self.sequence(root).map_err(note).ok(),
        );
        match failure.into_inner() {
            Some(error) => Err(error),
            None => state.map_err(|e| self.damaged(e)),
        }
    }

    /// The committees that are followed, and which of their bodies are kept.
    ///
    /// # Errors
    /// What the disk says, or [`Error::Damaged`].
    pub fn followed(&self) -> Result<Vec<(Id, Bodies)>, Error> {
        let mut all = Vec::new();
        for item in self
            .0
            .db
            .iterator_cf(self.cf(META), IteratorMode::From(FOLLOW, Direction::Forward))
        {
            let (key, value) = item.map_err(|e| self.failed("read", e))?;
            let Some(id) = key.strip_prefix(FOLLOW) else { break };
            let bad = || self.damaged(Damage::Shape(META));
            let id = Id(id.try_into().map_err(|_| bad())?);
            all.push((id, codec::decode(&value).map_err(|_| bad())?));
        }
        Ok(all)
    }

    /// The graph as its rows tell it, without looking at anything else.
    ///
    /// # Errors
    /// [`Error::Damaged`] when rows cannot be read, or do not fit together.
    pub(crate) fn rows(&self) -> Result<Graph, Error> {
        let mut graph = self.load_graph()?;
        graph.restored().map_err(|e| self.damaged(BadStore::from(e)))?;
        Ok(graph)
    }

    fn load_graph(&self) -> Result<Graph, Error> {
        // An estimate that can be far off: it only saves growing step by step.
        let rows = self
            .0
            .db
            .property_int_value_cf(self.cf(ROW), rocksdb::properties::ESTIMATE_NUM_KEYS)
            .ok()
            .flatten();
        let mut graph = Graph::with_room(usize::try_from(rows.unwrap_or(0)).unwrap_or(0).min(1 << 24));
        let mut absent = Bits::default();
        let mut rows = self.0.db.raw_iterator_cf_opt(self.cf(ROW), bulk());
        rows.seek_to_first();
        while let Some((key, value)) = rows.item() {
            let num = Num(u32::from_be_bytes(
                key.try_into().map_err(|_| self.damaged(Damage::Shape(ROW)))?,
            ));
            let (status, row) = value.split_first().ok_or_else(|| self.damaged(Damage::Shape(ROW)))?;
            if ![WITHOUT, HERE, ABSENT].contains(status) {
                return Err(self.damaged(Damage::Shape(ROW)));
            }
            absent.set(num.0, *status == ABSENT);
            graph
                .restore(num, row)
                .map_err(|e: BadRow| self.damaged(BadStore::from(e)))?;
            rows.next();
        }
        rows.status().map_err(|e| self.failed("read", e))?;
        *self.0.absent.write().unwrap_or_else(std::sync::PoisonError::into_inner) = absent;
        Ok(graph)
    }
}

/// For reading everything once: blocks are read ahead and leave the cache alone.
pub(super) fn bulk() -> ReadOptions {
    let mut options = ReadOptions::default();
    options.fill_cache(false);
    options.set_readahead_size(1 << 20);
    options
}
