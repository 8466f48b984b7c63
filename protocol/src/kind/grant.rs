//! `grant`: a role.

use super::Kind;

pub(super) static KIND: Kind = Kind::control("grant", "Gives somebody a role.")
    .on(&["committee"])
    .ruled();
