#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests"
)]

mod committees;
mod evaluations;
mod motions;
mod programmes;
mod town;
mod units;
mod duties;
mod money;
mod people;
mod seats;
mod setup;
mod confidence;
mod delegates;
mod notice;
mod openness;
mod place;
mod roles;
mod words;
