//! The bot against a real chain: npm's anvil, on this machine.

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
