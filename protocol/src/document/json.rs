//! A document as JSON: the shapes of `show` and `log`. Names of people, times and titles of other documents are
//! the caller's to add; ids are hexadecimal.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Content, Document, Item, List, Outcome, Register, Status};
use crate::kind::json as values;
use crate::kind::state::State;

/// `{ id, kind, title, owners, content, state, incomplete, acts }`.
#[must_use]
pub fn document(document: &Document) -> Json {
    json!({
        "id": document.id(),
        "kind": document.kind_name(),
        "title": document.title(),
        "owners": document.owners().iter().map(owner).collect::<Vec<_>>(),
        "content": content(document),
        "state": document.state().map(state),
        "incomplete": document.incomplete(),
        "acts": document.acts().map(outcome).collect::<Vec<_>>(),
    })
}

/// `{ field: { values: [{ value, by, entry }] } }` in the kind's order of fields; lists have
/// `{ items: [{ entry, n, values, removed }] }`. Several values, or a value beside `removed`, are a conflict, which
/// `conflict` says. `incomplete` says that a body which is not here may change it.
#[must_use]
pub fn content(document: &Document) -> Json {
    let Some(kind) = document.kind() else { return json!({}) };
    content_of(document.content(), kind.all_fields().map(|field| field.name))
}

fn content_of(content: &Content, order: impl Iterator<Item = &'static str>) -> Json {
    let mut out = Map::new();
    for name in order {
        if let Some(found) = content.fields.get(name) {
            out.insert(name.to_owned(), register(found));
        }
        if let Some(found) = content.lists.get(name) {
            out.insert(name.to_owned(), list(found));
        }
    }
    Json::Object(out)
}

fn register(register: &Register) -> Json {
    let values = register.values.iter();
    let values: Vec<Json> = values
        .map(|v| json!({ "value": values::value(&v.value), "by": v.by, "entry": v.entry }))
        .collect();
    let conflict = values.len() > 1;
    marked(
        json!({ "values": values }),
        &[("conflict", conflict), ("incomplete", register.incomplete)],
    )
}

fn list(list: &List) -> Json {
    let items: Vec<Json> = list.items.iter().map(item).collect();
    marked(json!({ "items": items }), &[("incomplete", list.incomplete)])
}

fn item(item: &Item) -> Json {
    let values = item.values.iter();
    let values: Vec<Json> = values
        .map(|v| json!({ "value": values::fields(&v.value), "by": v.by, "entry": v.entry }))
        .collect();
    let mut out = json!({ "entry": item.id.entry, "n": item.id.n, "values": values });
    if !item.removed.is_empty() {
        let removed = item.removed.iter().map(|r| json!({ "by": r.by, "entry": r.entry }));
        put(&mut out, "removed", removed.collect());
    }
    marked(out, &[("conflict", item.conflict())])
}

/// `{ name, by, … }`, with the kind's facts beside.
#[must_use]
pub fn state(state: &State) -> Json {
    let mut out = json!({ "name": state.name, "by": state.by });
    for (name, value) in &state.facts {
        put(&mut out, name, values::value(value));
    }
    out
}

/// `{ id, kind, by, effect, cause, body, record, … }` with an act's own fields beside, such as `text`, `reply_to`
/// and `position`; no kind has a field by one of the names above.
#[must_use]
pub fn outcome(outcome: &Outcome) -> Json {
    let mut out = json!({
        "id": outcome.id,
        "kind": outcome.kind,
        "by": outcome.by,
        "effect": outcome.effect.name(),
        "cause": outcome.cause.as_ref().map(super::Cause::to_json),
        "body": status(outcome.body),
        "record": outcome.in_record,
    });
    if let Some(saw) = outcome.saw.as_ref().filter(|saw| !saw.is_empty()) {
        put(&mut out, "saw", json!(saw));
    }
    if !outcome.amendments.is_empty() {
        put(&mut out, "amendments", json!(outcome.amendments));
        put(&mut out, "amended", json!(outcome.amended));
    }
    if let Some(by) = outcome.retracted {
        put(&mut out, "retracted", json!(by));
    }
    if let Some(fields) = outcome.fields() {
        for (name, value) in fields {
            put(&mut out, name, values::value(value));
        }
    }
    out
}

/// The word for what became of a body.
#[must_use]
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::None => "none",
        Status::Here => "here",
        Status::Absent => "absent",
        Status::Erased => "erased",
    }
}

fn owner(owner: &crate::control::Owner) -> Json {
    let mut out = BTreeMap::from([("identity", json!(owner.identity))]);
    if let Some(part) = &owner.part {
        out.insert("part", json!(part));
    }
    json!(out)
}

fn put(out: &mut Json, name: &str, value: Json) {
    if let Some(map) = out.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

/// Adds the marks that hold.
fn marked(mut out: Json, marks: &[(&str, bool)]) -> Json {
    for (name, _) in marks.iter().filter(|(_, holds)| *holds) {
        put(&mut out, name, json!(true));
    }
    out
}
