//! `questions`: everything that nobody has answered yet (R89).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::{Act, Cell, Doc, Item, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{ItemId, Value};

pub(crate) static VIEW: View = View {
    name: "questions",
    title: "Open questions",
    about: "What does nobody know yet?",
    on: On::Committee,
    reads: &[
        "domain",
        "proposal",
        "evaluation",
        "research",
        "topic",
        "nomination",
        "statement",
        "motion",
        "concern",
        "decision",
        "register",
    ],
    requirements: &[89],
    compute,
};

/// A question without an answer.
struct Open {
    since: Day,
    doc: Id,
    entry: Id,
    n: u64,
    from: &'static str,
    by: Id,
    text: String,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let answered = answered(world);
    let mut open = Vec::new();
    let all = world.everything();
    for doc in all.filter(|doc| only.is_none_or(|only| only.id() == doc.id())) {
        let from = match doc.kind() {
            "proposal" => Some("programme"),
            "evaluation" => Some("evaluation"),
            _ => None,
        };
        let asked = doc
            .items("questions")
            .into_iter()
            .filter_map(|item| Some((from?, item)));
        for (from, item) in asked.filter(|(_, item)| !answered.holds(world, doc, item)) {
            open.push(Open {
                since: Day::of(doc.when(item.id.entry).claimed),
                doc: doc.id(),
                entry: item.id.entry,
                n: item.id.n,
                from,
                by: item.by,
                text: item.text("text").unwrap_or_default().to_owned(),
            });
        }
        lines(doc, &mut open);
        let mut answers: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for answer in doc.acts("answer") {
            let question = answer.named("reply_to").unwrap_or_default();
            answers.entry(question).or_default().push(answer.by);
        }
        for act in doc.acts("question") {
            if is_answered(doc, &act, answers.get(&act.id).map_or(&[], Vec::as_slice)) {
                continue;
            }
            open.push(Open {
                since: Day::of(act.when.claimed),
                doc: doc.id(),
                entry: act.id,
                n: 0,
                from: "asked",
                by: act.by,
                text: doc.words(&act).unwrap_or_default().to_owned(),
            });
        }
    }
    open.sort_by_key(|question| (question.since, question.doc, question.entry, question.n));
    let mut table = Table::new(
        "questions",
        "Open questions",
        &[
            ("since", "Since"),
            ("age", "Days"),
            ("from", "From"),
            ("document", "Document"),
            ("entry", "Entry"),
            ("n", "Place"),
            ("by", "By"),
            ("text", "Question"),
        ],
        "Everything that was asked has an answer.",
    );
    for question in open {
        table.row(vec![
            Cell::Day(question.since),
            Cell::Signed(question.since.until(world.today())),
            Cell::Word(question.from),
            Cell::Doc(question.doc),
            Cell::Entry(question.entry),
            Cell::Int(question.n),
            Cell::Person(question.by),
            Cell::Text(question.text),
        ]);
    }
    Sheet::new("Open questions")
        .say(match table.rows.len() {
            1 => "One question is open.".to_owned(),
            n => format!("{n} questions are open."),
        })
        .table(table)
}

/// The lines in which a domain says what it does not know; since the version that said it first and ever since.
fn lines(doc: &Doc<'_>, open: &mut Vec<Open>) {
    let Some(Value::Lines(lines)) = doc.value("questions") else {
        return;
    };
    let versions = doc.document.versions();
    let set = versions.iter().rev().filter(|v| v.fields.contains("questions"));
    let held: Vec<_> = set
        .filter_map(|version| {
            let change = doc.document.outcome(version.entry)?.change()?;
            match &**change.set.get("questions")? {
                Value::Lines(lines) => Some((version, lines.clone())),
                _ => None,
            }
        })
        .collect();
    for (n, line) in (0..).zip(lines) {
        let first = held.iter().take_while(|(_, lines)| lines.contains(line)).last();
        let (entry, by) = first.map_or((doc.id(), doc.by()), |(version, _)| (version.entry, version.by));
        open.push(Open {
            since: Day::of(doc.when(entry).claimed),
            doc: doc.id(),
            entry,
            n,
            from: "domain",
            by,
            text: line.clone(),
        });
    }
}

/// Whether somebody who was asked has answered: those whom the question names, else the owners. Nobody answers
/// themselves, unless they alone were asked.
fn is_answered(doc: &Doc<'_>, question: &Act<'_>, answered_by: &[Id]) -> bool {
    let named = question.value("to").map_or(&[][..], Value::as_ids);
    let owners: Vec<Id> = doc.document.owners().iter().map(|owner| owner.identity).collect();
    let asked = if named.is_empty() { &owners[..] } else { named };
    let alone = asked.iter().all(|who| *who == question.by);
    let mut answered_by = answered_by.iter();
    answered_by.any(|by| asked.contains(by) && (alone || *by != question.by))
}

/// What research answers: items of programmes and evaluations, and questions in their words for one programme or
/// evaluation.
struct Answered {
    items: BTreeSet<ItemId>,
    words: BTreeSet<(Id, String)>,
}

impl Answered {
    fn holds(&self, world: &World<'_>, doc: &Doc<'_>, item: &Item<'_>) -> bool {
        let text = item.text("text").unwrap_or_default().trim().to_owned();
        let evaluations = world
            .of("evaluation")
            .filter(|e| e.named("programme") == Some(doc.id()));
        let mut ids = evaluations.map(Doc::id).chain([doc.id()]);
        self.items.contains(&item.id) || ids.any(|id| self.words.contains(&(id, text.clone())))
    }
}

fn answered(world: &World<'_>) -> Answered {
    let mut out = Answered {
        items: BTreeSet::new(),
        words: BTreeSet::new(),
    };
    for research in world.of("research") {
        let evaluation = research.named("evaluation");
        let found = research.text("findings").is_some();
        for item in research.items("questions") {
            if !found && item.text("answer").is_none() {
                continue;
            }
            if let Some(Value::Item(asked)) = item.value("question") {
                out.items.insert(*asked);
            } else if let Some(evaluation) = evaluation {
                out.words
                    .insert((evaluation, item.text("text").unwrap_or_default().trim().to_owned()));
            }
        }
    }
    out
}
