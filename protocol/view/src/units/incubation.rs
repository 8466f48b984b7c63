//! `incubation`: how far each domain has come, and how it got there (R57).

use crate::calendar::Day;
use crate::units::unit;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "incubation",
    title: "Incubation",
    about: "At which stage is each domain, and since when?",
    on: On::Committee,
    reads: &["domain"],
    requirements: &[57],
    compute,
};

const STAGES: [&str; 5] = ["idea", "incubation", "probation", "active", "ended"];

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "domains",
        "Domains",
        &[
            ("domain", "Domain"),
            ("form", "Form"),
            ("stage", "Stage"),
            ("since", "Since"),
            ("days", "Days"),
            ("changes", "Changes"),
            ("marked", "Skipped or went back"),
        ],
        "There is no domain yet.",
    );
    let mut changes = Table::new(
        "changes",
        "Changes of stage",
        &[
            ("domain", "Domain"),
            ("entry", "Entry"),
            ("by", "By"),
            ("time", "Time"),
            ("before", "From"),
            ("stage", "To"),
            ("step", "Step"),
        ],
        "No domain says at which stage it is.",
    );
    let mut incubating = 0;
    for doc in world
        .of("domain")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        let stage = doc.text("stage").and_then(stage);
        incubating += usize::from(matches!(stage, Some("idea" | "incubation" | "probation")));
        let history = history(doc);
        let (mut before, mut marked) = (None, 0);
        for (entry, by, to) in &history {
            let step = step(before, to);
            marked += u64::from(matches!(step, "skip" | "back"));
            changes.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(*entry),
                Cell::Person(*by),
                Cell::Time(doc.when(*entry).claimed),
                Cell::of(before, Cell::Word),
                Cell::Word(to),
                Cell::Word(step),
            ]);
            before = Some(to);
        }
        let since = history.iter().rev().find(|(.., to)| Some(*to) == stage);
        let since = since.map(|(entry, ..)| Day::of(doc.when(*entry).claimed));
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::text(doc.text("form")),
            Cell::Word(stage.unwrap_or("unstated")),
            Cell::of(since, Cell::Day),
            Cell::of(since, |since| Cell::Signed(since.until(world.today()))),
            unit::count(history.len()),
            Cell::Int(marked),
        ]);
    }
    Sheet::new("Incubation")
        .say(match incubating {
            0 => "No domain is on its way to being active.".to_owned(),
            1 => "One domain is on its way to being active.".to_owned(),
            n => format!("{n} domains are on their way to being active."),
        })
        .table(table)
        .table(changes)
}

/// The changes of a domain's stage, in canonical order, the first one that it had first.
fn history(doc: &Doc<'_>) -> Vec<(Id, Id, &'static str)> {
    let mut out: Vec<(Id, Id, &'static str)> = Vec::new();
    for version in doc.document.versions().iter().filter(|v| v.fields.contains("stage")) {
        let outcome = doc.document.outcome(version.entry);
        let said = outcome.and_then(|outcome| outcome.change()?.set.get("stage")?.as_text());
        let Some(stage) = said.and_then(stage) else { continue };
        if out.last().is_none_or(|(.., last)| *last != stage) {
            out.push((version.entry, version.by, stage));
        }
    }
    out
}

fn step(before: Option<&str>, to: &str) -> &'static str {
    let place = |stage: &str| STAGES.iter().position(|known| *known == stage).unwrap_or(0);
    match before.map(|before| (place(before), place(to))) {
        None => "first",
        Some(_) if to == "ended" => "end",
        Some((before, to)) if to < before => "back",
        Some((before, to)) if to > before + 1 => "skip",
        Some(_) => "next",
    }
}

fn stage(said: &str) -> Option<&'static str> {
    STAGES.into_iter().find(|stage| *stage == said)
}
