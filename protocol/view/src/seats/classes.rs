//! `classes`: stakeholder classes, who is in several of them, and what was attested over time (R18 to R20).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::seats::lookup::{blank, people, person};
use crate::{Cell, Doc, Item, On, Plot, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "classes",
    title: "Stakeholder classes",
    about: "Which classes are there, with which weights, and who is in more than one of them?",
    on: On::Committee,
    reads: &["register"],
    requirements: &[18, 19, 20],
    compute,
};

/// A holder as a register or an attestation names it, and the identities that it stands for.
struct Held<'w> {
    register: Id,
    class: Option<&'w str>,
    holder: &'w Value,
    weight: u64,
    whose: BTreeSet<Id>,
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let owners = addresses(world);
    let registers: Vec<&Doc<'_>> = world
        .of("register")
        .filter(|doc| narrow.is_none_or(|narrow| narrow.id() == doc.id()))
        .collect();
    let held: Vec<Held<'_>> = registers
        .iter()
        .flat_map(|doc| {
            doc.items("holders")
                .into_iter()
                .filter_map(|item| held(doc, item, &owners))
        })
        .collect();
    let overlaps = overlaps(world, &held);
    let sheet = Sheet::new("Stakeholder classes")
        .say("Each class is tallied for itself; classes are never added up, and heads are never votes.")
        .say(match overlaps.rows.len() {
            0 => "Nobody is known to be in several classes, or under several addresses.".to_owned(),
            1 => "One person is in several classes or under several addresses: their weights are not independent."
                .to_owned(),
            n => format!(
                "{n} people are in several classes or under several addresses: their weights are not independent."
            ),
        })
        .say("Addresses that nobody linked may belong to anybody, to one person too.");
    let (holdings, plot) = holdings(&registers, &owners);
    sheet
        .table(classes(world, &registers, &held))
        .table(holders(&held))
        .table(overlaps)
        .table(shared(&owners))
        .table(holdings)
        .plot(plot)
}

/// Who linked which address with a signature.
fn addresses(world: &World<'_>) -> BTreeMap<String, BTreeSet<Id>> {
    let mut out: BTreeMap<String, BTreeSet<Id>> = BTreeMap::new();
    for (id, person) in &world.people {
        for address in &person.addresses {
            out.entry(key(address)).or_default().insert(*id);
        }
    }
    out
}

/// Addresses are compared in small letters, without blanks around them.
fn key(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

fn held<'a>(doc: &Doc<'a>, item: Item<'a>, owners: &BTreeMap<String, BTreeSet<Id>>) -> Option<Held<'a>> {
    let holder = item.value("holder")?;
    Some(Held {
        register: doc.id(),
        class: item.text("class"),
        holder,
        weight: item.int("weight").unwrap_or(0),
        whose: whose(holder, owners),
    })
}

/// An identity stands for itself, an address for those who linked it; a name proves nothing.
fn whose(holder: &Value, owners: &BTreeMap<String, BTreeSet<Id>>) -> BTreeSet<Id> {
    match holder {
        Value::Id(id) => [*id].into(),
        Value::Text(text) => owners.get(&key(text)).cloned().unwrap_or_default(),
        _ => BTreeSet::new(),
    }
}

/// What a holder is called for comparing.
fn name(holder: &Value) -> String {
    match holder {
        Value::Id(id) => id.to_string(),
        Value::Text(text) => key(text),
        _ => String::new(),
    }
}

fn classes(world: &World<'_>, registers: &[&Doc<'_>], held: &[Held<'_>]) -> Table {
    let mut table = Table::new(
        "classes",
        "Classes",
        &[
            ("register", "Register"),
            ("by", "Kept by"),
            ("registrar", "By a registrar"),
            ("day", "As of"),
            ("block", "Block"),
            ("class", "Class"),
            ("holders", "Holders"),
            ("known", "Of these known here"),
            ("weight", "Weight"),
            ("unit", "Unit"),
            ("decimals", "Decimals"),
        ],
        "No register lists holders yet. A registrar opens one with `open register`.",
    );
    let size = |n: usize| Cell::Int(u64::try_from(n).unwrap_or(u64::MAX));
    for doc in registers {
        let mut of: BTreeMap<&str, Vec<&Held<'_>>> = BTreeMap::new();
        for one in held.iter().filter(|held| held.register == doc.id()) {
            of.entry(one.class.unwrap_or_default()).or_default().push(one);
        }
        for (class, all) in of {
            let names: BTreeSet<String> = all.iter().map(|held| name(held.holder)).collect();
            let known: BTreeSet<String> = all
                .iter()
                .filter(|held| !held.whose.is_empty())
                .map(|held| name(held.holder))
                .collect();
            let weight = all.iter().fold(0, |sum: u64, held| sum.saturating_add(held.weight));
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Person(doc.by()),
                Cell::Flag(by_registrar(world, doc)),
                Cell::of(doc.day("day"), Cell::Day),
                Cell::of(doc.int("block"), Cell::Int),
                Cell::Text(class.to_owned()),
                size(names.len()),
                size(known.len()),
                Cell::Int(weight),
                Cell::text(doc.text("unit")),
                Cell::of(doc.int("decimals"), Cell::Int),
            ]);
        }
    }
    table
}

/// Whether its author was a registrar, for the committee or for this register, when it was opened.
fn by_registrar(world: &World<'_>, doc: &Doc<'_>) -> bool {
    let at = doc.opened().claimed;
    world.tenures.iter().any(|t| {
        t.role == "registrar"
            && t.holder == doc.by()
            && t.scope.is_none_or(|scope| scope == doc.id())
            && t.from <= at
            && t.until.is_none_or(|until| at < until)
    })
}

