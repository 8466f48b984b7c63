//! All system tests, in one binary because linking RocksDB and libp2p costs a while.

#![allow(
    clippy::cloned_ref_to_slice_refs,
    reason = "a list of one id that is cloned reads like the longer lists beside it"
)]

mod cases;
mod fault;
mod fuzz;
mod hostile;
mod interop;
mod node;
mod openapi;
mod requirements;
mod sim;
mod transcripts;
mod views;
mod web;
