//! `turnover`: how many began and ended in each role, year by year, and how long they stayed (R31).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::motions::shared::{count, days};
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "turnover",
    title: "Turnover",
    about: "How many began and ended in each role, year by year, and for how long did they hold it?",
    on: On::Committee,
    reads: &["domain"],
    requirements: &[31],
    compute,
};

#[derive(Default)]
struct Year {
    starts: u64,
    lengths: Vec<u64>,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut years: BTreeMap<(i32, &str), Year> = BTreeMap::new();
    for tenure in &world.tenures {
        if tenure.from > world.now || only.is_some_and(|only| tenure.scope != Some(only.id())) {
            continue;
        }
        let from = Day::of(tenure.from);
        years.entry((from.year(), tenure.role.as_str())).or_default().starts += 1;
        if let Some(until) = tenure.until.filter(|until| *until <= world.now).map(Day::of) {
            let year = years.entry((until.year(), tenure.role.as_str())).or_default();
            year.lengths.push(days(from, until));
        }
    }
    let mut table = Table::new(
        "turnover",
        "Turnover",
        &[
            ("year", "Year"),
            ("role", "Role"),
            ("starts", "Began"),
            ("ends", "Ended"),
            ("median_days", "Days of those that ended, median"),
        ],
        "Nobody has held a role here.",
    );
    let mut bars = Vec::new();
    for ((year, role), mut counted) in years {
        let ends = count(counted.lengths.len());
        bars.push((format!("{year} {role}"), vec![counted.starts, ends]));
        table.row(vec![
            Cell::Int(u64::try_from(year).unwrap_or(0)),
            Cell::Text(role.to_owned()),
            Cell::Int(counted.starts),
            Cell::Int(ends),
            Cell::of(median(&mut counted.lengths), Cell::Int),
        ]);
    }
    let sheet = Sheet::new("Turnover").table(table);
    if bars.is_empty() {
        return sheet;
    }
    sheet.plot(Plot::Bars {
        title: "Began and ended".to_owned(),
        parts: vec!["began".to_owned(), "ended".to_owned()],
        bars,
    })
}

/// The one in the middle; of an even number the mean of both, rounded down.
fn median(days: &mut [u64]) -> Option<u64> {
    days.sort_unstable();
    let upper = *days.get(days.len() / 2)?;
    if days.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *days.get(days.len() / 2 - 1)?;
    Some(lower.midpoint(upper))
}
