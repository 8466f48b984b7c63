//! `windows`: until when evaluations take inputs, and which inputs came in time (R67).

use crate::calendar::Day;
use crate::programmes::input::{inputs, window};
use crate::programmes::programme::count;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::anchor::time::Timely;

pub(crate) static VIEW: View = View {
    name: "windows",
    title: "Evaluation windows",
    about: "Until when does each evaluation take inputs, and which of them came in time?",
    on: On::Committee,
    reads: &["evaluation", "proposal", "research", "decision"],
    requirements: &[67],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut windows = Table::new(
        "windows",
        "Windows",
        &[
            ("evaluation", "Evaluation"),
            ("programme", "Programme"),
            ("epoch", "Epoch"),
            ("from", "First day"),
            ("until", "Last day"),
            ("rule", "By which rule"),
            ("state", "State"),
            ("inputs", "Inputs"),
            ("on_time", "On time"),
            ("late", "Late"),
            ("unproven", "Unproven"),
        ],
        "There is no evaluation yet. Anyone with a key can open one for a programme.",
    );
    let mut table = Table::new(
        "inputs",
        "Inputs",
        &[
            ("evaluation", "Evaluation"),
            ("research", "Research"),
            ("by", "By"),
            ("opened", "On"),
            ("not_before", "Not before"),
            ("not_after", "Not after"),
            ("opened_timely", "Opened"),
            ("timely", "In time"),
            ("early", "Before the first day"),
            ("standing", "Standing"),
        ],
        "No research was handed in yet. Anyone with a key can open it.",
    );
    let mut unproven = 0;
    for doc in world.of("evaluation").filter(|doc| wanted(doc, only)) {
        let window = window(world, doc);
        let inputs = inputs(world, doc);
        let of = |word| count(inputs.iter().filter(|input| input.timely == Some(word)).count());
        unproven += inputs
            .iter()
            .filter(|input| input.timely == Some(Timely::Unproven))
            .count();
        windows.row(vec![
            Cell::Doc(doc.id()),
            Cell::of(doc.named("programme"), Cell::Doc),
            Cell::of(doc.int("epoch"), Cell::Int),
            Cell::of(window.from, Cell::Day),
            Cell::of(window.until, Cell::Day),
            Cell::Word(window.rule),
            Cell::Word(window.state(world)),
            count(inputs.len()),
            of(Timely::OnTime),
            of(Timely::Late),
            of(Timely::Unproven),
        ]);
        for input in &inputs {
            let opened = input.doc.opened();
            let early = window.from.is_some_and(|from| opened.claimed < from.begins());
            let word = |timely: Option<Timely>| Cell::of(timely, |timely| Cell::Word(timely.words()));
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Doc(input.doc.id()),
                Cell::Person(input.doc.by()),
                Cell::Day(Day::of(opened.claimed)),
                Cell::of(opened.not_before, Cell::Time),
                Cell::of(opened.not_after, Cell::Time),
                word(input.opened),
                word(input.timely),
                Cell::Flag(early),
                Cell::Word(input.fallen.unwrap_or("stands")),
            ]);
        }
    }
    let mut sheet = Sheet::new("Evaluation windows").say(match windows.rows.len() {
        0 => "There is no evaluation yet.".to_owned(),
        1 => "There is one evaluation.".to_owned(),
        n => format!("There are {n} evaluations."),
    });
    if unproven > 0 {
        sheet = sheet.say(format!(
            "{unproven} inputs are unproven: no anchor shows that they were there by the last day. What they claim is not proof."
        ));
    }
    sheet.table(windows).table(table)
}

/// An evaluation is narrowed to by itself, by its programme, by its inputs.
fn wanted(doc: &Doc<'_>, only: Option<&Doc<'_>>) -> bool {
    only.is_none_or(|only| match only.kind() {
        "evaluation" => only.id() == doc.id(),
        "research" => only.named("evaluation") == Some(doc.id()),
        "decision" => only.named("about") == Some(doc.id()),
        _ => doc.named("programme") == Some(only.id()),
    })
}
