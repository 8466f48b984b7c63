#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests"
)]

mod duties;
mod money;
mod people;
mod seats;
mod setup;
mod town;
