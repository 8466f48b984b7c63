//! `edit`: a change to content. Its body has the form that roots have, see [`super::read`].

use super::Kind;

pub(super) static KIND: Kind = Kind::edit(
    "edit",
    "New whole values for fields, and list items added, replaced or removed. Each field counts if the author owns its part.",
);
