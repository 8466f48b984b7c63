//! What the bot tells its owner, and why it waits.

use alloy::primitives::{Address, B256};
use althing_protocol::hash::Id;
use thiserror::Error;

use crate::bot::Error;
use crate::fee::{Fee, TooDear};
use crate::node::NodeError;
use crate::state::Mined;

/// Something that happened. The same is not told twice on end.
#[derive(Debug, Error)]
pub enum Notice {
    /// Signed, written down and handed in.
    #[error("nonce {nonce}: transaction {transaction} is on its way, for at most {} wei per gas", fee.most)]
    Sent {
        /// Its nonce.
        nonce: u64,
        /// Its hash.
        transaction: B256,
        /// What it offers.
        fee: Fee,
    },
    /// The chain's node had forgotten it, or never heard of it.
    #[error("transaction {0} was not known to the RPC node: handed in again")]
    Again(B256),
    /// The chain's node wants more for it.
    #[error("the RPC node does not take transaction {transaction}: {why}")]
    Outbid {
        /// The transaction.
        transaction: B256,
        /// The node's words.
        why: String,
    },
    /// It is in a block.
    #[error("transaction {} is in block {}", .0.transaction, .0.number)]
    Mined(Mined),
    /// The block is no longer on the chain.
    #[error("block {} with transaction {} is no longer on the chain", .0.number, .0.transaction)]
    Gone(Mined),
    /// Somebody else signs with the bot's key.
    #[error(
        "another program used nonce {nonce} of this account: the slot begins anew. A bot should have a key of its own"
    )]
    Overtaken {
        /// The nonce.
        nonce: u64,
    },
    /// A slot is over.
    #[error("slot {slot}: {digest} is anchored in block {block} for {committees} committees, for {cost} wei")]
    Anchored {
        /// The slot.
        slot: u64,
        /// What was anchored.
        digest: B256,
        /// In which block.
        block: u64,
        /// How many committees.
        committees: usize,
        /// What it cost.
        cost: u128,
    },
    /// The transaction failed on the chain.
    #[error("transaction {} failed in block {} and cost {cost} wei: nothing is anchored", mined.transaction, mined.number)]
    Failed {
        /// Where.
        mined: Mined,
        /// What it cost.
        cost: u128,
    },
    /// The contract is there.
    #[error("the contract is at {0}")]
    Deployed(Address),
    /// The node wrote it down.
    #[error("committee {committee}: entries {} hold the proof", entries.iter().map(Id::short).collect::<Vec<_>>().join(", "))]
    Recorded {
        /// The committee.
        committee: Id,
        /// Its entries.
        entries: Vec<Id>,
    },
    /// The node did not write it down.
    #[error("committee {committee}: no entry holds the proof. {why}")]
    Unrecorded {
        /// The committee.
        committee: Id,
        /// Why.
        why: NodeError,
    },
    /// The node offered something else than its own checkpoint.
    #[error("committee {0}: what the node offers is no checkpoint of it; left out")]
    Unfit(Id),
    /// More committees than one batch holds.
    #[error("{0} committees do not fit into this slot and come in the next")]
    Left(usize),
    /// Nothing can be done now.
    #[error("waiting: {0}")]
    Waiting(Waiting),
    /// Something failed and is tried again.
    #[error("{error}. Tried again in {seconds} s")]
    Trouble {
        /// What.
        error: Error,
        /// When.
        seconds: u64,
    },
}

/// What the bot waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Waiting {
    /// A block.
    #[error("transaction {0} is in no block yet")]
    Block(B256),
    /// Finality.
    #[error("block {number} is not final yet, block {finalized} is")]
    Final {
        /// The transaction's block.
        number: u64,
        /// The last final one.
        finalized: u64,
    },
    /// Lower fees, or more allowance.
    #[error("{0}")]
    Dear(TooDear),
    /// As many bids as there may be.
    #[error("transaction {0} was outbid as often as allowed; it is handed in until it is mined")]
    Attempts(B256),
    /// Another transaction with the same nonce became part of the chain, which may still change.
    #[error("nonce {0} is taken by another program's transaction that is not final yet")]
    Overtaken(u64),
    /// Others' transactions of this account are in blocks that are not final.
    #[error("transactions of this account below nonce {0} are not final yet")]
    Unsettled(u64),
    /// Others' transactions of this account wait for a block.
    #[error("another program's transaction with nonce {0} waits for a block")]
    Crowded(u64),
}
