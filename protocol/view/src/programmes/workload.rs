//! `workload`: what voters are asked for in each month of the year ahead (R74).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::programmes::agenda::windows;
use crate::programmes::input::{inputs, questions};
use crate::programmes::programme::count;
use crate::{Cell, DOCUMENTS, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "workload",
    title: "Workload",
    about: "How many decisions and inputs does each month of the year ahead ask for?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[74],
    compute,
};

/// Months of the forecast.
const MONTHS: usize = 12;

/// What one month asks of one class of voters.
#[derive(Debug, Clone, Copy, Default)]
struct Load {
    decisions: usize,
    evaluations: usize,
    questions: usize,
    inputs: usize,
    epochs: usize,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let months = months(world.today());
    let mut loads: BTreeMap<(&str, String), Load> = BTreeMap::new();
    let windows = windows(world);
    let mut classes: BTreeSet<String> = BTreeSet::from([String::new()]);
    for window in windows
        .iter()
        .filter(|window| only.is_none_or(|only| only.id() == window.doc))
    {
        let due = window.until.month();
        // What is open already and ends beyond the year, or was over before today, asks for nothing in it.
        let Some(month) = months
            .iter()
            .find(|month| **month == due && window.until >= world.today())
        else {
            continue;
        };
        let class = window.voters.clone().unwrap_or_default();
        classes.insert(class.clone());
        let load = loads.entry((month, class)).or_default();
        match window.kind {
            "vote" | "poll" => load.decisions += 1,
            "evaluation" => {
                load.evaluations += 1;
                if let Some(doc) = world.doc(window.doc) {
                    load.questions += questions(world, doc).len();
                    load.inputs += inputs(world, doc).len();
                }
            }
            "epoch" => load.epochs += 1,
            _ => {}
        }
    }
    let mut table = Table::new(
        "months",
        "Month by month",
        &[
            ("month", "Month"),
            ("voters", "Voters"),
            ("decisions", "Decisions"),
            ("evaluations", "Evaluations that end"),
            ("questions", "Questions to be answered"),
            ("inputs", "Inputs so far"),
            ("epochs", "Epochs that end"),
        ],
        "Nothing is planned.",
    );
    let mut bars = Vec::new();
    for month in &months {
        for class in &classes {
            let load = loads.get(&(month.as_str(), class.clone())).copied().unwrap_or_default();
            let each = [
                load.decisions,
                load.evaluations,
                load.questions,
                load.inputs,
                load.epochs,
            ];
            let mut row = vec![
                Cell::Text(month.clone()),
                Cell::text(Some(class.as_str()).filter(|class| !class.is_empty())),
            ];
            row.extend(each.map(count));
            table.row(row);
            let name = if class.is_empty() {
                month.clone()
            } else {
                format!("{month} {class}")
            };
            let part = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            bars.push((
                name,
                vec![part(load.decisions), part(load.evaluations), part(load.questions)],
            ));
        }
    }
    let decisions: usize = loads.values().map(|load| load.decisions).sum();
    let questions: usize = loads.values().map(|load| load.questions).sum();
    Sheet::new("Workload")
        .say(format!("{decisions} votes and {questions} research questions are due in the twelve months from {}.", first(&months)))
        .say("Each is counted in the month of its last day, for the class that it asks; one for everybody is in the rows without a class.")
        .table(table)
        .plot(Plot::Bars {
            title: "Due by month".to_owned(),
            parts: ["decisions", "evaluations", "questions"].map(str::to_owned).to_vec(),
            bars,
        })
}

fn first(months: &[String]) -> &str {
    months.first().map_or("", String::as_str)
}

/// The month of a day and those after it.
fn months(today: Day) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(MONTHS);
    let mut day = today;
    while out.len() < MONTHS {
        let month = day.month();
        if out.last() != Some(&month) {
            out.push(month);
        }
        let next = day.after(1);
        if next == day {
            break;
        }
        day = next;
    }
    out
}
