//! libp2p: gossip and sync between nodes.
