//! `vouch`: a standing order to one's own node.

use super::{Kind, Needs};

pub(super) static KIND: Kind = Kind::control(
    "vouch",
    "Asks the author's own node to take up a newcomer's next entries.",
)
.on(&["committee"])
.needs(Needs::Member);
