//! What this node holds of one committee, as sync reads it.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use althing_protocol::committee::Committee;
use althing_protocol::digest::Tree;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::state::State;
use althing_protocol::sync::{Head, Place, Replica};

use super::floor::Floors;
use super::tried::Tried;
use crate::files::Files;
use crate::ingest::Ingest;
use crate::store::Bits;

/// What every part of the network shares.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) ingest: Ingest,
    /// Locked inside [`Ingest::read`], never around it.
    pub(super) floors: Mutex<Floors>,
    /// Of the stored sequences: positions in them mean nothing under another.
    pub(super) generation: u64,
    pub(super) begun: Instant,
    /// What peers may ask chunks of.
    pub(super) files: Option<Files>,
}

impl Node {
    /// Milliseconds of a clock that never runs backwards.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Looks at one committee on a thread that may wait: for the writer, and for the disk. `tried` holds bodies that
    /// need not be asked for.
    pub(super) async fn look<R: Send + 'static>(
        self: &Arc<Self>,
        committee: Id,
        tried: Option<Tried>,
        look: impl FnOnce(&View<'_>) -> R + Send + 'static,
    ) -> Option<R> {
        let node = Arc::clone(self);
        let work = move || {
            node.ingest.read_wanting(|state, wanted| {
                look(&View {
                    node: &node,
                    state,
                    wanted,
                    tried: tried.as_ref(),
                    id: committee,
                    committee: state.committee(&committee),
                    empty: Tree::new(),
                    full: Cell::new(false),
                })
            })
        };
        // None when the runtime stops, or `look` panicked, which is logged by then.
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// Changes the floor lists, with the state at hand.
    pub(super) fn change_floors(&self, change: impl FnOnce(&mut Floors, &State)) {
        self.ingest
            .read(|state| change(&mut self.floors.lock().unwrap_or_else(PoisonError::into_inner), state));
    }
}

/// One committee at one moment.
pub(super) struct View<'a> {
    node: &'a Node,
    state: &'a State,
    wanted: &'a Bits,
    tried: Option<&'a Tried>,
    id: Id,
    /// None before its root came.
    committee: Option<&'a Committee>,
    empty: Tree,
    /// Something on the peer's floor found no room on this node's.
    full: Cell<bool>,
}

impl View<'_> {
    /// Whether this node follows the committee.
    pub(super) fn is_followed(&self) -> bool {
        self.state.follows(&self.id)
    }

    /// Whether the floor had no room for something that was looked for.
    pub(super) fn met_full_floor(&self) -> bool {
        self.full.get()
    }

    /// Whether bodies of this committee are wanted: a reason to ask although digests are equal.
    pub(super) fn lacks_bodies(&self) -> bool {
        self.wanted_here().next().is_some()
    }

    fn wanted_here(&self) -> impl Iterator<Item = Num> {
        let graph = self.state.graph();
        let root = self.committee.map(Committee::root);
        self.wanted.iter().map(Num).filter(move |num| {
            let space = graph.node(*num).space;
            Some(space) == root || graph.node(space).class == Class::Identity
        })
    }
}

