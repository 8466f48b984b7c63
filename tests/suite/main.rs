//! All system tests, in one binary because linking RocksDB and libp2p costs a while.

mod cases;
mod fault;
mod interop;
mod node;
mod sim;
