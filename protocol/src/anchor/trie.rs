//! Proofs in Ethereum's Merkle-Patricia tries (Yellow Paper, appendix D): that a root holds this value under this key.
//!
//! Invariant: every node that is read is named by the one above it, by hash or by standing in it, and every step takes at
//! least one digit of the key: so the walk ends, and nothing of the proof is left unread.

use sha3::{Digest as _, Keccak256};

use super::rlp::{self, Item};

/// Keccak-256.
pub(crate) fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// The value under `key`, proved by these nodes from the root down; none if they prove none, or one of them is left over.
/// The value stands in a leaf: keys here are RLP, of which none begins another, so no branch holds one.
pub(crate) fn value<'a>(root: &[u8; 32], key: &[u8], nodes: &'a [Vec<u8>]) -> Option<&'a [u8]> {
    let digits: Vec<u8> = key.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]).collect();
    let mut rest = digits.as_slice();
    let mut nodes = nodes.iter();
    let mut node = hashed(&mut nodes, root)?;
    loop {
        let mut items = rlp::list(node)?;
        let (first, second) = (rlp::next(&mut items)?, rlp::next(&mut items)?);
        let child = if items.is_empty() {
            let (leaf, part) = path(first.string()?)?;
            rest = rest.strip_prefix(part.as_slice())?;
            if leaf {
                let whole = rest.is_empty() && nodes.next().is_none();
                return second.string().filter(|_| whole);
            }
            if part.is_empty() {
                return None;
            }
            second
        } else {
            let (digit, after) = rest.split_first()?;
            rest = after;
            branch(first, second, items, *digit)?
        };
        node = if child.list {
            (child.whole.len() < 32).then_some(child.whole)?
        } else {
            hashed(&mut nodes, child.payload)?
        };
    }
}

/// The next node of the proof, if it has this hash.
fn hashed<'a>(nodes: &mut impl Iterator<Item = &'a Vec<u8>>, hash: &[u8]) -> Option<&'a [u8]> {
    let node = nodes.next()?;
    (keccak(node) == *hash).then_some(node)
}

/// The child for this digit, of sixteen, of a branch whose first two items were read; a value comes after them.
fn branch<'a>(first: Item<'a>, second: Item<'a>, rest: &'a [u8], digit: u8) -> Option<Item<'a>> {
    let others: [Item<'a>; 15] = rlp::exactly(rest)?;
    match digit {
        0 => Some(first),
        1 => Some(second),
        more => others.get(usize::from(more) - 2).copied(),
    }
}

/// Digits of a key behind a prefix that says whether they end it, and whether their number is odd.
fn path(bytes: &[u8]) -> Option<(bool, Vec<u8>)> {
    let (head, rest) = bytes.split_first()?;
    let (flags, low) = (head >> 4, head & 0x0f);
    let mut digits = Vec::new();
    match flags & 1 {
        1 => digits.push(low),
        _ if low != 0 => return None,
        _ => {}
    }
    digits.extend(rest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]));
    (flags < 4).then_some((flags & 2 == 2, digits))
}
