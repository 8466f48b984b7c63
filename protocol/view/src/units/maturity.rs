//! `maturity`: which level proposals and domains have reached, by their own checklists (R88).

use std::collections::BTreeMap;

use crate::units::unit;
use crate::{Cell, Doc, Item, On, Plot, Sheet, Table, View, World};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "maturity",
    title: "Maturity",
    about: "Which level has each proposal and domain reached, and what does the next one ask for?",
    on: On::Committee,
    reads: &["proposal", "domain"],
    requirements: &[88],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "documents",
        "Documents",
        &[
            ("document", "Document"),
            ("kind", "Kind"),
            ("level", "Level"),
            ("of", "Of"),
            ("points", "Points"),
            ("met", "Met"),
            ("shown", "Met with evidence"),
            ("next", "Next level asks for"),
        ],
        "No document has a checklist. Add points to the field `maturity` of a proposal or a domain.",
    );
    let mut checklist = Table::new(
        "checklist",
        "Checklist",
        &[
            ("document", "Document"),
            ("level", "Level"),
            ("text", "Point"),
            ("met", "Met"),
            ("evidence", "Evidence"),
            ("by", "By"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "No document has a checklist.",
    );
    let mut rows = Vec::new();
    for doc in world
        .documents
        .iter()
        .filter(|doc| matches!(doc.kind(), "proposal" | "domain"))
    {
        let mut items = doc.items("maturity");
        if items.is_empty() || only.is_some_and(|only| only.id() != doc.id()) {
            continue;
        }
        items.sort_by_key(level);
        let (reached, next) = reached(&items);
        let count = |wanted: &dyn Fn(&Item<'_>) -> bool| unit::count(items.iter().filter(|item| wanted(item)).count());
        let highest = items.iter().map(level).max().unwrap_or(0);
        let lacking = items.iter().filter(|item| Some(level(item)) == next && !met(item));
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::text(Some(doc.kind())),
            Cell::Int(reached),
            Cell::Int(highest),
            unit::count(items.len()),
            count(&met),
            count(&|item| met(item) && item.text("evidence").is_some()),
            Cell::List(lacking.map(|item| Cell::text(item.text("text"))).collect()),
        ]);
        rows.push((doc.title(), grid(&items, highest)));
        for item in &items {
            checklist.row(vec![
                Cell::Doc(doc.id()),
                Cell::Int(level(item)),
                Cell::text(item.text("text")),
                Cell::Flag(met(item)),
                Cell::text(item.text("evidence")),
                Cell::Person(item.by),
                Cell::Entry(item.id.entry),
                Cell::Int(item.id.n),
            ]);
        }
    }
    let most = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    rows.iter_mut().for_each(|(_, cells)| cells.resize(most, 0));
    let plot = Plot::Grid {
        title: "Points met at each level, in quarters".to_owned(),
        columns: (1..=most).map(|level| level.to_string()).collect(),
        rows,
    };
    Sheet::new("Maturity")
        .say("A level is reached when all its points and all points below it are met, as their owners say.")
        .table(table)
        .table(checklist)
        .plot(plot)
}

/// The level that asks for a point; the first one where it names none.
fn level(item: &Item<'_>) -> u64 {
    item.int("level").unwrap_or(1).max(1)
}

fn met(item: &Item<'_>) -> bool {
    item.value("met") == Some(&Value::Flag(true))
}

/// The level that is reached, and the next one that asks for anything.
fn reached(items: &[Item<'_>]) -> (u64, Option<u64>) {
    let mut whole: BTreeMap<u64, bool> = BTreeMap::new();
    for item in items {
        *whole.entry(level(item)).or_insert(true) &= met(item);
    }
    let next = whole.iter().find(|(_, whole)| !**whole).map(|(level, _)| *level);
    let below = whole.keys().filter(|level| next.is_none_or(|next| **level < next));
    (below.max().copied().unwrap_or(0), next)
}

/// How much of each level is met, in quarters rounded down.
fn grid(items: &[Item<'_>], highest: u64) -> Vec<u8> {
    let quarter = |wanted: u64| {
        let here: Vec<_> = items.iter().filter(|item| level(item) == wanted).collect();
        let done = here.iter().filter(|item| met(item)).count();
        let quarters = (done * 4).checked_div(here.len()).unwrap_or(0);
        u8::try_from(quarters).unwrap_or(4)
    };
    (1..=highest).map(quarter).collect()
}
