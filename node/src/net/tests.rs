//! The network part with real stores and sockets, on loopback.

mod eclipse;
mod files;
mod hostile;
mod nodes;
mod swarm;
mod views;

use super::*;
