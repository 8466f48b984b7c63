//! The digest: one hash over a set of ids, as a binary prefix tree (`docs/spec/digest.md`).
//!
//! ```text
//! T({})       = 32 zero bytes
//! T({k})      = SHA-256(0x02 || k)
//! T(S, depth) = SHA-256(0x03 || T(S with bit depth 0) || T(S with bit depth 1))
//! ```
//!
//! Invariant: every hash that a [`Tree`] answers is that function of the set it holds, however it came to hold it.
//! In memory the upper part of the tree has nodes with cached hashes; below are buckets of at most `BUCKET` sorted
//! ids, hashed when needed. A million ids cost about 43 MB, 32 of them the ids. No walk is deeper than 256.

mod bucket;
mod path;
mod prefix;

use crate::hash::{Hash, Id, sha256};

pub use self::path::{Fault, Path, Presence};
pub use self::prefix::Prefix;

/// Greatest number of ids in a bucket. Twice as many would save 4 MB per million and double the cost of a change.
const BUCKET: usize = 16;

/// An inner node that is left with so few ids becomes a bucket. Below `BUCKET`, so that one id coming and going
/// at the edge does not split and merge each time.
const MERGE: usize = 12;

/// A set of ids and the hashes over it.
///
/// Changes mark their way up as stale; [`Tree::settle`] computes what is stale and keeps it. Everything that
/// takes `&self` is right without it, but computes stale parts again at every call, up to a hundred times slower:
/// settle after each batch.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    root: Child,
    inners: Vec<Inner>,
    buckets: Vec<Bucket>,
    free_inners: Vec<u32>,
    free_buckets: Vec<u32>,
}

/// What hangs below a node, or the root. An index is a place in the arena of its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Child {
    #[default]
    Empty,
    Inner(u32),
    Bucket(u32),
}

/// A node above more than [`MERGE`] ids; one of its children may be empty.
#[derive(Debug, Clone, Copy)]
struct Inner {
    children: [Child; 2],
    count: u32,
    hash: Option<Hash>,
}

/// 1 to `BUCKET` ids, sorted and unique. Boxed to the size: spare room would cost more than moving 512 bytes does.
#[derive(Debug, Clone)]
struct Bucket {
    ids: Box<[Id]>,
    hash: Option<Hash>,
}

impl Tree {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of these ids, in any order, with or without repetitions. Already settled.
    #[must_use]
    pub fn from_ids(ids: impl IntoIterator<Item = Id>) -> Self {
        let mut ids: Vec<Id> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut tree = Self::new();
        tree.root = tree.build(&ids, 0);
        tree.settle();
        tree
    }

