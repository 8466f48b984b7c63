//! `gaps`: the archive of each unit's reports, and where it has holes (R54).

use crate::calendar::Day;
use crate::sheet::Span;
use crate::units::unit;
use crate::units::unit::Unit;
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "gaps",
    title: "Archive of reports",
    about: "Which units have reported without a gap, and which ones owe a report now?",
    on: On::Committee,
    reads: &["domain", "statement"],
    requirements: &[54],
    compute,
};

/// A unit's reports.
pub(crate) struct Archive<'w, 'a> {
    /// Those that count, in the order of their first days.
    pub(crate) reports: Vec<Report<'w, 'a>>,
    /// Days after the last day that is covered; none without a report.
    pub(crate) silent: Option<u64>,
    /// The longest distance between two reports, or a report and now.
    pub(crate) longest: u64,
    /// Distances between reports that are too long.
    pub(crate) gaps: u64,
}

/// A report.
pub(crate) struct Report<'w, 'a> {
    pub(crate) doc: &'w Doc<'a>,
    from: Day,
    until: Day,
    /// The days between it and what was covered before it.
    distance: u64,
}

/// The archive of a unit, out of the reports that name it: those that were published by somebody who spoke for it then.
pub(crate) fn archive<'w, 'a>(world: &World<'a>, unit: &Unit<'_, '_>, docs: &[&'w Doc<'a>]) -> Archive<'w, 'a> {
    let most = world.parameter("status_gap_days");
    let counting = docs.iter().filter(|doc| counts(world, unit, doc) == "yes");
    let mut reports: Vec<_> = counting.map(|doc| covered(doc)).collect();
    reports.sort_by_key(|report| (report.from, report.until, report.doc.id()));
    let (mut last, mut longest, mut gaps): (Option<Day>, u64, u64) = (None, 0, 0);
    for report in &mut reports {
        report.distance = last.map_or(0, |last| days(last, report.from));
        longest = longest.max(report.distance);
        gaps += u64::from(report.distance > most);
        last = last.max(Some(report.until));
    }
    let silent = last.map(|last| days(last, world.today()));
    Archive {
        reports,
        silent,
        longest: longest.max(silent.unwrap_or(0)),
        gaps,
    }
}

/// Whether a report counts, or why it does not: `draft`, `not yet`, `no speaker`.
pub(crate) fn counts(world: &World<'_>, unit: &Unit<'_, '_>, doc: &Doc<'_>) -> &'static str {
    match unit::published(doc) {
        None => "draft",
        Some(at) if at > world.now => "not yet",
        Some(at) if !unit::speaks(world, unit, doc.by(), at) => "no speaker",
        Some(_) => "yes",
    }
}

/// Whether a statement is a report of the form that this unit owes.
pub(crate) fn is_report(unit: &Unit<'_, '_>, doc: &Doc<'_>) -> bool {
    let form = doc.text("form");
    match unit.domain.and_then(|domain| domain.text("report_form")) {
        Some(owed) => form == Some(owed),
        None => matches!(form, Some("report" | "status" | "okr")),
    }
}

/// The days that a report covers. Nobody can report on days that are still to come when they write.
fn covered<'w, 'a>(doc: &'w Doc<'a>) -> Report<'w, 'a> {
    let written = written(doc);
    let until = doc
        .day("end")
        .or_else(|| doc.day("start"))
        .unwrap_or(written)
        .min(written);
    let from = doc.day("start").filter(|start| *start <= until).unwrap_or(until);
    Report {
        doc,
        from,
        until,
        distance: 0,
    }
}

/// The day on which a report was published; of a draft, the day on which it was opened.
fn written(doc: &Doc<'_>) -> Day {
    Day::of(unit::published(doc).unwrap_or_else(|| unit::written(doc.opened())))
}

