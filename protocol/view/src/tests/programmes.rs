//! Programmes, proposals and evaluations to try views on: what the tests of R64 to R84 share.

use serde_json::{Value as Json, json};

use super::town::Town;
use althing_protocol::hash::Id;

/// A programme of the year 2026 that lacks nothing.
pub(super) fn programme() -> Json {
    json!({
        "type": "tpp", "title": "Grants", "cap": "1000 MKR", "minter": "The mint",
        "emission": [{"day": "2026-02-01", "amount": "100 MKR", "repeat": 10, "every_days": 30}],
        "start": "2026-01-15", "end": "2026-12-31", "questions": [{"text": "Did it help?"}],
    })
}

pub(super) fn with(mut fields: Json, changes: &Json) -> Json {
    for (name, value) in changes.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}

pub(super) fn words(row: &Json, column: &str) -> Vec<String> {
    let cells = row[column].as_array().unwrap().iter();
    cells.map(|cell| cell.as_str().unwrap().to_owned()).collect()
}

pub(super) fn column(rows: &[Json], column: &str) -> Vec<Json> {
    rows.iter().map(|row| row[column].clone()).collect()
}

pub(super) fn find<'r>(rows: &'r [Json], column: &str, id: Id) -> &'r Json {
    rows.iter().find(|row| row[column] == json!(id)).unwrap()
}

/// A programme of three epochs with two parameters.
pub(super) fn epochs(town: &mut Town, by: Id) -> Id {
    let epoch = |n: u64, start: &str, end: &str| json!({"n": n, "start": start, "end": end});
    town.open("proposal", by, "2026-01-05", json!({
        "type": "tpp", "title": "Grants", "cap": "1000 MKR",
        "epochs": [epoch(1, "2026-02-01", "2026-02-28"), epoch(2, "2026-03-01", "2026-03-31"), epoch(3, "2026-04-01", "2026-04-30")],
        "parameters": [{"name": "rate", "value": "5"}, {"name": "limit", "value": "10"}],
    }))
}

pub(super) fn decisions(town: &Town, day: &str, doc: Id) -> Vec<Json> {
    town.at(day).rows("programmes", Some(doc), "decisions")
}

/// An evaluation with a reward and three inputs of Ana, Ben and Cem, by id.
pub(super) fn appraised(town: &mut Town, people: [Id; 3]) -> (Id, Vec<(Id, Id)>) {
    let doc = town.open(
        "proposal",
        people[0],
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "end": "2026-02-01"}),
    );
    let evaluation = town.open(
        "evaluation",
        people[0],
        "2026-01-06",
        json!({"programme": doc, "reward": "100 DAI"}),
    );
    let mut inputs = people.map(|by| {
        (
            town.open(
                "research",
                by,
                "2026-01-07",
                json!({"title": "R", "evaluation": evaluation}),
            ),
            by,
        )
    });
    inputs.sort_unstable();
    (evaluation, inputs.to_vec())
}

pub(super) fn points(list: &[(Id, u64)]) -> Json {
    let points: Vec<Json> = list
        .iter()
        .map(|(research, points)| json!({"research": research, "points": points}))
        .collect();
    json!({"points": points})
}

/// An evaluation of a programme that ended on 2026-03-31, with three inputs.
pub(super) fn evaluated(town: &mut Town, by: Id) -> (Id, Id) {
    let fields = json!({"end": "2026-03-31", "emission": [{"day": "2026-02-01", "amount": "100 MKR"}]});
    let doc = town.open("proposal", by, "2026-01-05", with(programme(), &fields));
    let evaluation = town.open(
        "evaluation",
        by,
        "2026-01-20",
        json!({"programme": doc, "reward": "100 DAI"}),
    );
    (doc, evaluation)
}