    /// How many ids are in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count(self.root)
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.root == Child::Empty
    }

    /// Whether this id is.
    #[must_use]
    pub fn contains(&self, id: &Id) -> bool {
        let (child, _) = self.walk(&Prefix::of(id, Prefix::MAX));
        match child {
            Child::Bucket(b) => self.bucket(b).ids.binary_search(id).is_ok(),
            _ => false,
        }
    }

    /// Puts an id in; false if it was there.
    pub fn insert(&mut self, id: Id) -> bool {
        if self.contains(&id) {
            return false;
        }
        let mut depth = 0;
        let mut at = self.root;
        let mut parent = None;
        while let Child::Inner(i) = at {
            let bit = prefix::bit(&id, depth);
            let inner = self.inner_mut(i);
            inner.count += 1;
            inner.hash = None;
            parent = Some((i, bit));
            at = prefix::side(&inner.children, bit);
            depth += 1;
        }
        let child = match at {
            Child::Bucket(b) if self.bucket(b).ids.len() < BUCKET => {
                let bucket = self.bucket_mut(b);
                bucket::insert(&mut bucket.ids, id);
                bucket.hash = None;
                at
            }
            Child::Bucket(b) => {
                let mut ids = self.take_bucket(b);
                bucket::insert(&mut ids, id);
                self.build(&ids, depth)
            }
            _ => self.build(&[id], depth),
        };
        self.hang(parent, child);
        true
    }

    /// Takes an id out; false if it was not there.
    pub fn remove(&mut self, id: &Id) -> bool {
        if !self.contains(id) {
            return false;
        }
        let mut depth = 0;
        let mut at = self.root;
        let mut parent = None;
        while let Child::Inner(i) = at {
            let bit = prefix::bit(id, depth);
            let inner = self.inner_mut(i);
            inner.count -= 1;
            inner.hash = None;
            if usize::try_from(inner.count).is_ok_and(|n| n <= MERGE) {
                let mut ids = self.take_all(at);
                ids.retain(|held| held != id);
                let child = self.build(&ids, depth);
                self.hang(parent, child);
                return true;
            }
            parent = Some((i, bit));
            at = prefix::side(&inner.children, bit);
            depth += 1;
        }
        if let Child::Bucket(b) = at {
            let bucket = self.bucket_mut(b);
            bucket::remove(&mut bucket.ids, id);
            bucket.hash = None;
            if bucket.ids.is_empty() {
                self.take_bucket(b);
                self.hang(parent, Child::Empty);
            }
        }
        true
    }

    /// The hash of the whole set: zeros when it is empty.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.hash(self.root, 0)
    }

    /// Computes and keeps every hash that changes made stale, and answers the root. Costs about 5 µs per changed id.
    pub fn settle(&mut self) -> Hash {
        self.settle_below(self.root, 0)
    }

    /// Hash and number of the ids that begin with `prefix`. The hash is that of the set at the prefix's depth.
    #[must_use]
    pub fn subtree(&self, prefix: &Prefix) -> (Hash, usize) {
        let (child, depth) = self.walk(prefix);
        match child {
            Child::Bucket(b) if depth < prefix.len() => {
                let ids = prefix.slice(&self.bucket(b).ids);
                (bucket::hash(ids, prefix.len()), ids.len())
            }
            _ => (self.hash(child, depth), self.count(child)),
        }
    }

    /// The ids that begin with `prefix`, in ascending order.
    pub fn ids_under(&self, prefix: &Prefix) -> impl Iterator<Item = &Id> {
        let (child, _) = self.walk(prefix);
        let mut ids = Ids {
            tree: self,
            stack: Vec::new(),
            here: [].iter(),
        };
        match child {
            Child::Bucket(b) => ids.here = prefix.slice(&self.bucket(b).ids).iter(),
            other => ids.stack.push(other),
        }
        ids
    }

    /// All ids, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &Id> {
        self.ids_under(&Prefix::ROOT)
    }

    /// Proves that an id is in the set, or that it is not.
    #[must_use]
    pub fn path(&self, id: &Id) -> Path {
        let mut siblings = Vec::new();
        let mut depth = 0;
        let mut at = self.root;
        while let Child::Inner(i) = at {
            let bit = prefix::bit(id, depth);
            let children = self.inner(i).children;
            depth += 1;
            siblings.push(self.hash(prefix::side(&children, !bit), depth));
            at = prefix::side(&children, bit);
        }
        let end = match at {
            Child::Bucket(b) => bucket::path(&self.bucket(b).ids, id, depth, &mut siblings),
            _ => None,
        };
        Path::new(end, siblings)
    }

    /// Follows a prefix as far as there are inner nodes: what hangs there, and how deep.
    fn walk(&self, prefix: &Prefix) -> (Child, usize) {
        let mut at = self.root;
        let mut depth = 0;
        while let Child::Inner(i) = at
            && depth < prefix.len()
        {
            at = prefix::side(&self.inner(i).children, prefix::bit(prefix.bits(), depth));
            depth += 1;
        }
        (at, depth)
    }

    /// Makes nodes for sorted, unique ids that agree in their first `depth` bits.
    fn build(&mut self, ids: &[Id], depth: usize) -> Child {
        if ids.is_empty() {
            return Child::Empty;
        }
        if ids.len() <= BUCKET {
            let bucket = Bucket {
                ids: ids.into(),
                hash: None,
            };
            return Child::Bucket(put(&mut self.buckets, &mut self.free_buckets, bucket));
        }
        let (left, right) = bucket::split(ids, depth);
        let children = [self.build(left, depth + 1), self.build(right, depth + 1)];
        let count = u32::try_from(ids.len()).expect("fewer than 2^32 ids: they would fill 128 GiB");
        let inner = Inner {
            children,
            count,
            hash: None,
        };
        Child::Inner(put(&mut self.inners, &mut self.free_inners, inner))
    }

    fn hang(&mut self, parent: Option<(u32, bool)>, child: Child) {
        match parent {
            Some((i, bit)) => *prefix::side_mut(&mut self.inner_mut(i).children, bit) = child,
            None => self.root = child,
        }
    }

    /// Frees all nodes from here down and answers their ids, sorted.
    fn take_all(&mut self, from: Child) -> Vec<Id> {
        let mut ids = Vec::new();
        let mut stack = vec![from];
        while let Some(child) = stack.pop() {
            match child {
                Child::Empty => {}
                Child::Bucket(b) => ids.extend_from_slice(&self.take_bucket(b)),
                Child::Inner(i) => {
                    let [left, right] = self.inner(i).children;
                    stack.extend([right, left]);
                    self.free_inners.push(i);
                }
            }
        }
        ids
    }

    fn take_bucket(&mut self, b: u32) -> Box<[Id]> {
        self.free_buckets.push(b);
        std::mem::take(&mut self.bucket_mut(b).ids)
    }

    fn count(&self, child: Child) -> usize {
        match child {
            Child::Empty => 0,
            Child::Inner(i) => at(self.inner(i).count),
            Child::Bucket(b) => self.bucket(b).ids.len(),
        }
    }

    fn hash(&self, child: Child, depth: usize) -> Hash {
        match child {
            Child::Empty => Hash::ZERO,
            Child::Bucket(b) => {
                let bucket = self.bucket(b);
                bucket.hash.unwrap_or_else(|| bucket::hash(&bucket.ids, depth))
            }
            Child::Inner(i) => {
                let inner = self.inner(i);
                inner.hash.unwrap_or_else(|| {
                    let [left, right] = inner.children;
                    node(&self.hash(left, depth + 1), &self.hash(right, depth + 1))
                })
            }
        }
    }

    fn settle_below(&mut self, child: Child, depth: usize) -> Hash {
        let stale = match child {
            Child::Empty => false,
            Child::Bucket(b) => self.bucket(b).hash.is_none(),
            Child::Inner(i) => self.inner(i).hash.is_none(),
        };
        if !stale {
            return self.hash(child, depth);
        }
        match child {
            Child::Empty => Hash::ZERO,
            Child::Bucket(b) => {
                let bucket = self.bucket_mut(b);
                *bucket.hash.insert(bucket::hash(&bucket.ids, depth))
            }
            Child::Inner(i) => {
                let [left, right] = self.inner(i).children;
                let hash = node(
                    &self.settle_below(left, depth + 1),
                    &self.settle_below(right, depth + 1),
                );
                *self.inner_mut(i).hash.insert(hash)
            }
        }
    }

    fn inner(&self, i: u32) -> &Inner {
        self.inners
            .get(at(i))
            .expect("an index in the tree is a place in its arena")
    }

    fn inner_mut(&mut self, i: u32) -> &mut Inner {
        self.inners
            .get_mut(at(i))
            .expect("an index in the tree is a place in its arena")
    }

    fn bucket(&self, b: u32) -> &Bucket {
        self.buckets
            .get(at(b))
            .expect("an index in the tree is a place in its arena")
    }

    fn bucket_mut(&mut self, b: u32) -> &mut Bucket {
        self.buckets
            .get_mut(at(b))
            .expect("an index in the tree is a place in its arena")
    }
}

