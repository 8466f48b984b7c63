//! `seats`: the seats of each domain, who holds them and for how long (R5).

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::seats::lookup::{people, within};
use crate::seats::seat::{ROLE, holders, seat_of, seats, tenures};
use crate::sheet::Span;
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "seats",
    title: "Seats",
    about: "Which seats does each domain have, who holds them, and which places are free?",
    on: On::Committee,
    reads: &["domain", "nomination"],
    requirements: &[5],
    compute,
};

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut places = Table::new(
        "seats",
        "Seats",
        &[
            ("domain", "Domain"),
            ("seat", "Seat"),
            ("places", "Places"),
            ("holders", "Holders"),
            ("free", "Free"),
            ("over", "Too many"),
            ("term_days", "Term in days"),
        ],
        "No domain lists its seats yet. Its owner adds them to `seats` with an edit.",
    );
    let mut held = Table::new(
        "tenures",
        "Facilitators",
        &[
            ("domain", "Domain"),
            ("seat", "Seat"),
            ("holder", "Facilitator"),
            ("grant", "Grant"),
            ("from", "From"),
            ("until", "Ended"),
            ("term_ends", "Term ends"),
            ("standing", "Standing"),
        ],
        "Nobody holds the role `facilitator` for a domain. Founders and stewards grant it, with the domain as its scope.",
    );
    let (mut free, mut over, mut spans) = (0, 0, Vec::new());
    for domain in world.of("domain").filter(|domain| within(world, domain, narrow)) {
        let all = seats(domain);
        for seat in &all {
            let now = holders(world, domain, &all, seat.name);
            let count = u64::try_from(now.len()).unwrap_or(u64::MAX);
            free += seat.places.saturating_sub(count);
            over += count.saturating_sub(seat.places);
            places.row(vec![
                Cell::Doc(domain.id()),
                Cell::Text(seat.name.to_owned()),
                Cell::Int(seat.places),
                people(&now),
                Cell::Int(seat.places.saturating_sub(count)),
                Cell::Int(count.saturating_sub(seat.places)),
                Cell::of(seat.term_days, Cell::Int),
            ]);
        }
        for tenure in tenures(world, domain.id()) {
            let name = seat_of(world, domain, &all, tenure);
            let seat = all.iter().find(|seat| Some(seat.name) == name);
            let from = Day::of(tenure.from);
            let ends = seat.and_then(|seat| seat.term_days).map(|days| from.after(days));
            let standing = match (tenure.until, ends) {
                (Some(_), _) => "ended",
                (None, Some(ends)) if world.today() > ends => "past the term",
                _ => "holds",
            };
            held.row(vec![
                Cell::Doc(domain.id()),
                Cell::text(name),
                Cell::Person(tenure.holder),
                Cell::Entry(tenure.grant),
                Cell::Day(from),
                Cell::of(tenure.until, |until| Cell::Day(Day::of(until))),
                Cell::of(ends, Cell::Day),
                Cell::Word(standing),
            ]);
            let until = tenure.until.map_or_else(|| ends.unwrap_or(world.today()), Day::of);
            spans.push(Span {
                lane: format!("{} {}", domain.title(), name.unwrap_or("without a seat")),
                label: world.called(tenure.holder),
                from,
                until: until.max(from),
                clash: false,
            });
        }
    }
    let sheet = says(world, free, over, &held).table(places).table(held);
    sheet.plot(Plot::Spans {
        title: "Who held which seat".to_owned(),
        now: Some(world.today()),
        spans,
    })
}

fn says(world: &World<'_>, free: u64, over: u64, held: &Table) -> Sheet {
    let mut sheet = Sheet::new("Seats").say(match free {
        0 => "No place is free.".to_owned(),
        1 => "One place is free.".to_owned(),
        n => format!("{n} places are free."),
    });
    if over > 0 {
        sheet = sheet.say(format!("{over} facilitators more than there are places for."));
    }
    let standing = held.rows.iter().filter(|row| row.last() != Some(&Cell::Word("ended")));
    let unseated = standing.filter(|row| row.get(1) == Some(&Cell::Empty)).count();
    if unseated > 0 {
        sheet = sheet.say(format!(
            "{unseated} facilitators sit in no seat: their domain lists several or none, and no nomination that they accepted says which."
        ));
    }
    let whole = world
        .tenures
        .iter()
        .filter(|t| t.role == ROLE && t.scope.is_none() && t.until.is_none());
    let whole: BTreeSet<Id> = whole.map(|tenure| tenure.holder).collect();
    if !whole.is_empty() {
        let n = whole.len();
        sheet = sheet.say(format!(
            "{n} facilitators hold the role for the committee as a whole, and no seat."
        ));
    }
    sheet
}
