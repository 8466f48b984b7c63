//! `set_parameter`: a parameter of the committee.

use super::Kind;

pub(super) static KIND: Kind = Kind::control(
    "set_parameter",
    "Sets a parameter of the committee.",
)
.on(&["committee"])
.ruled();
