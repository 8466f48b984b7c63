//! What tests about motions and committees share: a town with a domain, a topic, a register.

use serde_json::{Value as Json, json};

use super::town::Town;
use althing_protocol::hash::Id;

/// A town in which Ana facilitates Risk and Ben is nobody in particular.
pub(super) struct Place {
    pub(super) town: Town,
    pub(super) ana: Id,
    pub(super) ben: Id,
    pub(super) domain: Id,
}

pub(super) fn place() -> Place {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let seats = json!({"name": "Risk", "seats": [{"name": "lead", "term_days": 365}]});
    let domain = town.open("domain", town.founder, "2026-01-02", seats);
    Place { town, ana, ben, domain }
}

impl Place {
    /// Ben moves that Ana goes, on 2026-03-02, a Monday.
    pub(super) fn offboard(&mut self, more: &Json) -> Id {
        let mut fields = json!({"form": "offboard", "subject": self.ana, "domain": self.domain});
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.town.open("motion", self.ben, "2026-03-02", fields)
    }

    pub(super) fn motion(&self, day: &str, motion: Id) -> Json {
        let rows = self.town.at(day).rows("motions", Some(motion), "motions");
        assert_eq!(rows.len(), 1);
        rows[0].clone()
    }

    pub(super) fn now(&self, day: &str, motion: Id) -> Json {
        self.town.at(day).rows("timeline", Some(motion), "now")[0].clone()
    }

    pub(super) fn voluntary(&self, motion: Id) -> Json {
        self.motion("2026-12-01", motion)["voluntary"].clone()
    }
}

pub(super) fn flagged(row: &Json, flag: &str) -> bool {
    row["flags"].as_array().unwrap().contains(&json!(flag))
}

pub(super) const UNSIGNED: &str = "not signed by the subject";

pub(super) fn address(n: u8) -> String {
    format!("0x{}", format!("{n:02x}").repeat(20))
}

pub(super) fn topic(town: &mut Town) -> Id {
    let founder = town.founder;
    town.open("topic", founder, "2026-02-01", json!({"title": "Fees"}))
}

pub(super) fn column(rows: &[Json], name: &str) -> Vec<Json> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// A register by the founder: Ana 100 by identity, 50 by an address; Ben 30 by an address that Zoe linked too.
pub(super) fn register(town: &mut Town, ana: Id) -> Id {
    let holders = json!([
        {"holder": ana, "class": "MKR", "weight": 100},
        {"holder": address(1), "class": "MKR", "weight": 50},
        {"holder": address(2), "class": "mkr", "weight": 30},
        {"holder": address(9), "class": "MKR", "weight": 20},
        {"holder": ana, "class": "vaults", "weight": 7},
    ]);
    let fields = json!({"title": "MKR", "source_text": "chain", "block": 100, "day": "2026-02-01", "holders": holders});
    let founder = town.founder;
    town.open("register", founder, "2026-02-02", fields)
}
