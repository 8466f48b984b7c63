//! `visions`: positions and promises that belong together (R48).

use std::collections::{BTreeMap, BTreeSet};

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::{count, plain};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "visions",
    title: "Visions",
    about: "Which positions belong to which vision?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[48],
    compute,
};

/// What belongs to a vision: a statement, or a promise in a document.
struct Part {
    time: u64,
    cells: Vec<Cell>,
    by: Id,
    promise: bool,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    // Those without a vision come last.
    let mut visions: BTreeMap<(bool, String), Vec<Part>> = BTreeMap::new();
    let key = |vision: Option<&str>| (vision.is_none(), vision.map(plain).unwrap_or_default());
    let wanted =
        |doc: &Doc<'_>| only.is_none_or(|only| [Some(doc.id()), doc.named("domain")].contains(&Some(only.id())));
    for doc in world.everything().filter(|doc| wanted(doc)) {
        if doc.kind() == "statement" && doc.text("form") == Some("position") {
            let vision = doc.text("vision");
            let part = part(
                doc,
                doc.id(),
                doc.by(),
                doc.opened().claimed,
                Some(doc.title()),
                false,
                vision,
            );
            visions.entry(key(vision)).or_default().push(part);
        }
        for act in doc.acts("promise").filter(|act| act.text("vision").is_some()) {
            let vision = act.text("vision");
            let text = doc.words(&act).map(str::to_owned);
            let part = part(doc, act.id, act.by, act.when.claimed, text, true, vision);
            visions.entry(key(vision)).or_default().push(part);
        }
    }
    let mut table = Table::new(
        "visions",
        "Visions",
        &[
            ("vision", "Vision"),
            ("positions", "Positions"),
            ("promises", "Promises"),
            ("authors", "Authors"),
        ],
        "Nobody has published a position. A statement of this form names its vision.",
    );
    let mut parts = Table::new(
        "positions",
        "What belongs to each",
        &[
            ("vision", "Vision"),
            ("sort", "Sort"),
            ("doc", "In"),
            ("entry", "Entry"),
            ("by", "By"),
            ("day", "On"),
            ("text", "Title or text"),
        ],
        "Nothing belongs to a vision yet.",
    );
    for ((_, name), mut all) in visions {
        all.sort_by_key(|part| part.time);
        let authors: BTreeSet<Id> = all.iter().map(|part| part.by).collect();
        let promises = all.iter().filter(|part| part.promise).count();
        table.row(vec![
            Cell::text(Some(name.as_str()).filter(|name| !name.is_empty())),
            Cell::Int(count(all.len() - promises)),
            Cell::Int(count(promises)),
            Cell::List(authors.into_iter().map(Cell::Person).collect()),
        ]);
        parts.rows.extend(all.into_iter().map(|part| part.cells));
    }
    Sheet::new("Visions").table(table).table(parts)
}

fn part(
    doc: &Doc<'_>,
    entry: Id,
    by: Id,
    time: u64,
    text: Option<String>,
    promise: bool,
    vision: Option<&str>,
) -> Part {
    let cells = vec![
        Cell::of(vision, |vision| Cell::Text(plain(vision))),
        Cell::Word(if promise { "promise" } else { "position" }),
        Cell::Doc(doc.id()),
        Cell::Entry(entry),
        Cell::Person(by),
        Cell::Day(Day::of(time)),
        Cell::of(text, Cell::Text),
    ];
    Part {
        time,
        cells,
        by,
        promise,
    }
}
