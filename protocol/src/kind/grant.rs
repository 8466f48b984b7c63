//! `grant`: a role.

use super::Kind;

pub(super) static KIND: Kind = Kind::control("grant", "Gives a role to an identity, as the header says.")
    .on(&["committee"])
    .ruled();
