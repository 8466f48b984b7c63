//! libp2p: gossip and sync between nodes.
//!
//! Invariant: whatever a peer sends costs a bounded amount of time and memory, and reaches the node only through
//! ingest. One task owns the swarm; whatever takes long (verifying, storing, reading) happens elsewhere.

mod behaviour;
mod book;
mod codec;
mod gossip;
mod limit;
mod penalty;
mod rate;

use libp2p::TransportError;
use std::io;
use thiserror::Error;

/// Why the network part does not start.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes of the libp2p key are none.
    #[error("the libp2p key in the data folder is damaged; move the folder away and run `althing init`")]
    Key,
    /// libp2p refuses our settings.
    #[error("libp2p cannot be set up: {why}")]
    Setup {
        /// What it says.
        why: String,
    },
    /// An address that this node cannot listen on.
    #[error("cannot listen on {address}: {why}; give another --listen")]
    Listen {
        /// The address.
        address: libp2p::Multiaddr,
        /// Why.
        why: TransportError<io::Error>,
    },
}

#[cfg(test)]
mod tests;
