//! `programmes`: how each programme goes on, epoch by epoch, and whether its decisions keep their rules (R69 to R72).

use crate::calendar::Day;
use crate::programmes::course::{Course, condition, course};
use crate::programmes::programme;
use crate::programmes::programme::{coins, decided, is_programme, money};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "programmes",
    title: "Programmes",
    about: "How does each programme stand, what was decided on it, and what can be decided next?",
    on: On::Committee,
    reads: &["proposal", "evaluation", "decision"],
    requirements: &[69, 70, 71, 72],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let only = only.and_then(|doc| match doc.kind() {
        "proposal" => Some(doc.id()),
        "evaluation" => doc.named("programme"),
        _ => doc.named("about"),
    });
    let chosen = world
        .of("proposal")
        .filter(|doc| only.is_none_or(|only| only == doc.id()));
    let mut tables = Tables::new();
    let (mut running, mut flagged) = (0, 0);
    for doc in chosen {
        let course = course(world, doc);
        if !is_programme(doc) && course.decides.is_empty() {
            continue;
        }
        running += usize::from(course.state == "running");
        flagged += usize::from(tables.programme(world, doc, &course));
        tables.epochs(world, doc, &course);
        tables.decisions(doc, &course);
        tables.conditions(doc, &course);
    }
    let mut sheet = Sheet::new("Programmes").say(match running {
        0 => "No programme is running.".to_owned(),
        1 => "One programme is running.".to_owned(),
        n => format!("{n} programmes are running."),
    });
    if flagged > 0 {
        sheet = sheet.say(format!(
            "{flagged} have a decision, or a change without one, that does not keep its rules."
        ));
    }
    let unbelieved = tables.unbelieved;
    if unbelieved > 0 {
        sheet = sheet.say(format!(
            "{unbelieved} payments do not count: nobody who holds a role says them, or they were said before."
        ));
    }
    sheet
        .table(tables.programmes)
        .table(tables.epochs)
        .table(tables.decisions)
        .table(tables.conditions)
}

struct Tables {
    programmes: Table,
    epochs: Table,
    decisions: Table,
    conditions: Table,
    unbelieved: usize,
}

impl Tables {
    fn new() -> Self {
        Self {
            programmes: Table::new(
                "programmes",
                "Programmes",
                &[
                    ("programme", "Programme"),
                    ("state", "State"),
                    ("since", "Since"),
                    ("decision", "By"),
                    ("adopted", "Decided on"),
                    ("start", "Start"),
                    ("end", "End"),
                    ("paid", "Minted or paid"),
                    ("cap", "Cap"),
                    ("changed", "Changed without a decision"),
                    ("next", "Can be decided next"),
                ],
                "There is no programme: a proposal of type tpp, or one with emission or epochs.",
            ),
            epochs: Table::new(
                "epochs",
                "Epochs",
                &[
                    ("programme", "Programme"),
                    ("epoch", "Epoch"),
                    ("start", "Start"),
                    ("end", "End"),
                    ("state", "State"),
                    ("opened_by", "Opened by"),
                ],
                "No programme has epochs.",
            ),
            decisions: Table::new(
                "decisions",
                "Decisions",
                &[
                    ("programme", "Programme"),
                    ("doc", "Said in"),
                    ("entry", "Entry"),
                    ("by", "By"),
                    ("action", "Decision"),
                    ("epoch", "Epoch"),
                    ("from", "From"),
                    ("check", "Parameters"),
                    ("differs", "Differences"),
                    ("lacks", "Lacks"),
                ],
                "Nothing was decided on a programme yet. Members do with a `decide` act.",
            ),
            conditions: Table::new(
                "conditions",
                "What pauses wait for",
                &[
                    ("programme", "Programme"),
                    ("entry", "Pause"),
                    ("condition", "Condition"),
                    ("source", "Where it is to be seen"),
                    ("state", "State"),
                    ("checked", "Looked at"),
                ],
                "No pause waits for anything.",
            ),
            unbelieved: 0,
        }
    }

