//! From what a form holds to the JSON of a body, or to what is wrong with it, field by field.

use std::collections::BTreeMap;

use althing_protocol::kind::json::{self, Error};
use althing_protocol::kind::{Field, ItemId, Kind, Type};
use althing_protocol::state::State;
use serde_json::{Map, Value as Json, json};

use super::values::{IDS, ITEM, is_share, parts};
use super::{Fault, Values, name_of};
use crate::http::ids;

/// The content of a document that opens, or the fields of an act: what was filled in.
pub(crate) fn content(
    state: &State,
    kind: &'static Kind,
    fields: &[&'static Field],
    values: &Values,
) -> Result<Map<String, Json>, Vec<Fault>> {
    let mut out = Map::new();
    let mut faults: Vec<Fault> = Fault::unfiled(values).into_iter().collect();
    for field in fields {
        match filled(field, values, field.name) {
            Some(found) => match checked(state, kind, field, found, values) {
                Ok(value) => drop(out.insert(field.name.to_owned(), value)),
                Err(fault) => faults.push(fault),
            },
            None if field.required => faults.push(missing(field)),
            None => {}
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

/// What an edit changes: fields that differ from what they held, in the form `{set, add, replace, remove}`.
///
/// `now` is what the form would hold had nobody touched it. Rows without an item are new.
pub(crate) fn changes(
    state: &State,
    kind: &'static Kind,
    fields: &[&'static Field],
    now: &Values,
    values: &Values,
) -> Result<Map<String, Json>, Vec<Fault>> {
    let mut faults: Vec<Fault> = Fault::unfiled(values).into_iter().collect();
    let mut groups: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    for field in fields {
        let before = filled(field, now, field.name);
        let after = filled(field, values, field.name);
        if let Type::List { item, .. } = field.ty {
            match items(state, kind, field, item, now, values) {
                Ok(changed) => {
                    for (word, list) in changed {
                        groups.entry(word).or_default().insert(field.name.to_owned(), list);
                    }
                }
                Err(mut wrong) => faults.append(&mut wrong),
            }
        } else if before != after {
            let set = match after {
                Some(found) => checked(state, kind, field, found, values),
                None if field.required => Err(missing(field)),
                None => emptied(field),
            };
            match set {
                Ok(value) => drop(groups.entry("set").or_default().insert(field.name.to_owned(), value)),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(groups
        .into_iter()
        .map(|(word, map)| (word.to_owned(), Json::Object(map)))
        .collect())
}

/// What a form holds for a field; none when it was left empty.
fn filled(field: &Field, values: &Values, name: &str) -> Option<Json> {
    let text = values.get(name);
    let line = text.trim();
    match &field.ty {
        // What is no share stays as it was typed, and is refused for what it is.
        Type::Int { .. } if is_share(field) => {
            (!line.is_empty()).then(|| parts(line).map_or_else(|| json!(line), |ppm| json!(ppm)))
        }
        Type::Text { .. } => (!line.is_empty()).then(|| json!(text)),
        Type::Line { .. } | Type::Choice(_) | Type::Date | Type::Int { .. } | Type::Item => {
            (!line.is_empty()).then(|| json!(line))
        }
        Type::Key | Type::Hash | Type::Bytes { .. } => (!line.is_empty()).then(|| json!(line.to_lowercase())),
        Type::Id | Type::Named => (!line.is_empty()).then(|| json!(name_of(line))),
        Type::Flag => (line == "yes").then(|| json!(true)),
        Type::Money => {
            let amount = values.get(&format!("{name}.amount")).trim();
            let currency = values.get(&format!("{name}.currency")).trim().to_uppercase();
            (!amount.is_empty() || !currency.is_empty()).then(|| json!(format!("{amount} {currency}")))
        }
        Type::Ids { max } if *max <= IDS => {
            let rows = (0..values.rows(name)).map(|n| values.get(&format!("{name}.{n}.id")).trim());
            let all: Vec<&str> = rows.filter(|text| !text.is_empty()).map(name_of).collect();
            (!all.is_empty()).then(|| json!(all))
        }
        Type::Ids { .. } | Type::Lines { .. } => {
            let all: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            (!all.is_empty()).then(|| json!(all))
        }
        Type::List { item, .. } => {
            let rows = (0..values.rows(name)).filter_map(|n| row(item, values, &format!("{name}.{n}")));
            let all: Vec<Json> = rows.collect();
            (!all.is_empty()).then(|| json!(all))
        }
    }
}

/// What one row holds; none when all of it was left empty.
fn row(fields: &[Field], values: &Values, at: &str) -> Option<Json> {
    let pairs = fields.iter().filter_map(|field| {
        Some((
            field.name.to_owned(),
            filled(field, values, &format!("{at}.{}", field.name))?,
        ))
    });
    let map: Map<String, Json> = pairs.collect();
    (!map.is_empty()).then_some(Json::Object(map))
}

/// A value as its kind wants it, with the beginnings of ids completed.
fn checked(state: &State, kind: &'static Kind, field: &Field, found: Json, values: &Values) -> Result<Json, Fault> {
    let mut one = json!({ field.name: found });
    let complete = ids::complete_all(state, std::slice::from_ref(field), &mut one);
    complete.map_err(|problem| Fault::new(place(field, "", values), super::super::capital(&problem.say()) + "."))?;
    let found = one.get_mut(field.name).map(Json::take).unwrap_or_default();
    match json::field(kind, field, &found) {
        Ok(_) => Ok(found),
        Err(error) => Err(fault(field, &error, values)),
    }
}

fn fault(field: &Field, error: &Error, values: &Values) -> Fault {
    let (at, say) = match error {
        Error::Breach(breach, _) => (breach.at.as_str(), format!("This {}.", breach.what)),
        Error::Value { at, expected, .. } => (at.as_str(), format!("This must be {expected}.")),
        other => ("", super::super::capital(&other.to_string()) + "."),
    };
    Fault::new(place(field, at, values), say)
}

/// The name in the form of a place in a value, such as `goals[1].text`: rows that were left empty are not counted there.
fn place(field: &Field, at: &str, values: &Values) -> String {
    let rows = |n: usize, keep: &dyn Fn(&str) -> bool| {
        let kept = (0..values.rows(field.name)).filter(|row| keep(&format!("{}.{row}", field.name)));
        kept.into_iter().nth(n).unwrap_or(n)
    };
    let inside = at.strip_prefix(field.name).unwrap_or_default();
    let number = inside.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let number = number.and_then(|(n, rest)| Some((n.parse::<usize>().ok()?, rest)));
    match (field.ty, number) {
        (Type::List { item, .. }, Some((n, rest))) => {
            let n = rows(n, &|at| row(item, values, at).is_some());
            let sub = rest.trim_start_matches('.');
            let sub = sub.split(['.', '[']).next().unwrap_or_default();
            let first = item.first().map_or("", |field| field.name);
            format!("{}.{n}.{}", field.name, if sub.is_empty() { first } else { sub })
        }
        (Type::Ids { max }, Some((n, _))) if max <= IDS => {
            let n = rows(n, &|at| !values.get(&format!("{at}.id")).trim().is_empty());
            format!("{}.{n}.id", field.name)
        }
        _ => field.name.to_owned(),
    }
}

fn missing(field: &Field) -> Fault {
    let at = match field.ty {
        Type::Ids { max } if max <= IDS => format!("{}.0.id", field.name),
        _ => field.name.to_owned(),
    };
    Fault::new(at, "This is needed.")
}

/// What an emptied field is set to. Most values cannot be taken away again, only replaced.
fn emptied(field: &Field) -> Result<Json, Fault> {
    match field.ty {
        Type::Line { .. } | Type::Text { .. } | Type::Named => Ok(json!("")),
        Type::Flag => Ok(json!(false)),
        Type::Ids { .. } | Type::Lines { .. } => Ok(json!([])),
        _ => Err(Fault::new(
            field.name,
            "This was signed before, so it can be changed but not be left empty.",
        )),
    }
}

type Changed = Vec<(&'static str, Json)>;

/// Items that are new, that hold something else, and that are gone.
fn items(
    state: &State,
    kind: &'static Kind,
    field: &'static Field,
    fields: &'static [Field],
    now: &Values,
    values: &Values,
) -> Result<Changed, Vec<Fault>> {
    let key = |values: &Values, n: usize| values.get(&format!("{}.{n}.{ITEM}", field.name)).to_owned();
    let held = |values: &Values, n: usize| row(fields, values, &format!("{}.{n}", field.name));
    let before: BTreeMap<String, Option<Json>> =
        (0..now.rows(field.name)).map(|n| (key(now, n), held(now, n))).collect();
    let (mut add, mut replace, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let mut kept = Vec::new();
    for n in 0..values.rows(field.name) {
        let (item, found) = (key(values, n), held(values, n));
        let old = before.get(&item).filter(|_| !item.is_empty());
        match (old, found) {
            // Emptied rows go.
            (_, None) => {}
            (Some(old), Some(found)) if *old == Some(found.clone()) => kept.push(item),
            (old, Some(found)) => match one(state, kind, field, n, found, values) {
                Ok(found) if old.is_some() => {
                    kept.push(item.clone());
                    if let Some(id) = item_id(&item) {
                        replace.push(json!([id.entry, id.n, found]));
                    }
                }
                Ok(found) => add.push(found),
                Err(fault) => faults.push(fault),
            },
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let gone = before.keys().filter(|item| !kept.contains(item));
    let remove: Vec<Json> = gone
        .filter_map(|item| item_id(item))
        .map(|id| json!([id.entry, id.n]))
        .collect();
    let all = [("add", add), ("replace", replace), ("remove", remove)];
    Ok(all
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(word, list)| (word, json!(list)))
        .collect())
}

/// One row, checked by itself: as the only item of its list.
fn one(
    state: &State,
    kind: &'static Kind,
    field: &'static Field,
    n: usize,
    found: Json,
    values: &Values,
) -> Result<Json, Fault> {
    match checked(state, kind, field, json!([found]), &Values::default()) {
        Ok(Json::Array(mut all)) => Ok(all.pop().unwrap_or_default()),
        Ok(other) => Ok(other),
        Err(fault) => {
            let at = fault
                .at
                .replacen(&format!("{}.0.", field.name), &format!("{}.{n}.", field.name), 1);
            let known = values.rows(field.name) > n;
            Err(Fault::new(if known { at } else { field.name.to_owned() }, fault.say))
        }
    }
}

/// The item that a row edits.
pub(crate) fn item_id(text: &str) -> Option<ItemId> {
    let (entry, n) = text.split_once(':')?;
    Some(ItemId {
        entry: entry.parse().ok()?,
        n: n.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use althing_protocol::hash::Id;
    use althing_protocol::kind::{self, Record, Value, read};
    use althing_protocol::state::Limits;

    use super::*;

    fn whole(id: &Id) -> String {
        id.to_string()
    }

    /// A value of each type, near its bounds where that is cheap.
    fn example(ty: &Type, n: u8) -> Value {
        match ty {
            Type::Line { max } => Value::Text(format!("line {n} · äö").chars().take(*max / 4).collect()),
            Type::Text { .. } => Value::Text(format!("# {n}\n\n  indented & <b>\n")),
            Type::Int { max } => Value::Int(u64::from(n).min(*max)),
            Type::Flag => Value::Flag(true),
            Type::Id => Value::Id(Id([n; 32])),
            Type::Key => Value::Key(althing_protocol::hash::Key([n; 32])),
            Type::Hash => Value::Hash(althing_protocol::hash::Hash([n; 32])),
            Type::Bytes { max } => Value::Bytes(vec![n; (*max).min(3)]),
            Type::Choice(words) => Value::Text(words[usize::from(n) % words.len()].to_owned()),
            Type::Date => Value::Text("2026-11-21".to_owned()),
            Type::Money => Value::Money {
                amount: 12_500,
                currency: "DAI".to_owned(),
            },
            Type::Named => Value::Text("Somebody unclaimed".to_owned()),
            Type::Ids { .. } => Value::Ids(vec![Id([n; 32]), Id([n + 1; 32])]),
            Type::Lines { .. } => Value::Lines(vec!["one".to_owned(), "two".to_owned()]),
            Type::Item => Value::Item(ItemId {
                entry: Id([n; 32]),
                n: 3,
            }),
            Type::List { item, .. } => Value::List((n..n + 2).map(|n| record(item, n)).collect()),
        }
    }

    fn record(fields: &'static [Field], n: u8) -> Record {
        fields.iter().map(|field| (field.name, example(&field.ty, n))).collect()
    }

    #[test]
    fn every_kind_goes_through_its_form_and_back() {
        let state = State::new(Limits::default());
        for kind in kind::all().iter().filter(|kind| kind.shape != kind::Shape::Edit) {
            let fields: Vec<&'static Field> = kind.all_fields().collect();
            let mut values = Values::default();
            for field in &fields {
                values.put(field.name, field, &example(&field.ty, 7), &whole);
            }
            let json = Json::Object(content(&state, kind, &fields, &values).unwrap());
            let body = kind::json::body(kind, &json).unwrap_or_else(|e| panic!("{}: {e}", kind.name));
            for field in &fields {
                let expected = example(&field.ty, 7);
                if kind.is_document() {
                    let root = read::root(kind, Some(&body)).unwrap();
                    match &expected {
                        Value::List(rows) => {
                            let added: Vec<Record> = root.add[field.name].iter().map(|r| (**r).clone()).collect();
                            assert_eq!(&added, rows, "{}.{}", kind.name, field.name);
                        }
                        value => assert_eq!(&*root.set[field.name], value, "{}.{}", kind.name, field.name),
                    }
                } else {
                    let act = read::act(kind, Some(&body)).unwrap();
                    assert_eq!(act[field.name], expected, "{}.{}", kind.name, field.name);
                }
            }
            let unchanged = changes(&state, kind, &fields, &values, &values).unwrap();
            // Rows that name no item are new ones; nothing else may seem to have changed.
            let others = unchanged.keys().filter(|word| *word != "add").count();
            assert_eq!(others, 0, "{}: {unchanged:?}", kind.name);
        }
    }

    #[test]
    fn an_empty_form_names_what_is_needed() {
        let state = State::new(Limits::default());
        for kind in kind::all() {
            let fields: Vec<&'static Field> = kind.all_fields().collect();
            let needed: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
            let faults = content(&state, kind, &fields, &Values::default())
                .err()
                .unwrap_or_default();
            let named: Vec<&str> = faults.iter().map(|fault| fault.at.as_str()).collect();
            assert_eq!(named, needed, "{}", kind.name);
        }
    }

    #[test]
    fn a_mistake_in_a_row_is_told_beside_it() {
        let state = State::new(Limits::default());
        let kind = kind::find("nomination").unwrap();
        let fields: Vec<&'static Field> = kind.all_fields().collect();
        let mut values = Values::default();
        for _ in 0..3 {
            values.add("budget", 8);
        }
        // The first row is left empty and does not count.
        values.set("budget.1.item", "a desk");
        values.set("budget.2.note", "no item");
        values.set("goals.0._item", "");
        values.set("goals.0.text", "to grow");
        values.set("goals.0.due", "tomorrow");
        let faults = content(&state, kind, &fields, &values).unwrap_err();
        let named: Vec<&str> = faults.iter().map(|fault| fault.at.as_str()).collect();
        assert_eq!(named, ["goals.0.due", "budget.2.item"], "{faults:?}");
    }

    #[test]
    fn only_what_changed_becomes_an_edit() {
        let state = State::new(Limits::default());
        let kind = kind::find("nomination").unwrap();
        let fields: Vec<&'static Field> = kind.all_fields().collect();
        let mut now = Values::default();
        let goals = kind.field("goals").unwrap();
        let text = |text: &str| Record::from([("text", Value::Text(text.to_owned()))]);
        let entry = Id([5; 32]);
        for (n, goal) in ["one", "two", "three"].into_iter().enumerate() {
            now.row("goals", goals, &format!("{entry}:{n}"), &text(goal), &whole);
        }
        now.set("title", "Old");
        now.set("seat", "a seat");
        now.set("domain", "somewhere");
        let mut values = now.clone();
        values.set("title", "New");
        values.set("seat", "");
        values.set("goals.1.text", "second");
        values.remove("goals", 0);
        values.add("goals", 8);
        values.set("goals.2.text", "four");
        let edit = changes(&state, kind, &fields, &now, &values).unwrap();
        let expected = json!({
            "add": { "goals": [{ "text": "four" }] },
            "remove": { "goals": [[entry, 0]] },
            "replace": { "goals": [[entry, 1, { "text": "second" }]] },
            "set": { "seat": "", "title": "New" },
        });
        assert_eq!(Json::Object(edit.clone()), expected);
        kind::json::edit(kind, &Json::Object(edit)).unwrap();
        // A day that was signed can be changed, and not be taken away.
        let kind = kind::find("statement").unwrap();
        let fields: Vec<&'static Field> = kind.all_fields().collect();
        let mut now = Values::default();
        now.set("start", "2026-01-01");
        let faults = changes(&state, kind, &fields, &now, &Values::default()).unwrap_err();
        assert_eq!(faults[0].at, "start");
    }
}
