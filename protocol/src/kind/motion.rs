//! `motion`: something to be decided about somebody or something.

use std::collections::BTreeSet;

use super::common::{EVIDENCE, PROSE, TITLE};
use super::state::{Act, Scene, State};
use super::{Field, Kind, Type, Value};
use crate::hash::Id;

pub(super) static KIND: Kind = Kind::document("motion", "Something to be decided about somebody or something.")
    .fields(&[
        Field::new("form", Type::Choice(FORMS), "What is to be decided.").required(),
        Field::new("title", TITLE, "What it is about."),
        Field::new("subject", Type::Named, "Whom or what it is about: an entry, or a name."),
        Field::new("domain", Type::Named, "The domain or unit that it concerns."),
        Field::new("class", Type::Line { max: 64 }, "Its decision class, such as `operational`."),
        Field::new(
            "voluntary",
            Type::Flag,
            "Whether the subject wants it. Yes counts with the subject's own signature only; missing is unknown.",
        ),
        Field::new("text", PROSE, "The motion, markdown."),
        Field::new("reasons", PROSE, "Why, markdown, apart from thanks."),
        Field::new("thanks", PROSE, "Thanks, markdown."),
        Field::new("evidence", EVIDENCE, "What the reasons rest on."),
        Field::new("options", Type::Lines { max: 64, each: 200 }, "What can be chosen; yes and no if it is missing."),
        Field::new("notice_days", Type::Int { max: 365 }, "Notice in working days; the committee's if it is missing or shorter."),
        Field::new("replacement", Type::Named, "Who follows: a nomination, or a name."),
        Field::new("alternatives", Type::Ids { max: 32 }, "Motions that would make this one needless."),
        Field::new("concerns", Type::Ids { max: 32 }, "Concerns that were raised before."),
        Field::new("vote_from", Type::Date, "The first day on which it is voted on."),
        Field::new("vote_until", Type::Date, "The last one."),
        Field::new("threshold", Type::Int { max: 1_000_000 }, "Signatures that a petition needs."),
        Field::new("effective", Type::Date, "The day from which it holds."),
    ])
    .title(&["title", "subject", "form"])
    .text("text")
    .state(state);

const FORMS: &[&str] = &[
    "onboard",
    "offboard",
    "disband",
    "split",
    "oversight",
    "second",
    "recommend",
    "petition",
    "other",
];

/// What somebody consents to who signs a motion about themselves. A signature counts for these fields as they stand now
/// only if its author had seen them so: who opened the motion could otherwise put another text under it.
const CONSENTED: &[&str] = &["form", "subject", "voluntary", "text", "effective"];

/// The same for a petition, whose threshold its opener could otherwise lower until it is reached.
const PETITIONED: &[&str] = &["form", "subject", "title", "text", "options", "threshold"];

/// Outcomes are those that the last conclusion names; without one, the opener may have withdrawn it. R49: a petition is
/// reached when as many people as it needs have signed it as it stands.
fn state(scene: &Scene<'_>) -> State {
    let text = |field: &str| (scene.value)(field).and_then(Value::as_text);
    let concluded = scene.acts.iter().filter(|act| act.kind == "conclude");
    let last = concluded.max_by_key(|act| scene.place(act.entry));
    let outcome = last.and_then(|act| act.fields?.get("outcome")?.as_text());
    let outcome = outcome.and_then(|word| super::conclude::OUTCOMES.iter().find(|known| **known == word));
    let petition = (text("form") == Some("petition")).then(|| signers(scene));
    let needed = (scene.value)("threshold").and_then(Value::as_int).filter(|needed| *needed > 0);
    let reached = petition
        .as_ref()
        .is_some_and(|(people, _)| needed.is_some_and(|needed| count(people) >= needed));
    let mut state = match (outcome, last, scene.entries("withdraw")) {
        (Some(outcome), Some(last), _) => State::new(outcome, vec![last.entry]),
        (_, _, withdrawn) if !withdrawn.is_empty() => State::new("withdrawn", withdrawn),
        _ if reached => State::new("reached", signatures(scene).map(|act| act.entry).collect()),
        _ if !scene.entries("reply_right").is_empty() => State::new("answered", scene.entries("reply_right")),
        _ => State::new("open", Vec::new()),
    };
    let subjects = (scene.holders)("subject", "subject");
    if matches!(text("form"), Some("offboard" | "disband")) {
        let word = voluntary(scene, &subjects).to_owned();
        state.facts.insert("voluntary", Value::Text(word));
    }
    if text("form") == Some("recommend") {
        state.facts.insert("effects", Value::Text("none".to_owned()));
    }
    if !subjects.is_empty() {
        state.facts.insert("subject", Value::Ids(subjects));
    }
    if let Some((people, earlier)) = petition {
        state.facts.insert("signatures", Value::Int(count(&people)));
        state.facts.insert("signatures_earlier", Value::Int(count(&earlier)));
    }
    state
}

/// R21: an offboarding is voluntary when its subject signed it as it stands, and it does not say that it is not.
fn voluntary(scene: &Scene<'_>, subjects: &[Id]) -> &'static str {
    let own = |who: Id| {
        let opened = scene.opener == Some(who);
        opened && CONSENTED.iter().all(|field| (scene.set_by)(field).iter().all(|by| *by == who))
    };
    let joined = |who: Id| {
        let mut joins = scene.acts.iter().filter(|act| act.kind == "join" && act.by == who);
        joins.any(|act| saw(scene, act.entry, CONSENTED))
    };
    let consents = !subjects.is_empty() && subjects.iter().all(|who| own(*who) || joined(*who));
    match (scene.value)("voluntary") {
        Some(Value::Flag(false)) => "no",
        // Two values contradict each other.
        None if !(scene.set_by)("voluntary").is_empty() => "unknown",
        _ if consents => "yes",
        Some(_) => "not signed by the subject",
        None => "unknown",
    }
}

/// Whoever signed a petition as it stands, and those who only signed an earlier text. Somebody who signs often, or opens
/// it and signs it, is one.
fn signers(scene: &Scene<'_>) -> (BTreeSet<Id>, BTreeSet<Id>) {
    let mut now: BTreeSet<Id> = signatures(scene).map(|act| act.by).collect();
    let opener = scene.opener;
    let own = |who: Id| PETITIONED.iter().all(|field| (scene.set_by)(field).iter().all(|by| *by == who));
    now.extend(opener.filter(|who| own(*who)));
    let joins = scene.acts.iter().filter(|act| act.kind == "join").map(|act| act.by);
    let earlier = joins.chain(opener).filter(|who| !now.contains(who)).collect();
    (now, earlier)
}

fn signatures<'s>(scene: &'s Scene<'_>) -> impl Iterator<Item = &'s Act<'s>> {
    let joins = scene.acts.iter().filter(|act| act.kind == "join");
    joins.filter(|act| saw(scene, act.entry, PETITIONED))
}

fn saw(scene: &Scene<'_>, entry: Id, fields: &[&str]) -> bool {
    fields.iter().all(|field| (scene.saw)(entry, field))
}

fn count(people: &BTreeSet<Id>) -> u64 {
    u64::try_from(people.len()).unwrap_or(u64::MAX)
}