    /// Answers whether something about it does not keep the rules.
    fn programme(&mut self, world: &World<'_>, doc: &Doc<'_>, course: &Course<'_>) -> bool {
        let cap = money(doc.value("cap"));
        let paid = cap.map(|(_, currency)| {
            let counted = course
                .payments
                .iter()
                .filter(|p| p.standing == "counted" && p.currency == currency);
            coins(counted.map(|p| i128::from(p.amount)).sum::<i128>(), currency)
        });
        self.unbelieved += course.payments.iter().filter(|p| p.standing != "counted").count();
        self.programmes.row(vec![
            Cell::Doc(doc.id()),
            Cell::Word(course.state),
            Cell::of(course.since, Cell::Day),
            Cell::of(course.by, Cell::Entry),
            Cell::Flag(decided(world, doc)),
            Cell::of(programme::planned_start(doc), Cell::Day),
            Cell::of(programme::planned_end(doc), Cell::Day),
            Cell::of(paid, |paid| paid),
            Cell::of(cap, |(most, currency)| coins(most, currency)),
            Cell::List(course.drift.iter().cloned().map(Cell::Text).collect()),
            Cell::List(next(course.state).iter().copied().map(Cell::Word).collect()),
        ]);
        let broken = course
            .decides
            .iter()
            .any(|d| d.check == Some("different") || !d.lacks.is_empty());
        broken || !course.drift.is_empty()
    }

    fn epochs(&mut self, world: &World<'_>, doc: &Doc<'_>, course: &Course<'_>) {
        let mut epochs: Vec<_> = doc
            .items("epochs")
            .into_iter()
            .filter_map(|item| Some((item.int("n")?, item)))
            .collect();
        epochs.sort_by_key(|(n, item)| (*n, item.id));
        let first = epochs.first().map(|(n, _)| *n);
        for (n, item) in epochs {
            let (start, end) = (item.day("start"), item.day("end"));
            let opens = |d: &&crate::programmes::course::Decide<'_>| {
                matches!(d.action, "continue" | "iterate") && d.act.int("epoch") == Some(n)
            };
            let opened = course.decides.iter().rfind(opens).map(|d| d.act.id);
            self.epochs.row(vec![
                Cell::Doc(doc.id()),
                Cell::Int(n),
                Cell::of(start, Cell::Day),
                Cell::of(end, Cell::Day),
                Cell::Word(epoch(world, course, (start, end), Some(n) == first || opened.is_some())),
                Cell::of(opened, Cell::Entry),
            ]);
        }
    }

    fn decisions(&mut self, doc: &Doc<'_>, course: &Course<'_>) {
        for decide in &course.decides {
            self.decisions.row(vec![
                Cell::Doc(doc.id()),
                Cell::Doc(decide.doc),
                Cell::Entry(decide.act.id),
                Cell::Person(decide.act.by),
                Cell::Text(decide.action.to_owned()),
                Cell::of(decide.act.int("epoch"), Cell::Int),
                Cell::Day(decide.day),
                Cell::of(decide.check, Cell::Word),
                Cell::List(decide.differs.iter().cloned().map(Cell::Text).collect()),
                Cell::List(decide.lacks.iter().copied().map(Cell::Word).collect()),
            ]);
        }
    }

    fn conditions(&mut self, doc: &Doc<'_>, course: &Course<'_>) {
        for decide in course.decides.iter().filter(|decide| decide.action == "pause") {
            for one in decide.act.list("conditions") {
                let (state, checked) = condition(doc, one);
                self.conditions.row(vec![
                    Cell::Doc(doc.id()),
                    Cell::Entry(decide.act.id),
                    Cell::text(one.get("text").and_then(Value::as_text)),
                    Cell::text(one.get("source").and_then(Value::as_text)),
                    Cell::Text(state.to_owned()),
                    Cell::of(checked, Cell::Day),
                ]);
            }
        }
    }
}

/// An epoch after the first one is opened by a decision.
fn epoch(
    world: &World<'_>,
    course: &Course<'_>,
    (start, end): (Option<Day>, Option<Day>),
    opened: bool,
) -> &'static str {
    let today = world.today();
    let (Some(start), Some(end)) = (start, end) else {
        return "undated";
    };
    match course.ended {
        Some(ended) if ended < start => "did not take place",
        Some(ended) if ended < end => course.state,
        _ if start > today => "planned",
        _ if !opened => "not opened",
        _ if end < today => "over",
        _ => course.state,
    }
}

/// What members can decide from a state.
fn next(state: &str) -> &'static [&'static str] {
    match state {
        "planned" => &["stop", "kill"],
        "running" | "undated" => &["stop", "kill", "pause", "continue", "iterate"],
        "paused" => &["stop", "kill", "continue", "iterate"],
        "over" => &["continue", "iterate"],
        _ => &[],
    }
}
