#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod acts;
mod cases;
mod copies;
mod cost;
mod desk;
mod model;
mod random;
mod vectors;
