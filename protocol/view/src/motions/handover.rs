//! `handover`: what passes from one holder to the next, what has passed, and who acts until then (R30).

use crate::calendar::Day;
use crate::motions::shared::{meant, owner, plain};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "handover",
    title: "Handover",
    about: "What passes from one holder to the next, what has passed already, and who acts until then?",
    on: On::Committee,
    reads: &["domain", "motion"],
    requirements: &[30],
    compute,
};

/// An item as the last list that counts has it.
struct Item<'a> {
    act: Act<'a>,
    text: &'a str,
    done: bool,
    until: Option<Day>,
}

/// A domain narrows it down to itself and to the motions that concern it.
fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut items = Table::new(
        "items",
        "What passes on",
        &[
            ("doc", "In"),
            ("item", "Item"),
            ("standing", "Standing"),
            ("until", "By when"),
            ("by", "Said by"),
            ("day", "On"),
            ("entry", "Entry"),
        ],
        "Nothing is listed to pass on. `handover` lists it.",
    );
    let mut interim = Table::new(
        "interim",
        "Handovers",
        &[
            ("doc", "In"),
            ("from", "From"),
            ("to", "To"),
            ("interim", "Until then"),
            ("by", "Said by"),
            ("counts", "Has a say here"),
            ("day", "On"),
            ("text", "Remark"),
            ("entry", "Entry"),
        ],
        "No handover has begun.",
    );
    let (mut open, mut late) = (0, 0);
    for doc in world
        .documents
        .iter()
        .filter(|doc| matches!(doc.kind(), "domain" | "motion"))
    {
        if only.is_some_and(|only| only.id() != doc.id() && doc.named("domain") != Some(only.id())) {
            continue;
        }
        for act in doc.acts("handover") {
            interim.row(vec![
                Cell::Doc(doc.id()),
                meant(world, act.value("from")),
                meant(world, act.value("to")),
                meant(world, act.value("interim")),
                Cell::Person(act.by),
                Cell::Flag(has_say(world, doc, &act)),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::text(doc.words(&act)),
                Cell::Entry(act.id),
            ]);
        }
        for item in standing(world, doc) {
            let due = !item.done && item.until.is_some_and(|until| world.today() > until);
            open += usize::from(!item.done);
            late += usize::from(due);
            items.row(vec![
                Cell::Doc(doc.id()),
                Cell::Text(item.text.to_owned()),
                Cell::Word(match (item.done, due) {
                    (true, _) => "passed",
                    (false, true) => "late",
                    (false, false) => "open",
                }),
                Cell::of(item.until, Cell::Day),
                Cell::Person(item.act.by),
                Cell::Day(Day::of(item.act.when.claimed)),
                Cell::Entry(item.act.id),
            ]);
        }
    }
    let mut sheet = Sheet::new("Handover");
    if open > 0 {
        sheet = sheet.say(format!("{open} things have not passed on yet, {late} of them late."));
    }
    sheet.table(items).table(interim)
}

/// Whoever hands over or takes over by a list of an owner or a member, the owners and members themselves. A list by
/// anybody else is shown, and ticks nothing off.
fn has_say(world: &World<'_>, doc: &Doc<'_>, act: &Act<'_>) -> bool {
    let inside = |act: &Act<'_>| owner(doc, act.by) || world.was_member(act.by, act.when.claimed);
    let names = |list: &Act<'_>| [list.named("from"), list.named("to")].contains(&Some(act.by));
    inside(act) || doc.acts("handover").any(|list| inside(&list) && names(&list))
}

/// The items of a document's lists in the order in which they were named first, each as the last list that counts says.
fn standing<'a>(world: &World<'_>, doc: &Doc<'a>) -> Vec<Item<'a>> {
    let mut out: Vec<Item<'a>> = Vec::new();
    for act in doc.acts("handover").filter(|act| has_say(world, doc, act)) {
        for record in act.list("items") {
            let Some(text) = record.get("text").and_then(althing_protocol::kind::Value::as_text) else {
                continue;
            };
            let item = Item {
                act,
                text,
                done: record.get("done") == Some(&althing_protocol::kind::Value::Flag(true)),
                until: record
                    .get("until")
                    .and_then(althing_protocol::kind::Value::as_text)
                    .and_then(Day::read),
            };
            let place = out.iter().position(|known| plain(known.text) == plain(text));
            match place.and_then(|place| out.get_mut(place)) {
                Some(known) => {
                    let until = item.until.or(known.until);
                    *known = Item { until, ..item };
                }
                None => out.push(item),
            }
        }
    }
    out
}
