//! Programmes and their evaluation: money over time, windows, research, payouts, provenance. Each view is defined in `docs/spec/views/programmes.md`.

pub mod agenda;
pub(crate) mod appraisal;
pub(crate) mod appraisers;
pub(crate) mod clashes;
pub(crate) mod course;
pub(crate) mod coverage;
pub(crate) mod emission;
pub(crate) mod exact;
pub(crate) mod inflation;
pub(crate) mod input;
pub(crate) mod inputs;
pub(crate) mod iteration;
pub(crate) mod list;
pub(crate) mod payouts;
pub(crate) mod programme;
pub(crate) mod proposals;
pub(crate) mod provenance;
pub(crate) mod schedule;
pub(crate) mod uptake;
pub(crate) mod windows;
pub(crate) mod workload;
