//! What views look up in the same way: moments, names in fields, domains, owners of a field.

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::{Act, Cell, Doc, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{Record, Value};

/// Days from a moment to now; 0 for what claims to come later.
pub(crate) fn age(world: &World<'_>, moment: u64) -> u64 {
    u64::try_from(Day::of(moment).until(world.today())).unwrap_or(0)
}

/// A field that names a person: an identity, or the name that stands for one nobody has claimed.
pub(crate) fn person(value: Option<&Value>) -> Cell {
    match value {
        Some(Value::Id(id)) => Cell::Person(*id),
        Some(Value::Text(text)) => Cell::Text(text.clone()),
        _ => Cell::Empty,
    }
}

/// A field that names a document, or the name that stands for one.
pub(crate) fn document(value: Option<&Value>) -> Cell {
    match value {
        Some(Value::Id(id)) => Cell::Doc(*id),
        Some(Value::Text(text)) => Cell::Text(text.clone()),
        _ => Cell::Empty,
    }
}

/// The domain that a document's field `domain` names: by id, or by the name or code of the only domain called so.
pub(crate) fn domain_of<'w, 'a>(world: &'w World<'a>, doc: &Doc<'_>) -> Option<&'w Doc<'a>> {
    match doc.value("domain")? {
        Value::Id(id) => world.doc(*id).filter(|found| found.kind() == "domain"),
        Value::Text(name) => {
            let called = |domain: &&Doc<'_>| ["name", "code"].iter().any(|f| domain.text(f) == Some(name));
            let mut found = world.of("domain").filter(called);
            let first = found.next()?;
            found.next().is_none().then_some(first)
        }
        _ => None,
    }
}

/// Whether a document is the one that a view is narrowed down to, or belongs to that domain.
pub(crate) fn within(world: &World<'_>, doc: &Doc<'_>, narrow: Option<&Doc<'_>>) -> bool {
    narrow.is_none_or(|narrow| {
        doc.id() == narrow.id() || domain_of(world, doc).is_some_and(|domain| domain.id() == narrow.id())
    })
}

/// Whose word a field is: the owners of exactly its part; where that part is handed to somebody and nobody owns it,
/// the identity that the handing field names without conflict; else the owners of the document as a whole. Without a
/// field, all of them.
pub(crate) fn speakers(doc: &Doc<'_>, field: Option<&str>) -> BTreeSet<Id> {
    let owners = doc.document.owners();
    let Some(kind) = doc.document.kind() else {
        return owners.iter().map(|owner| owner.identity).collect();
    };
    let of_part = |part: &str| -> BTreeSet<Id> {
        let own = owners.iter().filter(|owner| owner.part.as_deref() == Some(part));
        let own: BTreeSet<Id> = own.map(|owner| owner.identity).collect();
        if !own.is_empty() {
            return own;
        }
        let hands = kind.hands.iter().filter(|(_, to)| *to == part);
        let mut named = hands.filter_map(|(field, _)| doc.document.content().fields.get(field)?.single()?.as_id());
        if let Some(named) = named.next() {
            return [named].into();
        }
        let whole = owners.iter().filter(|owner| owner.part.is_none());
        whole.map(|owner| owner.identity).collect()
    };
    let part = field.and_then(|field| kind.part_of(kind.field(field)?));
    match part {
        Some(part) => of_part(part),
        None if kind.parts.is_empty() => owners.iter().map(|owner| owner.identity).collect(),
        None => kind.parts.iter().flat_map(|part| of_part(part.name)).collect(),
    }
}

/// Money in a field, in minor units, and its currency.
pub(crate) fn money(value: Option<&Value>) -> Option<(i128, &str)> {
    match value? {
        Value::Money { amount, currency } => Some((i128::from(*amount), currency)),
        _ => None,
    }
}

/// An amount of a currency.
pub(crate) fn cash(amount: i128, currency: &str) -> Cell {
    Cell::Money {
        amount,
        currency: currency.to_owned(),
    }
}

/// Records of evidence, each as what names it: an entry, else a place, else its words.
pub(crate) fn evidence(records: &[Record]) -> Cell {
    let each = records.iter().map(|record| {
        let text = |field: &str| record.get(field).and_then(Value::as_text).filter(|text| !blank(text));
        match record.get("entry") {
            Some(Value::Id(entry)) => Cell::Entry(*entry),
            _ => Cell::text(text("url").or_else(|| text("text"))),
        }
    });
    Cell::List(each.filter(|cell| *cell != Cell::Empty).collect())
}

/// Whether a text says nothing.
pub(crate) fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// People, sorted.
pub(crate) fn people(ids: &BTreeSet<Id>) -> Cell {
    Cell::List(ids.iter().copied().map(Cell::Person).collect())
}

/// Questions of a document that wait for an answer, each with the answers that others gave: whoever was asked, or
/// whose word the field is, has not answered in words that stand.
pub(crate) struct Open<'a> {
    pub(crate) question: Act<'a>,
    pub(crate) asked: BTreeSet<Id>,
    pub(crate) others: Vec<Act<'a>>,
}

pub(crate) fn open_questions<'a>(doc: &Doc<'a>) -> Vec<Open<'a>> {
    let answers: Vec<Act<'a>> = doc.acts("answer").collect();
    let waiting = doc.acts("question").filter_map(|question| {
        question.fields?;
        let owners = speakers(doc, question.text("field"));
        let to: BTreeSet<Id> = question
            .value("to")
            .map_or(&[][..], Value::as_ids)
            .iter()
            .copied()
            .collect();
        let asked = if to.is_empty() { owners.clone() } else { to };
        let given = answers
            .iter()
            .filter(|answer| answer.named("reply_to") == Some(question.id));
        let (theirs, others): (Vec<_>, Vec<_>) = given
            .copied()
            .partition(|answer| asked.contains(&answer.by) || owners.contains(&answer.by));
        theirs.is_empty().then_some(Open {
            question,
            asked,
            others,
        })
    });
    waiting.collect()
}
