//! The bottom of the tree: a few sorted ids as a slice, and the hash over them without nodes.

use super::{leaf, node, prefix};
use crate::hash::{Hash, Id};

/// The hash of sorted, unique ids that agree in their first `depth` bits.
///
/// Recurses at most once per remaining bit: unique ids differ in one of them.
pub(super) fn hash(ids: &[Id], depth: usize) -> Hash {
    match ids {
        [] => Hash::ZERO,
        [id] => leaf(id),
        _ => {
            let (left, right) = split(ids, depth);
            node(&hash(left, depth + 1), &hash(right, depth + 1))
        }
    }
}

/// Goes on with a path from `depth` on: pushes siblings, answers the one id at the end or none.
pub(super) fn path(mut ids: &[Id], id: &Id, mut depth: usize, siblings: &mut Vec<Hash>) -> Option<Id> {
    while ids.len() > 1 {
        let (left, right) = split(ids, depth);
        let (towards, away) = if prefix::bit(id, depth) {
            (right, left)
        } else {
            (left, right)
        };
        depth += 1;
        siblings.push(hash(away, depth));
        ids = towards;
    }
    ids.first().copied()
}

/// Those with bit `depth` 0, those with 1.
pub(super) fn split(ids: &[Id], depth: usize) -> (&[Id], &[Id]) {
    ids.split_at(ids.partition_point(|id| !prefix::bit(id, depth)))
}

/// Puts an id in its place, unless it is there.
pub(super) fn insert(ids: &mut Box<[Id]>, id: Id) {
    if let Err(place) = ids.binary_search(&id) {
        let mut list = std::mem::take(ids).into_vec();
        list.reserve_exact(1);
        list.insert(place, id);
        *ids = list.into_boxed_slice();
    }
}

/// Takes an id out, if it is there.
pub(super) fn remove(ids: &mut Box<[Id]>, id: &Id) {
    if let Ok(place) = ids.binary_search(id) {
        let mut list = std::mem::take(ids).into_vec();
        list.remove(place);
        *ids = list.into_boxed_slice();
    }
}
