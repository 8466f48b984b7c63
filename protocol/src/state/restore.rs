//! The same state again from what was stored.

use thiserror::Error;

use super::{Limits, State};
use crate::admit;
use crate::control::Control;
use crate::entry::Header;
use crate::floor::{Floor, Standing};
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
    #[error(
        "the stored sequence of committee {0} does not hold its record, or holds an entry twice or one that is not here"
    )]
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
            state.floor.add(num, Standing::Budget, &state.graph);
            state.note(num, &control, &mut events);
            events.clear();
        }
        for (root, committee) in &mut state.committees {
            let listed = sequence(*root).unwrap_or_default();
            if !committee.record_mut().restore_sequence(listed, &state.graph) {
                return Err(BadStore::Sequence(state.graph.id(*root)));
            }
        }
        state.restore_floor();
        Ok(state)
    }

    /// Rebuilding took other ways than history did: what is on the floor now is counted anew. On whose account
    /// something came is forgotten.
    fn restore_floor(&mut self) {
        self.floor = Floor::new(self.limits.floor);
        let listed = |num: Num| self.committees.values().any(|c| c.record().keeps(num));
        for num in self.graph.iter().filter(|n| self.graph.node(*n).records == 0) {
            let standing = if listed(num) {
                Standing::Listed
            } else {
                Standing::Budget
            };
            self.floor.add(num, standing, &self.graph);
        }
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
}

fn matters(class: Class) -> bool {
    !matches!(class, Class::Vacant | Class::Document | Class::Vouch | Class::Other)
}
