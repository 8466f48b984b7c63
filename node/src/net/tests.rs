//! The network part with real stores and sockets, on loopback.

mod hostile;
mod nodes;
mod swarm;

use super::*;
