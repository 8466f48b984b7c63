//! The network part with real stores and sockets, on loopback.

mod nodes;
mod swarm;