impl FromIterator<Id> for Tree {
    fn from_iter<I: IntoIterator<Item = Id>>(ids: I) -> Self {
        Self::from_ids(ids)
    }
}

/// Walks subtrees from left to right. The stack holds at most one right child per level.
struct Ids<'a> {
    tree: &'a Tree,
    stack: Vec<Child>,
    here: std::slice::Iter<'a, Id>,
}

impl<'a> Iterator for Ids<'a> {
    type Item = &'a Id;

    fn next(&mut self) -> Option<&'a Id> {
        loop {
            if let Some(id) = self.here.next() {
                return Some(id);
            }
            match self.stack.pop()? {
                Child::Empty => {}
                Child::Bucket(b) => self.here = self.tree.bucket(b).ids.iter(),
                Child::Inner(i) => {
                    let [left, right] = self.tree.inner(i).children;
                    self.stack.extend([right, left]);
                }
            }
        }
    }
}

/// The hash of a set of one id.
fn leaf(id: &Id) -> Hash {
    Hash(sha256(&[&[2], id.as_bytes()]))
}

/// The hash of a set of two or more, from those of its halves.
fn node(left: &Hash, right: &Hash) -> Hash {
    Hash(sha256(&[&[3], left.as_bytes(), right.as_bytes()]))
}

/// Puts a value into a free place of an arena.
fn put<T>(arena: &mut Vec<T>, free: &mut Vec<u32>, value: T) -> u32 {
    if let Some(i) = free.pop()
        && let Some(place) = arena.get_mut(at(i))
    {
        *place = value;
        return i;
    }
    arena.push(value);
    u32::try_from(arena.len() - 1).expect("fewer than 2^32 nodes: they would fill 200 GiB")
}

fn at(i: u32) -> usize {
    usize::try_from(i).expect("a u32 fits usize on every machine this runs on")
}

#[cfg(test)]
mod tests;
