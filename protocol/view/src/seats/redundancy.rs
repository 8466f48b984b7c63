//! `redundancy`: functions that too few people provide (R6).

use std::collections::{BTreeMap, BTreeSet};

use crate::seats::lookup::{blank, within};
use crate::seats::seat::{holders, seats};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "redundancy",
    title: "Redundancy",
    about: "Which functions have fewer than two providers?",
    on: On::Committee,
    reads: &["domain", "nomination"],
    requirements: &[6],
    compute,
};

/// Who provides a function.
#[derive(Default)]
struct Providers {
    identities: BTreeSet<Id>,
    names: BTreeSet<String>,
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "functions",
        "Functions",
        &[
            ("domain", "Domain"),
            ("function", "Function"),
            ("providers", "Providers"),
            ("count", "How many"),
            ("needed", "Needed"),
            ("short", "Too few"),
            ("names", "Of these by name only"),
        ],
        "No domain lists its functions yet. Its owner adds them to `functions` with an edit.",
    );
    let needed = world.parameter("redundancy_min");
    let mut rows = Vec::new();
    for (n, domain) in world
        .of("domain")
        .filter(|domain| within(world, domain, narrow))
        .enumerate()
    {
        for (function, who) in functions(world, domain) {
            let names: Vec<&String> = who
                .names
                .iter()
                .filter(|name| !called(world, &who.identities, name))
                .collect();
            let count = distinct(world, &who.identities) + names.len();
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            let all = who.identities.iter().copied().map(Cell::Person);
            let all = all.chain(names.iter().map(|name| Cell::Text((*name).clone())));
            let row = vec![
                Cell::Doc(domain.id()),
                Cell::Text(function.to_owned()),
                Cell::List(all.collect()),
                Cell::Int(count),
                Cell::Int(needed),
                Cell::Flag(count < needed),
                Cell::Int(u64::try_from(names.len()).unwrap_or(u64::MAX)),
            ];
            rows.push(((count >= needed, n, function), row));
        }
    }
    rows.sort_by_key(|(order, _)| *order);
    let short = rows.iter().filter(|((enough, ..), _)| !enough).count();
    let all = rows.len();
    rows.into_iter().for_each(|(_, row)| table.row(row));
    let sheet = Sheet::new("Redundancy").say(match (all, short) {
        (0, _) => "No function is listed.".to_owned(),
        (_, 0) => format!("Every function has at least {needed} providers."),
        (_, 1) => format!("One function has fewer than {needed} providers."),
        (_, n) => format!("{n} functions have fewer than {needed} providers."),
    });
    sheet.table(table)
}

/// The domain's list, and what its seats ask of their holders.
fn functions<'a>(world: &World<'a>, domain: &Doc<'a>) -> BTreeMap<&'a str, Providers> {
    let mut out: BTreeMap<&str, Providers> = BTreeMap::new();
    for item in domain.items("functions") {
        let Some(name) = item.text("name") else { continue };
        let who = out.entry(name).or_default();
        match item.value("provider") {
            Some(Value::Id(id)) => drop(who.identities.insert(*id)),
            Some(Value::Text(text)) if !blank(text) => drop(who.names.insert(text.clone())),
            _ => {}
        }
    }
    let all = seats(domain);
    for seat in &all {
        for function in &seat.functions {
            let held = holders(world, domain, &all, seat.name);
            out.entry(function).or_default().identities.extend(held);
        }
    }
    out
}

/// Whether a name is that of one of these identities: the same provider written twice.
fn called(world: &World<'_>, identities: &BTreeSet<Id>, name: &str) -> bool {
    identities.iter().any(|id| {
        world
            .people
            .get(id)
            .is_some_and(|person| person.name.as_deref() == Some(name))
    })
}

/// Identities that proved the same address are one provider.
fn distinct(world: &World<'_>, identities: &BTreeSet<Id>) -> usize {
    let addresses = |id: &Id| world.people.get(id).map_or(&[][..], |person| &person.addresses);
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    let mut alone = 0;
    for id in identities {
        let own: BTreeSet<&str> = addresses(id).iter().map(String::as_str).collect();
        if own.is_empty() {
            alone += 1;
            continue;
        }
        let (same, mut others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| !group.is_disjoint(&own));
        others.push(same.into_iter().flatten().chain(own).collect());
        groups = others;
    }
    groups.len() + alone
}
