//! `cosign`: one more signature under an act.

use super::Kind;

pub(super) static KIND: Kind = Kind::control("cosign", "Signs the act that the header names.")
    .on(&["committee"])
    .ruled();
