#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::type_complexity,
    reason = "tests"
)]

mod acts;
mod cases;
mod copies;
mod cost;
mod desk;
mod gist;
mod links;
mod model;
mod random;
mod vectors;