impl Replica for View<'_> {
    fn tree(&self) -> &Tree {
        self.committee.map_or(&self.empty, |c| c.record().tree())
    }

    fn sequence_end(&self) -> Place {
        let len = self.committee.map_or(0, |c| c.record().sequence().len());
        Place {
            generation: self.node.generation,
            at: u64::try_from(len).unwrap_or(u64::MAX),
        }
    }

    fn sequence_at(&self, position: u64) -> Option<Id> {
        let at = usize::try_from(position).ok()?;
        let num = *self.committee?.record().sequence().get(at)?;
        let graph = self.state.graph();
        graph.contains(num).then(|| graph.id(num))
    }

    fn depth(&self, id: &Id) -> Option<u32> {
        let graph = self.state.graph();
        graph.num(id).map(|num| graph.node(num).depth)
    }

    fn has(&self, id: &Id) -> bool {
        self.state.graph().num(id).is_some() || self.state.waiting().contains(id) || self.state.is_rejected(id)
    }

    fn wire(&self, id: &Id, inline: u64) -> Option<Vec<u8>> {
        let num = self.state.graph().num(id)?;
        let most = usize::try_from(inline).unwrap_or(usize::MAX);
        self.node.ingest.wire(num, id, most).unwrap_or_else(|error| {
            tracing::error!(%id, %error, "a stored entry cannot be given to a peer");
            None
        })
    }

    fn wants(&self, max: usize) -> Vec<Id> {
        self.state.waiting().wants(max)
    }

    fn bodies(&self, max: usize) -> Vec<Id> {
        let graph = self.state.graph();
        let tried = |id: &Id| self.tried.is_some_and(|tried| tried.holds(id));
        self.wanted_here()
            .map(|num| graph.id(num))
            .filter(|id| !tried(id))
            .take(max)
            .collect()
    }

    fn floor_end(&self) -> Place {
        self.node
            .floors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .end(&self.id)
    }

    fn floor(&self, from: u64, max: usize) -> (Vec<Head>, u64) {
        let own = self.node.ingest.home().identity();
        let floors = self.node.floors.lock().unwrap_or_else(PoisonError::into_inner);
        floors.heads(&self.id, from, max, &own, self.state)
    }

    fn lacks(&self, head: &Head) -> Option<u64> {
        if self.has(&head.id) {
            return None;
        }
        let graph = self.state.graph();
        if !self.state.floor().has_room(&head.by) {
            self.full.set(true);
            return None;
        }
        let Some(space) = graph.num(&head.space) else {
            // The root of an identity is the first entry of a log; other roots have to come by another way.
            return Some(0);
        };
        if head.space != self.id && graph.node(space).class != Class::Identity {
            return None;
        }
        let here = graph.log(&head.by, space).map_or(0, |log| log.len());
        let here = u64::try_from(here).unwrap_or(u64::MAX);
        // Another branch: it left ours somewhere among the last entries, or its parents are wanted afterwards.
        Some(if here <= head.seq {
            here
        } else {
            head.seq.saturating_sub(BRANCH)
        })
    }

    fn chain(&self, head: &Id, from: u64, max: usize) -> Vec<Id> {
        let graph = self.state.graph();
        let Some(head) = graph.num(head) else { return Vec::new() };
        let most = u64::try_from(max).unwrap_or(u64::MAX);
        // What is asked for is the lower end, so the walk down begins there and not at the head.
        let last = from.saturating_add(most).saturating_sub(1);
        let Some(top) = self.ancestor(head, last) else {
            return Vec::new();
        };
        let mut ids = Vec::new();
        let mut at = Some(top);
        while let Some(num) = at
            && u64::from(graph.node(num).seq) >= from
            && ids.len() < max
        {
            ids.push(graph.id(num));
            at = self.before(num);
        }
        ids.reverse();
        ids
    }
}

/// Entries of another branch of a log that are asked for at once.
const BRANCH: u64 = 64;

/// Forked places in a row through which a chain is followed. A log that forks more often is fetched by its ids.
const FORKED: usize = 4096;

impl View<'_> {
    /// The entry at `seq` on the chain that ends at `head`; `head` itself if it is not after that. A place of the log that
    /// holds one entry is on every chain that goes beyond it: only through forked places the chain has to be walked.
    fn ancestor(&self, head: Num, seq: u64) -> Option<Num> {
        let graph = self.state.graph();
        let end = graph.node(head).seq;
        let seq = u32::try_from(seq).unwrap_or(u32::MAX);
        if seq >= end {
            return Some(head);
        }
        let log = graph.log_of(head);
        let mut at = head;
        for place in (seq..end).take(FORKED) {
            if let [only] = log.at(place) {
                at = *only;
                break;
            }
        }
        for _ in 0..FORKED {
            if graph.node(at).seq <= seq {
                return Some(at);
            }
            at = self.before(at)?;
        }
        None
    }

    /// The entry before one in its log.
    fn before(&self, num: Num) -> Option<Num> {
        let graph = self.state.graph();
        let seq = graph.node(num).seq.checked_sub(1)?;
        let all = graph.log_of(num).at(seq);
        all.iter()
            .copied()
            .find(|before| all.len() == 1 || graph.names(num).contains(before))
    }
}
