//! A batch: the checkpoints that one transaction anchors, under one root.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::hash::{Hash, sha256};
use crate::log::{self, BadProof};

/// Most checkpoints in one.
pub const MOST: usize = 1024;

/// What the contract's events name as their scope.
#[must_use]
pub fn scope() -> Hash {
    Hash(sha256(&[b"althing/anchor/1\0"]))
}

/// Checkpoint texts, sorted bytewise, none twice. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    texts: Vec<String>,
    leaves: Vec<Hash>,
}

/// Why texts make no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a batch holds 1 to {MOST} checkpoints, these are {0}")]
pub struct BadBatch(pub usize);

impl Batch {
    /// Sorts these texts and drops what comes twice.
    ///
    /// # Errors
    /// [`BadBatch`].
    pub fn new(texts: impl IntoIterator<Item = String>) -> Result<Self, BadBatch> {
        let texts: Vec<String> = texts.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if texts.is_empty() || texts.len() > MOST {
            return Err(BadBatch(texts.len()));
        }
        let leaves = texts.iter().map(|text| leaf(text)).collect();
        Ok(Self { texts, leaves })
    }

    /// Its texts, in their order.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// What is anchored.
    #[must_use]
    pub fn root(&self) -> Hash {
        root(&self.leaves)
    }

    /// The inclusion proof of text number `index`; none if there is no such text.
    #[must_use]
    pub fn path(&self, index: usize) -> Option<Vec<Hash>> {
        if index >= self.leaves.len() {
            return None;
        }
        let mut path = Vec::new();
        walk(&self.leaves, index, &mut path);
        Some(path)
    }
}

/// Checks that this text is number `index` in the batch of `size` texts with that root.
///
/// # Errors
/// [`BadProof`].
pub fn verify(text: &str, index: u64, size: u64, root: &Hash, path: &[Hash]) -> Result<(), BadProof> {
    log::verify_inclusion(&leaf(text), index, size, root, path)
}

fn leaf(text: &str) -> Hash {
    Hash(sha256(&[&[0], text.as_bytes()]))
}

fn halves(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => log::empty(),
        [one] => *one,
        more => {
            let (left, right) = halves(more);
            log::parent(&root(left), &root(right))
        }
    }
}

fn walk(leaves: &[Hash], index: usize, path: &mut Vec<Hash>) {
    if leaves.len() < 2 {
        return;
    }
    let (left, right) = halves(leaves);
    if index < left.len() {
        walk(left, index, path);
        path.push(root(right));
    } else {
        walk(right, index - left.len(), path);
        path.push(root(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_proved_in_its_place_and_nowhere_else() {
        for count in [1, 2, 3, 5, 8, 13, 64] {
            let batch = Batch::new((0..count).map(|n| format!("text {n}\n"))).unwrap();
            let (root, size) = (batch.root(), u64::try_from(count).unwrap());
            for (at, text) in batch.texts().iter().enumerate() {
                let (index, path) = (u64::try_from(at).unwrap(), batch.path(at).unwrap());
                assert_eq!(verify(text, index, size, &root, &path), Ok(()));
                assert!(verify("another\n", index, size, &root, &path).is_err());
                assert!(count == 1 || verify(text, (index + 1) % size, size, &root, &path).is_err());
            }
            assert_eq!(batch.path(count), None);
        }
        assert_eq!(Batch::new([]), Err(BadBatch(0)));
        assert!(Batch::new((0..=MOST).map(|n| n.to_string())).is_err());
    }
}
