//! `backlog`: what is open, the most needed first (R52).

use crate::calendar::Day;
use crate::units::unit;
use crate::{Cell, Doc, Item, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "backlog",
    title: "Backlog",
    about: "What is open in the domains, by need and impact?",
    on: On::Committee,
    reads: &["domain"],
    requirements: &[52],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "items",
        "Open items",
        &[
            ("rank", "Rank"),
            ("domain", "Domain"),
            ("text", "Item"),
            ("sort", "Sort"),
            ("need", "Need"),
            ("impact", "Impact"),
            ("score", "Need × impact"),
            ("state", "State"),
            ("by", "By"),
            ("since", "Since"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "Nothing is open. Add items to the backlog of a domain.",
    );
    let domains = world
        .of("domain")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()));
    let items = domains.flat_map(|doc| doc.items("backlog").into_iter().map(move |item| (doc, item)));
    let mut items: Vec<(&Doc<'_>, Item<'_>)> = items.filter(|(_, item)| is_open(item)).collect();
    items.sort_by(|(_, a), (_, b)| {
        let key = |item: &Item<'_>| (score(item), item.int("need").unwrap_or(0));
        let text = |item: &Item<'_>| item.text("text").unwrap_or_default().to_owned();
        key(b)
            .cmp(&key(a))
            .then_with(|| text(a).cmp(&text(b)))
            .then(a.id.cmp(&b.id))
    });
    let mut unscored = 0;
    for (n, (doc, item)) in items.into_iter().enumerate() {
        unscored += usize::from(item.int("need").is_none() || item.int("impact").is_none());
        table.row(vec![
            unit::count(n + 1),
            Cell::Doc(doc.id()),
            Cell::text(item.text("text")),
            Cell::text(item.text("sort")),
            Cell::of(item.int("need"), Cell::Int),
            Cell::of(item.int("impact"), Cell::Int),
            Cell::Int(score(&item)),
            Cell::Word(if item.text("state") == Some("taken") {
                "taken"
            } else {
                "open"
            }),
            Cell::Person(item.by),
            Cell::Day(Day::of(doc.when(item.id.entry).claimed)),
            Cell::Entry(item.id.entry),
            Cell::Int(item.id.n),
        ]);
    }
    let mut sheet = Sheet::new("Backlog").say(match table.rows.len() {
        0 => "Nothing is open.".to_owned(),
        1 => "One item is open.".to_owned(),
        n => format!("{n} items are open."),
    });
    if unscored > 0 {
        sheet = sheet.say(format!(
            "{unscored} have no need or no impact yet; what is missing counts as 0."
        ));
    }
    sheet.table(table)
}

fn is_open(item: &Item<'_>) -> bool {
    matches!(item.text("state"), None | Some("open" | "taken"))
}

fn score(item: &Item<'_>) -> u64 {
    item.int("need").unwrap_or(0) * item.int("impact").unwrap_or(0)
}
