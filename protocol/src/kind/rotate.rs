//! `rotate`: the next root key.

use super::Kind;

pub(super) static KIND: Kind = Kind::control(
    "rotate",
    "The next root key takes over; the header says which devices live on.",
)
.on(&["identity"]);
