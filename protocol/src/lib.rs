//! The Althing protocol, pure: no clock, randomness, files, sockets, threads or async. Inputs arrive as arguments.
//!
//! How a contribution flows:
//!
//! ```text
//! bytes ─▶ Entry ─▶ Verified ─▶ admitted into the graph ─▶ record (counted in the digest) or floor
//!                                       │
//!                                       └▶ documents: content and acts, computed from entries and bodies
//! ```

pub mod admit;
pub mod anchor;
pub mod archive;
pub mod author;
pub mod authority;
pub mod bundle;
pub mod codec;
pub mod committee;
pub mod control;
pub mod digest;
pub mod document;
pub mod entry;
pub mod file;
pub mod floor;
pub mod fraud;
pub mod graph;
pub mod hash;
pub mod identity;
pub mod kind;
pub mod limit;
pub mod link;
pub mod log;
pub mod record;
pub mod ruling;
pub mod state;
pub mod sync;
pub mod waiting;

#[cfg(test)]
mod vectors;
