//! People, committees and in-memory nodes for tests of the protocol, all from seeds, so that a failure repeats.
//!
//! [`Person`] makes keys and identities, [`Pen`] signs whatever a test wants signed, honest or not, [`Town`] is a
//! committee with its founders, and [`Replica`] is a node without disk and network: the shipped state machine, the
//! bytes beside it, and a mirror of every event that is held equal to it after each step.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "a test that meets the unexpected has to stop"
)]

pub mod check;
pub mod dice;
pub mod exchange;
pub mod history;
pub mod pen;
pub mod person;
mod read;
pub mod replica;
pub mod town;

pub use self::dice::Dice;
pub use self::exchange::exchange;
pub use self::pen::{Pen, Sheet};
pub use self::person::{Device, Person};
pub use self::replica::Replica;
pub use self::town::Town;
