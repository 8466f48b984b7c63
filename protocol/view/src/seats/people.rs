//! `people`: how long each key has been known here, and who vouched for it (R44).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::motions::shared::{count, days, plain};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "people",
    title: "People",
    about: "Since when is each author known here, and who vouched for them?",
    on: On::Committee,
    reads: &[],
    requirements: &[44],
    compute,
};

fn compute(world: &World<'_>, _: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "people",
        "People",
        &[
            ("person", "Who"),
            ("name", "Calls themselves"),
            ("first", "First entry, as claimed"),
            ("age_days", "Days since"),
            ("known_by", "Shown by a chain"),
            ("proven_days", "Days since"),
            ("vouched_by", "Vouched for by"),
            ("founder", "Founder"),
            ("roles", "Roles today"),
            ("addresses", "Linked addresses"),
            ("namesakes", "Others of this name"),
        ],
        "Nobody has written anything in the record.",
    );
    let today = world.today();
    let mut sorted: Vec<_> = world.people.iter().collect();
    sorted.sort_by_key(|(id, person)| (person.first.unwrap_or(u64::MAX), **id));
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    for name in world.people.values().filter_map(|person| person.name.as_deref()) {
        *names.entry(plain(name)).or_default() += 1;
    }
    let mut roles: BTreeMap<Id, BTreeSet<&str>> = BTreeMap::new();
    for tenure in world.tenures.iter().filter(|tenure| tenure.until.is_none()) {
        roles.entry(tenure.holder).or_default().insert(&tenure.role);
    }
    let mut unproven = 0;
    for (id, person) in sorted {
        let (first, known) = (person.first.map(Day::of), person.known_by.map(Day::of));
        unproven += usize::from(known.is_none());
        let roles = roles.get(id).into_iter().flatten();
        let namesakes = person.name.as_deref().and_then(|name| names.get(&plain(name)));
        table.row(vec![
            Cell::Person(*id),
            Cell::text(person.name.as_deref()),
            Cell::of(first, Cell::Day),
            Cell::of(first, |first| Cell::Int(days(first, today))),
            Cell::of(known, Cell::Day),
            Cell::of(known, |known| Cell::Int(days(known, today))),
            Cell::List(person.vouched_by.iter().map(|id| Cell::Person(*id)).collect()),
            Cell::Flag(person.founder),
            Cell::List(roles.map(|role| Cell::Text((*role).to_owned())).collect()),
            Cell::Int(count(person.addresses.len())),
            Cell::Int(namesakes.map_or(0, |all| all.saturating_sub(1))),
        ]);
    }
    let mut sheet = Sheet::new("People").say("Heads are never counted as votes: one person can hold many keys.");
    if unproven > 0 {
        sheet = sheet.say(format!(
            "For {unproven} of {} no chain shows since when they write here: their first day is what they claim.",
            world.people.len()
        ));
    }
    sheet.table(table)
}
