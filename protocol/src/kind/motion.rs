//! `motion`: something to be decided about somebody or something.

use super::common::{EVIDENCE, PROSE, TITLE};
use super::state::{Scene, State};
use super::{Field, Kind, Type, Value};

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
        Field::new("notice_days", Type::Int { max: 365 }, "Notice in working days; the committee's if it is missing."),
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

/// Outcomes are those that the last conclusion names; without one, the opener may have withdrawn it. Requirement R21:
/// an offboarding is voluntary when its subject signed it, whatever its field says. R49: a petition is reached when
/// as many people as it needs have joined it.
fn state(scene: &Scene<'_>) -> State {
    let concluded = scene.acts.iter().filter(|act| act.kind == "conclude");
    let last = concluded.max_by_key(|act| scene.place(act.entry));
    let text = |field: &str| (scene.value)(field).and_then(Value::as_text);
    let joined = scene.entries("join");
    let needed = (scene.value)("threshold").and_then(Value::as_int);
    let mut people: Vec<_> = scene.acts.iter().filter(|act| act.kind == "join").map(|act| act.by).collect();
    people.extend(scene.opener);
    people.sort_unstable();
    people.dedup();
    let signatures = people.len().try_into().unwrap_or(u64::MAX);
    let reached = text("form") == Some("petition") && needed.is_some_and(|needed| signatures >= needed);
    let outcome = last.and_then(|act| act.fields?.get("outcome")?.as_text());
    let outcome = outcome.and_then(|word| super::conclude::OUTCOMES.iter().find(|known| **known == word));
    let mut state = match (outcome, last, scene.entries("withdraw")) {
        (Some(outcome), Some(last), _) => State::new(outcome, vec![last.entry]),
        (_, _, withdrawn) if !withdrawn.is_empty() => State::new("withdrawn", withdrawn),
        _ if reached => State::new("reached", joined),
        _ if !scene.entries("reply_right").is_empty() => State::new("answered", scene.entries("reply_right")),
        _ => State::new("open", Vec::new()),
    };
    let subjects = (scene.holders)("subject", "subject");
    let signed = |who| scene.opener == Some(who) || scene.acts.iter().any(|act| act.kind == "join" && act.by == who);
    let consents = !subjects.is_empty() && subjects.iter().all(|subject| signed(*subject));
    let says = (scene.value)("voluntary");
    let voluntary = match says {
        Some(Value::Flag(false)) => Some("no"),
        _ if consents => Some("yes"),
        Some(Value::Flag(true)) => Some("not signed by the subject"),
        _ => None,
    };
    if matches!(text("form"), Some("offboard" | "disband")) {
        let word = voluntary.unwrap_or("unknown");
        state.facts.insert("voluntary", Value::Text(word.to_owned()));
    }
    if !subjects.is_empty() {
        state.facts.insert("subject", Value::Ids(subjects));
    }
    if text("form") == Some("petition") {
        state.facts.insert("signatures", Value::Int(signatures));
    }
    state
}
