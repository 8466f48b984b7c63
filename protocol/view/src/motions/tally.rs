//! `tally`: where people stand on one document, class by class, never as one number (R18, R37, R44).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::ppm;
use crate::motions::voice::{Class, POSITIONS, Rolls, classes};
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "tally",
    title: "Tally",
    about: "Where does each class stand on this document?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[18, 37, 44],
    compute,
};

/// Of one document; for the committee as a whole, of its own document.
fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let doc = doc.unwrap_or(&world.committee);
    let rolls = Rolls::of(world);
    let classes = classes(world, &rolls, doc);
    let mut sheet = Sheet::new("Tally");
    if !classes.is_empty() {
        sheet = sheet.say(
            "Each class by itself: weights of different classes are never added up, and heads are never counted as votes.",
        );
    }
    if rolls.strangers > 0 {
        sheet = sheet.say(format!(
            "{} registers were opened by people who are neither founders nor registrars: they give no weight.",
            rolls.strangers
        ));
    }
    sheet = sheet.table(tally(&rolls, &classes)).table(stances(doc, &classes));
    if classes.is_empty() {
        return sheet;
    }
    sheet.plot(Plot::Bars {
        title: "Weight behind each position, by class".to_owned(),
        parts: POSITIONS.map(str::to_owned).to_vec(),
        bars: classes
            .iter()
            .map(|class| (label(class), weights(class).to_vec()))
            .collect(),
    })
}

/// A class's name for plots.
pub(crate) fn label(class: &Class<'_>) -> String {
    class.name.clone().unwrap_or_else(|| "no class".to_owned())
}

/// The weight behind each position.
pub(crate) fn weights(class: &Class<'_>) -> [u64; 3] {
    [0, 1, 2].map(|position| class.weight(position))
}

fn tally(rolls: &Rolls, classes: &[Class<'_>]) -> Table {
    let mut table = Table::new(
        "tally",
        "By class",
        &[
            ("class", "Class"),
            ("support", "Support"),
            ("oppose", "Oppose"),
            ("abstain", "Abstain"),
            ("support_weight", "Weight in support"),
            ("oppose_weight", "Weight against"),
            ("abstain_weight", "Weight abstaining"),
            ("unverified", "Without weight"),
            ("listed_weight", "Weight of the class"),
            ("spoken", "Share that spoke"),
            ("register", "Register"),
            ("block", "Block"),
        ],
        "Nobody has taken a stance on this.",
    );
    for class in classes {
        let roll = rolls.of_class(class.name.as_deref());
        let [support, oppose, abstain] = weights(class);
        let spoken = support.saturating_add(oppose).saturating_add(abstain);
        table.row(vec![
            Cell::text(class.name.as_deref()),
            Cell::Int(class.count(0)),
            Cell::Int(class.count(1)),
            Cell::Int(class.count(2)),
            Cell::Int(support),
            Cell::Int(oppose),
            Cell::Int(abstain),
            Cell::Int(class.unverified()),
            Cell::of(roll, |roll| Cell::Int(roll.total())),
            Cell::of(roll.and_then(|roll| ppm(spoken, roll.total())), Cell::Ppm),
            Cell::of(roll, |roll| Cell::Doc(roll.register)),
            Cell::of(roll.and_then(|roll| roll.block), Cell::Int),
        ]);
    }
    table
}

fn stances(doc: &Doc<'_>, classes: &[Class<'_>]) -> Table {
    let mut table = Table::new(
        "stances",
        "Stances",
        &[
            ("class", "Class"),
            ("by", "By"),
            ("position", "Position"),
            ("confidence", "How sure, in percent"),
            ("weight", "Weight"),
            ("verified", "In the register"),
            ("day", "On"),
            ("reason", "Why"),
            ("entry", "Entry"),
        ],
        "Nobody has taken a stance on this.",
    );
    for class in classes {
        for voice in &class.voices {
            table.row(vec![
                Cell::text(class.name.as_deref()),
                Cell::Person(voice.act.by),
                Cell::of(POSITIONS.get(voice.position), |word| Cell::Word(word)),
                Cell::of(voice.confidence, Cell::Int),
                Cell::Int(voice.weight),
                Cell::Flag(voice.weight > 0),
                Cell::Day(Day::of(voice.act.when.claimed)),
                Cell::text(doc.words(&voice.act)),
                Cell::Entry(voice.act.id),
            ]);
        }
    }
    table
}
