//! `delegations`: the log of who lent their voice to whom, and who speaks for whom as of now (R39).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::motions::lent::{Circle, Delegation, Lent, circles, delegations};
use crate::motions::voice::Rolls;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "delegations",
    title: "Delegations",
    about: "Who speaks for whom as of this day, and who did before?",
    on: On::Committee,
    reads: &["domain", "register"],
    requirements: &[39],
    compute,
};

/// The whole, in parts per million.
const WHOLE: u64 = 1_000_000;

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let all = delegations(world, only);
    let circles = circles(&all);
    let rings: usize = circles.iter().map(|(.., circle)| circle.rings.len()).sum();
    let standing = all
        .iter()
        .filter(|delegation| delegation.standing == "standing")
        .count();
    let mut sheet = Sheet::new("Delegations").say(format!(
        "As of {}, {standing} delegations stand. Any earlier day can be asked for.",
        world.today()
    ));
    if rings > 0 {
        sheet = sheet.say(format!(
            "{rings} rings of people lend to each other: nothing passes along a ring, and each of them speaks for themselves."
        ));
    }
    let (voices, weights) = voices(world, &circles);
    sheet
        .table(voices)
        .table(weights)
        .table(rings_table(&circles))
        .table(log(&all, &circles))
}

type Circles = [(Id, Option<String>, Circle)];

fn voices(world: &World<'_>, circles: &Circles) -> (Table, Table) {
    let mut table = Table::new(
        "voices",
        "Who speaks for whom",
        &[
            ("doc", "In"),
            ("scope", "For"),
            ("delegate", "Who speaks"),
            ("person", "For whom"),
            ("share", "Share"),
            ("via", "Over"),
        ],
        "Nobody speaks for anybody else.",
    );
    let mut weights = Table::new(
        "weights",
        "Weight behind each delegate, by class",
        &[
            ("doc", "In"),
            ("scope", "For"),
            ("delegate", "Who speaks"),
            ("class", "Class"),
            ("own", "Their own"),
            ("lent", "Lent to them"),
            ("register", "Register"),
        ],
        "No register lists anybody who lends or is lent a voice.",
    );
    let rolls = Rolls::of(world);
    for (doc, scope, circle) in circles {
        let ringed = circle.ringed();
        let mut lent: Vec<Lent> = circle.lends.keys().flat_map(|who| circle.lent(*who, &ringed)).collect();
        lent.sort_by_key(|lent| (lent.to, lent.of));
        for one in &lent {
            table.row(vec![
                Cell::Doc(*doc),
                Cell::text(scope.as_deref()),
                Cell::Person(one.to),
                Cell::Person(one.of),
                Cell::Ppm(one.share),
                Cell::List(one.via.iter().map(|id| Cell::Person(*id)).collect()),
            ]);
        }
        let delegates: BTreeSet<Id> = lent.iter().map(|lent| lent.to).collect();
        let people: BTreeSet<Id> = lent.iter().flat_map(|lent| [lent.of, lent.to]).collect();
        for (class, roll) in &rolls.by_class {
            let held = roll.divide(world, people.iter().copied());
            let behind = behind(circle, &lent, &held, &ringed);
            for delegate in &delegates {
                let (own, given) = behind.get(delegate).copied().unwrap_or((0, 0));
                if own > 0 || given > 0 {
                    weights.row(vec![
                        Cell::Doc(*doc),
                        Cell::text(scope.as_deref()),
                        Cell::Person(*delegate),
                        Cell::Text(class.clone()),
                        Cell::Int(own),
                        Cell::Int(given),
                        Cell::Doc(roll.register),
                    ]);
                }
            }
        }
    }
    (table, weights)
}

/// For each delegate what they keep of their own weight, and what is lent to them, each person's part rounded down.
fn behind(circle: &Circle, lent: &[Lent], held: &BTreeMap<Id, u64>, ringed: &BTreeSet<Id>) -> BTreeMap<Id, (u64, u64)> {
    let weigh = |who: Id, share: u64| {
        let held = held.get(&who).copied().unwrap_or(0);
        u64::try_from(u128::from(held) * u128::from(share) / u128::from(WHOLE)).unwrap_or(u64::MAX)
    };
    let mut out: BTreeMap<Id, (u64, u64)> = BTreeMap::new();
    for one in lent {
        let sum = &mut out.entry(one.to).or_default().1;
        *sum = sum.saturating_add(weigh(one.of, one.share));
    }
    for (who, (own, _)) in &mut out {
        let given = circle
            .lends
            .get(who)
            .filter(|_| !ringed.contains(who))
            .map_or(0, |(_, share)| *share);
        *own = weigh(*who, WHOLE.saturating_sub(given));
    }
    out
}

fn rings_table(circles: &Circles) -> Table {
    let mut table = Table::new(
        "cycles",
        "Rings",
        &[
            ("doc", "In"),
            ("scope", "For"),
            ("people", "Who lends to the next, the last to the first"),
        ],
        "No delegation leads back to where it came from.",
    );
    for (doc, scope, circle) in circles {
        for ring in &circle.rings {
            table.row(vec![
                Cell::Doc(*doc),
                Cell::text(scope.as_deref()),
                Cell::List(ring.iter().map(|id| Cell::Person(*id)).collect()),
            ]);
        }
    }
    table
}

fn log(all: &[Delegation<'_>], circles: &Circles) -> Table {
    let mut table = Table::new(
        "log",
        "Log",
        &[
            ("doc", "In"),
            ("by", "Who lends"),
            ("to", "To whom"),
            ("scope", "For"),
            ("share", "Share"),
            ("from", "From"),
            ("until", "Until"),
            ("day", "Written on"),
            ("standing", "Standing"),
            ("reason", "Why"),
            ("entry", "Entry"),
        ],
        "Nobody has lent their voice to anybody.",
    );
    let mut sorted: Vec<&Delegation<'_>> = all.iter().collect();
    sorted.sort_by_key(|delegation| (delegation.act.when.claimed, delegation.act.id));
    let ringed: BTreeMap<(Id, Option<&str>), BTreeSet<Id>> = circles
        .iter()
        .map(|(doc, scope, circle)| ((*doc, scope.as_deref()), circle.ringed()))
        .collect();
    for one in sorted {
        let scope = one.act.text("scope").map(crate::motions::shared::plain);
        let circle = ringed.get(&(one.doc, scope.as_deref()));
        let ring = one.standing == "standing" && circle.is_some_and(|circle| circle.contains(&one.act.by));
        table.row(vec![
            Cell::Doc(one.doc),
            Cell::Person(one.act.by),
            Cell::of(one.act.named("to"), Cell::Person),
            Cell::text(one.act.text("scope")),
            Cell::Ppm(one.act.int("share").unwrap_or(WHOLE)),
            Cell::Day(one.from),
            Cell::of(one.until, Cell::Day),
            Cell::Day(Day::of(one.act.when.claimed)),
            Cell::Word(if ring { "in a ring" } else { one.standing }),
            Cell::text(one.act.text("reason")),
            Cell::Entry(one.act.id),
        ]);
    }
    table
}
