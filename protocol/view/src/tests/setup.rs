//! What several tests of this share set up.

use serde_json::{Value as Json, json};

use super::town::Town;
use althing_protocol::hash::Id;

/// One column of a table, from top to bottom.
pub(super) fn column(rows: &[Json], name: &str) -> Vec<Json> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// A domain with one seat, called lead.
pub(super) fn risk(town: &mut Town) -> Id {
    town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "code": "RISK-001", "seats": ["lead"]}),
    )
}

pub(super) fn nominate(town: &mut Town, domain: Id, by: Id, nominee: Id, day: &str) -> Id {
    town.open(
        "nomination",
        by,
        day,
        json!({"domain": domain, "seat": "lead", "nominee": nominee}),
    )
}

pub(super) fn topic(town: &mut Town) -> Id {
    town.open(
        "topic",
        town.founder,
        "2026-01-05",
        json!({"title": "Rates", "label": "binding"}),
    )
}
