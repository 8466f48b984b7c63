#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests"
)]

mod confidence;
mod delegates;
mod duties;
mod evaluations;
mod money;
mod motions;
mod notice;
mod openness;
mod people;
mod place;
mod programmes;
mod roles;
mod seats;
mod setup;
mod clashes;
mod courses;
mod payouts;
mod proposals;
mod provenance;
mod town;
mod units;
mod words;
