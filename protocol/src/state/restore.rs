//! The same state again from what was stored.

use thiserror::Error;

use super::{Limits, State};
use crate::admit;
use crate::committee::Committee;
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
        // Parents before children: what an identity's or authority entry means, and what any entry saw, rests on its
        // past. Depth is enough for that.
        let mut order: Vec<(u32, Num)> = state.graph.iter().map(|n| (state.graph.node(n).depth, n)).collect();
        order.sort_unstable();
        for (_, num) in order {
            let control = if matters(state.graph.node(num).class) {
                state.read(num, &mut header)?
            } else {
                Control::Unread
            };
            state.put_back(num, &control);
        }
        for (root, committee) in &mut state.committees {
            let sequence = checked(&state.graph, *root, sequence(*root).unwrap_or_default())?;
            if !committee.restored(sequence, &mut state.graph, &state.identities) {
                return Err(BadStore::Sequence(state.graph.id(*root)));
            }
        }
        let loose = state.graph.iter().filter(|n| state.graph.node(*n).records == 0);
        let loose: Vec<Num> = loose.collect();
        for num in loose {
            if state.committees.values().any(|c| c.record().keeps(num)) {
                state.floor.list(num);
            } else {
                state.keep_on_floor(num, None);
            }
        }
        Ok(state)
    }

    fn put_back(&mut self, num: Num, control: &Control) {
        let node = *self.graph.node(num);
        if let Control::Committee(founding) = control {
            self.committees.insert(num, Committee::new(num, founding, &self.graph));
        } else if self.graph.node(node.space).class == Class::Identity {
            self.identities.insert(num, self.graph.key(num), control, &self.graph);
        }
        if let Some(committee) = self.committees.get_mut(&node.space) {
            committee.put_back(num, control, &mut self.graph, &self.identities);
        }
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
}

/// A stored sequence lists entries that are here, each once.
fn checked(graph: &Graph, root: Num, sequence: Vec<Num>) -> Result<Vec<Num>, BadStore> {
    let mut seen = vec![false; graph.numbers()];
    let mut once = |n: &Num| seen.get_mut(n.at()).is_some_and(|seen| !std::mem::replace(seen, true));
    if sequence.iter().all(|n| graph.contains(*n) && once(n)) {
        Ok(sequence)
    } else {
        Err(BadStore::Sequence(graph.id(root)))
    }
}

fn matters(class: Class) -> bool {
    !matches!(class, Class::Vacant | Class::Document | Class::Vouch | Class::Other)
}

#[cfg(test)]
mod tests;
