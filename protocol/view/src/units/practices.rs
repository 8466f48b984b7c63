//! `practices`: what committees and units commit themselves to, and what others found (R56).

use crate::calendar::Day;
use crate::units::unit;
use crate::units::unit::Unit;
use crate::{Act, Cell, Doc, Item, On, Sheet, Table, View, World};
use althing_protocol::kind::{ItemId, Value};

pub(crate) static VIEW: View = View {
    name: "practices",
    title: "Practices",
    about: "To which practices did somebody commit in public, and did anybody else look whether they are kept?",
    on: On::Committee,
    reads: &["committee", "domain", "statement", "proposal", "research"],
    requirements: &[56],
    compute,
};

/// A practice, and the audits of it that count.
pub(crate) struct Practice<'a> {
    /// Its item.
    pub(crate) item: Item<'a>,
    /// Audits signed by somebody else, of the words that stand, in canonical order.
    pub(crate) audits: Vec<Act<'a>>,
}

impl Practice<'_> {
    /// What the last audit found.
    pub(crate) fn found(&self) -> Option<&'static str> {
        result(self.audits.last()?)
    }
}

/// The practices of a document, with their audits.
pub(crate) fn practices<'a>(world: &World<'a>, doc: &Doc<'a>) -> Vec<Practice<'a>> {
    let items = doc.items("practices").into_iter();
    let with = items.map(|item| {
        let audits = doc.acts("audit").filter(|act| practice(act) == Some(item.id));
        let audits = audits.filter(|act| counts(world, doc, act) == "yes").collect();
        Practice { item, audits }
    });
    with.collect()
}

/// Whether an audit counts, or why it does not: `own`, `older text`, `item gone`.
fn counts(world: &World<'_>, doc: &Doc<'_>, act: &Act<'_>) -> &'static str {
    let own = |author| unit::owns(doc, author) || doc.kind() == "domain" && leads(world, doc, author, act);
    let of = act.named("entry").and_then(|entry| doc.document.outcome(entry));
    if own(act.by) || doc.by() == act.by || of.is_some_and(|outcome| outcome.by == act.by) {
        return "own";
    }
    let Some(looked_at) = practice(act) else { return "yes" };
    let list = doc.document.content().lists.values();
    let values = list.flat_map(|list| &list.items).find(|item| item.id == looked_at);
    let Some(value) = values.and_then(|item| item.values.first()) else {
        return "item gone";
    };
    if value.by == act.by {
        return "own";
    }
    let place = |entry| doc.document.outcomes().iter().position(|outcome| outcome.id == entry);
    if place(value.entry) > place(act.id) {
        "older text"
    } else {
        "yes"
    }
}

/// Whether somebody spoke for the domain when they wrote an audit, so that it is an audit of their own.
fn leads(world: &World<'_>, doc: &Doc<'_>, author: althing_protocol::hash::Id, act: &Act<'_>) -> bool {
    let mut docs = world.of("domain").filter(|domain| domain.id() == doc.id());
    docs.any(|domain| {
        let unit = Unit {
            name: String::new(),
            domain: Some(domain),
        };
        unit::speaks(world, &unit, author, act.when.claimed)
    })
}

fn practice(act: &Act<'_>) -> Option<ItemId> {
    match act.value("item") {
        Some(Value::Item(item)) => Some(*item),
        _ => None,
    }
}

fn result(act: &Act<'_>) -> Option<&'static str> {
    let words = ["holds", "partly", "fails"];
    words.into_iter().find(|word| act.text("result") == Some(word))
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "practices",
        "Practices",
        &[
            ("holder", "Committed"),
            ("text", "Practice"),
            ("since", "Since"),
            ("by", "Signed by"),
            ("audits", "Audits by others"),
            ("found", "Last found"),
            ("on", "On"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "Nobody has committed to a practice yet. Add practices to a domain, or to the committee.",
    );
    let mut audits = Table::new(
        "audits",
        "Audits",
        &[
            ("document", "Document"),
            ("audit", "Audit"),
            ("by", "By"),
            ("day", "On"),
            ("result", "Result"),
            ("of", "Entry audited"),
            ("item", "Item's entry"),
            ("n", "Item's place"),
            ("counts", "Counts"),
        ],
        "Nobody has audited anything yet.",
    );
    let (mut unseen, mut own) = (0, 0);
    let all = world.everything();
    for doc in all.filter(|doc| only.is_none_or(|only| only.id() == doc.id())) {
        for practice in practices(world, doc) {
            unseen += usize::from(practice.audits.is_empty());
            table.row(row(doc, &practice));
        }
        for act in doc.acts("audit") {
            let counts = counts(world, doc, &act);
            own += usize::from(counts == "own");
            audits.row(audit(doc, &act, counts));
        }
    }
    let mut sheet = Sheet::new("Practices").say(format!(
        "{} practices, {unseen} of which nobody else has audited as they stand.",
        table.rows.len()
    ));
    if own > 0 {
        sheet = sheet.say(format!(
            "{own} audits are signed by those whose work they are about; they do not count."
        ));
    }
    sheet.table(table).table(audits)
}

fn row(doc: &Doc<'_>, practice: &Practice<'_>) -> Vec<Cell> {
    let item = &practice.item;
    vec![
        Cell::Doc(doc.id()),
        Cell::text(item.text("text")),
        Cell::of(item.day("since"), Cell::Day),
        Cell::Person(item.by),
        unit::count(practice.audits.len()),
        Cell::of(practice.found(), Cell::Word),
        Cell::of(practice.audits.last(), |act| Cell::Day(Day::of(act.when.claimed))),
        Cell::Entry(item.id.entry),
        Cell::Int(item.id.n),
    ]
}

fn audit(doc: &Doc<'_>, act: &Act<'_>, counts: &'static str) -> Vec<Cell> {
    let item = practice(act);
    vec![
        Cell::Doc(doc.id()),
        Cell::Entry(act.id),
        Cell::Person(act.by),
        Cell::Day(Day::of(act.when.claimed)),
        Cell::of(result(act), Cell::Word),
        Cell::of(act.named("entry"), Cell::Entry),
        Cell::of(item, |item| Cell::Entry(item.entry)),
        Cell::of(item, |item| Cell::Int(item.n)),
        Cell::Word(counts),
    ]
}
