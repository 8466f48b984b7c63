//! `coverage`: which question is answered by which input (R68).

use crate::programmes::input::{Answer, Input, Question, answer, evaluations, inputs, questions};
use crate::programmes::proposals::asked_in_time;
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::anchor::time::Timely;

pub(crate) static VIEW: View = View {
    name: "coverage",
    title: "Coverage",
    about: "Which question is answered by which input, and which by none?",
    on: On::Document(&["evaluation", "proposal"]),
    reads: &["evaluation", "proposal", "research", "decision"],
    requirements: &[68],
    compute,
};

fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let Some(doc) = doc else {
        return Sheet::new("Coverage")
            .say("Name an evaluation or a proposal to see which of its questions are answered.");
    };
    let questions = questions(world, doc);
    let evaluations = evaluations(world, doc);
    let inputs: Vec<Input<'_, '_>> = evaluations
        .iter()
        .flat_map(|evaluation| inputs(world, evaluation))
        .collect();
    let mut table = Table::new(
        "questions",
        "Questions",
        &[
            ("question", "Question"),
            ("text", "Text"),
            ("asked_by", "Asked by"),
            ("asked", "Asked"),
            ("answered_by", "Answered by"),
            ("named_by", "Only named by"),
            ("state", "State"),
        ],
        "No question was asked. Research questions have to be in the proposal before its vote.",
    );
    let mut cells = Table::new(
        "cells",
        "Question by input",
        &[
            ("question", "Question"),
            ("research", "Research"),
            ("how", "How"),
            ("timely", "In time"),
        ],
        "No input deals with any question yet.",
    );
    let mut grid = Vec::new();
    let mut open = 0;
    for question in &questions {
        let found: Vec<(&Input<'_, '_>, Option<Answer>)> = inputs
            .iter()
            .map(|input| (input, answer(input.doc, question)))
            .collect();
        for (input, answer) in &found {
            let Some(answer) = answer else { continue };
            cells.row(vec![
                Cell::Text(question.id.to_string()),
                Cell::Doc(input.doc.id()),
                Cell::Word(if *answer == Answer::Answered {
                    "answered"
                } else {
                    "named"
                }),
                Cell::of(input.timely, |timely| Cell::Word(timely.words())),
            ]);
        }
        let state = state(&found);
        open += usize::from(state != "answered");
        let list = |wanted| {
            let those = found
                .iter()
                .filter(|(input, answer)| *answer == Some(wanted) && input.fallen.is_none());
            Cell::List(those.map(|(input, _)| Cell::Doc(input.doc.id())).collect())
        };
        table.row(vec![
            Cell::Text(question.id.to_string()),
            Cell::Text(question.text.to_owned()),
            Cell::Doc(question.doc),
            Cell::Word(asked(world, question)),
            list(Answer::Answered),
            list(Answer::Named),
            Cell::Word(state),
        ]);
        grid.push((
            question.text.to_owned(),
            found.iter().map(|(input, answer)| shade(input, *answer)).collect(),
        ));
    }
    let mut sheet = Sheet::new(format!("Coverage of {}", doc.title())).say(match (questions.len(), open) {
        (0, _) => "Error: no research question was asked. A programme has to ask them before its vote.".to_owned(),
        (_, 0) => "Every question is answered.".to_owned(),
        (all, open) => format!("{open} of {all} questions are not answered."),
    });
    if doc.kind() == "proposal"
        && !questions.is_empty()
        && !questions
            .iter()
            .any(|q| q.doc == doc.id() && asked_in_time(doc, q.entry))
    {
        sheet = sheet.say("Error: none of its own questions was asked before its vote.");
    }
    let plot = Plot::Grid {
        title: "Questions by inputs".to_owned(),
        columns: inputs.iter().map(|input| input.doc.title()).collect(),
        rows: grid,
    };
    let drawn = !questions.is_empty() && !inputs.is_empty();
    let sheet = sheet.table(table).table(cells);
    if drawn { sheet.plot(plot) } else { sheet }
}

/// What no longer stands answers nothing; what is late does, and says so.
fn state(found: &[(&Input<'_, '_>, Option<Answer>)]) -> &'static str {
    let standing = || found.iter().filter(|(input, _)| input.fallen.is_none());
    let mut answered = standing()
        .filter(|(_, answer)| *answer == Some(Answer::Answered))
        .peekable();
    if answered.peek().is_some() {
        if answered.all(|(input, _)| input.timely == Some(Timely::Late)) {
            return "late only";
        }
        return "answered";
    }
    if standing().any(|(_, answer)| answer.is_some()) {
        "named only"
    } else {
        "unanswered"
    }
}

/// A question of the programme is asked at proposal time, or later; one of the evaluation is its own.
fn asked(world: &World<'_>, question: &Question<'_>) -> &'static str {
    match world.doc(question.doc) {
        Some(doc) if doc.kind() == "evaluation" => "with the evaluation",
        Some(doc) if asked_in_time(doc, question.entry) => "before the vote",
        _ => "after the vote began",
    }
}

fn shade(input: &Input<'_, '_>, answer: Option<Answer>) -> u8 {
    match (answer, input.timely) {
        (None, _) => 0,
        _ if input.fallen.is_some() => 0,
        (Some(Answer::Named), _) => 1,
        (_, Some(Timely::Late)) => 2,
        (_, Some(Timely::OnTime)) => 4,
        _ => 3,
    }
}
