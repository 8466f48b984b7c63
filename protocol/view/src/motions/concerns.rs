//! `concerns`: what was said to whom it is about first, and whether it was put right (R36).

use crate::calendar::Day;
use crate::motions::shared::{capacity, count, days, lists_of, meant, same};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "concerns",
    title: "Concerns",
    about: "Which concerns were raised about whom, and were they answered and put right?",
    on: On::Committee,
    reads: &["concern", "motion"],
    requirements: &[36],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "concerns",
        "Concerns",
        &[
            ("concern", "Concern"),
            ("about", "About"),
            ("form", "Form"),
            ("by", "By"),
            ("opened", "On"),
            ("standing", "Standing"),
            ("answered", "Answered on"),
            ("answer_days", "Days until the answer"),
            ("settled_by", "Put right by the word of"),
            ("settled", "On"),
            ("days", "Days open"),
            ("evidence", "Evidence"),
            ("motions", "Motions that followed"),
        ],
        "Nobody has raised a concern. A concern comes first: a motion without one is marked.",
    );
    let (mut open, mut silent) = (0, 0);
    for concern in world.of("concern").filter(|concern| belongs(concern, only)) {
        let opened = Day::of(concern.opened().claimed);
        let reply = concern.acts("reply_right").map(|act| Day::of(act.when.claimed)).min();
        let settled = settled(world, concern);
        let standing = match (concern.state(), &settled) {
            (Some("escalated"), _) => "escalated",
            (_, Some(_)) => "put right",
            _ if concern.acts("withdraw").next().is_some() => "withdrawn",
            _ if reply.is_some() => "answered",
            _ => "open",
        };
        open += usize::from(matches!(standing, "open" | "answered" | "escalated"));
        silent += usize::from(standing == "open");
        let end = settled
            .as_ref()
            .filter(|_| standing == "put right")
            .map(|(act, _)| Day::of(act.when.claimed));
        table.row(vec![
            Cell::Doc(concern.id()),
            meant(world, concern.value("about")),
            Cell::text(concern.text("form")),
            Cell::Person(concern.by()),
            Cell::Day(opened),
            Cell::Word(standing),
            Cell::of(reply, Cell::Day),
            Cell::of(reply, |reply| Cell::Int(days(opened, reply))),
            Cell::of(settled.as_ref(), |(_, word)| Cell::Word(word)),
            Cell::of(end, Cell::Day),
            Cell::Int(days(opened, end.unwrap_or_else(|| world.today()))),
            Cell::Int(count(concern.items("evidence").len())),
            Cell::List(followed(world, concern).into_iter().map(Cell::Doc).collect()),
        ]);
    }
    let mut sheet = Sheet::new("Concerns");
    if open > 0 {
        sheet = sheet.say(format!(
            "{open} are not put right yet; {silent} of them have no answer from whom they are about."
        ));
    }
    sheet.table(table)
}

fn belongs(concern: &Doc<'_>, only: Option<&Doc<'_>>) -> bool {
    let Some(only) = only else { return true };
    let subject = || same(concern.value("about"), only.value("subject"));
    concern.id() == only.id() || lists_of(only, "concerns").contains(&concern.id()) || subject()
}

/// Who may say that it is put right: its author, or a member whom it is not about.
fn settled<'a>(world: &World<'a>, concern: &Doc<'a>) -> Option<(Act<'a>, &'static str)> {
    let about = concern.named("about");
    let whole = concern
        .acts("resolve")
        .filter(|act| act.named("entry").is_none_or(|entry| entry == concern.id()));
    let said = whole.filter(|act| act.fields.is_some()).map(|act| {
        let word = capacity(world, concern, Some(concern.by()), &act);
        (act, word)
    });
    said.filter(|(act, word)| *word != "somebody else" && Some(act.by) != about)
        .last()
}

/// The motions to which it led: those that list it, and the one to which it was escalated. By id.
fn followed(world: &World<'_>, concern: &Doc<'_>) -> Vec<Id> {
    let listing = world
        .of("motion")
        .filter(|motion| lists_of(motion, "concerns").contains(&concern.id()));
    let mut ids: Vec<Id> = listing.map(Doc::id).collect();
    ids.extend(concern.acts("escalate").filter_map(|act| act.named("doc")));
    ids.sort_unstable();
    ids.dedup();
    ids
}
