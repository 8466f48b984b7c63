//! `okrs`: objectives and their key results, with what shows them (R53).

use crate::units::unit;
use crate::units::unit::Unit;
use crate::{Cell, Doc, Item, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "okrs",
    title: "Objectives and key results",
    about: "How far is each key result, and can that be seen anywhere?",
    on: On::Committee,
    reads: &["domain", "statement"],
    requirements: &[53],
    compute,
};

/// All of something, in parts per million.
const WHOLE: u64 = 1_000_000;

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut objectives = Table::new(
        "objectives",
        "Objectives",
        &[
            ("unit", "Unit"),
            ("statement", "Statement"),
            ("published", "Published"),
            ("speaks", "By somebody who speaks for the unit"),
            ("objective", "Objective"),
            ("results", "Key results"),
            ("measured", "With a target"),
            ("shown", "With evidence"),
            ("ppm", "Reached, as said"),
            ("shown_ppm", "Reached, as shown"),
        ],
        "No objectives are published yet. Publish a statement of the form okr.",
    );
    let mut results = Table::new(
        "results",
        "Key results",
        &[
            ("unit", "Unit"),
            ("statement", "Statement"),
            ("objective", "Objective"),
            ("result", "Key result"),
            ("target", "Target"),
            ("reached", "Reached"),
            ("ppm", "Share"),
            ("evidence", "Evidence"),
            ("shown", "Shown"),
            ("due", "Due"),
            ("late", "Late"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "No key results are published yet.",
    );
    let mut bars = Vec::new();
    for (unit, docs) in unit::group(world, world.of("statement").filter(|doc| counts(doc))) {
        if !unit.wanted(only) {
            continue;
        }
        let docs = docs.into_iter();
        for doc in docs.filter(|doc| only.is_none_or(|only| only.kind() == "domain" || only.id() == doc.id())) {
            for item in doc.items("items") {
                results.row(result(world, &unit, doc, &item));
            }
            for (name, items) in grouped(doc) {
                let (row, said, shown) = objective(world, &unit, doc, name, &items);
                objectives.row(row);
                let label = format!("{}: {}", unit.name, if name.is_empty() { "(none)" } else { name });
                bars.push((label, vec![shown, said.saturating_sub(shown)]));
            }
        }
    }
    let unshown = results
        .rows
        .iter()
        .filter(|row| row.contains(&Cell::Word("no evidence")))
        .count();
    let mut sheet = Sheet::new("Objectives and key results").say(format!(
        "{} objectives with {} key results.",
        objectives.rows.len(),
        results.rows.len()
    ));
    if unshown > 0 {
        sheet = sheet.say(format!(
            "{unshown} results are said to be reached in part or whole, and nothing shows it."
        ));
    }
    let plot = Plot::Bars {
        title: "Reached, in parts per million".to_owned(),
        parts: vec!["shown".to_owned(), "only said".to_owned()],
        bars,
    };
    sheet.table(objectives).table(results).plot(plot)
}

/// Whether a statement holds objectives that stand.
pub(crate) fn counts(doc: &Doc<'_>) -> bool {
    doc.text("form") == Some("okr") && unit::superseded(doc).is_none()
}

/// What a result has reached of its target; none without a target above 0.
pub(crate) fn share(item: &Item<'_>) -> Option<u64> {
    let target = item.int("target").filter(|target| *target > 0)?;
    let reached = u128::from(item.int("reached").unwrap_or(0)) * u128::from(WHOLE) / u128::from(target);
    Some(u64::try_from(reached).unwrap_or(WHOLE).min(WHOLE))
}

/// Whether something shows what a result says.
pub(crate) fn shown(item: &Item<'_>) -> bool {
    item.text("evidence").is_some()
}

/// The items of each objective, in the order in which the objectives first appear.
fn grouped<'a>(doc: &Doc<'a>) -> Vec<(&'a str, Vec<Item<'a>>)> {
    let mut out: Vec<(&str, Vec<Item<'a>>)> = Vec::new();
    for item in doc.items("items") {
        let name = item.text("group").unwrap_or_default();
        match out.iter_mut().find(|(known, _)| *known == name) {
            Some((_, items)) => items.push(item),
            None => out.push((name, vec![item])),
        }
    }
    out
}

fn objective(
    world: &World<'_>,
    unit: &Unit<'_, '_>,
    doc: &Doc<'_>,
    name: &str,
    items: &[Item<'_>],
) -> (Vec<Cell>, u64, u64) {
    let measured: Vec<_> = items
        .iter()
        .filter_map(|item| Some((share(item)?, shown(item))))
        .collect();
    let sum = |all: u64, share: &(u64, bool)| all + share.0;
    let count = unit::size(measured.len());
    let said = measured.iter().fold(0, sum).checked_div(count);
    let seen = measured.iter().filter(|share| share.1).fold(0, sum).checked_div(count);
    let at = unit::published(doc).unwrap_or_else(|| unit::written(doc.opened()));
    let row = vec![
        Cell::Text(unit.name.clone()),
        Cell::Doc(doc.id()),
        Cell::Flag(unit::published(doc).is_some()),
        Cell::Flag(unit::speaks(world, unit, doc.by(), at)),
        Cell::text(Some(name).filter(|name| !name.is_empty())),
        unit::count(items.len()),
        Cell::Int(count),
        unit::count(items.iter().filter(|item| shown(item)).count()),
        Cell::of(said, Cell::Ppm),
        Cell::of(seen, Cell::Ppm),
    ];
    (row, said.unwrap_or(0), seen.unwrap_or(0))
}

fn result(world: &World<'_>, unit: &Unit<'_, '_>, doc: &Doc<'_>, item: &Item<'_>) -> Vec<Cell> {
    let share = share(item);
    let due = item.day("due");
    let claims = item.int("reached").is_some_and(|reached| reached > 0) || item.text("result").is_some();
    vec![
        Cell::Text(unit.name.clone()),
        Cell::Doc(doc.id()),
        Cell::text(item.text("group")),
        Cell::text(item.text("text")),
        Cell::of(item.int("target"), Cell::Int),
        Cell::of(item.int("reached"), Cell::Int),
        Cell::of(share, Cell::Ppm),
        Cell::text(item.text("evidence")),
        Cell::Word(match (shown(item), claims) {
            (true, _) => "evidence",
            (false, true) => "no evidence",
            (false, false) => "nothing said",
        }),
        Cell::of(due, Cell::Day),
        Cell::Flag(due.is_some_and(|due| due < world.today()) && share != Some(WHOLE)),
        Cell::Entry(item.id.entry),
        Cell::Int(item.id.n),
    ]
}
