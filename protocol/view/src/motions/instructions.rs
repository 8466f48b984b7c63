//! `instructions`: what people asked delegates in public to do, and what those did (R38).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::lent::delegations;
use crate::motions::shared::chosen;
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "instructions",
    title: "Instructions",
    about: "What were delegates asked in public to do, and did they?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[38],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "instructions",
        "Instructions",
        &[
            ("doc", "In"),
            ("by", "By"),
            ("to", "To"),
            ("lends", "Lends them a voice"),
            ("position", "Asked for"),
            ("text", "Text"),
            ("day", "On"),
            ("acted", "What the delegate said"),
            ("entry", "Entry"),
        ],
        "Nobody has asked a delegate for anything in public.",
    );
    let lent = delegations(world, None);
    let mut rows = Vec::new();
    for doc in chosen(world, only) {
        for act in doc.acts("instruct") {
            let Some(to) = act.named("to") else { continue };
            let lends = lent
                .iter()
                .any(|one| one.standing == "standing" && one.act.by == act.by && one.act.named("to") == Some(to));
            let stance = doc.acts("stance").filter(|stance| stance.by == to).last();
            let asked = act.text("position");
            let acted = match stance.and_then(|stance| stance.text("position")) {
                None => "nothing yet",
                Some(_) if asked.is_none() => "has a stance",
                Some(position) if Some(position) == asked => "as asked",
                Some(_) => "otherwise",
            };
            let cells = vec![
                Cell::Doc(doc.id()),
                Cell::Person(act.by),
                Cell::Person(to),
                Cell::Flag(lends),
                Cell::text(asked),
                Cell::text(doc.words(&act)),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::Word(acted),
                Cell::Entry(act.id),
            ];
            rows.push((act.when.claimed, cells));
        }
    }
    rows.sort_by_key(|(time, _)| *time);
    table.rows = rows.into_iter().map(|(_, cells)| cells).collect();
    Sheet::new("Instructions")
        .say("Anybody may ask. Whether they lend the delegate a voice as of today is shown beside it.")
        .table(table)
}
