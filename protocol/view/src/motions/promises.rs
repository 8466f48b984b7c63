//! `promises`: who committed themselves to what, under which condition, and whether they kept it (R47).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::{capacity, chosen, count};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "promises",
    title: "Promises",
    about: "Who committed themselves to what, under which condition, and was it kept?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[47],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "promises",
        "Promises",
        &[
            ("doc", "In"),
            ("promise", "Promise"),
            ("by", "By"),
            ("day", "On"),
            ("text", "Text"),
            ("condition", "Under the condition"),
            ("until", "By when"),
            ("vision", "Vision"),
            ("standing", "Standing"),
            ("said_by", "Said by"),
            ("capacity", "In which capacity"),
            ("said", "How"),
            ("ignored", "Said by others"),
        ],
        "Nobody has promised anything here.",
    );
    let mut rows: Vec<(u64, Vec<Cell>)> = Vec::new();
    let (mut open, mut overdue) = (0, 0);
    for doc in chosen(world, only) {
        for promise in doc.acts("promise") {
            let (standing, cells) = row(world, doc, &promise);
            open += usize::from(matches!(standing, "open" | "overdue"));
            overdue += usize::from(standing == "overdue");
            rows.push((promise.when.claimed, cells));
        }
    }
    rows.sort_by_key(|(time, _)| *time);
    table.rows = rows.into_iter().map(|(_, cells)| cells).collect();
    let mut sheet = Sheet::new("Promises");
    if open > 0 {
        sheet = sheet.say(format!(
            "{open} are neither kept nor broken, {overdue} of them past their day."
        ));
    }
    sheet.table(table)
}

fn row(world: &World<'_>, doc: &Doc<'_>, promise: &Act<'_>) -> (&'static str, Vec<Cell>) {
    let said: Vec<Act<'_>> = doc
        .acts("resolve")
        .filter(|act| act.named("entry") == Some(promise.id))
        .collect();
    let who = |act: &Act<'_>| capacity(world, doc, Some(promise.by), act);
    let counts = |act: &&Act<'_>| who(act) != "somebody else";
    let last = said.iter().rfind(counts);
    let until = promise.day("until");
    let standing = match last.map(|act| act.text("outcome")) {
        Some(Some("kept")) => "kept",
        Some(Some("broken")) => "broken",
        Some(Some("void")) => "void",
        Some(_) => "settled",
        None if until.is_some_and(|until| world.today() > until) => "overdue",
        None => "open",
    };
    let cells = vec![
        Cell::Doc(doc.id()),
        Cell::Entry(promise.id),
        Cell::Person(promise.by),
        Cell::Day(Day::of(promise.when.claimed)),
        Cell::text(doc.words(promise)),
        Cell::text(promise.text("condition")),
        Cell::of(until, Cell::Day),
        Cell::text(promise.text("vision")),
        Cell::Word(standing),
        Cell::of(last, |act| Cell::Person(act.by)),
        Cell::of(last, |act| Cell::Word(who(act))),
        Cell::of(last, |act| Cell::text(act.text("text"))),
        Cell::Int(count(said.iter().filter(|act| !counts(act)).count())),
    ];
    (standing, cells)
}
