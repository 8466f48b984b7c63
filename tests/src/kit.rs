//! Identities, committees and in-memory nodes for tests of the protocol.
