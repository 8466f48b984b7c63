//! That a leaf is in a log, and that a log only grew (RFC 6962, sections 2.1.1 and 2.1.2; checked as in RFC 9162,
//! sections 2.1.3.2 and 2.1.4.2).

use thiserror::Error;

use super::{Missing, Tree, empty, parent, split};
use crate::hash::Hash;

/// Hashes that a proof may hold: twice the depth of the largest log.
const LONGEST: usize = 80;

/// Bytes of the longest proof.
pub const PATH: usize = LONGEST * 32;

/// The hashes of a proof out of bytes on end; none if these are none, or too many.
#[must_use]
pub fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    let fits = rest.is_empty() && hashes.len() <= LONGEST;
    fits.then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// The hashes of a proof on end.
#[must_use]
pub fn on_end(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadProof {
    /// The leaf's number is not below the size.
    #[error("the log has {size} leaves and the proof is for number {index}")]
    Beyond {
        /// The leaf's number.
        index: u64,
        /// The log's size.
        size: u64,
    },
    /// The older log is the larger one.
    #[error("a log cannot shrink from {old} to {new} leaves")]
    Shrinks {
        /// Leaves of the older log.
        old: u64,
        /// Leaves of the newer log.
        new: u64,
    },
    /// More or fewer hashes than the sizes ask for.
    #[error("the proof holds {0} hashes, which is not the number that the log's size asks for")]
    Length(usize),
    /// Its hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The proof that leaf number `index` is in the log as it was with `size` leaves: hashes from the leaf upwards.
/// None if the log never had as many, or the leaf is not among them.
///
/// # Errors
/// [`Missing`].
pub fn inclusion<R: Fn(u8, u64) -> Option<Hash>>(
    tree: &Tree<R>,
    index: u64,
    size: u64,
) -> Result<Option<Vec<Hash>>, Missing> {
    if size > tree.size() || index >= size {
        return Ok(None);
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(tree.range(middle, end)?);
            end = middle;
        } else {
            path.push(tree.range(start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The proof that the log of `new` leaves begins with the log of `old` leaves. None if it never had as many.
///
/// # Errors
/// [`Missing`].
pub fn consistency<R: Fn(u8, u64) -> Option<Hash>>(
    tree: &Tree<R>,
    old: u64,
    new: u64,
) -> Result<Option<Vec<Hash>>, Missing> {
    if new > tree.size() || old > new {
        return Ok(None);
    }
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(Some(proof));
    }
    let (mut start, mut end) = (0, new);
    // Whether the old log is exactly what is left of the tree on the way down: its reader has that hash already.
    let mut whole = true;
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(tree.range(middle, end)?);
            end = middle;
        } else {
            proof.push(tree.range(start, middle)?);
            start = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(tree.range(start, end)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Checks that `leaf`, a leaf's hash, is number `index` in the log of `size` leaves with this root.
///
/// # Errors
/// [`BadProof`].
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, root: &Hash, proof: &[Hash]) -> Result<(), BadProof> {
    if index >= size {
        return Err(BadProof::Beyond { index, size });
    }
    let wrong = BadProof::Length(proof.len());
    if proof.len() > LONGEST {
        return Err(wrong);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong);
        }
        if node & 1 == 1 || node == last {
            hash = parent(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = parent(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match last {
        0 if hash == *root => Ok(()),
        0 => Err(BadProof::Root),
        _ => Err(wrong),
    }
}

/// Checks that the log of `new` leaves with root `new_root` begins with the log of `old` leaves with root `old_root`.
///
/// # Errors
/// [`BadProof`].
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), BadProof> {
    if old > new {
        return Err(BadProof::Shrinks { old, new });
    }
    let wrong = BadProof::Length(proof.len());
    if proof.len() > LONGEST {
        return Err(wrong);
    }
    let same = |holds: bool| if holds { Ok(()) } else { Err(BadProof::Root) };
    if old == new || old == 0 {
        let holds = if old == 0 {
            *old_root == empty()
        } else {
            old_root == new_root
        };
        return if proof.is_empty() { same(holds) } else { Err(wrong) };
    }
    // Where the old log is a full subtree its root begins the proof unsaid.
    let mut hashes = proof.iter();
    let first = if old.is_power_of_two() {
        *old_root
    } else {
        *hashes.next().ok_or(wrong)?
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut of_old, mut of_new) = (first, first);
    for sibling in hashes {
        if last == 0 {
            return Err(wrong);
        }
        if node & 1 == 1 || node == last {
            of_old = parent(sibling, &of_old);
            of_new = parent(sibling, &of_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            of_new = parent(&of_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match last {
        0 => same(of_old == *old_root && of_new == *new_root),
        _ => Err(wrong),
    }
}
