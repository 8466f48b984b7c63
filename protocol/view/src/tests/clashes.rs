//! R73, R74: the calendar and the year ahead.

use serde_json::{Value as Json, json};

use super::programmes::find;
use super::town::Town;
use crate::programmes::agenda;
use althing_protocol::hash::Id;

#[test]
fn r73_the_same_voters_are_not_asked_twice_at_once() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let vote = |town: &mut Town, from: &str, until: &str, voters: &str| {
        let mut fields = json!({"type": "gap", "title": from, "vote_from": from, "vote_until": until});
        if !voters.is_empty() {
            fields["voters"] = json!(voters);
        }
        town.open("proposal", ana, "2026-01-05", fields)
    };
    let first = vote(&mut town, "2026-03-02", "2026-03-08", "holders");
    let second = vote(&mut town, "2026-03-08", "2026-03-12", "holders");
    vote(&mut town, "2026-03-02", "2026-03-08", "workers");
    let clashes = |town: &Town| town.at("2026-03-01").rows("calendar", None, "clashes");
    let found = clashes(&town);
    assert_eq!(
        (found.len(), &found[0]["first"], &found[0]["second"]),
        (1, &json!(first), &json!(second))
    );
    assert_eq!(
        (&found[0]["how"], &found[0]["days"]),
        (&json!("overlap"), &json!(1)),
        "the last day counts"
    );
    // A vote for everybody meets each class.
    let all = vote(&mut town, "2026-03-14", "2026-03-15", "");
    assert_eq!(clashes(&town).len(), 1);
    town.parameter("decision_gap_days", 1);
    assert_eq!(clashes(&town).len(), 1, "one day lies between");
    assert_eq!(town.at("2026-03-01").rows("calendar", Some(second), "clashes").len(), 1);
    town.parameter("decision_gap_days", 2);
    let found = clashes(&town);
    assert_eq!(
        (found.len(), &found[1]["how"], &found[1]["days"]),
        (2, &json!("too near"), &json!(-1))
    );
    assert_eq!((&found[1]["first"], &found[1]["second"]), (&json!(second), &json!(all)));
    // The poll of a vote is no second decision; what is withdrawn asks nobody.
    town.act(
        "poll",
        all,
        ana,
        "2026-03-01",
        json!({"url": "https://p.x", "from": "2026-03-14", "until": "2026-03-15"}),
    );
    assert_eq!(clashes(&town).len(), 3, "the poll is as near as its vote");
    town.act("withdraw", all, ana, "2026-03-01", json!({}));
    assert_eq!(clashes(&town).len(), 1);
    let moment = town.at("2026-03-01");
    let world = moment.world();
    let clash = agenda::would_clash(&world, world.doc(second).unwrap());
    assert_eq!((clash.len(), clash[0].0.doc, clash[0].1.doc), (1, second, first));
    let windows = crate::calendar::windows(&world);
    let uids: Vec<_> = windows.iter().map(|window| &window.uid).collect();
    assert!(uids.contains(&&format!("{first}-vote")), "{uids:?}");
    assert_eq!(windows.len(), 3);
}

#[test]
fn r73_chained_programmes_follow_each_other() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let open = |town: &mut Town, start: &str, end: &str, before: Option<Id>| {
        let mut fields = json!({"type": "tpp", "title": start, "start": start, "end": end});
        if let Some(before) = before {
            fields["predecessor"] = json!(before);
        }
        town.open("proposal", ana, "2026-01-05", fields)
    };
    let first = open(&mut town, "2026-01-01", "2026-03-31", None);
    let second = open(&mut town, "2026-04-01", "2026-06-30", Some(first));
    let third = open(&mut town, "2026-06-30", "2026-09-30", Some(second));
    let lost = open(&mut town, "2026-06-30", "2026-09-30", Some(Id([7; 32])));
    let rows = town.at("2026-03-01").rows("calendar", None, "chains");
    let of = |id: Id| {
        let row = find(&rows, "programme", id);
        (row["first"].clone(), row["steps"].clone(), row["standing"].clone())
    };
    assert_eq!(of(second), (json!(first), json!(1), json!("in order")));
    assert_eq!(of(third), (json!(first), json!(2), json!("begins before the end")));
    assert_eq!(of(lost).2, "not here");
    town.edit(first, ana, "2026-02-01", json!({"predecessor": third}));
    let rows = town.at("2026-03-01").rows("calendar", None, "chains");
    assert_eq!(find(&rows, "programme", second)["standing"], "goes round in a circle");
    let spans = town.at("2026-03-01").rows("schedule", Some(second), "spans");
    assert_eq!(
        (spans.len(), &spans[0]["from"], &spans[0]["state"]),
        (1, &json!("2026-04-01"), &json!("planned"))
    );
}

#[test]
fn r74_the_year_ahead_counts_each_month_by_what_is_due_in_it() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let vote = |town: &mut Town, from: &str, until: &str| {
        town.open(
            "proposal",
            ana,
            "2026-01-05",
            json!({"type": "gap", "title": "T", "vote_from": from, "vote_until": until, "voters": "holders"}),
        )
    };
    vote(&mut town, "2026-02-20", "2026-03-03");
    vote(&mut town, "2026-03-20", "2026-03-21");
    vote(&mut town, "2026-01-10", "2026-02-14");
    vote(&mut town, "2027-02-01", "2027-02-02");
    let doc = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "end": "2026-03-31", "questions": [{"text": "A?"}, {"text": "B?"}]}),
    );
    let evaluation = town.open("evaluation", ana, "2026-01-06", json!({"programme": doc}));
    town.open(
        "research",
        ana,
        "2026-01-07",
        json!({"title": "R", "evaluation": evaluation}),
    );
    let rows = town.at("2026-02-15").rows("workload", None, "months");
    assert_eq!(rows.len(), 24, "twelve months, for everybody and for holders");
    let at = |month: &str, voters: Json| {
        rows.iter()
            .find(|row| row["month"] == month && row["voters"] == voters)
            .unwrap()
    };
    assert_eq!(
        at("2026-02", json!("holders"))["decisions"],
        0,
        "what is over asks for nothing"
    );
    assert_eq!(at("2026-03", json!("holders"))["decisions"], 2);
    assert_eq!(rows.last().unwrap()["month"], "2027-01");
    let april = at("2026-04", Json::Null);
    assert_eq!(
        (&april["evaluations"], &april["questions"], &april["inputs"]),
        (&json!(1), &json!(2), &json!(1))
    );
}
