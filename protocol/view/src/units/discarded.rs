//! `discarded`: ideas that were not followed, and why (R63).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::units::{status, unit};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{ItemId, Record, Value};

pub(crate) static VIEW: View = View {
    name: "discarded",
    title: "Discarded ideas",
    about: "What was discarded, rejected or withdrawn, and why?",
    on: On::Committee,
    reads: &["domain", "motion", "proposal", "decision"],
    requirements: &[63],
    compute,
};

/// Something that was not followed.
struct Idea<'a> {
    day: Day,
    what: &'static str,
    doc: Id,
    entry: Id,
    by: Id,
    text: String,
    outcome: &'static str,
    reason: Option<&'a str>,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let only = only.filter(|only| only.kind() != "decision");
    let mut ideas = Vec::new();
    for doc in world
        .documents
        .iter()
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        match doc.kind() {
            "domain" => backlog(doc, &mut ideas),
            "motion" => ideas.extend(motion(doc)),
            "proposal" => ideas.extend(proposal(world, doc)),
            _ => {}
        }
    }
    ideas.sort_by_key(|idea| (idea.day, idea.doc, idea.entry));
    let mut table = Table::new(
        "ideas",
        "Discarded ideas",
        &[
            ("day", "On"),
            ("what", "What"),
            ("document", "Document"),
            ("entry", "Entry"),
            ("by", "By"),
            ("text", "Idea"),
            ("outcome", "Outcome"),
            ("reason", "Why"),
        ],
        "Nothing has been discarded yet.",
    );
    let silent = ideas.iter().filter(|idea| idea.reason.is_none()).count();
    for idea in ideas {
        table.row(vec![
            Cell::Day(idea.day),
            Cell::Word(idea.what),
            Cell::Doc(idea.doc),
            Cell::Entry(idea.entry),
            Cell::Person(idea.by),
            Cell::Text(idea.text),
            Cell::Word(idea.outcome),
            Cell::text(idea.reason),
        ]);
    }
    let mut sheet = Sheet::new("Discarded ideas").say(format!("{} ideas were not followed.", table.rows.len()));
    if silent > 0 {
        sheet = sheet.say(format!("{silent} of them without a reason."));
    }
    sheet.table(table)
}

/// Items of a backlog that say that they are discarded, and those that somebody took out of the list.
fn backlog<'a>(doc: &Doc<'a>, ideas: &mut Vec<Idea<'a>>) {
    let day = |entry| Day::of(doc.when(entry).claimed);
    let standing = doc.items("backlog");
    for item in standing.iter().filter(|item| item.text("state") == Some("discarded")) {
        ideas.push(Idea {
            day: day(item.entry),
            what: "backlog item",
            doc: doc.id(),
            entry: item.entry,
            by: item.by,
            text: item.text("text").unwrap_or_default().to_owned(),
            outcome: "discarded",
            reason: item.text("reason"),
        });
    }
    let mut words: BTreeMap<ItemId, &'a Record> = BTreeMap::new();
    let mut removed: BTreeMap<ItemId, (Id, Id)> = BTreeMap::new();
    let document = doc.document;
    for version in document.versions().iter().filter(|v| v.fields.contains("backlog")) {
        let Some(change) = document.outcome(version.entry).and_then(|outcome| outcome.change()) else {
            continue;
        };
        let added = (0..).zip(change.add.get("backlog").into_iter().flatten());
        let added = added.map(|(n, record)| {
            (
                ItemId {
                    entry: version.entry,
                    n,
                },
                record,
            )
        });
        let replaced = change
            .replace
            .get("backlog")
            .into_iter()
            .flatten()
            .map(|(item, record)| (*item, record));
        words.extend(added.chain(replaced).map(|(item, record)| (item, &**record)));
        for item in change.remove.get("backlog").into_iter().flatten() {
            removed.entry(*item).or_insert((version.entry, version.by));
        }
    }
    for (item, (entry, by)) in removed {
        let Some(record) = words
            .get(&item)
            .filter(|_| standing.iter().all(|known| known.id != item))
        else {
            continue;
        };
        let text = |field: &str| {
            let text = record.get(field).and_then(Value::as_text);
            text.filter(|text| !text.trim().is_empty())
        };
        if text("state") == Some("done") {
            continue;
        }
        ideas.push(Idea {
            day: day(entry),
            what: "backlog item",
            doc: doc.id(),
            entry,
            by,
            text: text("text").unwrap_or_default().to_owned(),
            outcome: "taken out",
            reason: text("reason"),
        });
    }
}

/// A motion that was not carried, or that was taken back.
fn motion<'a>(doc: &Doc<'a>) -> Option<Idea<'a>> {
    let state = doc.document.state()?;
    let outcome = match state.name {
        "rejected" => "rejected",
        "retained" => "retained",
        "lapsed" => "lapsed",
        "withdrawn" => "withdrawn",
        _ => return None,
    };
    let act = doc.all_acts().find(|act| Some(&act.id) == state.by.first())?;
    Some(Idea {
        day: Day::of(act.when.claimed),
        what: "motion",
        doc: doc.id(),
        entry: act.id,
        by: act.by,
        text: doc.title(),
        outcome,
        reason: act.text("reason"),
    })
}

/// A proposal that was rejected or withdrawn, or is obsolete. Where its status alone says so, the reason is that of a
/// member's decision about it.
fn proposal<'a>(world: &World<'a>, doc: &Doc<'a>) -> Option<Idea<'a>> {
    let (word, _) = status::now(doc).filter(|(word, _)| matches!(*word, "rejected" | "withdrawn" | "obsolete"))?;
    let last = status::steps(doc).into_iter().rev().find(|step| step.word == word)?;
    let act = doc.acts("withdraw").find(|act| act.id == last.entry);
    let decided = world.documents.iter().filter(|decision| {
        decision.kind() == "decision"
            && decision.named("about") == Some(doc.id())
            && unit::opened_by_member(world, decision)
    });
    let decided = decided.filter_map(|decision| decision.text("reason")).next();
    Some(Idea {
        day: Day::of(doc.when(last.entry).claimed),
        what: "proposal",
        doc: doc.id(),
        entry: last.entry,
        by: last.by,
        text: doc.title(),
        outcome: word,
        reason: act.and_then(|act| act.text("reason")).or(decided),
    })
}
