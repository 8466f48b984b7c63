//! `units`: the papers of each unit, and where they stand (R50).

use crate::units::status;
use crate::units::status::Step;
use crate::units::unit;
use crate::units::unit::Unit;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "units",
    title: "Units",
    about: "Which papers does each unit have, and did they get where they stand step by step?",
    on: On::Committee,
    reads: &["domain", "nomination", "motion", "statement", "proposal", "decision"],
    requirements: &[50],
    compute,
};

const ROLES: [&str; 4] = ["mandate", "budget", "onboarding", "offboarding"];

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut units = Table::new(
        "units",
        "Units",
        &[
            ("unit", "Unit"),
            ("domain", "Document"),
            ("mandate", "Mandates"),
            ("budget", "Budgets"),
            ("onboarding", "Onboardings"),
            ("offboarding", "Offboardings"),
            ("missing", "Not accepted yet"),
            ("ended", "Disbanded"),
        ],
        "No unit has a document or a paper yet. Open a domain, or import its proposals.",
    );
    let mut papers = Table::new(
        "papers",
        "Papers",
        &[
            ("unit", "Unit"),
            ("paper", "Paper"),
            ("role", "For its"),
            ("status", "Status"),
            ("said", "As written"),
            ("decision", "Decision"),
            ("rests", "Accepted by"),
            ("imported", "Imported"),
            ("changes", "Changes of status"),
            ("jumps", "Illegal ones"),
        ],
        "No paper names a unit yet.",
    );
    let mut steps = Table::new(
        "steps",
        "Changes of status",
        &[
            ("paper", "Paper"),
            ("entry", "Entry"),
            ("by", "By"),
            ("time", "Time"),
            ("before", "From"),
            ("status", "To"),
            ("legal", "Legal"),
        ],
        "No paper says where it stands.",
    );
    let only = only.filter(|only| only.kind() != "decision");
    let mut jumps = 0;
    let found: Vec<_> = world.documents.iter().filter(|doc| role(doc).is_some()).collect();
    let mut lost = found.len();
    for (unit, docs) in unit::group(world, found.into_iter()) {
        lost -= docs.len();
        let shown = |doc: &&Doc<'_>| names(only, doc.id());
        if !unit.wanted(only) || only.is_some_and(|only| only.kind() != "domain") && !docs.iter().any(shown) {
            continue;
        }
        units.row(row(world, &unit, &docs));
        for doc in docs.into_iter().filter(shown) {
            let taken = status::steps(doc);
            let wrong = add(&mut steps, doc, &taken);
            jumps += wrong;
            papers.row(paper(world, &unit, doc, &taken, wrong));
        }
    }
    let mut sheet = Sheet::new("Units").say(match units.rows.len() {
        1 => "One unit is known.".to_owned(),
        n => format!("{n} units are known."),
    });
    if jumps > 0 {
        sheet = sheet.say(format!(
            "{jumps} changes of status skip a step or go back; they count, and are marked."
        ));
    }
    match lost {
        _ if only.is_some() => {}
        0 => {}
        1 => sheet = sheet.say("One paper names no unit: set its field `domain`."),
        n => sheet = sheet.say(format!("{n} papers name no unit: set their field `domain`.")),
    }
    sheet.table(units).table(papers).table(steps)
}

/// Whether a sheet about `only` is about this document.
fn names(only: Option<&Doc<'_>>, id: Id) -> bool {
    only.is_none_or(|only| only.kind() == "domain" || only.id() == id)
}

/// What a paper is for its unit.
fn role(doc: &Doc<'_>) -> Option<&'static str> {
    match (doc.kind(), doc.text("form").or_else(|| doc.text("type"))) {
        ("nomination", _) | ("motion", Some("onboard")) => Some("onboarding"),
        ("motion", Some("offboard" | "disband")) => Some("offboarding"),
        ("statement", Some("mandate")) => Some("mandate"),
        ("statement", Some("budget")) => Some("budget"),
        ("proposal", Some("mip" | "bundle")) => Some("other"),
        _ => None,
    }
}

fn row(world: &World<'_>, unit: &Unit<'_, '_>, docs: &[&Doc<'_>]) -> Vec<Cell> {
    let of = |wanted: &str| {
        docs.iter()
            .filter(|doc| role(doc) == Some(wanted))
            .copied()
            .collect::<Vec<_>>()
    };
    let mut cells = vec![Cell::Text(unit.name.clone()), Cell::of(unit.id(), Cell::Doc)];
    for name in ROLES {
        cells.push(Cell::List(of(name).iter().map(|doc| Cell::Doc(doc.id())).collect()));
    }
    let accepted = |name: &str| of(name).iter().any(|doc| status::fate(world, doc).word == "accepted");
    let missing = ["mandate", "budget", "onboarding"]
        .into_iter()
        .filter(|name| !accepted(name));
    cells.push(Cell::List(missing.map(Cell::Word).collect()));
    let mut disbanding = docs.iter().filter(|doc| doc.text("form") == Some("disband"));
    cells.push(Cell::Flag(
        disbanding.any(|doc| status::fate(world, doc).word == "accepted"),
    ));
    cells
}

fn paper(world: &World<'_>, unit: &Unit<'_, '_>, doc: &Doc<'_>, taken: &[Step], wrong: u64) -> Vec<Cell> {
    let (word, said) = status::now(doc).unwrap_or(("unstated", String::new()));
    let fate = status::fate(world, doc);
    vec![
        Cell::Text(unit.name.clone()),
        Cell::Doc(doc.id()),
        Cell::of(role(doc), Cell::Word),
        Cell::Word(word),
        Cell::text(Some(said.as_str()).filter(|said| !said.is_empty())),
        Cell::of(fate.decision, Cell::Doc),
        Cell::of(
            fate.rests.filter(|_| matches!(fate.word, "accepted" | "claimed")),
            Cell::Word,
        ),
        Cell::Flag(doc.text("source").is_some()),
        unit::count(taken.len()),
        Cell::Int(wrong),
    ]
}

/// A row for each step; answers how many are illegal.
fn add(table: &mut Table, doc: &Doc<'_>, taken: &[Step]) -> u64 {
    let imported = doc.text("source").is_some();
    let (mut before, mut wrong) = (None, 0);
    for step in taken {
        let legal = status::legal(before, step.word, imported);
        wrong += u64::from(!legal);
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::Entry(step.entry),
            Cell::Person(step.by),
            Cell::Time(doc.when(step.entry).claimed),
            Cell::of(before, Cell::Word),
            Cell::Word(step.word),
            Cell::Flag(legal),
        ]);
        before = Some(step.word);
    }
    wrong
}
