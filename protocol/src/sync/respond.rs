//! The side that answers: a function of what this node holds and of the question.

use super::Replica;
use super::frame::{self, Answer, Ask, Chain, Mark, Part, Summary};
use crate::digest::Prefix;
use crate::hash::{Hash, Id};
use crate::limit;

/// What listing one entry costs in a frame beside its bytes.
const HEAD: usize = 5;

/// Positions that one answer passes over at most when their entries are no longer here.
const SCAN: u64 = 65_536;

/// Answers a question that [`super::Request::decode`] accepted. `frame` is the number of bytes of entries to aim at,
/// usually [`super::FRAME`]; the smallest answers still hold one entry, one place or one id.
///
/// Reads at most one frame of entries, and of each of at most 256 places 32 subtrees.
#[must_use]
pub fn respond(replica: &impl Replica, ask: &Ask, frame: usize) -> Answer {
    let frame = frame.clamp(1, super::FRAME);
    match ask {
        Ask::Hello { digest, .. } => hello(replica, digest),
        Ask::Tree { prefixes } => tree(replica, prefixes, frame),
        Ask::Sequence { from, inline } => sequence(replica, *from, *inline, frame),
        Ask::Index { from } => index(replica, *from, frame),
        Ask::Entries { ids, inline } => entries(replica, ids, *inline, frame),
        Ask::Floor { from } => floor(replica, *from, frame),
        Ask::Chains { chains, inline } => ends(replica, chains, *inline, frame),
    }
}

/// The marks below a place.
pub(super) fn marks(replica: &impl Replica, place: &Prefix) -> Vec<Mark> {
    let tree = replica.tree();
    place
        .below(frame::LEVELS)
        .map(|below| Mark::of(&tree.subtree(&below).0))
        .collect()
}

/// How this node stands, for the asker or for itself.
fn hello(replica: &impl Replica, theirs: &Hash) -> Answer {
    let tree = replica.tree();
    let digest = tree.root();
    let marks = if digest == *theirs {
        Vec::new()
    } else {
        marks(replica, &Prefix::ROOT)
    };
    Answer::Hello(Summary {
        digest,
        count: number(tree.len()),
        sequence: replica.sequence_end(),
        floor: replica.floor_end(),
        marks,
    })
}

fn tree(replica: &impl Replica, prefixes: &[Prefix], frame: usize) -> Answer {
    let mut parts = Vec::new();
    let mut size = 0;
    for prefix in prefixes.iter().take(frame::PREFIXES) {
        if size >= frame && !parts.is_empty() {
            break;
        }
        let part = part(replica, prefix);
        size += match &part {
            Part::Marks(marks) => 16 * marks.len(),
            Part::Ids(ids) => 36 * ids.len(),
        };
        parts.push(part);
    }
    Answer::Tree { parts }
}

fn part(replica: &impl Replica, prefix: &Prefix) -> Part {
    let tree = replica.tree();
    if tree.subtree(prefix).1 > frame::SUBTREE {
        return Part::Marks(marks(replica, prefix));
    }
    let deep = |id: &Id| (*id, replica.depth(id).unwrap_or(0));
    Part::Ids(tree.ids_under(prefix).map(deep).collect())
}

fn sequence(replica: &impl Replica, from: u64, inline: u64, frame: usize) -> Answer {
    let end = replica.sequence_end();
    let mut filling = Filling::new(inline, frame);
    let mut next = from;
    for position in from..end.at.min(from.saturating_add(SCAN)) {
        if let Some(id) = replica.sequence_at(position)
            && !filling.add(replica, &id)
        {
            break;
        }
        next = position + 1;
    }
    Answer::Sequence {
        end,
        next,
        wires: filling.wires,
    }
}

fn index(replica: &impl Replica, from: u64, frame: usize) -> Answer {
    let end = replica.sequence_end();
    let most = number((frame / 32).clamp(1, frame::INDEX));
    let next = end.at.min(from.saturating_add(most)).max(from);
    let ids = (from..next)
        .filter_map(|position| replica.sequence_at(position))
        .collect();
    Answer::Index { end, next, ids }
}

fn entries(replica: &impl Replica, ids: &[Id], inline: u64, frame: usize) -> Answer {
    let mut here: Vec<(u32, Id)> = ids
        .iter()
        .take(frame::IDS)
        .filter_map(|id| replica.depth(id).map(|depth| (depth, *id)))
        .collect();
    here.sort_unstable();
    let mut filling = Filling::new(inline, frame);
    let rest = here.iter().any(|(_, id)| !filling.add(replica, id));
    Answer::Entries {
        wires: filling.wires,
        rest,
    }
}

fn floor(replica: &impl Replica, from: u64, frame: usize) -> Answer {
    // A head has 3 × 34 bytes of ids, a number and four field names.
    let max = (frame / 128).clamp(1, frame::HEADS);
    let (mut heads, next) = replica.floor(from, max);
    heads.truncate(frame::HEADS);
    Answer::Floor {
        end: replica.floor_end(),
        next,
        heads,
    }
}

fn ends(replica: &impl Replica, chains: &[Chain], inline: u64, frame: usize) -> Answer {
    let mut filling = Filling::new(inline, frame);
    let mut rest = false;
    'all: for chain in chains.iter().take(frame::CHAINS) {
        for id in replica.chain(&chain.head, chain.from, frame::CHAIN) {
            if !filling.add(replica, &id) {
                rest = true;
                break 'all;
            }
        }
    }
    Answer::Entries {
        wires: filling.wires,
        rest,
    }
}

/// A frame that is being filled with entries.
struct Filling {
    inline: u64,
    frame: usize,
    size: usize,
    wires: Vec<Vec<u8>>,
}

impl Filling {
    fn new(inline: u64, frame: usize) -> Self {
        Self {
            inline: inline.min(number(limit::BODY)),
            frame,
            size: 0,
            wires: Vec::new(),
        }
    }

    /// Adds an entry, or passes over one that is not here. False, without adding it, if the frame is full.
    fn add(&mut self, replica: &impl Replica, id: &Id) -> bool {
        if self.size >= self.frame {
            return false;
        }
        let Some(wire) = replica.wire(id, self.inline) else {
            return true;
        };
        let size = self.size + wire.len() + HEAD;
        if size > self.frame && !self.wires.is_empty() {
            return false;
        }
        self.size = size;
        self.wires.push(wire);
        true
    }
}

/// Places of lists that this node claims about itself.
fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(limit::INT).min(limit::INT)
}
