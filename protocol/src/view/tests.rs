#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests"
)]

mod confidence;
mod delegates;
mod motions;
mod notice;
mod openness;
mod place;
mod roles;
mod town;
mod words;
