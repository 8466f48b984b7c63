//! `proposals`: which proposals have what their type asks for, and the sponsors to be voted on (R64, R65).

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::programmes::programme::fallen;
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "proposals",
    title: "Proposals",
    about: "What does each proposal lack by the rules of its type, and may it be voted on?",
    on: On::Committee,
    reads: &["proposal", "register"],
    requirements: &[64, 65],
    compute,
};

/// What each type of proposal has to say. Lists need one item at least.
pub(crate) fn rules(kind: &str) -> &'static [&'static str] {
    match kind {
        "tpp" => &["cap", "emission", "start", "end", "minter", "questions"],
        "zip" => &["mechanism", "plan"],
        "gap" => &["plan"],
        "bundle" => &["bundle"],
        "sponsorship" => &["cap", "minter", "end"],
        // `mip` and `other`: a text that says what changes.
        _ => &["mechanism"],
    }
}

/// Whether a field says something. A question counts when it was asked before the vote: R68.
fn there(doc: &Doc<'_>, field: &str) -> bool {
    match field {
        "questions" => doc.items(field).iter().any(|item| asked_in_time(doc, item.entry)),
        "emission" => !doc.items(field).is_empty(),
        _ => match doc.value(field) {
            Some(Value::Text(text)) => !text.trim().is_empty(),
            Some(Value::Ids(ids)) => !ids.is_empty(),
            other => other.is_some(),
        },
    }
}

/// Whether what an entry wrote was there when the proposal was put to the vote: in its root, or by an edit that claims a
/// day before the first one of the vote; before its start where it says no vote; always where it says neither.
pub(crate) fn asked_in_time(doc: &Doc<'_>, entry: Id) -> bool {
    let before = doc.day("vote_from").or(doc.day("start"));
    entry == doc.id() || before.is_none_or(|before| Day::of(doc.when(entry).claimed) < before)
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut proposals = Table::new(
        "proposals",
        "Proposals",
        &[
            ("proposal", "Proposal"),
            ("type", "Type"),
            ("by", "By"),
            ("opened", "On"),
            ("missing", "Missing"),
            ("sponsors", "Sponsors"),
            ("sponsors_needed", "Needed"),
            ("weight", "Weight"),
            ("weight_needed", "Needed"),
            ("standing", "May be voted on"),
            ("vote_from", "Vote from"),
            ("vote_until", "Vote until"),
            ("vote", "Vote"),
        ],
        "There is no proposal yet. Anyone with a key can open one.",
    );
    let mut fields = Table::new(
        "rules",
        "What each type asks for",
        &[("proposal", "Proposal"), ("field", "Field"), ("there", "There")],
        "There is no proposal yet.",
    );
    let mut sponsors = Table::new(
        "sponsors",
        "Sponsors",
        &[
            ("proposal", "Proposal"),
            ("sponsor", "Sponsor"),
            ("entry", "Entry"),
            ("day", "Day"),
            ("until", "Until"),
            ("own", "Its own author"),
            ("claimed", "Weight as they say"),
            ("listed", "Weight in the register"),
            ("counted", "Weight that counts"),
            ("standing", "Standing"),
        ],
        "Nobody carries a proposal yet. Anyone can, with a `sponsor` act.",
    );
    let register = latest(world);
    let (mut ready, mut early) = (0, 0);
    for doc in world
        .of("proposal")
        .filter(|doc| only.is_none_or(|only| only.kind() != "proposal" || only.id() == doc.id()))
    {
        let kind = doc.text("type").unwrap_or("other");
        let mut missing = Vec::new();
        for field in rules(kind) {
            let there = there(doc, field);
            fields.row(vec![Cell::Doc(doc.id()), Cell::Word(field), Cell::Flag(there)]);
            if !there {
                missing.push(Cell::Word(field));
            }
        }
        let found = carriers(world, doc, register);
        let holding = || found.iter().filter(|sponsor| sponsor.standing == "counts");
        let (count, weight) = (
            u64::try_from(holding().count()).unwrap_or(u64::MAX),
            holding().fold(0_u64, |sum, s| sum.saturating_add(s.counted)),
        );
        let (need, need_weight) = (
            world.parameter_for("sponsors_min", kind),
            world.parameter_for("sponsor_weight_min", kind),
        );
        let standing = match fallen(doc) {
            Some(word) => word,
            None if doc.document.incomplete() => "unknown",
            None if !missing.is_empty() => "incomplete",
            None if count < need || weight < need_weight => "lacks sponsors",
            None => "may be voted on",
        };
        let vote = vote(world, doc, standing);
        ready += usize::from(standing == "may be voted on");
        early += usize::from(vote == "open too early" || vote == "held too early");
        proposals.row(vec![
            Cell::Doc(doc.id()),
            Cell::Text(kind.to_owned()),
            Cell::Person(doc.by()),
            Cell::Day(Day::of(doc.opened().claimed)),
            Cell::List(missing),
            Cell::Int(count),
            Cell::Int(need),
            Cell::Int(weight),
            Cell::Int(need_weight),
            Cell::Word(standing),
            Cell::of(doc.day("vote_from"), Cell::Day),
            Cell::of(doc.day("vote_until"), Cell::Day),
            Cell::Word(vote),
        ]);
        for sponsor in found {
            sponsors.row(vec![
                Cell::Doc(doc.id()),
                Cell::Person(sponsor.act.by),
                Cell::Entry(sponsor.act.id),
                Cell::Day(Day::of(sponsor.act.when.claimed)),
                Cell::of(sponsor.act.day("until"), Cell::Day),
                Cell::Flag(
                    doc.document
                        .owners()
                        .iter()
                        .any(|owner| owner.identity == sponsor.act.by),
                ),
                Cell::of(sponsor.act.int("weight"), Cell::Int),
                Cell::of(sponsor.listed, Cell::Int),
                Cell::Int(sponsor.counted),
                Cell::Word(sponsor.standing),
            ]);
        }
    }
    let mut sheet = Sheet::new("Proposals").say(match ready {
        0 => "No proposal may be voted on yet: each needs what its type asks for, and its sponsors.".to_owned(),
        1 => "One proposal may be voted on.".to_owned(),
        n => format!("{n} proposals may be voted on."),
    });
    if early > 0 {
        sheet = sheet.say(format!("{early} of them went to a vote before that."));
    }
    sheet = sheet.say(match register {
        Some(register) => format!(
            "Weights of sponsors are held against the register {}.",
            register.title()
        ),
        None => "There is no register: weights of sponsors are what they say of themselves.".to_owned(),
    });
    sheet.table(proposals).table(sponsors).table(fields)
}

