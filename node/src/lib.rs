//! An Althing node: everything that performs effects around the pure [`althing_protocol`].
//!
//! ```text
//! cli ─▶ http ┐                                        ┌▶ net: announce
//! net ⇄ sync ─┼▶ ingest ─▶ State (pure) ─▶ store ──────┼▶ http: events
//! import ─────┘            (1 batch, 1 fsync)          └▶ standing orders
//!                                 ├▶ files: what entries name, on disk ⇄ fetch: from peers, when asked for
//!                                 └▶ logs ─▶ checkpoints ⇄ witnesses: cosignatures ─▶ anchor bot ⇄ chain
//! ```
//!
//! One way only: home, clock, metrics → store → ingest → files → archive → {net, http, import} → runtime → cli. `net` and `http` never
//! see each other, they meet in `ingest`. The command line is a client of the HTTP API, and so is the anchor bot (a crate of
//! its own, `althing-anchor`): no node ever calls a chain.

/// What the program allocates with, RocksDB too: under a flood glibc's arenas, one for each thread, kept twice as much
/// memory as was in use (`docs/decisions/0007-jemalloc.md`).
pub use tikv_jemallocator::Jemalloc as Allocator;

pub mod archive;
pub mod cli;
pub mod clock;
pub mod drafts;
mod fetch;
mod file;
pub mod files;
pub mod filters;
pub mod home;
pub mod http;
pub mod import;
pub mod ingest;
pub mod invitation;
mod limit;
pub mod net;
pub mod orders;
pub mod policy;
pub mod repair;
pub mod runtime;
mod search;
mod site;
pub mod store;
pub mod times;
pub mod witness;
