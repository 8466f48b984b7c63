//! `commitments`: what was committed to in secret, and whether it was revealed as committed (R59).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::{Act, Cell, DOCUMENTS_AND_ITS_OWN, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::{Hash, Id, sha256};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "commitments",
    title: "Commitments",
    about: "What did people commit to reveal, was it revealed in time, and is it what they committed to?",
    on: On::Committee,
    reads: DOCUMENTS_AND_ITS_OWN,
    requirements: &[59],
    compute,
};

/// Bytes of a salt.
const SALT: usize = 32;

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "commitments",
        "Commitments",
        &[
            ("document", "Document"),
            ("commit", "Commitment"),
            ("by", "By"),
            ("about", "About"),
            ("made", "Made"),
            ("until", "To be revealed by"),
            ("reveal", "Revealed by"),
            ("revealed", "Revealed"),
            ("state", "State"),
            ("timely", "Shown by blocks"),
            ("copy_of", "Same as an earlier one"),
        ],
        "Nobody has committed to anything yet.",
    );
    let mut reveals = Table::new(
        "reveals",
        "Reveals",
        &[
            ("document", "Document"),
            ("reveal", "Reveal"),
            ("by", "By"),
            ("time", "Time"),
            ("commit", "Of"),
            ("check", "Check"),
        ],
        "Nobody has revealed anything yet.",
    );
    let (mut open, mut overdue) = (0, 0);
    let first = first(world);
    let all = world.everything();
    for doc in all.filter(|doc| only.is_none_or(|only| only.id() == doc.id())) {
        let commits: BTreeMap<Id, Act<'_>> = doc.acts("commit").map(|act| (act.id, act)).collect();
        let mut matching: BTreeMap<Id, Act<'_>> = BTreeMap::new();
        for reveal in doc.acts("reveal") {
            let commit = reveal.named("entry").and_then(|id| commits.get(&id));
            let word = check(commit, &reveal);
            if let Some(commit) = commit.filter(|_| word == "matches") {
                matching.entry(commit.id).or_insert(reveal);
            }
            reveals.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(reveal.id),
                Cell::Person(reveal.by),
                Cell::Time(reveal.when.claimed),
                Cell::of(reveal.named("entry"), Cell::Entry),
                Cell::Word(word),
            ]);
        }
        for act in doc.acts("commit") {
            let reveal = matching.get(&act.id).copied();
            let until = act.day("until").or_else(|| doc.day("revealed_by"));
            let state = state(world, reveal.as_ref(), until);
            open += usize::from(state == "open");
            overdue += usize::from(state == "overdue");
            let copied = hash(&act)
                .and_then(|hash| first.get(&hash))
                .filter(|earlier| earlier.2 != act.by);
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(act.id),
                Cell::Person(act.by),
                Cell::text(act.text("about")),
                Cell::Time(act.when.claimed),
                Cell::of(until, Cell::Day),
                Cell::of(reveal.as_ref(), |reveal| Cell::Entry(reveal.id)),
                Cell::of(reveal.as_ref(), |reveal| Cell::Time(reveal.when.claimed)),
                Cell::Word(state),
                Cell::of(timely(reveal.as_ref(), until), Cell::Word),
                Cell::of(copied, |earlier| Cell::Entry(earlier.1)),
            ]);
        }
    }
    Sheet::new("Commitments")
        .say(format!("{open} are open, {overdue} overdue."))
        .table(table)
        .table(reveals)
}

/// The first commitment to each hash: when, its entry, its author. Whoever repeats another's hash knows nothing yet, and
/// can repeat the other's reveal later.
fn first(world: &World<'_>) -> BTreeMap<Hash, (u64, Id, Id)> {
    let mut out: BTreeMap<Hash, (u64, Id, Id)> = BTreeMap::new();
    let all = world.everything();
    for doc in all {
        for act in doc.acts("commit") {
            let Some(hash) = hash(&act) else { continue };
            let this = (act.when.claimed, act.id, act.by);
            let known = out.entry(hash).or_insert(this);
            *known = this.min(*known);
        }
    }
    out
}

fn hash(act: &Act<'_>) -> Option<Hash> {
    match act.value("commitment")? {
        Value::Hash(hash) => Some(*hash),
        _ => None,
    }
}

/// Whether a reveal says what the commitment that it names committed to.
fn check(commit: Option<&Act<'_>>, reveal: &Act<'_>) -> &'static str {
    let Some(commit) = commit else {
        return "no such commitment";
    };
    let salt = reveal.value("salt").and_then(Value::as_bytes).unwrap_or_default();
    let text = reveal.value("text").and_then(Value::as_text).unwrap_or_default();
    match hash(commit) {
        _ if commit.by != reveal.by => "another author",
        _ if salt.len() != SALT => "salt of another length",
        Some(hash) if hash.0 == sha256(&[salt, text.as_bytes()]) => "matches",
        _ => "does not match",
    }
}

fn state(world: &World<'_>, reveal: Option<&Act<'_>>, until: Option<Day>) -> &'static str {
    match (reveal, until) {
        (Some(reveal), Some(until)) if Day::of(reveal.when.claimed) > until => "revealed late",
        (Some(_), _) => "revealed",
        (None, Some(until)) if world.today() > until => "overdue",
        (None, _) => "open",
    }
}

/// Whether blocks on a chain show that a reveal came in time, whatever its author claims.
fn timely(reveal: Option<&Act<'_>>, until: Option<Day>) -> Option<&'static str> {
    let (reveal, until) = (reveal?, until?);
    Some(match (reveal.when.not_before, reveal.when.not_after) {
        (_, Some(after)) if after < until.ends() => "in time",
        (Some(before), _) if before >= until.ends() => "late",
        _ => "unproven",
    })
}
