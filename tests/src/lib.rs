//! Harness of the system tests.

pub mod bench;
pub mod browser;
pub mod chain;
pub mod fault;
pub mod forum;
pub mod fuzz;
pub mod hostile;
pub mod hosts;
pub mod kit;
pub mod load;
pub mod process;
pub mod soak;
pub mod transcript;
