//! `sponsorships`: who carries which newcomer or plan, and how (R58).

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::units::{status, unit};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "sponsorships",
    title: "Sponsorships",
    about: "Who sponsors which incubation, scholarship, micro or development plan, and until when?",
    on: On::Committee,
    reads: &["domain", "proposal", "decision"],
    requirements: &[58],
    compute,
};

const CLASSES: [&str; 4] = ["incubation", "scholarship", "micro", "development"];

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "sponsored",
        "Sponsored",
        &[
            ("document", "Document"),
            ("class", "Class"),
            ("fate", "Decided"),
            ("cap", "At most"),
            ("start", "From"),
            ("end", "Until"),
            ("sponsors", "Sponsors"),
            ("state", "State"),
        ],
        "Nothing is sponsored and nobody asks for it. Open a proposal of the type sponsorship.",
    );
    let mut sponsors = Table::new(
        "sponsors",
        "Sponsors",
        &[
            ("document", "Document"),
            ("sponsor", "Sponsor"),
            ("entry", "Entry"),
            ("since", "Since"),
            ("until", "Until"),
            ("weight", "Weight"),
            ("standing", "Standing"),
        ],
        "Nobody sponsors anything yet.",
    );
    let only = only.filter(|only| only.kind() != "decision");
    let mut waiting = 0;
    let docs = world
        .documents
        .iter()
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()));
    for doc in docs.filter(|doc| is_one(doc)) {
        let mut standing = BTreeSet::new();
        for act in doc.acts("sponsor") {
            let word = stands(world, doc, &act);
            if word == "stands" {
                standing.insert(act.by);
            }
            sponsors.row(vec![
                Cell::Doc(doc.id()),
                Cell::Person(act.by),
                Cell::Entry(act.id),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::of(act.day("until"), Cell::Day),
                Cell::of(act.int("weight"), Cell::Int),
                Cell::Word(word),
            ]);
        }
        let state = match doc.day("end") {
            Some(end) if end < world.today() => "over",
            _ if standing.is_empty() => "waits for a sponsor",
            _ => "sponsored",
        };
        waiting += usize::from(state == "waits for a sponsor");
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::of(class(doc), Cell::Word),
            Cell::Word(status::fate(world, doc).word),
            cap(doc),
            Cell::of(doc.day("start"), Cell::Day),
            Cell::of(doc.day("end"), Cell::Day),
            Cell::List(standing.into_iter().map(Cell::Person).collect()),
            Cell::Word(state),
        ]);
    }
    Sheet::new("Sponsorships")
        .say(match waiting {
            0 => "Nothing waits for a sponsor.".to_owned(),
            1 => "One waits for a sponsor.".to_owned(),
            n => format!("{n} wait for a sponsor."),
        })
        .say("Nobody sponsors what is their own.")
        .table(table)
        .table(sponsors)
}

/// Sponsorships, and domains that somebody sponsors.
fn is_one(doc: &Doc<'_>) -> bool {
    match doc.kind() {
        "proposal" => doc.text("type") == Some("sponsorship"),
        "domain" => doc.acts("sponsor").next().is_some(),
        _ => false,
    }
}

fn class(doc: &Doc<'_>) -> Option<&'static str> {
    if doc.kind() == "domain" {
        return Some("domain");
    }
    let said = doc.text("class")?.trim().to_ascii_lowercase();
    Some(CLASSES.into_iter().find(|class| *class == said).unwrap_or("other"))
}

fn stands(world: &World<'_>, doc: &Doc<'_>, act: &Act<'_>) -> &'static str {
    match act.day("until") {
        _ if unit::owns(doc, act.by) => "own",
        Some(until) if until < world.today() => "over",
        _ => "stands",
    }
}

fn cap(doc: &Doc<'_>) -> Cell {
    match doc.value("cap") {
        Some(Value::Money { amount, currency }) => Cell::Money {
            amount: i128::from(*amount),
            currency: currency.clone(),
        },
        _ => Cell::Empty,
    }
}
