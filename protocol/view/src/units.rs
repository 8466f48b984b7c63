//! Units and transparency: mandates, reports, audits, ratified versions, scorecards; and what outlives them. Each view is defined in `docs/spec/views/units.md`.

pub(crate) mod backlog;
pub(crate) mod bundles;
pub(crate) mod commitments;
pub(crate) mod discarded;
pub(crate) mod gaps;
pub(crate) mod incubation;
pub(crate) mod kpis;
pub(crate) mod list;
pub(crate) mod mandates;
pub(crate) mod maturity;
pub(crate) mod offforum;
pub(crate) mod okrs;
pub(crate) mod panels;
pub(crate) mod practices;
pub(crate) mod questions;
pub(crate) mod ratified;
pub(crate) mod reruns;
pub(crate) mod scorecard;
pub(crate) mod sponsorships;
pub(crate) mod status;
pub(crate) mod sunsets;
pub(crate) mod templates;
pub(crate) mod threats;
pub(crate) mod unit;
