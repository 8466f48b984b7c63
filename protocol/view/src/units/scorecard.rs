//! `scorecard`: how open each unit is, point by point (R62).
//!
//! Points are 0 or 1, each with its reason. They are shown side by side and counted, and weigh nothing.

use crate::units::gaps;
use crate::units::gaps::Archive;
use crate::units::unit;
use crate::units::unit::Unit;
use crate::units::{okrs, practices, templates};
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "scorecard",
    title: "Transparency scorecard",
    about: "Which points of openness does each unit meet, and why not the others?",
    on: On::Committee,
    reads: &["domain", "statement"],
    requirements: &[62],
    compute,
};

/// The formula: a new name for every change of what is counted.
const FORMULA: &str = "v1";

const POINTS: [&str; 7] = [
    "report",
    "results",
    "evidence",
    "archive",
    "templates",
    "practices",
    "audited",
];

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut units = Table::new(
        "units",
        "Units",
        &[
            ("unit", "Unit"),
            ("domain", "Document"),
            ("points", "Points"),
            ("of", "Of"),
            ("formula", "Formula"),
        ],
        "No unit has a document yet. Open a domain.",
    );
    let mut points = Table::new(
        "points",
        "Points",
        &[
            ("unit", "Unit"),
            ("domain", "Document"),
            ("point", "Point"),
            ("met", "Met"),
            ("reason", "Why"),
        ],
        "No unit has a document yet.",
    );
    let mut rows = Vec::new();
    for (unit, docs) in unit::group(world, world.of("statement")) {
        let (true, Some(domain)) = (unit.wanted(only), unit.domain) else {
            continue;
        };
        if only.is_some_and(|only| only.kind() != "domain" && docs.iter().all(|doc| doc.id() != only.id())) {
            continue;
        }
        let found = score(world, &unit, domain, &docs);
        let met = found.iter().filter(|(met, _)| *met).count();
        units.row(vec![
            Cell::Text(unit.name.clone()),
            Cell::Doc(domain.id()),
            unit::count(met),
            unit::count(POINTS.len()),
            Cell::Word(FORMULA),
        ]);
        rows.push((
            unit.name.clone(),
            found.iter().map(|(met, _)| if *met { 4 } else { 0 }).collect(),
        ));
        for (point, (met, reason)) in POINTS.iter().zip(found) {
            points.row(vec![
                Cell::Text(unit.name.clone()),
                Cell::Doc(domain.id()),
                Cell::Word(point),
                Cell::Flag(met),
                Cell::Text(reason),
            ]);
        }
    }
    let plot = Plot::Grid {
        title: "Points that are met".to_owned(),
        columns: POINTS.map(str::to_owned).into(),
        rows,
    };
    Sheet::new("Transparency scorecard")
        .say(format!(
            "{} units by formula {FORMULA}, {} points each.",
            units.rows.len(),
            POINTS.len()
        ))
        .say("A point says that something can be seen, not that it is good.")
        .table(units)
        .table(points)
        .plot(plot)
}

type Point = (bool, String);

/// One answer for each of [`POINTS`]. Only statements count that stand, published by somebody who spoke for the unit.
fn score(world: &World<'_>, unit: &Unit<'_, '_>, domain: &Doc<'_>, docs: &[&Doc<'_>]) -> [Point; 7] {
    let reports: Vec<_> = docs.iter().copied().filter(|doc| gaps::is_report(unit, doc)).collect();
    let archive = gaps::archive(world, unit, &reports);
    let own = |doc: &&&Doc<'_>| gaps::counts(world, unit, doc) == "yes" && unit::superseded(doc).is_none();
    let standing = docs.iter().filter(own);
    let standing: Vec<_> = standing.copied().collect();
    let owed = domain.int("report_days").filter(|days| *days > 0);
    let owed = owed.unwrap_or_else(|| world.parameter("report_days"));
    let [results, evidence] = results(&standing);
    let [committed, audited] = committed(world, domain);
    [
        report(&archive, owed),
        results,
        evidence,
        unbroken(&archive, world.parameter("status_gap_days")),
        complete(&standing),
        committed,
        audited,
    ]
}

fn report(archive: &Archive<'_, '_>, owed: u64) -> Point {
    match archive.silent {
        None => (false, "never reported".to_owned()),
        Some(days) => (
            days <= owed,
            format!("{days} days since the last day reported on, {owed} allowed"),
        ),
    }
}

fn unbroken(archive: &Archive<'_, '_>, most: u64) -> Point {
    match archive.silent {
        None => (false, "never reported".to_owned()),
        Some(_) => (
            archive.longest <= most,
            format!("longest distance {} days, {most} allowed", archive.longest),
        ),
    }
}

fn results(standing: &[&Doc<'_>]) -> [Point; 2] {
    let items = standing
        .iter()
        .filter(|doc| okrs::counts(doc))
        .flat_map(|doc| doc.items("items"));
    let items: Vec<_> = items.collect();
    let targets = items.iter().filter(|item| okrs::share(item).is_some()).count();
    let said: Vec<_> = items
        .iter()
        .filter(|item| item.int("reached").is_some_and(|reached| reached > 0) || item.text("result").is_some())
        .collect();
    let shown = said.iter().filter(|item| okrs::shown(item)).count();
    [
        (
            targets > 0 && targets == items.len(),
            format!("{targets} of {} key results have a target", items.len()),
        ),
        (
            shown > 0 && shown == said.len(),
            format!(
                "{shown} of {} results that are said to be reached have evidence",
                said.len()
            ),
        ),
    ]
}

fn complete(standing: &[&Doc<'_>]) -> Point {
    let whole = standing.iter().filter(|doc| templates::lacks(doc).0.is_empty()).count();
    (
        whole > 0 && whole == standing.len(),
        format!("{whole} of {} statements lack nothing", standing.len()),
    )
}

fn committed(world: &World<'_>, domain: &Doc<'_>) -> [Point; 2] {
    let practices = practices::practices(world, domain);
    let hold = practices
        .iter()
        .filter(|practice| practice.found() == Some("holds"))
        .count();
    [
        (!practices.is_empty(), format!("{} practices", practices.len())),
        (
            hold > 0 && hold == practices.len(),
            format!(
                "{hold} of {} practices were last found to hold by somebody else",
                practices.len()
            ),
        ),
    ]
}
