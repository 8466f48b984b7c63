//! `inputs`: which sorts of evidence each question rests on, side by side and never added up to one score (R79).

use std::collections::BTreeSet;

use crate::programmes::input::{Answer, Input, answer, evaluations, inputs, questions};
use crate::programmes::programme::count;
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "inputs",
    title: "Evidence",
    about: "On which sorts of evidence does each question rest?",
    on: On::Document(&["evaluation", "proposal"]),
    reads: &["evaluation", "proposal", "research", "decision"],
    requirements: &[79],
    compute,
};

/// The sorts of evidence, as research says of itself; the last is for research that does not say.
pub(crate) const KINDS: &[&str] = &[
    "quantitative",
    "qualitative",
    "survey",
    "expert",
    "experience",
    "other",
    "unsaid",
];

/// The sort of evidence that research says it is.
pub(crate) fn evidence(doc: &Doc<'_>) -> &'static str {
    let said = doc.text("evidence_kind");
    KINDS.iter().find(|kind| Some(**kind) == said).unwrap_or(&"unsaid")
}

fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let Some(doc) = doc else {
        return Sheet::new("Evidence").say("Name an evaluation or a proposal to see what its questions rest on.");
    };
    let inputs: Vec<Input<'_, '_>> = evaluations(world, doc)
        .iter()
        .flat_map(|evaluation| inputs(world, evaluation))
        .collect();
    let standing = || inputs.iter().filter(|input| input.fallen.is_none());
    let mut columns = vec![("question", "Question"), ("text", "Text")];
    columns.extend([
        ("quantitative", "Quantitative"),
        ("qualitative", "Qualitative"),
        ("survey", "Survey"),
        ("expert", "Expert"),
        ("experience", "Experience"),
        ("other", "Other"),
        ("unsaid", "Not said"),
        ("kinds", "Sorts"),
        ("authors", "Authors"),
    ]);
    let mut table = Table::new(
        "questions",
        "Questions by sort of evidence",
        &columns,
        "No question was asked.",
    );
    let mut thin = 0;
    for question in questions(world, doc) {
        let those: Vec<&Doc<'_>> = standing()
            .filter(|input| answer(input.doc, &question) == Some(Answer::Answered))
            .map(|input| input.doc)
            .collect();
        let of = |kind: &str| those.iter().filter(|doc| evidence(doc) == kind).count();
        let sorts = KINDS.iter().filter(|kind| **kind != "unsaid" && of(kind) > 0).count();
        let authors: BTreeSet<_> = those.iter().map(|doc| doc.by()).collect();
        thin += usize::from(!those.is_empty() && sorts < 2);
        let mut row = vec![
            Cell::Text(question.id.to_string()),
            Cell::Text(question.text.to_owned()),
        ];
        row.extend(KINDS.iter().map(|kind| count(of(kind))));
        row.extend([count(sorts), count(authors.len())]);
        table.row(row);
    }
    let mut list = Table::new(
        "inputs",
        "Inputs",
        &[
            ("research", "Research"),
            ("evaluation", "Evaluation"),
            ("by", "By"),
            ("evidence", "Sort of evidence"),
            ("funding", "Paid for by"),
            ("interests", "At stake"),
            ("timely", "In time"),
            ("standing", "Standing"),
        ],
        "No research was handed in yet. Anyone with a key can open it.",
    );
    for input in &inputs {
        list.row(vec![
            Cell::Doc(input.doc.id()),
            Cell::of(input.doc.named("evaluation"), Cell::Doc),
            Cell::Person(input.doc.by()),
            Cell::Word(evidence(input.doc)),
            Cell::text(input.doc.text("funding")),
            Cell::text(input.doc.text("interests")),
            Cell::of(input.timely, |timely| Cell::Word(timely.words())),
            Cell::Word(input.fallen.unwrap_or("stands")),
        ]);
    }
    let mut sheet = Sheet::new(format!("Evidence for {}", doc.title()))
        .say("Sorts of evidence stand side by side: none outranks another, and they are not added up to a score.");
    if thin > 0 {
        sheet = sheet.say(format!(
            "{thin} questions rest on one sort of evidence only, or on none that says its sort."
        ));
    }
    sheet.table(table).table(list)
}
