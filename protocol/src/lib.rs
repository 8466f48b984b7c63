//! The Althing protocol, pure: no clock, randomness, files, sockets, threads or async. Inputs arrive as arguments.
//!
//! How a contribution flows:
//!
//! ```text
//! bytes ─▶ Entry ─▶ Verified ─▶ admitted into the graph ─▶ record (counted in the digest) or floor
//!                                       │
//!                                       └▶ documents: content and acts, computed from entries and bodies
//! ```

pub mod codec;
pub mod control;
pub mod document;
pub mod entry;
pub mod hash;
pub mod kind;
pub mod limit;
