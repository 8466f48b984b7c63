//! `revoke`: the end of one grant.

use super::Kind;

pub(super) static KIND: Kind = Kind::control("revoke", "Ends for ever the grant that the header names.")
    .on(&["committee"])
    .ruled();
