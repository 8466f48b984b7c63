//! `withdraw`: an acceptance, or a nomination, is taken back.

use super::nomination::{NOMINATOR, NOMINEE};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::act(
    "withdraw",
    "The nominee no longer stands; or whoever opened the document takes it back, a nomination before the nominee has spoken.",
)
.on(&["nomination", "motion", "concern", "proposal"])
.by(&[NOMINATOR, NOMINEE])
.latest("standing")
.fields(&[Field::new("reason", Type::Text { max: 16 * 1024 }, "Why, for people.")])
.text("reason");