/// A vote that began before it could is said to be what it is.
fn vote(world: &World<'_>, doc: &Doc<'_>, standing: &str) -> &'static str {
    let (from, until) = (doc.day("vote_from"), doc.day("vote_until"));
    let Some(from) = from.or(until).filter(|_| fallen(doc).is_none()) else {
        return "none";
    };
    let open = standing == "may be voted on";
    match until {
        _ if world.today() < from => "planned",
        Some(until) if world.today() > until && open => "held",
        Some(until) if world.today() > until => "held too early",
        _ if open => "open",
        _ => "open too early",
    }
}

/// A `sponsor` act and what it counts for.
struct Carrier<'a> {
    act: Act<'a>,
    listed: Option<u64>,
    counted: u64,
    standing: &'static str,
}

/// Sponsors are needed before a vote: once it has begun, those count who stood behind the proposal then, whatever came after.
/// Two identities that proved one address are one sponsor. A weight counts as far as the register has it.
fn carriers<'a>(world: &World<'_>, doc: &Doc<'a>, register: Option<&Doc<'_>>) -> Vec<Carrier<'a>> {
    let mut seen = BTreeSet::new();
    let vote = doc.day("vote_from").or(doc.day("vote_until"));
    let day = vote.map_or(world.today(), |vote| vote.min(world.today()));
    let acts = doc.acts("sponsor").map(|act| {
        let addresses = world.people.get(&act.by).map_or(&[][..], |person| &person.addresses);
        let over = act.day("until").is_some_and(|until| until < day);
        let late = vote.is_some_and(|vote| Day::of(act.when.claimed) >= vote);
        let standing = if over {
            "over"
        } else if late {
            "after the vote began"
        } else if addresses.iter().any(|address| seen.contains(address)) {
            "same address"
        } else {
            seen.extend(addresses);
            "counts"
        };
        let listed = register.map(|register| weight(register, act.by, addresses));
        let claimed = act.int("weight");
        let counted = match (claimed, listed) {
            (Some(claimed), Some(listed)) => claimed.min(listed),
            (claimed, listed) => claimed.or(listed).unwrap_or(0),
        };
        let counted = if standing == "counts" { counted } else { 0 };
        Carrier {
            act,
            listed,
            counted,
            standing,
        }
    });
    acts.collect()
}

/// The register in force: the latest by its day, then block, then claimed time, then id.
fn latest<'w, 'a>(world: &'w World<'a>) -> Option<&'w Doc<'a>> {
    let registers = world
        .documents
        .iter()
        .filter(|doc| doc.kind() == "register" && fallen(doc).is_none());
    registers.max_by_key(|doc| (doc.day("day"), doc.int("block"), doc.opened().claimed, doc.id()))
}

/// The whole units that a register has for somebody, by identity and by the addresses that they proved, all classes.
fn weight(register: &Doc<'_>, who: Id, addresses: &[String]) -> u64 {
    let unit = 10_u64.saturating_pow(u32::try_from(register.int("decimals").unwrap_or(0)).unwrap_or(u32::MAX));
    let theirs = register
        .items("holders")
        .into_iter()
        .filter(|item| match item.value("holder") {
            Some(Value::Id(id)) => *id == who,
            Some(Value::Text(name)) => addresses.contains(&name.trim().to_lowercase()),
            _ => false,
        });
    let sum = theirs.fold(0_u64, |sum, item| sum.saturating_add(item.int("weight").unwrap_or(0)));
    sum.checked_div(unit).unwrap_or(0)
}
