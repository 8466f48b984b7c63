//! `compare`: the candidates for a seat side by side (R11).

use std::collections::{BTreeMap, BTreeSet};

use crate::seats::ballot::nominee;
use crate::seats::completeness::measurable;
use crate::seats::lookup::{cash, domain_of, money, open_questions};
use crate::seats::seat::standing;
use crate::{Cell, Column, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "compare",
    title: "Candidates side by side",
    about: "How do the candidates for a seat compare?",
    on: On::Document(&["nomination", "domain"]),
    reads: &["nomination", "domain"],
    requirements: &[11],
    compute,
};

/// For a nomination, those for the same seat; for a domain, all of its nominations, seat by seat. Who declined or
/// withdrew is no candidate.
fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let Some(doc) = doc else {
        return Sheet::new("Candidates side by side");
    };
    // Without a domain that is here, what the field says.
    let place = |doc: &Doc<'_>| (domain_of(world, doc).map(Doc::id), doc.value("domain").cloned());
    let same = |a: &Doc<'_>, b: &Doc<'_>| match (place(a), place(b)) {
        ((Some(a), _), (Some(b), _)) => a == b,
        ((None, a), (None, b)) => a == b,
        _ => false,
    };
    let mut all: Vec<&Doc<'_>> = world
        .of("nomination")
        .filter(|other| match doc.kind() {
            "domain" => domain_of(world, other).is_some_and(|domain| domain.id() == doc.id()),
            _ => same(other, doc) && other.text("seat") == doc.text("seat"),
        })
        .collect();
    let before = all.len();
    all.retain(|doc| !matches!(standing(world, doc), "declined" | "withdrawn"));
    let gone = before - all.len();
    // Stable: nominations for one seat stay in canonical order.
    all.sort_by_key(|doc| doc.text("seat").unwrap_or_default());
    let mut table = Table::new(
        "candidates",
        "Candidates",
        &[("aspect", "What"), ("of", "Of")],
        "Nobody stands for this seat. Anyone with a key can open a nomination.",
    );
    table.columns.extend(all.iter().map(|doc| Column {
        name: doc.id().to_string(),
        title: doc.title(),
    }));
    if !all.is_empty() {
        for (aspect, of, cells) in rows(world, &all) {
            let head = [Cell::Word(aspect), Cell::text(of.as_deref())];
            table.row(head.into_iter().chain(cells).collect());
        }
    }
    let mut sheet = Sheet::new("Candidates side by side").say(match all.len() {
        0 => "There is no candidate.".to_owned(),
        1 => "There is one candidate.".to_owned(),
        n => format!("There are {n} candidates."),
    });
    if gone > 0 {
        sheet = sheet.say(format!("{gone} others declined or withdrew."));
    }
    for (who, times) in twice(&all) {
        sheet = sheet.say(format!(
            "{} is nominated {times} times for one seat.",
            world.called(who)
        ));
    }
    sheet.table(table)
}

type Row = (&'static str, Option<String>, Vec<Cell>);

/// People by the class and the position that they take.
type Stances<'a> = BTreeMap<(Option<&'a str>, &'a str), BTreeSet<Id>>;

fn rows(world: &World<'_>, all: &[&Doc<'_>]) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    let mut row = |aspect: &'static str, cell: &dyn Fn(&Doc<'_>) -> Cell| {
        out.push((aspect, None, all.iter().map(|doc| cell(doc)).collect()));
    };
    let count = |n: usize| Cell::Int(u64::try_from(n).unwrap_or(u64::MAX));
    row("seat", &|doc| Cell::text(doc.text("seat")));
    row("nominee", &|doc| nominee(world, doc));
    row("nominated by", &|doc| Cell::Person(doc.by()));
    row("standing", &|doc| Cell::Word(standing(world, doc)));
    row("perspective", &|doc| Cell::text(doc.text("perspective")));
    row("goals", &|doc| {
        Cell::List(
            doc.items("goals")
                .iter()
                .map(|goal| Cell::text(goal.text("text")))
                .collect(),
        )
    });
    for (aspect, word) in [("measurable goals", "yes"), ("goals marked not measurable", "no")] {
        row(aspect, &|doc| {
            count(
                doc.items("goals")
                    .iter()
                    .filter(|goal| measurable(goal) == word)
                    .count(),
            )
        });
    }
    row("budget lines", &|doc| count(doc.items("budget").len()));
    row("lines without amount", &|doc| {
        count(
            doc.items("budget")
                .iter()
                .filter(|line| money(line.value("amount")).is_none())
                .count(),
        )
    });
    row("open questions", &|doc| count(open_questions(doc).len()));
    let totals: Vec<BTreeMap<String, i128>> = all.iter().map(|doc| totals(doc)).collect();
    let currencies: BTreeSet<&String> = totals.iter().flat_map(BTreeMap::keys).collect();
    for currency in currencies {
        let cells = totals
            .iter()
            .map(|sums| cash(sums.get(currency).copied().unwrap_or(0), currency));
        out.push(("budget", Some(currency.clone()), cells.collect()));
    }
    let stances: Vec<Stances<'_>> = all.iter().map(|doc| stances(doc)).collect();
    let classes: BTreeSet<Option<&str>> = stances
        .iter()
        .flat_map(BTreeMap::keys)
        .map(|(class, _)| *class)
        .collect();
    for class in classes {
        for (aspect, position) in [
            ("supported by", "support"),
            ("opposed by", "oppose"),
            ("abstaining", "abstain"),
        ] {
            let cells = stances.iter().map(|by| {
                let who = by.get(&(class, position)).into_iter().flatten();
                Cell::List(who.copied().map(Cell::Person).collect())
            });
            out.push((aspect, Some(class.unwrap_or("no class").to_owned()), cells.collect()));
        }
    }
    out
}

fn totals(doc: &Doc<'_>) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    for line in doc.items("budget") {
        if let Some((amount, currency)) = money(line.value("amount")) {
            *sums.entry(currency.to_owned()).or_default() += amount;
        }
    }
    sums
}

/// Who takes which position, by the class that they name. Heads are no votes, so they are named and never added up.
fn stances<'a>(doc: &Doc<'a>) -> Stances<'a> {
    let mut out = Stances::new();
    for act in doc.acts("stance") {
        if let Some(position) = act.text("position") {
            out.entry((act.text("class"), position)).or_default().insert(act.by);
        }
    }
    out
}

/// Who stands more than once for one seat.
fn twice(all: &[&Doc<'_>]) -> Vec<(Id, usize)> {
    let mut times: BTreeMap<(&str, Id), usize> = BTreeMap::new();
    for doc in all {
        for nominee in crate::seats::seat::nominees(doc) {
            *times
                .entry((doc.text("seat").unwrap_or_default(), *nominee))
                .or_default() += 1;
        }
    }
    times
        .into_iter()
        .filter(|(_, n)| *n > 1)
        .map(|((_, who), n)| (who, n))
        .collect()
}
