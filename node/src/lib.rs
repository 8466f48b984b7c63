//! An Althing node: everything that performs effects around the pure [`althing_protocol`].
//!
//! ```text
//! cli ─▶ api ─┐                                        ┌▶ net: announce
//! net ⇄ sync ─┼▶ ingest ─▶ State (pure) ─▶ store ──────┼▶ api: events
//! import ─────┘            (1 batch, 1 fsync)          └▶ standing orders
//! ```
//!
//! One way only: home, clock, metrics → store → ingest → {net, api, import} → runtime → cli. `net` and `api` never
//! see each other, they meet in `ingest`. The command line is a client of the HTTP API.

pub mod api;
pub mod cli;
pub mod clock;
pub mod home;
pub mod import;
pub mod ingest;
pub mod net;
pub mod orders;
pub mod repair;
pub mod runtime;
pub mod store;
