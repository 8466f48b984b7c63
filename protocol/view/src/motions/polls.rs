//! `polls`: votes held elsewhere beside the deliberation here (R42).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::{chosen, plain, ppm};
use crate::motions::tally::weights;
use crate::motions::voice::{POSITIONS, Rolls, classes};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "polls",
    title: "Polls",
    about: "How did votes elsewhere go, and how far are they from what was said here?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[42],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let rolls = Rolls::of(world);
    let mut polls = Table::new(
        "polls",
        "Polls",
        &[
            ("doc", "In"),
            ("poll", "Poll"),
            ("url", "Where"),
            ("chain", "Chain"),
            ("reference", "Reference"),
            ("block", "Read at block"),
            ("class", "Class"),
            ("from", "From"),
            ("until", "Until"),
            ("by", "Linked by"),
            ("member", "By a member"),
            ("results", "Result"),
        ],
        "No vote elsewhere is linked. `poll` links one and says how it went.",
    );
    let mut results = Table::new(
        "results",
        "Results beside stances",
        &[
            ("doc", "In"),
            ("poll", "Poll"),
            ("option", "Option"),
            ("weight", "Weight"),
            ("voters", "Voters"),
            ("share", "Share of the poll"),
            ("stance_weight", "Weight of stances"),
            ("stance_share", "Share of stances"),
            ("difference", "Difference"),
        ],
        "No result is known yet.",
    );
    for doc in chosen(world, only) {
        for act in doc.acts("poll") {
            let over = act.day("until").is_none_or(|until| world.today() > until);
            let said = !act.list("results").is_empty();
            polls.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(act.id),
                Cell::text(act.text("url")),
                Cell::of(act.int("chain"), Cell::Int),
                Cell::text(act.text("reference")),
                Cell::of(act.int("block"), Cell::Int),
                Cell::text(act.text("class")),
                Cell::of(act.day("from"), Cell::Day),
                Cell::of(act.day("until"), Cell::Day),
                Cell::Person(act.by),
                Cell::Flag(world.was_member(act.by, act.when.claimed)),
                Cell::Word(match (said, over) {
                    (false, _) => "none",
                    (true, true) => "final",
                    (true, false) => "so far",
                }),
            ]);
            rows(world, &rolls, doc, &act, &mut results);
        }
    }
    Sheet::new("Polls")
        .say(format!(
            "As of {}. A result is what whoever linked the poll wrote down; look it up where it was held.",
            Day::of(world.now)
        ))
        .table(polls)
        .table(results)
}

/// One row for each option, in the order in which the result names them; an option named twice is one.
fn rows(world: &World<'_>, rolls: &Rolls, doc: &Doc<'_>, poll: &Act<'_>, table: &mut Table) {
    let mut options: Vec<(String, u64, Option<u64>)> = Vec::new();
    for result in poll.list("results") {
        let int = |field| result.get(field).and_then(althing_protocol::kind::Value::as_int);
        let name = plain(
            result
                .get("option")
                .and_then(althing_protocol::kind::Value::as_text)
                .unwrap_or_default(),
        );
        let (weight, voters) = (int("weight").unwrap_or(0), int("voters"));
        if let Some(known) = options.iter_mut().find(|known| known.0 == name) {
            known.1 = known.1.saturating_add(weight);
            known.2 = known.2.zip(voters).map(|(a, b)| a.saturating_add(b));
        } else {
            options.push((name, weight, voters));
        }
    }
    let whole = options.iter().fold(0_u64, |sum, option| sum.saturating_add(option.1));
    let class = poll.text("class").map(plain);
    let stances = classes(world, rolls, doc)
        .into_iter()
        .find(|found| class.is_some() && found.name == class);
    let stances = stances.map(|class| weights(&class));
    for (name, weight, voters) in options {
        let position = POSITIONS.iter().position(|word| *word == name);
        let taken = position.and_then(|n| stances.as_ref()?.get(n).copied());
        let all = stances.map_or(0, |weights| {
            weights.iter().fold(0, |sum: u64, weight| sum.saturating_add(*weight))
        });
        let (share, here) = (ppm(weight, whole), taken.and_then(|taken| ppm(taken, all)));
        let signed = |share: u64| i64::try_from(share).unwrap_or(0);
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::Entry(poll.id),
            Cell::Text(name),
            Cell::Int(weight),
            Cell::of(voters, Cell::Int),
            Cell::of(share, Cell::Ppm),
            Cell::of(taken, Cell::Int),
            Cell::of(here, Cell::Ppm),
            Cell::of(share.zip(here), |(share, here)| {
                Cell::Signed(signed(share) - signed(here))
            }),
        ]);
    }
}
