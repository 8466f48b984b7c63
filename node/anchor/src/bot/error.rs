//! Why a pass failed.

use alloy::primitives::Address;
use thiserror::Error;

use crate::node::NodeError;
use crate::proof::NoProof;
use crate::rpc::RpcError;
use crate::state::StateError;

/// Why a pass failed. All but [`fatal`](Error::fatal) ones are tried again.
#[derive(Debug, Error)]
pub enum Error {
    /// The chain's node.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The state on disk.
    #[error(transparent)]
    State(#[from] StateError),
    /// The Althing node.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The proof.
    #[error(transparent)]
    Proof(#[from] NoProof),
    /// The RPC node is one of another chain than before.
    #[error("the RPC node is one of chain {found}, and this bot works on chain {expected}")]
    WrongChain {
        /// The bot's.
        expected: u64,
        /// The node's.
        found: u64,
    },
    /// No contract is named, and none was deployed.
    #[error("no contract is named, and this bot has deployed none: name one, or deploy it")]
    NoContract,
    /// Nothing, or something else, is there.
    #[error(
        "the code at {address} on chain {chain} is not that of the anchor contract ({length} bytes): is it the right address \
         and chain?"
    )]
    Code {
        /// Where.
        address: Address,
        /// On which chain.
        chain: u64,
        /// How much code there is.
        length: usize,
    },
    /// Blocks that never become final prove nothing.
    #[error("chain {0} has no final block: it is too young, or its RPC node does not know the tag `finalized`")]
    NeverFinal(u64),
    /// Signing failed.
    #[error("signing failed: {0}")]
    Signer(String),
    /// [`Ports::step`](super::Ports::step) said so.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// Whether trying again cannot help.
    #[must_use]
    pub fn fatal(&self) -> bool {
        matches!(self, Self::Stopped | Self::NoContract | Self::Signer(_))
            || matches!(self, Self::State(error) if !matches!(error, StateError::Disk { .. }))
    }
}
