//! A log as its files tell it, and what is wrong with it.

use althing_protocol::digest::Tree;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use althing_protocol::log::tile::{self, Tile};
use althing_protocol::log::{Frontier, Leaf};
use hashbrown::HashSet;

use crate::cli::failure::Failure;

/// Leaves of the longest log that is read here: more than the largest record has, and what fits into memory.
const LEAVES: u64 = 1 << 24;

/// A log, read whole.
pub(in crate::cli) struct Log {
    pub(in crate::cli) note: Note,
    pub(in crate::cli) checkpoint: Checkpoint,
    pub(in crate::cli) leaves: Vec<Leaf>,
}

impl Log {
    /// Reads the log of a committee; `file` answers what is at a path, none where nothing is. None without a checkpoint.
    pub(in crate::cli) fn read(
        file: impl Fn(&[&str]) -> Result<Option<Vec<u8>>, Failure>,
        committee: &str,
    ) -> Result<Option<Self>, Failure> {
        let Some(bytes) = file(&["log", committee, "checkpoint"])? else {
            return Ok(None);
        };
        let strange = |what: &str| Failure::Refused(format!("committee {committee}: what is there is no log: {what}"));
        let text = String::from_utf8(bytes).map_err(|_| strange("its checkpoint is no text"))?;
        let note = Note::read(&text).map_err(|why| strange(&why.to_string()))?;
        let checkpoint: Checkpoint = note.text.parse().map_err(|_| strange("its checkpoint does not read"))?;
        let verifier = checkpoint.origin.verifier().map_err(|why| strange(&why.to_string()))?;
        if !matches!(note.signed_by(&verifier), Ok(Some(_))) {
            return Err(strange("its checkpoint is not signed by its own key"));
        }
        if checkpoint.size > LEAVES {
            return Err(strange(&format!(
                "it claims {} leaves, and at most {LEAVES} are read",
                checkpoint.size
            )));
        }
        let mut leaves = Vec::new();
        while let Some(tile) = next(leaves.len(), checkpoint.size) {
            let mut path = vec!["log".to_owned(), committee.to_owned(), "tile".to_owned()];
            path.extend(tile.to_string().split('/').map(str::to_owned));
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let bytes = file(&path)?.ok_or_else(|| strange("a tile is missing"))?;
            let read = tile::read_leaves(&bytes).filter(|read| u64::try_from(read.len()) == Ok(tile.width));
            leaves.extend(read.ok_or_else(|| strange("a tile is none"))?);
        }
        Ok(Some(Self {
            note,
            checkpoint,
            leaves,
        }))
    }

    /// Its root when it had so many leaves; none if it never had.
    pub(in crate::cli) fn root_at(&self, size: u64) -> Option<Hash> {
        let size = usize::try_from(size).ok()?;
        let mut frontier = Frontier::default();
        for leaf in self.leaves.get(..size)? {
            frontier.push(leaf.hash(), |_| {});
        }
        Some(frontier.root())
    }

    /// How often its keeper wrote the digest down.
    pub(in crate::cli) fn cuts(&self) -> usize {
        self.leaves.iter().filter(|leaf| matches!(leaf, Leaf::Cut(_))).count()
    }

    /// What its keeper must not have done, as far as the log itself shows: a sentence each.
    pub(in crate::cli) fn faults(&self, committee: &str) -> Vec<String> {
        let mut faults = Vec::new();
        if self.root_at(self.checkpoint.size) != Some(self.checkpoint.root) {
            faults.push("its leaves are not those that it signed".to_owned());
        }
        if self.checkpoint.origin.committee.to_string() != committee {
            faults.push("its checkpoint is of another committee".to_owned());
        }
        let mut replayed = Tree::default();
        for (index, leaf) in self.leaves.iter().enumerate() {
            let sound = match leaf {
                Leaf::Entry(id) => replayed.insert(*id),
                Leaf::Left(id) => replayed.remove(id),
                Leaf::Cut(digest) => replayed.settle() == *digest,
            };
            if !sound {
                faults.push(format!("its leaf {index} contradicts those before it"));
            }
        }
        faults
    }

    /// The entries that it holds at its end.
    pub(in crate::cli) fn held(&self) -> HashSet<Id> {
        let mut held = HashSet::new();
        for leaf in &self.leaves {
            match leaf {
                Leaf::Entry(id) => {
                    held.insert(*id);
                }
                Leaf::Left(id) => {
                    held.remove(id);
                }
                Leaf::Cut(_) => {}
            }
        }
        held
    }
}

/// The next tile of leaves, if there is one.
fn next(have: usize, size: u64) -> Option<Tile> {
    let have = u64::try_from(have).ok()?;
    let width = size.checked_sub(have).filter(|left| *left > 0)?.min(tile::WIDTH);
    Some(Tile {
        level: None,
        index: have / tile::WIDTH,
        width,
    })
}
