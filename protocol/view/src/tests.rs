#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests"
)]

mod clashes;
mod confidence;
mod courses;
mod delegates;
mod duties;
mod evaluations;
mod money;
mod motions;
mod notice;
mod openness;
mod parameters;
mod payouts;
mod people;
mod place;
mod programmes;
mod proposals;
mod provenance;
mod roles;
mod seats;
mod setup;
mod town;
mod units;
mod words;
