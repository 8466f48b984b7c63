//! `overdue`: reports that are due by each domain's rule (R7).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::seats::lookup::{domain_of, people, within};
use crate::seats::seat::tenures;
use crate::{Cell, Doc, On, Sheet, Table, Tenure, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "overdue",
    title: "Overdue reports",
    about: "Which reports are due, from whom, and since when?",
    on: On::Committee,
    reads: &["domain", "statement"],
    requirements: &[7],
    compute,
};

/// The forms of statements that a facilitator owes the domain in the open.
const FORMS: &[&str] = &["platform", "report", "status", "okr", "budget"];

/// The forms that count as a report where the domain names none.
const REPORTS: &[&str] = &["report", "status", "okr"];

/// A statement and the moment from which it is no draft.
struct Published<'w, 'a> {
    doc: &'w Doc<'a>,
    at: u64,
    /// Whether its author held the domain when it was published.
    held: bool,
}

/// What is due from a domain or a holder.
struct Due {
    last: Option<(Id, Day)>,
    due: Day,
    late: u64,
    missed: u64,
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut domains = Table::new(
        "domains",
        "Domain by domain",
        &[
            ("domain", "Domain"),
            ("every_days", "Every so many days"),
            ("form", "Form"),
            ("holders", "Facilitators"),
            ("last", "Last report"),
            ("last_on", "On"),
            ("due", "Next due"),
            ("late", "Days late"),
            ("missed", "Reports missed"),
            ("state", "State"),
        ],
        "There is no domain yet.",
    );
    let mut holders = Table::new(
        "holders",
        "Facilitator by facilitator",
        &[
            ("domain", "Domain"),
            ("holder", "Facilitator"),
            ("since", "Since"),
            ("last", "Own last report"),
            ("last_on", "On"),
            ("due", "Next due"),
            ("late", "Days late"),
            ("missed", "Reports missed"),
            ("drafts", "Drafts"),
            ("state", "State"),
        ],
        "Nobody holds the role `facilitator` for a domain, so nobody owes a report.",
    );
    let mut statements = Table::new(
        "statements",
        "What was published",
        &[
            ("domain", "Domain"),
            ("statement", "Statement"),
            ("form", "Form"),
            ("by", "By"),
            ("published", "Published"),
            ("from", "Covers from"),
            ("until", "Covers until"),
            ("by_holder", "By a facilitator of the domain"),
        ],
        "No goals, budget or report was published for a domain yet. A draft counts from its `publish` on.",
    );
    let mut late = 0;
    let statements_of = by_domain(world);
    for domain in world.of("domain").filter(|domain| within(world, domain, narrow)) {
        let every = domain
            .int("report_days")
            .unwrap_or_else(|| world.parameter("report_days"));
        let form = domain.text("report_form");
        let own = statements_of.get(&domain.id()).map_or(&[][..], Vec::as_slice);
        let published = published(world, domain, own);
        let reports: Vec<&Published<'_, '_>> = published.iter().filter(|p| p.held && counts(p.doc, form)).collect();
        let standing: Vec<&Tenure> = tenures(world, domain.id())
            .filter(|tenure| tenure.until.is_none())
            .collect();
        let began = standing.iter().map(|tenure| tenure.from).min();
        let whole = began.map(|began| due(world, &reports, began, every));
        let state = state(whole.as_ref(), every);
        late += usize::from(state == "overdue");
        let mut row = vec![
            Cell::Doc(domain.id()),
            Cell::Int(every),
            Cell::text(form),
            people(&standing.iter().map(|tenure| tenure.holder).collect()),
        ];
        row.extend(cells(whole.as_ref(), every));
        row.push(Cell::Word(state));
        domains.row(row);
        let each: BTreeSet<Id> = standing.iter().map(|tenure| tenure.holder).collect();
        for holder in each {
            let began = standing
                .iter()
                .filter(|t| t.holder == holder)
                .map(|t| t.from)
                .min()
                .unwrap_or(0);
            let theirs: Vec<&Published<'_, '_>> = reports.iter().copied().filter(|p| p.doc.by() == holder).collect();
            let theirs = due(world, &theirs, began, every);
            let mut row = vec![Cell::Doc(domain.id()), Cell::Person(holder), Cell::Day(Day::of(began))];
            row.extend(cells(Some(&theirs), every));
            row.push(drafts(own, holder, form));
            row.push(Cell::Word(self::state(Some(&theirs), every)));
            holders.row(row);
        }
        for found in published {
            statements.row(vec![
                Cell::Doc(domain.id()),
                Cell::Doc(found.doc.id()),
                Cell::text(found.doc.text("form")),
                Cell::Person(found.doc.by()),
                Cell::Day(Day::of(found.at)),
                Cell::of(found.doc.day("start"), Cell::Day),
                Cell::of(found.doc.day("end"), Cell::Day),
                Cell::Flag(found.held),
            ]);
        }
    }
    let sheet = Sheet::new("Overdue reports").say(match late {
        0 => "No domain is late with its report.".to_owned(),
        1 => "One domain is late with its report.".to_owned(),
        n => format!("{n} domains are late with their reports."),
    });
    sheet.table(domains).table(holders).table(statements)
}

