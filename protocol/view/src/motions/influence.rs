//! `influence`: talks off the record, and who tried to move whom (R25, R40).

use crate::calendar::Day;
use crate::motions::shared::{meant, same};
use crate::{Cell, Doc, Item, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "influence",
    title: "Influence",
    about: "Which talks off the record and which influence were disclosed: who, when, about what?",
    on: On::Committee,
    reads: &["statement", "motion"],
    requirements: &[25, 40],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "influence",
        "Disclosed",
        &[
            ("statement", "Statement"),
            ("form", "Form"),
            ("by", "Disclosed by"),
            ("who", "With whom"),
            ("about", "About"),
            ("day", "When"),
            ("summary", "Summary"),
            ("missing", "Missing"),
            ("disclosed", "Disclosed on"),
            ("days", "Days later"),
            ("motions", "Motions about them"),
        ],
        "Nothing was disclosed. A statement of the form `off_record` or `influence` says who, when and what.",
    );
    let mut gaps = 0;
    for statement in world.of("statement") {
        let form = match statement.text("form") {
            Some("off_record") => "off_record",
            Some("influence") => "influence",
            _ => continue,
        };
        let items = statement.items("items");
        let talks: Vec<Option<&Item<'_>>> = if items.is_empty() {
            vec![None]
        } else {
            items.iter().map(Some).collect()
        };
        for item in talks {
            if !belongs(statement, item, only) {
                continue;
            }
            let cells = row(world, statement, form, item);
            gaps += usize::from(cells.1);
            table.row(cells.0);
        }
    }
    let mut sheet = Sheet::new("Influence");
    if gaps > 0 {
        sheet = sheet.say(format!("{gaps} do not say all of who, when and what."));
    }
    sheet.table(table)
}

fn belongs(statement: &Doc<'_>, item: Option<&Item<'_>>, only: Option<&Doc<'_>>) -> bool {
    let Some(only) = only else { return true };
    let subject = only.value("subject");
    let who = item.and_then(|item| item.value("who"));
    statement.id() == only.id()
        || statement.named("about") == Some(only.id())
        || same(statement.value("about"), subject)
        || same(who, subject)
}

fn row(world: &World<'_>, statement: &Doc<'_>, form: &'static str, item: Option<&Item<'_>>) -> (Vec<Cell>, bool) {
    let about = statement.value("about");
    let who = item.and_then(|item| item.value("who"));
    let when = item.and_then(|item| item.day("day")).or_else(|| statement.day("start"));
    let summary = item
        .and_then(|item| item.text("text"))
        .or_else(|| statement.text("text"));
    let missing: Vec<Cell> = [
        (who.is_none() && (item.is_some() || about.is_none()), "who"),
        (when.is_none(), "when"),
        (summary.is_none(), "what"),
    ]
    .into_iter()
    .filter(|(gap, _)| *gap)
    .map(|(_, word)| Cell::Word(word))
    .collect();
    let gap = !missing.is_empty();
    let disclosed = Day::of(statement.opened().claimed);
    let motions = world.of("motion").filter(|motion| {
        let subject = motion.value("subject");
        same(who, subject) || same(about, subject) || about.is_some_and(|about| about.as_id() == Some(motion.id()))
    });
    let cells = vec![
        Cell::Doc(statement.id()),
        Cell::Word(form),
        Cell::Person(statement.by()),
        meant(world, who),
        meant(world, about),
        Cell::of(when, Cell::Day),
        Cell::text(summary),
        Cell::List(missing),
        Cell::Day(disclosed),
        Cell::of(when, |when| Cell::Signed(when.until(disclosed))),
        Cell::List(motions.map(|motion| Cell::Doc(motion.id())).collect()),
    ];
    (cells, gap)
}
