//! The same state again from what was stored.

use hashbrown::HashSet;
use thiserror::Error;

use super::{Limits, State};
use crate::admit;
use crate::control::Control;
use crate::entry::Header;
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
    /// A sequence lists an entry that is not here, or one twice.
    #[error("the stored sequence of committee {0} lists an entry that is not here")]
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
        let mut order: Vec<Num> = graph.iter().collect();
        state.graph = graph;
        // Parents before children: what an identity's or authority entry means rests on its past.
        order.sort_unstable_by_key(|n| (state.graph.node(*n).depth, n.0));
        let mut events = Vec::new();
        for num in order {
            let class = state.graph.node(num).class;
            let control = if matters(class) {
                state.read(num, &mut header)?
            } else {
                Control::Unread
            };
            if class == Class::Committee {
                state.restore_sequence(num, sequence(num).unwrap_or_default())?;
            }
            state.note(num, None, &control, &mut events);
            events.clear();
        }
        Ok(state)
    }

    fn read(&self, num: Num, header: &mut impl FnMut(Num) -> Option<Header>) -> Result<Control, BadStore> {
        let id = self.graph.id(num);
        let bad = BadStore::Header(id);
        let header = header(num).ok_or_else(|| bad.clone())?;
        let (shape, control) = admit::read(&header).map_err(|_| bad.clone())?;
        if admit::class(shape, &control) == self.graph.node(num).class {
            Ok(control)
        } else {
            Err(bad)
        }
    }

    fn restore_sequence(&mut self, root: Num, sequence: Vec<Num>) -> Result<(), BadStore> {
        let mut seen = HashSet::with_capacity(sequence.len());
        if !sequence.iter().all(|n| self.graph.contains(*n) && seen.insert(*n)) {
            return Err(BadStore::Sequence(self.graph.id(root)));
        }
        self.stored_sequences.insert(root, sequence);
        Ok(())
    }
}

fn matters(class: Class) -> bool {
    !matches!(class, Class::Vacant | Class::Document | Class::Vouch | Class::Other)
}
