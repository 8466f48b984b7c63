//! What ties logs to a chain, so that they say when at the latest (`docs/spec/anchor.md`).

pub mod batch;
