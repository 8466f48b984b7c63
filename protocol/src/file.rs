//! Files that entries name by their SHA-256: chunks that are checked one by one, against that name alone.
//!
//! SHA-256 goes through a file block by block, and all that it carries from one block to the next are 32 bytes: its
//! *state*. The name of a file is the state after its last block. So whoever asks for the last chunk, and is given the
//! state before it, can hash that one chunk and see whether it ends in the name; then that state is the name of all that
//! came before, and the chunk before the last is checked against it. From the end to the beginning each chunk costs a
//! liar the bytes of one chunk, and says who lied. The first chunk must begin in the state in which SHA-256 begins, so
//! that in the end the whole file was hashed, the ordinary way (`docs/decisions/0060-files.md`).
//!
//! Invariant: a [`Chunk`] was checked. Bounds: a chunk has [`CHUNK`] bytes, a body names at most [`NAMED`] files.

mod named;
mod wire;

use sha2::block_api::compress256;
use thiserror::Error;

pub use self::named::{NAMED, Named, named};
pub use self::wire::{Answer, Request};
use crate::hash::Hash;

/// Bytes of a chunk; the last one of a file may have fewer. A multiple of SHA-256's block of 64.
pub const CHUNK: usize = 256 * 1024;

/// The state in which SHA-256 begins (FIPS 180-4, 5.3.3).
pub const START: Hash = Hash([
    0x6a, 0x09, 0xe6, 0x67, 0xbb, 0x67, 0xae, 0x85, 0x3c, 0x6e, 0xf3, 0x72, 0xa5, 0x4f, 0xf5, 0x3a, 0x51, 0x0e, 0x52,
    0x7f, 0x9b, 0x05, 0x68, 0x8c, 0x1f, 0x83, 0xd9, 0xab, 0x5b, 0xe0, 0xcd, 0x19,
]);

/// Why bytes are not the chunk that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Wrong {
    /// A file of that length has no such chunk, or the chunk has another length.
    #[error("it is not as long as that chunk has to be")]
    Length,
    /// Hashing it does not lead to where it must.
    #[error("it is not a part of that file")]
    Hash,
}

/// How many chunks a file of this length has: at least one, which may be empty.
#[must_use]
pub fn chunks(length: u64) -> u64 {
    length.div_ceil(size()).max(1)
}

/// Where a chunk begins in its file, and how many bytes it has. None if the file has no such chunk.
#[must_use]
pub fn span(length: u64, n: u64) -> Option<(u64, usize)> {
    let start = n.checked_mul(size()).filter(|_| n < chunks(length))?;
    let bytes = length.saturating_sub(start).min(size());
    Some((start, usize::try_from(bytes).ok()?))
}

fn size() -> u64 {
    u64::try_from(CHUNK).unwrap_or(u64::MAX)
}

/// The state after a chunk, given the one before; after the last chunk it is the file's name.
///
/// # Errors
/// [`Wrong::Length`].
pub fn step(before: &Hash, bytes: &[u8], length: u64, n: u64) -> Result<Hash, Wrong> {
    let (_, wanted) = span(length, n).ok_or(Wrong::Length)?;
    if bytes.len() != wanted {
        return Err(Wrong::Length);
    }
    let mut state = words(before);
    let (blocks, rest) = bytes.as_chunks::<64>();
    compress256(&mut state, blocks);
    if n + 1 == chunks(length) {
        compress256(&mut state, padding(rest, length).as_chunks().0);
    } else if !rest.is_empty() {
        return Err(Wrong::Length);
    }
    Ok(hash(&state))
}

/// The end of what is hashed: the bytes left over, a one bit, zeros, and the length in bits.
fn padding(rest: &[u8], length: u64) -> Vec<u8> {
    let mut end = rest.to_vec();
    end.push(0x80);
    let zeros = (64 + 56 - end.len() % 64) % 64;
    end.resize(end.len() + zeros, 0);
    end.extend_from_slice(&length.wrapping_mul(8).to_be_bytes());
    end
}

fn words(state: &Hash) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(state.0.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    words
}

fn hash(words: &[u32; 8]) -> Hash {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
    Hash(bytes)
}

/// A chunk of which it is certain that it belongs to its file, if what comes after it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    n: u64,
    before: Hash,
    bytes: Vec<u8>,
}

impl Chunk {
    /// Checks a chunk: hashing it from the state before must lead to `after`, which is the file's name for the last chunk,
    /// and for the others the state before the chunk that follows.
    ///
    /// # Errors
    /// [`Wrong`]: whoever gave it is at fault.
    pub fn check(after: &Hash, before: Hash, bytes: Vec<u8>, length: u64, n: u64) -> Result<Self, Wrong> {
        if step(&before, &bytes, length, n)? != *after || (n == 0 && before != START) {
            return Err(Wrong::Hash);
        }
        Ok(Self { n, before, bytes })
    }