fn holders(held: &[Held<'_>]) -> Table {
    let mut table = Table::new(
        "holders",
        "Holders",
        &[
            ("register", "Register"),
            ("class", "Class"),
            ("holder", "Holder"),
            ("weight", "Weight"),
            ("people", "Known as"),
            ("known_by", "Known by"),
            ("twice", "Listed twice in its class"),
        ],
        "No register lists holders yet.",
    );
    let mut times: BTreeMap<(Id, Option<&str>, String), u64> = BTreeMap::new();
    for one in held {
        *times.entry((one.register, one.class, name(one.holder))).or_default() += 1;
    }
    for one in held {
        let twice = times
            .get(&(one.register, one.class, name(one.holder)))
            .is_some_and(|n| *n > 1);
        table.row(vec![
            Cell::Doc(one.register),
            Cell::text(one.class),
            person(Some(one.holder)),
            Cell::Int(one.weight),
            people(&one.whose),
            Cell::Word(match (one.holder, one.whose.len()) {
                (Value::Id(_), _) => "identity",
                (_, 0) => "nobody known",
                (_, 1) => "linked address",
                _ => "address of several",
            }),
            Cell::Flag(twice),
        ]);
    }
    table
}

/// R19: who is in several classes, or under several addresses or names.
fn overlaps(world: &World<'_>, held: &[Held<'_>]) -> Table {
    let mut table = Table::new(
        "overlaps",
        "Overlaps",
        &[
            ("person", "Who"),
            ("reasons", "Because of"),
            ("classes", "Classes"),
            ("holders", "Listed as"),
            ("addresses", "Addresses"),
        ],
        "Nobody is known to be in several classes, or under several addresses.",
    );
    let mut all: BTreeMap<Id, (BTreeSet<&str>, BTreeSet<String>)> = BTreeMap::new();
    for one in held {
        for person in &one.whose {
            let (classes, names) = all.entry(*person).or_default();
            classes.extend(one.class);
            names.insert(name(one.holder));
        }
    }
    for (id, person) in &world.people {
        if person.addresses.len() > 1 {
            all.entry(*id).or_default();
        }
    }
    let texts = |texts: Vec<String>| Cell::List(texts.into_iter().map(Cell::Text).collect());
    for (id, (classes, names)) in all {
        let addresses = world.people.get(&id).map_or(&[][..], |person| &person.addresses);
        let mut reasons = Vec::new();
        for (holds, reason) in [
            (classes.len() > 1, "several classes"),
            (names.len() > 1, "several entries"),
            (addresses.len() > 1, "several addresses"),
        ] {
            if holds {
                reasons.push(Cell::Word(reason));
            }
        }
        if !reasons.is_empty() {
            table.row(vec![
                Cell::Person(id),
                Cell::List(reasons),
                texts(classes.into_iter().map(str::to_owned).collect()),
                texts(names.into_iter().collect()),
                texts(addresses.to_vec()),
            ]);
        }
    }
    table
}

/// Addresses that several identities proved to be theirs: perhaps one person with two identities.
fn shared(owners: &BTreeMap<String, BTreeSet<Id>>) -> Table {
    let mut table = Table::new(
        "shared",
        "Addresses of several identities",
        &[("address", "Address"), ("people", "Linked by")],
        "No address is linked by several identities.",
    );
    for (address, by) in owners.iter().filter(|(_, by)| by.len() > 1) {
        table.row(vec![Cell::Text(address.clone()), people(by)]);
    }
    table
}

/// R20: attestations of holdings over time, by holder, class and day.
fn holdings(registers: &[&Doc<'_>], owners: &BTreeMap<String, BTreeSet<Id>>) -> (Table, Plot) {
    let mut table = Table::new(
        "holdings",
        "Attested over time",
        &[
            ("register", "Register"),
            ("holder", "Holder"),
            ("class", "Class"),
            ("day", "Day"),
            ("block", "Block"),
            ("weight", "Weight"),
            ("source", "Source"),
            ("by", "Attested by"),
            ("attestation", "Attestation"),
            ("people", "Known as"),
        ],
        "No holding was attested. Holders are not obliged to be; a registrar does it with `holding` in a register.",
    );
    let mut rows = Vec::new();
    for doc in registers {
        for act in doc.acts("holding") {
            let (Some(holder), Some(weight)) = (act.value("holder"), act.int("weight")) else {
                continue;
            };
            let day = act.day("day").unwrap_or(Day::of(act.when.claimed));
            let class = act.text("class");
            let order = (doc.id(), name(holder), class, day, act.id);
            let row = vec![
                Cell::Doc(doc.id()),
                person(Some(holder)),
                Cell::text(class),
                Cell::Day(day),
                Cell::of(act.int("block"), Cell::Int),
                Cell::Int(weight),
                Cell::text(act.text("source").filter(|source| !blank(source))),
                Cell::Person(act.by),
                Cell::Entry(act.id),
                people(&whose(holder, owners)),
            ];
            rows.push((order, weight, row));
        }
    }
    rows.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut lines: BTreeMap<String, Vec<(Day, u64)>> = BTreeMap::new();
    for ((_, holder, class, day, _), weight, row) in rows {
        let line = lines
            .entry(format!("{holder} {}", class.unwrap_or("no class")))
            .or_default();
        line.push((day, weight));
        table.row(row);
    }
    for line in lines.values_mut() {
        line.sort_unstable();
    }
    let plot = Plot::Lines {
        title: "Attested holdings".to_owned(),
        lines: lines.into_iter().collect(),
    };
    (table, plot)
}
