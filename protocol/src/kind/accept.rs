//! `accept`: the nominee stands.

use super::nomination::NOMINEE;
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::act("accept", "The nominee stands for the seat.")
    .on(&["nomination"])
    .by(&[NOMINEE])
    .latest("standing")
    .fields(&[Field::new("reason", Type::Text { max: 16 * 1024 }, "Why, for people.")])
    .text("reason");
