//! The same state again from what was stored.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Limits, State};
use crate::admit;
use crate::control::Control;
use crate::entry::{Header, entry_id};
use crate::graph::{BadRow, Class, Graph, Num};
use crate::hash::Id;

/// Why stored rows give no state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadStore {
    /// A row of the graph.
    #[error(transparent)]
    Row(#[from] BadRow),
    /// The header of an entry whose control matters is missing or does not fit.
    #[error("the stored header of entry {0} is missing or does not fit its row")]
    Header(Id),
    /// A sequence lists an entry that is not here, or one twice, or lacks one of the record.
    #[error("the stored sequence of committee {0} does not list the entries of its record, each once")]
    Sequence(Id),
}

impl State {
    /// Builds the state from a restored graph. `header` reads the few headers whose control matters, `sequence` the
    /// stored sequence of a committee, by its root.
    ///
    /// # Errors
    /// Whatever does not fit together; the store is then damaged and `fsck` can say where.
    pub fn restore(
        limits: Limits,
        followed: impl IntoIterator<Item = Id>,
        mut graph: Graph,
        mut header: impl FnMut(Num) -> Option<Header>,
        mut sequence: impl FnMut(Num) -> Option<Vec<Num>>,
    ) -> Result<Self, BadStore> {
        graph.restored()?;
        let mut state = Self::new(limits);
        state.followed = followed.into_iter().collect();
        state.graph = graph;
        let (mut first, mut plain): (Vec<Num>, BTreeMap<Num, Vec<Num>>) = (Vec::new(), BTreeMap::new());
        for num in state.graph.iter() {
            let node = state.graph.node(num);
            if matters(node.class) || state.graph.node(node.space).class == Class::Identity {
                first.push(num);
            } else {
                plain.entry(node.space).or_default().push(num);
            }
        }
        // Parents before children: what an identity's or authority entry means rests on its past.
        first.sort_unstable_by_key(|n| (state.graph.node(*n).depth, n.0));
        let mut events = Vec::new();
        for num in first {
            let class = state.graph.node(num).class;
            let control = if matters(class) {
                state.read(num, &mut header)?
            } else {
                Control::Unread
            };
            if class == Class::Committee {
                state.restore_sequence(num, sequence(num).unwrap_or_default())?;
            }
            state.note(num, &control, &mut events);
            events.clear();
        }
        state.finish(&plain)?;
        Ok(state)
    }

    /// Membership is settled: now everything else, all at once.
    fn finish(&mut self, plain: &BTreeMap<Num, Vec<Num>>) -> Result<(), BadStore> {
        for (root, committee) in &mut self.committees {
            committee.restore(plain.get(root).map_or(&[], Vec::as_slice), &mut self.graph);
        }
        for (root, committee) in &mut self.committees {
            if !committee.record_mut().restored(&self.graph) {
                return Err(BadStore::Sequence(self.graph.id(*root)));
            }
        }
        for num in self.graph.iter().filter(|n| self.graph.node(*n).records == 0) {
            self.floor.add(num, None, &self.graph);
        }
        Ok(())
    }

    fn read(&self, num: Num, header: &mut impl FnMut(Num) -> Option<Header>) -> Result<Control, BadStore> {
        let id = self.graph.id(num);
        let bad = BadStore::Header(id);
        let header = header(num).ok_or_else(|| bad.clone())?;
        let (shape, control) = admit::read(&header).map_err(|_| bad.clone())?;
        if entry_id(&header.encode()) == id && admit::class(shape, &control) == self.graph.node(num).class {
            Ok(control)
        } else {
            Err(bad)
        }
    }

    fn restore_sequence(&mut self, root: Num, sequence: Vec<Num>) -> Result<(), BadStore> {
        let mut seen = vec![false; self.graph.numbers()];
        let mut once = |n: &Num| seen.get_mut(n.at()).is_some_and(|seen| !std::mem::replace(seen, true));
        if !sequence.iter().all(|n| self.graph.contains(*n) && once(n)) {
            return Err(BadStore::Sequence(self.graph.id(root)));
        }
        self.stored_sequences.insert(root, sequence);
        Ok(())
    }
}

fn matters(class: Class) -> bool {
    !matches!(class, Class::Vacant | Class::Document | Class::Vouch | Class::Other)
}

#[cfg(test)]
mod tests;
