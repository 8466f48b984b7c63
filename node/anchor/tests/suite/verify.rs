//! A second reading of `docs/spec/anchor.md`: whether a body proves what it says. Shares no code with the bot.

use std::collections::BTreeSet;

use alloy::consensus::{Header, ReceiptEnvelope};
use alloy::eips::Decodable2718 as _;
use alloy::primitives::{B256, b256, keccak256};
use alloy::rlp::Decodable as _;
use alloy_trie::Nibbles;
use alloy_trie::nodes::TrieNode;
use alloy_trie::proof::verify_proof;
use althing_anchor::node::Body;
use althing_protocol::anchor::batch;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::log::checkpoint::Checkpoint;

/// keccak256 of `Anchored(address,bytes32,bytes32)`.
const TOPIC: B256 = b256!("b1d5c7988740a31dc57f1b85a7d7c1c10f2009388bc0ee67ef142b5386ea4447");

/// What a body was found to say.
pub(crate) struct Anchored {
    pub(crate) block: B256,
    pub(crate) digest: B256,
    pub(crate) checkpoints: Vec<Checkpoint>,
}

/// Checks the whole body; panics where it proves nothing.
pub(crate) fn body(committee: Id, body: &Body) -> Anchored {
    assert!(body.header.len() <= 4096 && (1..=32).contains(&body.receipt.len()));
    assert!((1..=64).contains(&body.checkpoints.len()));
    let header = Header::decode(&mut &body.header[..]).unwrap();

    // The value stands in the last node; the library checks that it is there under that key and root.
    let last = TrieNode::decode(&mut &body.receipt.last().unwrap().node[..]).unwrap();
    let TrieNode::Leaf(leaf) = last else {
        panic!("the last node is no leaf")
    };
    let key = Nibbles::unpack(alloy::rlp::encode(body.index));
    let nodes: Vec<_> = body.receipt.iter().map(|node| node.node.clone()).collect();
    assert_eq!(
        verify_proof(header.receipts_root, key, Some(leaf.value.clone()), &nodes),
        Ok(())
    );

    let receipt = ReceiptEnvelope::<alloy::primitives::Log>::decode_2718(&mut &leaf.value[..]).unwrap();
    assert!(receipt.status());
    let log = &receipt.logs()[usize::try_from(body.event).unwrap()];
    assert_eq!(log.address, body.contract);
    let [topic, _, scope] = log.data.topics() else {
        panic!("three topics")
    };
    assert_eq!((*topic, scope.0), (TOPIC, batch::scope().0));
    let digest = B256::from_slice(&log.data.data);

    let mut names = BTreeSet::new();
    let mut checkpoints = Vec::new();
    for placed in &body.checkpoints {
        let checkpoint: Checkpoint = placed.text.parse().unwrap();
        assert_eq!(checkpoint.origin.committee, committee);
        assert!(names.insert((checkpoint.origin, checkpoint.size)));
        assert_eq!(placed.path.len() % 32, 0);
        let path: Vec<Hash> = placed
            .path
            .chunks(32)
            .map(|hash| Hash(hash.try_into().unwrap()))
            .collect();
        assert_eq!(
            batch::verify(&placed.text, placed.index, body.size, &Hash(digest.0), &path),
            Ok(())
        );
        checkpoints.push(checkpoint);
    }
    Anchored {
        block: keccak256(&body.header),
        digest,
        checkpoints,
    }
}
