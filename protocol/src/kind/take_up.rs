//! `take_up`: a member puts newcomers' entries into the record by naming them in `after`.

use super::{Kind, Needs};

pub(super) static KIND: Kind = Kind::control(
    "take_up",
    "Takes the entries that its header names in `after`, and their chains, into the record.",
)
.needs(Needs::Member);
