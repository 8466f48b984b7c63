//! `panels`: people drawn by lot, drawn again (R86).
//!
//! Bounds: a draw has as many names as its body holds, and takes at most [`TRIES`] hashes for each place.

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::units::unit;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::document::{Effect, Outcome};
use althing_protocol::hash::{Hash, Id, sha256};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "panels",
    title: "Panels",
    about: "Who was drawn by lot, from whom, by which seed?",
    on: On::Committee,
    reads: &["committee", "evaluation", "motion", "domain"],
    requirements: &[86],
    compute,
};

/// Hashes for one place. Each is refused with a chance below 2^-53, so that the second one is never reached.
const TRIES: u64 = 64;

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "draws",
        "Draws",
        &[
            ("document", "Document"),
            ("draw", "Draw"),
            ("by", "By"),
            ("day", "On"),
            ("purpose", "For"),
            ("seed", "Seed"),
            ("source", "Seed published at"),
            ("pool", "Drawn from"),
            ("count", "To be drawn"),
            ("drawn", "Drawn"),
            ("earlier", "Earlier draws for it"),
            ("same_seed", "Others by this seed"),
            ("state", "State"),
        ],
        "Nobody has been drawn by lot yet.",
    );
    let mut panels = Table::new(
        "panels",
        "Drawn",
        &[("draw", "Draw"), ("place", "Place"), ("person", "Person")],
        "Nobody has been drawn by lot yet.",
    );
    let all = || world.everything();
    let mut seeds: BTreeMap<Hash, u64> = BTreeMap::new();
    for seed in all().flat_map(|doc| draws(doc)).filter_map(seed) {
        *seeds.entry(seed).or_default() += 1;
    }
    let mut again = 0;
    for doc in all().filter(|doc| only.is_none_or(|only| only.id() == doc.id())) {
        let mut purposes: BTreeMap<&str, u64> = BTreeMap::new();
        for outcome in draws(doc) {
            let Some(fields) = outcome.fields() else { continue };
            let text = |field: &str| fields.get(field).and_then(Value::as_text);
            let pool = fields.get("pool").map_or(&[][..], Value::as_ids);
            let count = fields.get("count").and_then(Value::as_int).unwrap_or(0);
            let seed = seed(outcome).unwrap_or_default();
            let drawn = draw(pool, seed, count);
            let earlier = purposes.entry(text("purpose").unwrap_or_default()).or_default();
            let state = match (outcome.effect, *earlier, count > unit::size(pool.len())) {
                (Effect::Effective, 0, false) => "drawn",
                (Effect::Effective, 0, true) => "pool too small",
                (Effect::Effective, ..) => "drawn again",
                _ => "taken back",
            };
            again += usize::from(state == "drawn again");
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(outcome.id),
                Cell::Person(outcome.by),
                Cell::Day(Day::of(doc.when(outcome.id).claimed)),
                Cell::text(text("purpose")),
                Cell::Text(seed.to_string()),
                Cell::text(text("source")),
                unit::count(pool.len()),
                Cell::Int(count),
                unit::count(drawn.len()),
                Cell::Int(*earlier),
                Cell::Int(seeds.get(&seed).copied().unwrap_or(1).saturating_sub(1)),
                Cell::Word(state),
            ]);
            *earlier += 1;
            for (place, person) in (1..).zip(drawn) {
                panels.row(vec![Cell::Entry(outcome.id), Cell::Int(place), Cell::Person(person)]);
            }
        }
    }
    let mut sheet = Sheet::new("Panels").say(
        "Anybody can draw again from the pool and the seed; that the seed was not known before is for people to check.",
    );
    if again > 0 {
        sheet = sheet.say(format!("{again} draws come after another one for the same purpose."));
    }
    sheet.table(table).table(panels)
}

/// The draws of a document, those too that their authors took back: whoever draws until they like the outcome is seen.
fn draws<'a>(doc: &Doc<'a>) -> Vec<&'a Outcome> {
    let document = doc.document;
    let counts = |outcome: &&Outcome| outcome.effect == Effect::Effective || outcome.retracted.is_some();
    let all = document
        .acts()
        .filter(|outcome| outcome.kind == "draw" && outcome.in_record);
    all.filter(counts).collect()
}

fn seed(outcome: &Outcome) -> Option<Hash> {
    match outcome.fields()?.get("seed")? {
        Value::Hash(hash) => Some(*hash),
        _ => None,
    }
}

/// Draws so many from the pool, without putting any back. The order of the pool makes no difference.
pub(crate) fn draw(pool: &[Id], seed: Hash, count: u64) -> Vec<Id> {
    let mut left = pool.to_vec();
    left.sort_unstable();
    left.dedup();
    let mut drawn = Vec::new();
    for place in 0..count {
        let Ok(size @ 1..) = u64::try_from(left.len()) else {
            break;
        };
        let place = pick(seed, place, size);
        if let Ok(place) = usize::try_from(place) {
            drawn.push(left.remove(place));
        }
    }
    drawn
}

/// A number below `size`, each as likely as any other: numbers of the last, unfinished round of `size` are refused.
fn pick(seed: Hash, place: u64, size: u64) -> u64 {
    let number = |counter: u64| {
        let [a, b, c, d, e, f, g, h, ..] = sha256(&[&seed.0, &place.to_be_bytes(), &counter.to_be_bytes()]);
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    };
    let unfinished = (u64::MAX % size + 1) % size;
    let fair = (0..TRIES).map(number).find(|number| *number <= u64::MAX - unfinished);
    fair.unwrap_or_else(|| number(TRIES)) % size
}
