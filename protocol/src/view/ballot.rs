//! `ballot`: who stands for which seat (R1, R2, R5).

use super::calendar::{DAY, Day};
use super::{Cell, Doc, On, Sheet, Table, View, World};
use crate::kind::Value;

pub(super) static VIEW: View = View {
    name: "ballot",
    title: "Ballot",
    about: "Who was nominated for which seat, and who of them stands?",
    on: On::Committee,
    reads: &["nomination", "domain"],
    requirements: &[1, 2, 5],
    compute,
};

/// One row for each nomination. Only a nominee's own acceptance puts them on the ballot.
fn compute(world: &World<'_>, domain: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "nominations",
        "Nominations",
        &[
            ("domain", "Domain"),
            ("seat", "Seat"),
            ("nomination", "Nomination"),
            ("nominee", "Nominee"),
            ("by", "Nominated by"),
            ("opened", "On"),
            ("during", "Signalling"),
            ("standing", "Standing"),
            ("until", "To be answered by"),
        ],
        "Nobody has been nominated yet. Anyone with a key can open a nomination.",
    );
    let (mut listed, mut waiting) = (0, 0);
    for doc in world.of("nomination") {
        if domain.is_some_and(|domain| doc.id() != domain.id() && doc.named("domain") != Some(domain.id())) {
            continue;
        }
        let until = Day::of(doc.opened().claimed + world.parameter("nomination_term_days") * DAY);
        let standing = standing(world, doc, until);
        listed += usize::from(standing == "on the ballot");
        waiting += usize::from(standing == "waiting");
        table.row(vec![
            Cell::of(doc.value("domain"), |value| Cell::Text(world.named(value))),
            Cell::text(doc.text("seat")),
            Cell::Doc(doc.id()),
            nominee(world, doc),
            Cell::Person(doc.by()),
            Cell::Day(Day::of(doc.opened().claimed)),
            Cell::Word(during(world, doc)),
            Cell::Word(standing),
            if standing == "waiting" {
                Cell::Day(until)
            } else {
                Cell::Empty
            },
        ]);
    }
    let mut sheet = Sheet::new("Ballot").say(match listed {
        0 => "Nobody is on the ballot yet: only a nominee's own acceptance counts.".to_owned(),
        1 => "One nominee stands.".to_owned(),
        n => format!("{n} nominees stand."),
    });
    if waiting > 0 {
        sheet = sheet.say(format!("{waiting} have not spoken yet."));
    }
    sheet.table(table)
}

/// R2: silence past the term is shown as what it is.
fn standing(world: &World<'_>, doc: &Doc<'_>, until: Day) -> &'static str {
    match doc.state() {
        Some("accepted") => "on the ballot",
        Some("declined") => "declined",
        Some("withdrawn") => "withdrawn",
        _ if doc.document.incomplete() => "unknown",
        _ if world.today() > until => "silent past the term",
        _ => "waiting",
    }
}

/// R1: a nomination is as good before and after the call as during it, and says which.
fn during(world: &World<'_>, doc: &Doc<'_>) -> &'static str {
    let domain = doc.named("domain").and_then(|id| world.doc(id));
    let Some(domain) = domain else { return "no thread" };
    let day = Day::of(doc.opened().claimed);
    match (domain.day("signalling_from"), domain.day("signalling_until")) {
        (None, None) => "no thread",
        (Some(from), _) if day < from => "before",
        (_, Some(until)) if day > until => "after",
        _ => "open",
    }
}

fn nominee(world: &World<'_>, doc: &Doc<'_>) -> Cell {
    match doc.value("nominee") {
        Some(Value::Id(id)) => Cell::Person(*id),
        Some(value) => Cell::Text(world.named(value)),
        None => Cell::Empty,
    }
}