/// Statements that name the domain and were published by now, by the moment of their first `publish`.
fn published<'w, 'a>(world: &World<'a>, domain: &Doc<'_>, statements: &[&'w Doc<'a>]) -> Vec<Published<'w, 'a>> {
    let mut out: Vec<Published<'w, 'a>> = statements
        .iter()
        .filter_map(|doc| {
            let at = doc
                .acts("publish")
                .map(|act| act.when.earliest())
                .min()
                .filter(|at| *at <= world.now)?;
            let held = tenures(world, domain.id()).any(|tenure| {
                tenure.holder == doc.by() && tenure.from <= at && tenure.until.is_none_or(|until| at < until)
            });
            Some(Published { doc, at, held })
        })
        .collect();
    out.sort_by_key(|found| (found.at, found.doc.id()));
    out
}

/// The statements of each domain, of the forms that it is owed: looked up once, since there may be thousands.
fn by_domain<'w, 'a>(world: &'w World<'a>) -> BTreeMap<Id, Vec<&'w Doc<'a>>> {
    let mut out: BTreeMap<Id, Vec<&Doc<'a>>> = BTreeMap::new();
    let owed = |doc: &&Doc<'a>| doc.text("form").is_some_and(|form| FORMS.contains(&form));
    for doc in world.of("statement").filter(owed) {
        if let Some(domain) = domain_of(world, doc) {
            out.entry(domain.id()).or_default().push(doc);
        }
    }
    out
}

/// Whether a statement's form is what the domain's rule asks for.
fn counts(doc: &Doc<'_>, asked: Option<&str>) -> bool {
    doc.text("form").is_some_and(|form| match asked {
        Some(asked) => form == asked,
        None => REPORTS.contains(&form),
    })
}

/// Due so many days after the last report; without one, after the role was given.
fn due(world: &World<'_>, reports: &[&Published<'_, '_>], began: u64, every: u64) -> Due {
    let last = reports.last().map(|found| (found.doc.id(), Day::of(found.at)));
    // A report from an earlier time in the role does not make a new one late.
    let from = last.map_or(Day::of(began), |(_, day)| day.max(Day::of(began)));
    let due = from.after(every);
    let late = u64::try_from(due.until(world.today())).unwrap_or(0);
    let missed = if late == 0 { 0 } else { 1 + (late - 1) / every.max(1) };
    Due {
        last,
        due,
        late,
        missed,
    }
}

fn state(due: Option<&Due>, every: u64) -> &'static str {
    match due {
        _ if every == 0 => "none asked",
        None => "nobody holds it",
        Some(due) if due.late > 0 => "overdue",
        Some(_) => "in time",
    }
}

fn cells(due: Option<&Due>, every: u64) -> [Cell; 5] {
    let last = due.and_then(|due| due.last);
    let next = due.filter(|_| every > 0);
    [
        Cell::of(last, |(id, _)| Cell::Doc(id)),
        Cell::of(last, |(_, day)| Cell::Day(day)),
        Cell::of(next, |due| Cell::Day(due.due)),
        Cell::of(next, |due| Cell::Int(due.late)),
        Cell::of(next, |due| Cell::Int(due.missed)),
    ]
}

/// A holder's statements of the asked form that were not published.
fn drafts(statements: &[&Doc<'_>], holder: Id, form: Option<&str>) -> Cell {
    let own = statements.iter().filter(|doc| doc.by() == holder && counts(doc, form));
    let drafts = own.filter(|doc| doc.acts("publish").next().is_none());
    Cell::List(drafts.map(|doc| Cell::Doc(doc.id())).collect())
}
