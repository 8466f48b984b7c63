//! `templates`: what statements lack of what their form asks for (R55).

use crate::units::unit;
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "templates",
    title: "Template checks",
    about: "What does each statement lack of what its form asks for?",
    on: On::Committee,
    reads: &["domain", "statement"],
    requirements: &[55],
    compute,
};

/// The templates' version: a new one for every change of [`asked`].
const VERSION: u64 = 1;

/// What a form asks for: words for people, each with the field that it stands for and, after a dot, the field that each of
/// its items has to have.
fn asked(form: &str) -> &'static [(&'static str, &'static str)] {
    match form {
        "report" => &[UNIT, START, END, TEXT, ("items", "items")],
        "status" => &[UNIT, START, END, TEXT],
        "okr" => &[UNIT, START, END, ("items", "items"), OBJECTIVES, TARGETS],
        "budget" => &[UNIT, START, END, ("items", "items"), AMOUNTS],
        "mandate" | "position" => &[UNIT, TEXT],
        "platform" => &[UNIT, TEXT, ("items", "items"), MEASURES],
        "audit" => &[ABOUT, ("a finding", "level"), TEXT],
        "off_record" => &[
            ("items", "items"),
            ("with whom", "items.who"),
            ("a day of each talk", "items.day"),
            TEXT,
        ],
        "influence" => &[ABOUT, TEXT],
        _ => &[],
    }
}

const UNIT: (&str, &str) = ("a unit", "domain");
const START: (&str, &str) = ("a first day", "start");
const END: (&str, &str) = ("a last day", "end");
const TEXT: (&str, &str) = ("text", "text");
const ABOUT: (&str, &str) = ("what it is about", "about");
const OBJECTIVES: (&str, &str) = ("an objective of each item", "items.group");
const TARGETS: (&str, &str) = ("a target of each item", "items.target");
const AMOUNTS: (&str, &str) = ("an amount of each item", "items.amount");
const MEASURES: (&str, &str) = ("a measure of each item", "items.measure");

/// What a statement lacks, and how much is asked of it.
pub(crate) fn lacks(doc: &Doc<'_>) -> (Vec<&'static str>, usize) {
    let asked = asked(doc.text("form").unwrap_or_default());
    let missing = asked
        .iter()
        .filter(|(_, field)| !has(doc, field))
        .map(|(word, _)| *word);
    (missing.collect(), asked.len())
}

/// Whether a field says something. A field of items does where every item has it; without items it is the list that is
/// missing, and nothing else.
fn has(doc: &Doc<'_>, field: &str) -> bool {
    use althing_protocol::kind::Value;
    let says = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => !text.trim().is_empty(),
        other => other.is_some(),
    };
    match field.split_once('.') {
        Some((list, field)) => doc.items(list).iter().all(|item| says(item.value(field))),
        None if field == "items" => !doc.items(field).is_empty(),
        None => says(doc.value(field)),
    }
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "statements",
        "Statements",
        &[
            ("statement", "Statement"),
            ("form", "Form"),
            ("by", "By"),
            ("published", "Published"),
            ("asked", "Asked for"),
            ("met", "There"),
            ("lacks", "Lacks"),
            ("template", "Template"),
        ],
        "Nothing is stated yet.",
    );
    let mut lacking = 0;
    let units = unit::group(world, world.of("statement"));
    let of_unit = |only: &Doc<'_>, doc: &Doc<'_>| {
        let mine = units.iter().filter(|(unit, _)| unit.id() == Some(only.id()));
        mine.flat_map(|(_, docs)| docs).any(|found| found.id() == doc.id())
    };
    for doc in world.of("statement") {
        if only.is_some_and(|only| only.id() != doc.id() && !of_unit(only, doc)) {
            continue;
        }
        let (missing, asked) = lacks(doc);
        lacking += usize::from(!missing.is_empty());
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::text(doc.text("form")),
            Cell::Person(doc.by()),
            Cell::Flag(unit::published(doc).is_some()),
            unit::count(asked),
            unit::count(asked - missing.len()),
            Cell::List(missing.into_iter().map(Cell::Word).collect()),
            Cell::Int(VERSION),
        ]);
    }
    Sheet::new("Template checks")
        .say(match lacking {
            0 => "No statement lacks anything.".to_owned(),
            1 => "One statement lacks something.".to_owned(),
            n => format!("{n} statements lack something."),
        })
        .say("A template asks; nothing is refused for what it lacks.")
        .table(table)
}
