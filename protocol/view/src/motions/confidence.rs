//! `confidence`: what a facilitator can read off the stances on their papers, class by class, and what would change them
//! (R37).

use crate::calendar::Day;
use crate::motions::shared::chosen;
use crate::motions::tally::{label, weights};
use crate::motions::voice::{Class, POSITIONS, Rolls, classes};
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "confidence",
    title: "Confidence",
    about: "How much confidence does each class have, and what would win or lose it?",
    on: On::Committee,
    reads: &["nomination", "statement", "domain", "motion", "register"],
    requirements: &[37],
    compute,
};

/// Of one document, or of all of these kinds.
fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let rolls = Rolls::of(world);
    let mut table = Table::new(
        "confidence",
        "Confidence by class",
        &[
            ("doc", "In"),
            ("class", "Class"),
            ("support", "Support"),
            ("oppose", "Oppose"),
            ("abstain", "Abstain"),
            ("support_weight", "Weight in support"),
            ("oppose_weight", "Weight against"),
            ("abstain_weight", "Weight abstaining"),
            ("support_sure", "How sure in support"),
            ("oppose_sure", "How sure against"),
            ("unverified", "Without weight"),
            ("register", "Register"),
            ("block", "Block"),
        ],
        "Nobody has taken a stance yet. A `stance` can say how sure its author is, and what would change it.",
    );
    let mut conditions = Table::new(
        "conditions",
        "What would change it",
        &[
            ("doc", "In"),
            ("class", "Class"),
            ("by", "By"),
            ("position", "Position"),
            ("would", "Would"),
            ("conditions", "Condition"),
            ("weight", "Weight"),
            ("day", "On"),
            ("entry", "Entry"),
        ],
        "Nobody has said what would change their stance.",
    );
    let mut bars = Vec::new();
    let shown = chosen(world, only).filter(|doc| VIEW.reads.contains(&doc.kind()) && doc.kind() != "register");
    for doc in shown {
        for class in classes(world, &rolls, doc) {
            bars.push((format!("{}: {}", doc.title(), label(&class)), weights(&class).to_vec()));
            table.row(row(&rolls, doc, &class));
            for voice in &class.voices {
                let Some(text) = voice.act.text("conditions") else {
                    continue;
                };
                let would = ["lose it", "win it", "decide it"];
                conditions.row(vec![
                    Cell::Doc(doc.id()),
                    Cell::text(class.name.as_deref()),
                    Cell::Person(voice.act.by),
                    Cell::of(POSITIONS.get(voice.position), |word| Cell::Word(word)),
                    Cell::of(would.get(voice.position), |word| Cell::Word(word)),
                    Cell::Text(text.to_owned()),
                    Cell::Int(voice.weight),
                    Cell::Day(Day::of(voice.act.when.claimed)),
                    Cell::Entry(voice.act.id),
                ]);
            }
        }
    }
    let mut sheet = Sheet::new("Confidence");
    if !bars.is_empty() {
        sheet = sheet.say(
            "Weights are those of the newest register that lists a class. Classes are never added up; a stance without \
             weight is shown, and moves no average.",
        );
    }
    sheet = sheet.table(table).table(conditions);
    if bars.is_empty() {
        return sheet;
    }
    sheet.plot(Plot::Bars {
        title: "Weight behind each position".to_owned(),
        parts: POSITIONS.map(str::to_owned).to_vec(),
        bars,
    })
}

fn row(rolls: &Rolls, doc: &Doc<'_>, class: &Class<'_>) -> Vec<Cell> {
    let roll = rolls.of_class(class.name.as_deref());
    let [support, oppose, abstain] = weights(class);
    vec![
        Cell::Doc(doc.id()),
        Cell::text(class.name.as_deref()),
        Cell::Int(class.count(0)),
        Cell::Int(class.count(1)),
        Cell::Int(class.count(2)),
        Cell::Int(support),
        Cell::Int(oppose),
        Cell::Int(abstain),
        Cell::of(class.confidence(0), Cell::Ppm),
        Cell::of(class.confidence(1), Cell::Ppm),
        Cell::Int(class.unverified()),
        Cell::of(roll, |roll| Cell::Doc(roll.register)),
        Cell::of(roll.and_then(|roll| roll.block), Cell::Int),
    ]
}
