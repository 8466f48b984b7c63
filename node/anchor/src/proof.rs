//! That a receipt is in a block: the block's header, and a Merkle-Patricia proof under its receipts root.

use alloy::consensus::Header;
use alloy::primitives::{B256, Bytes};
use alloy::rlp::Decodable as _;
use alloy_trie::proof::{ProofRetainer, verify_proof};
use alloy_trie::{HashBuilder, Nibbles};
use thiserror::Error;

use crate::chain::Chain;
use crate::rpc::RpcError;

/// Longest header that an anchor entry may hold.
pub const HEADER: usize = 4096;

/// Longest node of a proof, and how many there may be.
pub const NODE: usize = 65_536;
/// See [`NODE`].
pub const NODES: usize = 32;

/// A receipt in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The block's header in RLP.
    pub header: Bytes,
    /// Nodes from the root down.
    pub nodes: Vec<Bytes>,
    /// What they prove, in its consensus encoding.
    pub receipt: Bytes,
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoProof {
    /// The chain's node did not answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// It gave receipts that are not the block's.
    #[error("block {block}: the receipts that the RPC node gives do not make up the block's receipts root")]
    Receipts {
        /// The block.
        block: B256,
    },
    /// It fits into no anchor entry.
    #[error("block {block}: its header or receipts are longer than an anchor entry may hold")]
    Long {
        /// The block.
        block: B256,
    },
}

/// Proves receipt number `index` of the block with this hash.
///
/// # Errors
/// [`NoProof`].
pub async fn receipt(chain: &Chain, block: B256, index: u64) -> Result<Proof, NoProof> {
    let header = chain.header(block).await?;
    let root = receipts_root(&header).ok_or(NoProof::Receipts { block })?;
    let find = |all: Vec<Bytes>| {
        let nodes = prove(&all, index, root)?;
        Some((nodes, all.get(usize::try_from(index).ok()?)?.clone()))
    };
    // Receipts of kinds that are not known here come only as bytes, where the node gives those.
    let mut found = chain.receipts(block, false).await.map(find);
    if !matches!(found, Ok(Some(_)))
        && let Ok(all) = chain.receipts(block, true).await
    {
        found = Ok(find(all));
    }
    let (nodes, receipt) = found?.ok_or(NoProof::Receipts { block })?;
    if header.len() > HEADER || nodes.len() > NODES || nodes.iter().any(|node| node.len() > NODE) {
        return Err(NoProof::Long { block });
    }
    Ok(Proof { header, nodes, receipt })
}

/// The receipts root of a header. Its first fields are the same on all chains; more may follow them.
#[must_use]
pub fn receipts_root(mut header: &[u8]) -> Option<B256> {
    let whole = header;
    if let Ok(header) = Header::decode(&mut header) {
        return Some(header.receipts_root);
    }
    let mut fields = whole;
    let list = alloy::rlp::Header::decode_bytes(&mut fields, true).ok()?;
    let mut rest = list;
    for _ in 0..5 {
        alloy::rlp::Header::decode_bytes(&mut rest, false).ok()?;
    }
    B256::decode(&mut rest).ok()
}

/// The proof of number `index` of these values; none if they do not make up that root.
#[must_use]
pub fn prove(values: &[Bytes], index: u64, root: B256) -> Option<Vec<Bytes>> {
    let key = |at: usize| Nibbles::unpack(alloy::rlp::encode(at));
    let target = usize::try_from(index).ok().filter(|at| *at < values.len())?;
    let mut leaves: Vec<(Nibbles, &Bytes)> = values.iter().enumerate().map(|(at, value)| (key(at), value)).collect();
    leaves.sort_unstable_by_key(|(key, _)| *key);

    let target_key = key(target);
    let mut trie = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![target_key]));
    for (key, value) in leaves {
        trie.add_leaf(key, value);
    }
    if trie.root() != root {
        return None;
    }
    let nodes = trie.take_proof_nodes().matching_nodes_sorted(&target_key);
    let nodes: Vec<Bytes> = nodes.into_iter().map(|(_, node)| node).collect();
    let value = values.get(target)?.to_vec();
    verify_proof(root, target_key, Some(value), &nodes).ok()?;
    // What is shorter stands within its parent.
    Some(
        nodes
            .into_iter()
            .enumerate()
            .filter(|(at, node)| *at == 0 || node.len() >= 32)
            .map(|(_, node)| node)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use alloy_trie::root::ordered_trie_root_encoded;

    use super::*;

    #[test]
    fn every_receipt_of_blocks_of_all_sizes_is_proved() {
        for count in [1_u16, 2, 3, 16, 17, 127, 128, 129, 300] {
            let values: Vec<Bytes> = (0..count)
                .map(|n| n.to_be_bytes().repeat(20 + usize::from(n)).into())
                .collect();
            let root = ordered_trie_root_encoded(&values);
            for index in 0..count {
                let nodes = prove(&values, u64::from(index), root).unwrap();
                let key = Nibbles::unpack(alloy::rlp::encode(index));
                assert_eq!(
                    verify_proof(root, key, Some(values[usize::from(index)].to_vec()), &nodes),
                    Ok(())
                );
            }
            assert_eq!(prove(&values, u64::from(count), root), None);
            assert_eq!(prove(&values, 0, B256::ZERO), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_as_a_header_or_not(bytes: Vec<u8>, start in 0..4_usize) {
            let whole = alloy::rlp::encode(Header::default());
            // No shorter list has room for a hash.
            proptest::prop_assert!(receipts_root(&bytes).is_none() || bytes.len() > 32);
            let longer = [&whole[..start], &bytes].concat();
            proptest::prop_assert!(receipts_root(&longer).is_none() || longer.len() > 32);
        }
    }

    #[test]
    fn the_root_is_read_from_headers_with_more_fields() {
        let header = Header {
            receipts_root: B256::repeat_byte(9),
            ..Header::default()
        };
        let bytes = alloy::rlp::encode(&header);
        assert_eq!(receipts_root(&bytes), Some(header.receipts_root));
        // The same fields and two of a kind that nobody knows.
        let mut payload = bytes[3..].to_vec();
        payload.extend([0xc0, 0x82, 1, 2]);
        let mut longer = Vec::new();
        alloy::rlp::Header {
            list: true,
            payload_length: payload.len(),
        }
        .encode(&mut longer);
        longer.extend(&payload);
        assert!(Header::decode(&mut &longer[..]).is_err());
        assert_eq!(receipts_root(&longer), Some(header.receipts_root));
        assert_eq!(receipts_root(b""), None);
        assert_eq!(receipts_root(&[0xc1, 0x80]), None);
    }
}
