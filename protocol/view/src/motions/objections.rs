//! `objections`: which are open, for how long, and what became of the others (R46).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::{capacity, chosen, count, days};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "objections",
    title: "Objections",
    about: "Which objections are open, and what became of the others?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[46],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut rows: Vec<(bool, u64, Vec<Cell>)> = Vec::new();
    let mut late = 0;
    for doc in chosen(world, only) {
        for objection in doc.acts("objection") {
            let row = row(world, doc, &objection);
            late += usize::from(row.late);
            rows.push((!row.open, objection.when.claimed, row.cells));
        }
    }
    let open = rows.iter().filter(|(closed, ..)| !closed).count();
    rows.sort_by_key(|(closed, time, _)| (*closed, *time));
    let mut table = Table::new(
        "objections",
        "Objections",
        &[
            ("doc", "In"),
            ("objection", "Objection"),
            ("by", "By"),
            ("day", "On"),
            ("text", "Text"),
            ("field", "About the field"),
            ("outcome", "Outcome"),
            ("disposed_by", "By"),
            ("capacity", "In which capacity"),
            ("reason", "Why"),
            ("until", "Deferred to"),
            ("due", "Due"),
            ("age_days", "Days open"),
            ("late", "Late"),
            ("ignored", "Said by others"),
        ],
        "Nobody has objected to anything.",
    );
    table.rows = rows.into_iter().map(|(.., cells)| cells).collect();
    let mut sheet = Sheet::new("Objections");
    if open > 0 {
        sheet = sheet.say(format!(
            "{open} are open, {late} of them longer than this committee wants."
        ));
    }
    sheet.table(table)
}

struct Row {
    open: bool,
    late: bool,
    cells: Vec<Cell>,
}

fn row(world: &World<'_>, doc: &Doc<'_>, objection: &Act<'_>) -> Row {
    let said: Vec<Act<'_>> = doc
        .acts("dispose")
        .filter(|act| act.named("entry") == Some(objection.id))
        .collect();
    let who = |act: &Act<'_>| capacity(world, doc, Some(objection.by), act);
    // The schema asks for a reason; whoever has no say here disposes of nothing with one.
    let counts = |act: &&Act<'_>| who(act) != "somebody else";
    let ignored = said.iter().filter(|act| !counts(act)).count();
    let disposed = said.iter().rfind(counts);
    let until = disposed
        .filter(|act| act.text("outcome") == Some("deferred"))
        .and_then(|act| act.day("until"));
    let outcome = match disposed.and_then(|act| act.text("outcome")) {
        Some("accepted") => "accepted",
        Some("declined") => "declined",
        Some("deferred") if until.is_some_and(|until| world.today() > until) => "deferral is over",
        Some("deferred") => "deferred",
        _ => "open",
    };
    let open = matches!(outcome, "open" | "deferral is over");
    let raised = Day::of(objection.when.claimed);
    let due = match until {
        Some(until) => until,
        None => raised.after(world.parameter("objection_days")),
    };
    let late = open && world.today() > due;
    let end = disposed
        .filter(|_| !open)
        .map_or_else(|| world.today(), |act| Day::of(act.when.claimed));
    let cells = vec![
        Cell::Doc(doc.id()),
        Cell::Entry(objection.id),
        Cell::Person(objection.by),
        Cell::Day(raised),
        Cell::text(doc.words(objection)),
        Cell::text(objection.text("field")),
        Cell::Word(outcome),
        Cell::of(disposed, |act| Cell::Person(act.by)),
        Cell::of(disposed, |act| Cell::Word(who(act))),
        Cell::of(disposed, |act| Cell::text(act.text("reason"))),
        Cell::of(until, Cell::Day),
        if open { Cell::Day(due) } else { Cell::Empty },
        Cell::Int(days(raised, end)),
        Cell::Flag(late),
        Cell::Int(count(ignored)),
    ];
    Row { open, late, cells }
}
