#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use alloy_trie::Nibbles;
use alloy_trie::proof::verify_proof;
use proptest::prelude::*;

use super::{Evidence, rlp, trie};
use crate::hash::Hash;
use crate::vectors::world::{self, Receipt, mine};

/// Another implementation builds the tries and agrees on every proof, short values that stand within branches included.
#[test]
fn another_implementation_agrees() {
    for (count, length) in [
        (1, 40),
        (2, 1),
        (3, 5),
        (17, 2),
        (128, 1),
        (129, 60),
        (260, 3),
        (300, 300),
    ] {
        let value = |n: u64| vec![u8::try_from(n % 251 + 1).unwrap(); length];
        let values: Vec<Vec<u8>> = (0..count).map(value).collect();
        for target in [0, 1, 15, 16, 127, 128, 255, 256, count - 1] {
            let key = rlp::encode_number(target);
            let (root, nodes) = world::trie(&values, target);
            let theirs: Vec<_> = nodes.iter().map(|node| node.clone().into()).collect();
            let ours = trie::value(&root, &key, &nodes);
            if target < count {
                assert_eq!(ours, Some(value(target).as_slice()), "{target} of {count}");
                let expected = Some(value(target));
                // Theirs compares a root of fewer than 32 bytes as if it stood in a parent; no receipt is as short.
                if nodes[0].len() < 32 {
                    continue;
                }
                let agreed = verify_proof(root.into(), Nibbles::unpack(&key), expected, &theirs);
                assert_eq!(agreed, Ok(()), "{target} of {count}");
            } else {
                assert_eq!(ours, None, "{target} of {count}");
            }
        }
    }
}

#[test]
fn numbers_have_one_encoding() {
    for (n, bytes) in [
        (0, &[0x80][..]),
        (1, &[1]),
        (0x7f, &[0x7f]),
        (0x80, &[0x81, 0x80]),
        (0x100, &[0x82, 1, 0]),
    ] {
        assert_eq!(rlp::encode_number(n), bytes);
        let mut rest = bytes;
        assert_eq!(rlp::next(&mut rest).unwrap().number(), Some(n));
        assert!(rest.is_empty());
    }
    for bad in [
        &[][..],
        &[0x81, 0x7f],
        &[0x82, 1],
        &[0xb8, 1, 1],
        &[0xb9, 0, 60],
        &[0xc1],
    ] {
        assert!(rlp::next(&mut &*bad).is_none(), "{bad:02x?}");
    }
}

proptest! {
    /// Whatever bytes are shown as header and nodes, checking ends and never panics.
    #[test]
    fn checking_is_total(
        header in proptest::collection::vec(any::<u8>(), 0..200),
        nodes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..4),
        index: u64, event: u64,
    ) {
        let good = mine(&Receipt::of(Hash([1; 32])), 3, 20);
        let hostile = Evidence { header, receipt: nodes.clone(), index, event, ..good.clone() };
        prop_assert!(hostile.verify().is_err());
        // The header names the hostile node, so that it is read.
        if let Some(first) = nodes.first() {
            let header = world::header(&world::keccak(first), 1, 1);
            let _ignored = Evidence { header, receipt: nodes, index, ..good }.verify();
        }
    }

    /// A value of any bytes under a sound proof is judged without a panic.
    #[test]
    fn any_receipt_is_judged(value in proptest::collection::vec(any::<u8>(), 1..200)) {
        let (root, nodes) = world::trie(&[value], 0);
        let evidence = Evidence { header: world::header(&root, 1, 1), receipt: nodes, index: 0, ..mine(&Receipt::of(Hash([1; 32])), 0, 1) };
        prop_assert!(evidence.verify().is_err());
    }
}
