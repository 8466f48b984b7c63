//! The anchor bot: puts the root over checkpoints of logs on a chain, waits until that is final, and brings the proof back
//! to the node whose logs they are (`docs/spec/anchor.md`, `docs/anchor-bot.md`).
//!
//! ```text
//! node ─ checkpoints ─▶ Plan ─▶ signed transaction ─▶ disk ─▶ chain ─▶ final block
//!   ▲                                                                     │
//!   └────────────────── anchor entries ◀──── header and receipt proof ◀───┘
//! ```
//!
//! It knows a node only through [`node::Node`] and a chain only through JSON-RPC over HTTP; it holds one key, and the node
//! never sees it.

pub mod bot;
pub mod chain;
pub mod contract;
pub mod fee;
pub mod key;
pub mod node;
pub mod notice;
pub mod plan;
pub mod proof;
pub mod rpc;
pub mod state;
pub mod status;
