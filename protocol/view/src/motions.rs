//! Motions and what they rest on: procedure, concerns, where people stand, delegates, roles. Each view is defined in `docs/spec/views/motions.md`.

pub(crate) mod concerns;
pub(crate) mod confidence;
pub(crate) mod conflicts;
pub(crate) mod delegations;
pub(crate) mod forks;
pub(crate) mod handover;
pub(crate) mod influence;
pub(crate) mod instructions;
pub(crate) mod labels;
pub(crate) mod lent;
pub(crate) mod list;
pub(crate) mod objections;
pub(crate) mod petitions;
pub(crate) mod polls;
pub(crate) mod procedure;
pub(crate) mod promises;
pub(crate) mod roles;
pub(crate) mod shared;
pub(crate) mod tally;
pub(crate) mod term;
pub(crate) mod terms;
pub(crate) mod timeline;
pub(crate) mod turnover;
pub(crate) mod visions;
pub(crate) mod voice;
