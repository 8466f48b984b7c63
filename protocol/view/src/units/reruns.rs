//! `reruns`: what research claims, and whether others got the same (R80).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::units::unit;
use crate::{Act, Cell, Doc, Item, On, Sheet, Table, View, World};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::kind::{ItemId, Value};

pub(crate) static VIEW: View = View {
    name: "reruns",
    title: "Claims and reruns",
    about: "Which claims of research can others try again, and did they get the same?",
    on: On::Committee,
    reads: &["research"],
    requirements: &[80],
    compute,
};

const RESULTS: [&str; 4] = ["same", "partly", "different", "failed"];

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut claims = Table::new(
        "claims",
        "Claims",
        &[
            ("research", "Research"),
            ("claim", "Claim"),
            ("data", "Data"),
            ("listed", "Data is listed"),
            ("method", "Method"),
            ("same", "Same"),
            ("partly", "Partly"),
            ("different", "Different"),
            ("failed", "Failed"),
            ("state", "State"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "No research claims anything that others could try again.",
    );
    let mut runs = Table::new(
        "runs",
        "Reruns",
        &[
            ("research", "Research"),
            ("run", "Rerun"),
            ("by", "By"),
            ("day", "On"),
            ("claim", "Claim's entry"),
            ("n", "Claim's place"),
            ("result", "Result"),
            ("data", "Data of the run"),
            ("counts", "Counts"),
        ],
        "Nobody has tried anything again yet.",
    );
    let (mut never, mut confirmed) = (0, 0);
    for doc in world
        .of("research")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        let items = doc.items("claims");
        for item in &items {
            let (row, state) = claim(doc, item);
            never += usize::from(state == "never tried");
            confirmed += usize::from(state == "confirmed");
            claims.row(row);
        }
        for act in doc.acts("rerun") {
            let data = act
                .list("data")
                .iter()
                .filter_map(|file| hash(file.get("hash")?))
                .map(|hash| hash.to_string());
            let of = claimed(&act);
            runs.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(act.id),
                Cell::Person(act.by),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::of(of, |item| Cell::Entry(item.entry)),
                Cell::of(of, |item| Cell::Int(item.n)),
                Cell::of(result(&act), Cell::Word),
                Cell::List(data.map(Cell::Text).collect()),
                Cell::Word(counts(doc, &items, &act)),
            ]);
        }
    }
    Sheet::new("Claims and reruns")
        .say(format!(
            "{} claims: {confirmed} confirmed by others, {never} never tried again.",
            claims.rows.len()
        ))
        .table(claims)
        .table(runs)
}

/// The last rerun of each person counts, so that nobody counts twice.
fn claim(doc: &Doc<'_>, item: &Item<'_>) -> (Vec<Cell>, &'static str) {
    let mut last: BTreeMap<Id, &'static str> = BTreeMap::new();
    for act in doc.acts("rerun") {
        let items = std::slice::from_ref(item);
        if let Some(result) = result(&act).filter(|_| counts(doc, items, &act) == "yes") {
            last.insert(act.by, result);
        }
    }
    let count = RESULTS.map(|word| unit::size(last.values().filter(|result| **result == word).count()));
    let [same, ..] = count;
    let data = item.value("data").and_then(hash);
    let files = doc.items("data");
    let listed = data.is_some_and(|data| files.iter().any(|file| file.value("hash").and_then(hash) == Some(data)));
    let state = match (data, item.text("method"), unit::size(last.len())) {
        (_, _, tried) if tried > 0 && tried == same => "confirmed",
        (_, _, tried) if tried > 0 && same == 0 => "not confirmed",
        (_, _, tried) if tried > 0 => "contested",
        (None, ..) => "no data",
        (_, None, _) => "no method",
        _ => "never tried",
    };
    let mut row = vec![
        Cell::Doc(doc.id()),
        Cell::text(item.text("text")),
        Cell::of(data, |data| Cell::Text(data.to_string())),
        Cell::Flag(listed),
        Cell::Flag(item.text("method").is_some()),
    ];
    row.extend(count.map(Cell::Int));
    row.extend([Cell::Word(state), Cell::Entry(item.id.entry), Cell::Int(item.id.n)]);
    (row, state)
}

/// Whether a rerun counts for one of these claims, or why it does not.
fn counts(doc: &Doc<'_>, items: &[Item<'_>], act: &Act<'_>) -> &'static str {
    let Some(claimed) = claimed(act) else {
        return "names no claim";
    };
    if unit::owns(doc, act.by) || doc.by() == act.by {
        return "own";
    }
    let Some(item) = items.iter().find(|item| item.id == claimed) else {
        return "claim gone";
    };
    let place = |entry| doc.document.outcomes().iter().position(|outcome| outcome.id == entry);
    if place(item.entry) > place(act.id) {
        "older text"
    } else {
        "yes"
    }
}

fn claimed(act: &Act<'_>) -> Option<ItemId> {
    match act.value("claim") {
        Some(Value::Item(item)) => Some(*item),
        _ => None,
    }
}

fn result(act: &Act<'_>) -> Option<&'static str> {
    RESULTS.into_iter().find(|word| act.text("result") == Some(word))
}

fn hash(value: &Value) -> Option<Hash> {
    match value {
        Value::Hash(hash) => Some(*hash),
        _ => None,
    }
}
