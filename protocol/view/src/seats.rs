//! Seats: who was nominated, what voters see before they choose, and what facilitators owe. Each view is defined in `docs/spec/views/seats.md`.

pub(crate) mod agreements;
pub(crate) mod ballot;
pub(crate) mod budget;
pub(crate) mod classes;
pub(crate) mod compare;
pub(crate) mod completeness;
pub(crate) mod credentials;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod lookup;
pub(crate) mod overdue;
pub(crate) mod participation;
pub(crate) mod people;
pub(crate) mod pledges;
pub(crate) mod redundancy;
pub(crate) mod rulesets;
pub(crate) mod seat;
pub mod threads;
pub(crate) mod unanswered;