    /// Which one it is, from 0.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.n
    }

    /// The state before it: what the chunk before it must lead to.
    #[must_use]
    pub fn before(&self) -> Hash {
        self.before
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Hashes a file from its beginning whose length is not known yet, and keeps the states before its chunks.
#[derive(Debug, Clone, Default)]
pub struct Hasher {
    /// Before each whole chunk, and before what is held.
    states: Vec<Hash>,
    held: Vec<u8>,
}

/// What became of hashing a whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// Its name.
    pub hash: Hash,
    /// Its length in bytes.
    pub length: u64,
    /// The state before each of its chunks, the first one's included.
    pub states: Vec<Hash>,
}

impl Hasher {
    /// Takes the next bytes; holds back at most one chunk of them.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            // Only what is followed by more is no end.
            if self.held.len() == CHUNK {
                let next = self.next_state();
                let (blocks, _) = self.held.as_chunks::<64>();
                let mut state = words(&next);
                compress256(&mut state, blocks);
                self.states.push(next);
                self.states.push(hash(&state));
                self.held.clear();
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.held.len()));
            self.held.extend_from_slice(now);
            bytes = later;
        }
    }

    /// The state before what is held.
    fn next_state(&mut self) -> Hash {
        self.states.pop().unwrap_or(START)
    }

    /// The name.
    #[must_use]
    pub fn finish(mut self) -> Hashed {
        let before = self.next_state();
        self.states.push(before);
        let whole = u64::try_from(self.states.len() - 1).unwrap_or(u64::MAX);
        let held = u64::try_from(self.held.len()).unwrap_or(u64::MAX);
        let length = whole.saturating_mul(size()).saturating_add(held);
        let mut state = words(&before);
        let (blocks, rest) = self.held.as_chunks::<64>();
        compress256(&mut state, blocks);
        compress256(&mut state, padding(rest, length).as_chunks().0);
        Hashed {
            hash: hash(&state),
            length,
            states: self.states,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect()
    }

    fn whole(bytes: &[u8]) -> Hashed {
        let mut hasher = Hasher::default();
        bytes.chunks(70_001).for_each(|part| hasher.update(part));
        hasher.finish()
    }

    const LENGTHS: [usize; 12] = [
        0,
        1,
        55,
        56,
        63,
        64,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK - 9,
        2 * CHUNK,
        3 * CHUNK + 120,
    ];

    #[test]
    fn the_name_is_sha256_and_each_chunk_leads_to_the_next() {
        for length in LENGTHS {
            let bytes = bytes(length);
            let hashed = whole(&bytes);
            assert_eq!(hashed.hash, Hash(sha256(&[&bytes])), "{length}");
            assert_eq!(hashed.length, u64::try_from(length).unwrap());
            assert_eq!(u64::try_from(hashed.states.len()).unwrap(), chunks(hashed.length));
            assert_eq!(hashed.states[0], START);
            let mut after = hashed.hash;
            for n in (0..chunks(hashed.length)).rev() {
                let (start, len) = span(hashed.length, n).unwrap();
                let start = usize::try_from(start).unwrap();
                let part = bytes[start..start + len].to_vec();
                let before = hashed.states[usize::try_from(n).unwrap()];
                let chunk = Chunk::check(&after, before, part, hashed.length, n).unwrap();
                after = chunk.before();
            }
            assert_eq!(after, START);
            assert_eq!(span(hashed.length, chunks(hashed.length)), None);
        }
    }

    #[test]
    fn what_is_wrong_anywhere_is_noticed_at_once() {
        let bytes = bytes(2 * CHUNK + 100);
        let Hashed { hash, length, states } = whole(&bytes);
        let last = || bytes[2 * CHUNK..].to_vec();
        let good = Chunk::check(&hash, states[2], last(), length, 2).unwrap();
        for at in 0..last().len() {
            let mut other = last();
            other[at] ^= 1;
            assert_eq!(Chunk::check(&hash, states[2], other, length, 2), Err(Wrong::Hash));
        }
        for at in 0..32 {
            let mut before = states[2];
            before.0[at] ^= 1;
            assert_eq!(Chunk::check(&hash, before, last(), length, 2), Err(Wrong::Hash));
        }
        // Another length has another end, whatever the bytes.
        assert_eq!(
            Chunk::check(&hash, states[2], last(), length + 1, 2),
            Err(Wrong::Length)
        );
        let longer = [last(), vec![0]].concat();
        assert_eq!(Chunk::check(&hash, states[2], longer, length + 1, 2), Err(Wrong::Hash));
        assert_eq!(Chunk::check(&hash, states[2], last(), length, 3), Err(Wrong::Length));
        assert_eq!(Chunk::check(&hash, states[2], last(), u64::MAX, 2), Err(Wrong::Length));
        // The first chunk begins where SHA-256 begins: a file that only ends alike is another one.
        let first = bytes[..CHUNK].to_vec();
        let mut odd = START;
        odd.0[0] ^= 1;
        let end = step(&odd, &first, length, 0).unwrap();
        assert_eq!(Chunk::check(&end, odd, first, length, 0), Err(Wrong::Hash));
        assert_eq!(good.before(), states[2]);
    }

    #[test]
    fn absurd_lengths_are_no_trouble() {
        assert_eq!(span(u64::MAX, u64::MAX), None);
        assert!(span(u64::MAX, chunks(u64::MAX) - 1).is_some());
        assert_eq!(step(&START, &[], u64::MAX, 0), Err(Wrong::Length));
    }
}
