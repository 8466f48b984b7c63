//! `nomination`: somebody proposed for a seat, who speaks for themselves.

use std::collections::BTreeMap;

use super::common::{GOAL, LINE};
use super::state::{Scene, State};
use super::{Field, Kind, LONG, Part, Type, Value, Who};
use crate::hash::Id;

/// The nominee: the owner of `platform`, or the identity named, when nobody was made owner of `platform`.
pub(super) const NOMINEE: Who = Who::Holder {
    part: "platform",
    field: "nominee",
};

/// The nominator.
pub(super) const NOMINATOR: Who = Who::Owner("case");

pub(super) static KIND: Kind = Kind::document("nomination", "Somebody proposed for a seat in a domain.")
    .parts(&[
        Part {
            name: "case",
            about: "why this person, by the nominator.",
        },
        Part {
            name: "platform",
            about: "what they would do, by the nominee.",
        },
    ])
    .fields(&[
        Field::new(
            "title",
            Type::Line { max: 300 },
            "A title, where the names do not suffice.",
        )
        .part("case"),
        Field::new("domain", Type::Named, "The domain in which the seat is.").part("case"),
        Field::new(
            "nominee",
            Type::Named,
            "The nominee: an identity, or a name until it is claimed.",
        )
        .part("case"),
        Field::new(
            "handle",
            Type::Line { max: 200 },
            "How a nominee without an identity is known elsewhere.",
        )
        .part("case"),
        Field::new("seat", Type::Line { max: 200 }, "The seat.").part("case"),
        Field::new("reasons", Type::Text { max: LONG }, "Why, markdown.").part("case"),
        Field::new(
            "perspective",
            Type::Text { max: LONG },
            "How the nominee sees the domain, markdown.",
        )
        .part("platform"),
        Field::new(
            "goals",
            Type::List { item: GOAL, max: 256 },
            "What the nominee wants to reach.",
        )
        .part("platform"),
        Field::new(
            "budget",
            Type::List { item: LINE, max: 512 },
            "What it would cost, line by line.",
        )
        .part("platform"),
    ])
    .title(&["title", "nominee"])
    .text("reasons")
    .hands(&[("nominee", "platform")])
    .state(state);

/// Requirement R2: only the nominee's own acceptance puts a nomination on the ballot list. The nominee's word stands
/// before the nominator's: a nominator cannot take somebody who accepted off the list.
fn state(scene: &Scene<'_>) -> State {
    let nominees = (scene.holders)("platform", "nominee");
    let mut facts = BTreeMap::new();
    if !nominees.is_empty() {
        facts.insert("nominee", Value::Ids(nominees.clone()));
    }
    let entries = |kind: &str| -> Vec<Id> {
        let own = scene.acts.iter().filter(|a| a.kind == kind && nominees.contains(&a.by));
        own.map(|a| a.entry).collect()
    };
    let accepted = entries("accept");
    let (name, by) = match (entries("decline"), entries("withdraw")) {
        (declined, _) if !declined.is_empty() => ("declined", declined),
        (_, withdrawn) if !withdrawn.is_empty() => ("withdrawn", withdrawn),
        _ if !accepted.is_empty() && accepted.len() == nominees.len() => ("accepted", accepted),
        _ => {
            let withdrawn = scene.acts.iter().filter(|a| a.kind == "withdraw").map(|a| a.entry);
            let withdrawn: Vec<_> = withdrawn.collect();
            (if withdrawn.is_empty() { "open" } else { "withdrawn" }, withdrawn)
        }
    };
    State { name, by, facts }
}
