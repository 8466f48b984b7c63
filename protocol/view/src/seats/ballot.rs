//! `ballot`: who stands for which seat (R1, R2, R5).

use crate::calendar::Day;
use crate::seats::lookup::{document, domain_of, people, within};
use crate::seats::seat::{answer_by, holders, nominees, seats, standing};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "ballot",
    title: "Ballot",
    about: "Who was nominated for which seat, and who of them stands?",
    on: On::Committee,
    reads: &["nomination", "domain"],
    requirements: &[1, 2, 5],
    compute,
};

/// One row for each nomination, and one for each seat. Only a nominee's own acceptance puts them on the ballot.
fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
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
            ("seat_known", "The domain has this seat"),
            ("places", "Places"),
            ("holders", "Held now by"),
        ],
        "Nobody has been nominated yet. Anyone with a key can open a nomination.",
    );
    let (mut listed, mut waiting, mut lost) = (0, 0, 0);
    for doc in world.of("nomination").filter(|doc| within(world, doc, narrow)) {
        let standing = standing(world, doc);
        let domain = domain_of(world, doc);
        let all = domain.map(seats).unwrap_or_default();
        let seat = doc
            .text("seat")
            .and_then(|name| all.iter().find(|seat| seat.name == name));
        let seat_known = match (domain, doc.text("seat"), seat) {
            (None, ..) => "no such domain",
            (_, None, _) => "no seat named",
            (_, _, None) => "no such seat",
            _ => "yes",
        };
        listed += usize::from(standing == "on the ballot");
        waiting += usize::from(standing == "waiting");
        lost += usize::from(seat_known != "yes");
        table.row(vec![
            domain.map_or_else(|| document(doc.value("domain")), |domain| Cell::Doc(domain.id())),
            Cell::text(doc.text("seat")),
            Cell::Doc(doc.id()),
            nominee(world, doc),
            Cell::Person(doc.by()),
            Cell::Day(Day::of(doc.opened().claimed)),
            Cell::Word(during(domain, doc)),
            Cell::Word(standing),
            if standing == "waiting" {
                Cell::Day(answer_by(world, doc))
            } else {
                Cell::Empty
            },
            Cell::Word(seat_known),
            Cell::of(seat, |seat| Cell::Int(seat.places)),
            Cell::of(domain.zip(seat), |(domain, seat)| {
                people(&holders(world, domain, &all, seat.name))
            }),
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
    if lost > 0 {
        sheet = sheet.say(format!("{lost} nominations name no seat that a domain here has."));
    }
    sheet.table(table).table(places(world, narrow))
}

/// R5: each seat with the nominations that stand for it, those that nobody was nominated for too.
fn places(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Table {
    let mut table = Table::new(
        "seats",
        "Seats",
        &[
            ("domain", "Domain"),
            ("seat", "Seat"),
            ("places", "Places"),
            ("holders", "Held now by"),
            ("free", "Free places"),
            ("standing", "On the ballot"),
            ("waiting", "Have not spoken"),
        ],
        "No domain lists its seats yet. Its owner adds them to `seats` with an edit.",
    );
    let own = narrow
        .filter(|doc| doc.kind() == "nomination")
        .and_then(|doc| domain_of(world, doc));
    for domain in world
        .of("domain")
        .filter(|domain| within(world, domain, own.or(narrow)))
    {
        let all = seats(domain);
        for seat in &all {
            let held = holders(world, domain, &all, seat.name);
            let of_seat = |doc: &&Doc<'_>| {
                doc.text("seat") == Some(seat.name) && domain_of(world, doc).is_some_and(|d| d.id() == domain.id())
            };
            let found = |word: &str| {
                let found = world
                    .of("nomination")
                    .filter(of_seat)
                    .filter(|doc| standing(world, doc) == word);
                Cell::List(found.map(|doc| Cell::Doc(doc.id())).collect())
            };
            table.row(vec![
                Cell::Doc(domain.id()),
                Cell::Text(seat.name.to_owned()),
                Cell::Int(seat.places),
                people(&held),
                Cell::Int(
                    seat.places
                        .saturating_sub(u64::try_from(held.len()).unwrap_or(u64::MAX)),
                ),
                found("on the ballot"),
                found("waiting"),
            ]);
        }
    }
    table
}

/// R1: a nomination is as good before and after the call as during it, and says which.
fn during(domain: Option<&Doc<'_>>, doc: &Doc<'_>) -> &'static str {
    let day = Day::of(doc.opened().claimed);
    let called = domain.map(|domain| (domain.day("signalling_from"), domain.day("signalling_until")));
    match called {
        None | Some((None, None)) => "no thread",
        Some((Some(from), _)) if day < from => "before",
        Some((_, Some(until))) if day > until => "after",
        Some(_) => "open",
    }
}

/// Who is nominated: the identity that may accept, else the name.
pub(crate) fn nominee(world: &World<'_>, doc: &Doc<'_>) -> Cell {
    match (nominees(doc), doc.value("nominee")) {
        ([one], _) => Cell::Person(*one),
        (_, Some(Value::Id(id))) => Cell::Person(*id),
        (_, Some(value)) => Cell::Text(world.named(value)),
        _ => Cell::Empty,
    }
}
