//! The bot against a real chain: npm's anvil, on this machine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "helpers of tests: whatever goes wrong ends the test, and figures are small"
)]

mod anvil;
mod contract;
mod fees;
mod kill;
mod life;
mod logs;
mod rpc;
mod trouble;
mod verify;
mod world;