fn days(from: Day, until: Day) -> u64 {
    u64::try_from(from.until(until)).unwrap_or(0)
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut units = Table::new(
        "units",
        "Units",
        &[
            ("unit", "Unit"),
            ("domain", "Document"),
            ("reports", "Reports"),
            ("from", "Covered from"),
            ("until", "Covered until"),
            ("gaps", "Gaps"),
            ("longest", "Longest distance in days"),
            ("silent", "Days without a report now"),
            ("due", "Next one due"),
            ("state", "State"),
        ],
        "No unit is known yet. Open a domain.",
    );
    let mut reports = Table::new(
        "reports",
        "Reports",
        &[
            ("unit", "Unit"),
            ("report", "Report"),
            ("form", "Form"),
            ("by", "By"),
            ("published", "Published on"),
            ("from", "From"),
            ("until", "Until"),
            ("distance", "Days since the one before"),
            ("gap", "Gap"),
            ("counts", "Counts"),
        ],
        "Nobody has reported yet. Publish a statement of the form status.",
    );
    let most = world.parameter("status_gap_days");
    let (mut overdue, mut never) = (0, 0);
    let mut spans = Vec::new();
    for (unit, docs) in unit::group(world, world.of("statement")) {
        let docs: Vec<_> = docs.into_iter().filter(|doc| is_report(&unit, doc)).collect();
        let named = only.is_none_or(|only| only.kind() == "domain" || docs.iter().any(|doc| doc.id() == only.id()));
        if !unit.wanted(only) || !named || (unit.domain.is_none() && docs.is_empty()) {
            continue;
        }
        let archive = archive(world, &unit, &docs);
        let state = match archive.silent {
            None => "never reported",
            Some(days) if days > most => "overdue",
            Some(_) => "current",
        };
        overdue += usize::from(state == "overdue");
        never += usize::from(state == "never reported");
        units.row(row(&unit, &archive, most, state));
        let mut before: Option<Day> = None;
        for report in &archive.reports {
            reports.row(line(&unit, report.doc, report, most, "yes"));
            if let Some(last) = before.filter(|_| report.distance > most) {
                spans.push(span(&unit, "gap", last, report.from, true));
            }
            spans.push(span(&unit, "report", report.from, report.until, false));
            before = before.max(Some(report.until));
        }
        if let Some(last) = before.filter(|_| state == "overdue") {
            spans.push(span(&unit, "gap", last, world.today(), true));
        }
        for doc in &docs {
            let word = counts(world, &unit, doc);
            if word != "yes" {
                reports.row(line(&unit, doc, &covered(doc), most, word));
            }
        }
    }
    let plot = Plot::Spans {
        title: "Days that reports cover".to_owned(),
        now: Some(world.today()),
        spans,
    };
    Sheet::new("Archive of reports")
        .say(format!("More than {most} days between two reports are a gap."))
        .say(format!("{overdue} units are overdue, {never} have never reported."))
        .table(units)
        .table(reports)
        .plot(plot)
}

fn span(unit: &Unit<'_, '_>, label: &str, from: Day, until: Day, clash: bool) -> Span {
    Span {
        lane: unit.name.clone(),
        label: label.to_owned(),
        from,
        until,
        clash,
    }
}

fn row(unit: &Unit<'_, '_>, archive: &Archive<'_, '_>, most: u64, state: &'static str) -> Vec<Cell> {
    let last = archive.reports.iter().map(|report| report.until).max();
    vec![
        Cell::Text(unit.name.clone()),
        Cell::of(unit.id(), Cell::Doc),
        unit::count(archive.reports.len()),
        Cell::of(archive.reports.first(), |report| Cell::Day(report.from)),
        Cell::of(last, Cell::Day),
        Cell::Int(archive.gaps),
        Cell::Int(archive.longest),
        Cell::of(archive.silent, Cell::Int),
        Cell::of(last, |last| Cell::Day(last.after(most))),
        Cell::Word(state),
    ]
}

fn line(unit: &Unit<'_, '_>, doc: &Doc<'_>, report: &Report<'_, '_>, most: u64, counts: &'static str) -> Vec<Cell> {
    vec![
        Cell::Text(unit.name.clone()),
        Cell::Doc(doc.id()),
        Cell::text(doc.text("form")),
        Cell::Person(doc.by()),
        Cell::Day(written(doc)),
        Cell::Day(report.from),
        Cell::Day(report.until),
        Cell::Int(report.distance),
        Cell::Flag(counts == "yes" && report.distance > most),
        Cell::Word(counts),
    ]
}
