//! `retire`: the end of a device.

use super::Kind;

pub(super) static KIND: Kind = Kind::control(
    "retire",
    "Ends a device; what it signed counts as far as the entries in the header.",
)
.on(&["identity"]);
