#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests"
)]

mod clashes;
mod courses;
mod evaluations;
mod payouts;
mod programmes;
mod proposals;
mod provenance;
mod town;
