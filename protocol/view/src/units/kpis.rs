//! `kpis`: what a proposal has to reach, and for how long it has held (R83).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::units::unit;
use crate::{Act, Cell, Doc, Item, On, Plot, Sheet, Table, View, World};
use althing_protocol::kind::{ItemId, Value};

pub(crate) static VIEW: View = View {
    name: "kpis",
    title: "Key performance indicators",
    about: "Which targets hold, since when without a break, and for long enough?",
    on: On::Committee,
    reads: &["proposal"],
    requirements: &[83],
    compute,
};

/// One indicator over time.
struct Run {
    /// The days that were measured, with the lowest and the highest value of each.
    days: Vec<(Day, u64, u64)>,
    /// The first and the last day of the last stretch on which every value was on the right side.
    holds: Option<(Day, Day)>,
    /// The longest distance between two days that were measured.
    gap: u64,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "kpis",
        "Indicators",
        &[
            ("proposal", "Proposal"),
            ("name", "Indicator"),
            ("compare", "Has to be"),
            ("target", "Target"),
            ("unit", "Unit"),
            ("hold_days", "For days"),
            ("measured", "Days measured"),
            ("last", "Last measured"),
            ("value", "Last value"),
            ("since", "Holds since"),
            ("held_days", "Held for days"),
            ("reached", "Long enough"),
            ("gap", "Longest distance in days"),
            ("silent", "Days since"),
            ("state", "State"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "No proposal says what it has to reach. Add KPIs to it.",
    );
    let mut measures = Table::new(
        "measures",
        "Measures",
        &[
            ("proposal", "Proposal"),
            ("measure", "Measure"),
            ("by", "By"),
            ("kpi", "Indicator's entry"),
            ("n", "Indicator's place"),
            ("day", "Day"),
            ("value", "Value"),
            ("reference", "Read at"),
            ("counts", "Counts"),
        ],
        "Nothing has been measured yet.",
    );
    let mut lines = Vec::new();
    let mut reached = 0;
    for doc in world
        .of("proposal")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        for item in doc.items("kpis") {
            let run = run(world, doc, &item);
            let row = row(world, doc, &item, &run);
            reached += usize::from(row.contains(&Cell::Word("reached")));
            table.row(row);
            let name = item.text("name").unwrap_or_default();
            let points = run
                .days
                .iter()
                .map(|(day, low, high)| (*day, if above(&item) { *low } else { *high }));
            lines.push((format!("{}: {name}", doc.title()), points.collect()));
        }
        for act in doc.acts("measure") {
            let of = measured(&act);
            measures.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(act.id),
                Cell::Person(act.by),
                Cell::of(of, |item| Cell::Entry(item.entry)),
                Cell::of(of, |item| Cell::Int(item.n)),
                Cell::of(act.day("day"), Cell::Day),
                Cell::of(act.int("value"), Cell::Int),
                Cell::text(act.text("reference")),
                Cell::Word(counts(world, doc, &act)),
            ]);
        }
    }
    Sheet::new("Key performance indicators")
        .say(format!(
            "{} indicators, {reached} of which have held for long enough.",
            table.rows.len()
        ))
        .say("Days without a measure after the last one prove nothing: an indicator has held up to its last measure.")
        .table(table)
        .table(measures)
        .plot(Plot::Lines {
            title: "Values".to_owned(),
            lines,
        })
}

/// Whether a measure counts: by an owner of the proposal or a member, of a day that was not still to come.
fn counts(world: &World<'_>, doc: &Doc<'_>, act: &Act<'_>) -> &'static str {
    let day = act.day("day");
    if !(unit::owns(doc, act.by) || world.was_member(act.by, act.when.claimed)) {
        return "no member";
    }
    let written = Day::of(unit::written(act.when)).min(world.today());
    if day.is_none_or(|day| day > written) {
        return "ahead of its day";
    }
    let known = measured(act).is_some_and(|of| doc.items("kpis").iter().any(|item| item.id == of));
    if known { "yes" } else { "indicator gone" }
}

fn measured(act: &Act<'_>) -> Option<ItemId> {
    match act.value("kpi") {
        Some(Value::Item(item)) => Some(*item),
        _ => None,
    }
}

/// Whether the target is a lowest value; otherwise it is a highest one.
fn above(item: &Item<'_>) -> bool {
    item.text("compare") != Some("at_most")
}

fn run(world: &World<'_>, doc: &Doc<'_>, item: &Item<'_>) -> Run {
    let mut days: BTreeMap<Day, (u64, u64)> = BTreeMap::new();
    for act in doc.acts("measure").filter(|act| measured(act) == Some(item.id)) {
        let (Some(day), Some(value), "yes") = (act.day("day"), act.int("value"), counts(world, doc, &act)) else {
            continue;
        };
        let known = days.entry(day).or_insert((value, value));
        *known = (known.0.min(value), known.1.max(value));
    }
    let (mut holds, mut gap, mut before) = (None, 0, None::<Day>);
    let target = item.int("target");
    for (day, (low, high)) in &days {
        let right = target.is_some_and(|target| if above(item) { *low >= target } else { *high <= target });
        holds = right.then(|| (holds.map_or(*day, |(since, _): (Day, Day)| since), *day));
        gap = gap.max(before.map_or(0, |before| distance(before, *day)));
        before = Some(*day);
    }
    let days = days.into_iter().map(|(day, (low, high))| (day, low, high)).collect();
    Run { days, holds, gap }
}

fn distance(from: Day, until: Day) -> u64 {
    u64::try_from(from.until(until)).unwrap_or(0)
}

fn row(world: &World<'_>, doc: &Doc<'_>, item: &Item<'_>, run: &Run) -> Vec<Cell> {
    let wanted = item.int("hold_days").unwrap_or(0);
    let held = run.holds.map(|(since, last)| distance(since, last));
    let last = run.days.last();
    let state = match (item.int("target"), last, held) {
        (None, ..) => "no target",
        (_, None, _) => "not measured",
        (_, _, None) => "missed",
        (_, _, Some(held)) if held >= wanted => "reached",
        _ => "holds",
    };
    vec![
        Cell::Doc(doc.id()),
        Cell::text(item.text("name")),
        Cell::Word(if above(item) { "at_least" } else { "at_most" }),
        Cell::of(item.int("target"), Cell::Int),
        Cell::text(item.text("unit")),
        Cell::Int(wanted),
        unit::count(run.days.len()),
        Cell::of(last, |(day, ..)| Cell::Day(*day)),
        Cell::of(last, |(_, low, high)| Cell::Int(if above(item) { *low } else { *high })),
        Cell::of(run.holds, |(since, _)| Cell::Day(since)),
        Cell::of(held, Cell::Int),
        Cell::Flag(state == "reached"),
        Cell::Int(run.gap),
        Cell::of(last, |(day, ..)| Cell::Int(distance(*day, world.today()))),
        Cell::Word(state),
        Cell::Entry(item.id.entry),
        Cell::Int(item.id.n),
    ]
}
