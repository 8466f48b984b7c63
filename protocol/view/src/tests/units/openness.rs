//! R52 to R57, R62: what units owe those who look at them.

use serde_json::{Value as Json, json};

use super::super::town::Town;
use super::{column, row};
use althing_protocol::hash::Id;

fn unit(town: &mut Town, name: &str) -> Id {
    town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": name, "form": "unit"}),
    )
}

/// Opens a statement and publishes it.
fn publish(town: &mut Town, by: Id, day: &str, fields: Json) -> Id {
    let doc = town.open("statement", by, day, fields);
    town.act("publish", doc, by, day, json!({}));
    doc
}

fn status(domain: Id, start: &str, end: &str) -> Json {
    json!({"form": "status", "domain": domain, "start": start, "end": end, "text": "Done."})
}

#[test]
fn r52_the_backlog_goes_by_need_times_impact_then_need_then_text() {
    let mut town = Town::new();
    let backlog = json!([
        {"text": "0", "need": 2, "impact": 6}, {"text": "B", "need": 3, "impact": 4},
        {"text": "A", "need": 3, "impact": 4}, {"text": "Unscored", "impact": 10},
        {"text": "Top", "need": 10, "impact": 10, "state": "taken"},
        {"text": "Done", "need": 10, "impact": 10, "state": "done"},
        {"text": "Discarded", "need": 10, "impact": 10, "state": "discarded"},
    ]);
    let domain = town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "backlog": backlog}),
    );
    unit(&mut town, "Other");
    let rows = town.at("2026-02-01").rows("backlog", Some(domain), "items");
    assert_eq!(column(&rows, "text"), ["Top", "A", "B", "0", "Unscored"]);
    assert_eq!(column(&rows, "score"), ["100", "12", "12", "12", "0"]);
    assert_eq!(column(&rows, "rank"), ["1", "2", "3", "4", "5"]);
    let eve = town.person("Eve");
    town.edit(
        domain,
        eve,
        "2026-01-06",
        json!({"add": {"backlog": [{"text": "Hers", "need": 10, "impact": 10}]}}),
    );
    assert_eq!(
        town.at("2026-02-01").rows("backlog", None, "items").len(),
        5,
        "only owners rank"
    );
}

#[test]
fn r53_results_without_evidence_count_as_said_only() {
    let mut town = Town::new();
    let domain = unit(&mut town, "Risk");
    let items = json!([
        {"text": "Ship", "group": "Safety", "target": 3, "reached": 1, "evidence": "https://a.example"},
        {"text": "Brag", "group": "Safety", "target": 10, "reached": 1000},
        {"text": "Vague", "group": "Growth", "due": "2026-01-10"},
        {"text": "Zero", "group": "Safety", "target": 0, "reached": 5},
    ]);
    let okr = json!({"form": "okr", "domain": domain, "items": items});
    let old = town.open("statement", town.founder, "2026-01-06", okr.clone());
    let moment = town.at("2026-02-01");
    let results = moment.rows("okrs", None, "results");
    assert_eq!(
        column(&results, "ppm"),
        ["333333", "1000000", "null", "null"],
        "rounded down, at most the whole"
    );
    assert_eq!(
        column(&results, "shown"),
        ["evidence", "no evidence", "nothing said", "no evidence"]
    );
    assert_eq!(column(&results, "late"), ["false", "false", "true", "false"]);
    let objectives = moment.rows("okrs", None, "objectives");
    assert_eq!(column(&objectives, "objective"), ["Safety", "Growth"]);
    assert_eq!(column(&objectives, "ppm"), ["666666", "null"]);
    assert_eq!(
        column(&objectives, "published"),
        ["false", "false"],
        "a draft is shown as one"
    );
    let eve = town.person("Eve");
    let theirs = town.open("statement", eve, "2026-01-07", okr.clone());
    let rows = town.at("2026-02-01").rows("okrs", Some(theirs), "objectives");
    assert_eq!(column(&rows, "speaks"), ["false", "false"]);
    assert_eq!(column(&objectives, "speaks"), ["true", "true"]);
    assert_eq!(column(&objectives, "shown_ppm"), ["166666", "null"]);
    let new = town.open("statement", town.founder, "2026-01-07", okr);
    town.act("supersede", old, town.founder, "2026-01-08", json!({"doc": new}));
    assert_eq!(
        town.at("2026-02-01").rows("okrs", None, "results").len(),
        8,
        "what was superseded does not count twice"
    );
}

#[test]
fn r54_gaps_lie_between_the_days_that_reports_cover() {
    let mut town = Town::new();
    let f = town.founder;
    let domain = unit(&mut town, "Risk");
    unit(&mut town, "Silent");
    publish(&mut town, f, "2026-02-01", status(domain, "2026-01-01", "2026-01-31"));
    // Written first, of the time after it; then a hole of 36 days, one more than a gap takes.
    publish(&mut town, f, "2026-05-01", status(domain, "2026-04-07", "2026-04-30"));
    publish(&mut town, f, "2026-05-02", status(domain, "2026-02-10", "2026-03-02"));
    let units = |town: &Town, day: &str| town.at(day).rows("gaps", None, "units");
    let risk = row(&units(&town, "2026-06-04"), "unit", "Risk");
    assert_eq!(
        (&risk["gaps"], &risk["longest"], &risk["silent"]),
        (&json!(1), &json!(36), &json!(35))
    );
    assert_eq!(
        (&risk["state"], &risk["due"]),
        (&json!("current"), &json!("2026-06-04"))
    );
    assert_eq!(row(&units(&town, "2026-06-05"), "unit", "Risk")["state"], "overdue");
    assert_eq!(
        row(&units(&town, "2026-06-05"), "unit", "Silent")["state"],
        "never reported"
    );
    let reports = town.at("2026-06-05").rows("gaps", Some(domain), "reports");
    assert_eq!(column(&reports, "distance"), ["0", "10", "36"]);
    assert_eq!(column(&reports, "gap"), ["false", "false", "true"]);
    town.parameter("status_gap_days", 40);
    assert_eq!(row(&units(&town, "2026-06-05"), "unit", "Risk")["state"], "current");
}

#[test]
fn r54_neither_strangers_nor_days_to_come_fill_a_gap() {
    let mut town = Town::new();
    let (ana, eve) = (town.person("Ana"), town.person("Eve"));
    let domain = unit(&mut town, "Risk");
    let grant = town.grant("facilitator", ana, Some(domain), "2026-01-06");
    publish(&mut town, ana, "2026-01-10", status(domain, "2026-01-01", "2030-12-31"));
    publish(&mut town, eve, "2026-05-01", status(domain, "2026-01-11", "2026-05-01"));
    town.end(grant, "2026-04-01");
    publish(&mut town, ana, "2026-05-02", status(domain, "2026-01-11", "2026-05-01"));
    let moment = town.at("2026-05-03");
    let risk = row(&moment.rows("gaps", None, "units"), "unit", "Risk");
    assert_eq!((&risk["reports"], &risk["until"]), (&json!(1), &json!("2026-01-10")));
    assert_eq!(risk["state"], "overdue");
    let reports = moment.rows("gaps", None, "reports");
    let why = ["yes", "no speaker", "no speaker"];
    assert_eq!(column(&reports, "counts"), why, "they are shown all the same");
    // Neither do drafts, nor days that a clock in the future claims.
    town.grant("facilitator", ana, Some(domain), "2026-05-03");
    town.open(
        "statement",
        ana,
        "2026-05-02",
        status(domain, "2026-01-11", "2026-05-01"),
    );
    publish(&mut town, ana, "2030-01-01", status(domain, "2026-01-11", "2029-12-31"));
    let moment = town.at("2026-05-03");
    assert_eq!(
        row(&moment.rows("gaps", None, "units"), "unit", "Risk")["state"],
        "overdue"
    );
    let reports = moment.rows("gaps", None, "reports");
    assert_eq!(column(&reports, "counts")[3..], ["draft", "not yet"]);
}

#[test]
fn r55_a_statement_lacks_what_its_form_asks_for() {
    let mut town = Town::new();
    let (f, domain) = (town.founder, unit(&mut town, "Risk"));
    let bare = town.open("statement", f, "2026-01-06", json!({"form": "budget"}));
    let items = json!([{"text": "Pay", "amount": "100 DAI"}, {"text": "Rent"}]);
    let half = json!({"form": "budget", "domain": domain, "start": "2026-01-01", "end": "2026-12-31", "items": items});
    let half = town.open("statement", f, "2026-01-06", half);
    let whole = town.open("statement", f, "2026-01-06", status(domain, "2026-01-01", "2026-01-31"));
    let blank = json!({"form": "mandate", "domain": domain, "text": "  \n"});
    let blank = town.open("statement", f, "2026-01-06", blank);
    let rows = town.at("2026-02-01").rows("templates", None, "statements");
    let lacks = |doc: Id| row(&rows, "statement", json!(doc))["lacks"].clone();
    assert_eq!(
        lacks(bare),
        json!(["a unit", "a first day", "a last day", "items"]),
        "no items, so none without amount"
    );
    assert_eq!(lacks(half), json!(["an amount of each item"]));
    assert_eq!(lacks(whole), json!([]));
    assert_eq!(lacks(blank), json!(["text"]), "blanks are no text");
    let of_unit = town.at("2026-02-01").rows("templates", Some(domain), "statements");
    assert_eq!(of_unit.len(), 3);
    assert_eq!(
        (&row(&rows, "statement", json!(half))["asked"], &rows[1]["met"]),
        (&json!(5), &json!(4))
    );
}

#[test]
fn r56_nobody_audits_their_own_practices() {
    let mut town = Town::new();
    let (f, ana, eve) = (town.founder, town.person("Ana"), town.person("Eve"));
    let practices = json!([{"text": "Publish every payment", "since": "2026-01-01"}]);
    let domain = town.open(
        "domain",
        f,
        "2026-01-05",
        json!({"name": "Risk", "practices": practices}),
    );
    town.grant("facilitator", ana, Some(domain), "2026-01-06");
    let item = json!({"entry": domain, "n": 0});
    let audit = |result: &str| json!({"item": item, "result": result, "text": "Looked."});
    town.act("audit", domain, f, "2026-01-07", audit("holds"));
    town.act("audit", domain, ana, "2026-01-08", audit("holds"));
    let moment = town.at("2026-02-01");
    assert_eq!(
        column(&moment.rows("practices", None, "audits"), "counts"),
        ["own", "own"]
    );
    assert_eq!(moment.rows("practices", None, "practices")[0]["audits"], 0);
    assert!(
        moment.view("practices", None)["says"]
            .to_string()
            .contains("2 audits are signed by those")
    );
    town.act("audit", domain, eve, "2026-01-09", audit("fails"));
    let practice = |town: &Town| town.at("2026-02-01").rows("practices", None, "practices")[0].clone();
    assert_eq!(
        (&practice(&town)["audits"], &practice(&town)["found"]),
        (&json!(1), &json!("fails"))
    );
    // Other words are another promise: the old audit does not speak of them.
    let other = json!({"replace": {"practices": [[domain, 0, {"text": "Publish some payments"}]]}});
    town.edit(domain, f, "2026-01-10", other);
    assert_eq!(practice(&town)["audits"], 0);
    let audits = town.at("2026-02-01").rows("practices", None, "audits");
    assert_eq!(column(&audits, "counts"), ["own", "own", "older text"]);
    // An audit of somebody's own entry in another's document is their own as well.
    let statement = town.open("statement", f, "2026-01-11", json!({"form": "report"}));
    let post = town.act("post", statement, eve, "2026-01-12", json!({"text": "A sum."}));
    let on_it = json!({"entry": post, "result": "holds", "text": "Mine."});
    town.act("audit", statement, eve, "2026-01-13", on_it);
    let audits = town.at("2026-02-01").rows("practices", Some(statement), "audits");
    assert_eq!(column(&audits, "counts"), ["own"]);
}

#[test]
fn r56_the_committee_commits_itself_too() {
    let mut town = Town::new();
    let eve = town.person("Eve");
    let committee = town.committee;
    let practice = json!({"add": {"practices": [{"text": "Minutes"}]}});
    let edit = town.edit(committee, town.founder, "2026-01-02", practice);
    let item = json!({"entry": edit, "n": 0});
    town.act(
        "audit",
        committee,
        eve,
        "2026-01-09",
        json!({"item": item, "result": "holds", "text": "Read."}),
    );
    let rows = town.at("2026-02-01").rows("practices", None, "practices");
    assert_eq!(
        (&rows[0]["holder"], &rows[0]["found"]),
        (&json!(committee), &json!("holds"))
    );
}

#[test]
fn r57_stages_are_shown_with_how_a_domain_got_there() {
    let mut town = Town::new();
    let (f, eve) = (town.founder, town.person("Eve"));
    let domain = unit(&mut town, "Risk");
    let set = |stage: &str| json!({"set": {"stage": stage}});
    for (day, stage) in [
        ("06", "idea"),
        ("07", "incubation"),
        ("08", "active"),
        ("09", "probation"),
        ("10", "ended"),
    ] {
        town.edit(domain, f, &format!("2026-01-{day}"), set(stage));
    }
    town.edit(domain, eve, "2026-01-11", set("active"));
    let moment = town.at("2026-01-20");
    let changes = moment.rows("incubation", None, "changes");
    assert_eq!(column(&changes, "step"), ["first", "next", "skip", "back", "end"]);
    let row = &moment.rows("incubation", None, "domains")[0];
    assert_eq!(
        (&row["stage"], &row["since"], &row["days"]),
        (&json!("ended"), &json!("2026-01-10"), &json!(10))
    );
    assert_eq!(row["marked"], 2);
}

#[test]
fn r62_each_point_of_the_scorecard_has_its_reason() {
    let mut town = Town::new();
    let (f, eve) = (town.founder, town.person("Eve"));
    let practices = json!([{"text": "Publish"}]);
    let domain = town.open(
        "domain",
        f,
        "2026-01-05",
        json!({"name": "Risk", "report_days": 10, "practices": practices}),
    );
    let points = |town: &Town, day: &str| town.at(day).rows("scorecard", Some(domain), "points");
    let met = |town: &Town, day: &str| column(&points(town, day), "met").join(" ");
    assert_eq!(met(&town, "2026-02-01"), "false false false false false true false");
    let items =
        json!([{"text": "Ship", "group": "Safety", "target": 3, "reached": 1, "evidence": "https://a.example"}]);
    let okr = json!({"form": "okr", "domain": domain, "start": "2026-01-01", "end": "2026-01-31", "items": items});
    // A stranger's papers in the unit's name change nothing.
    publish(&mut town, eve, "2026-01-31", okr.clone());
    assert_eq!(met(&town, "2026-02-01"), "false false false false false true false");
    let okr = publish(&mut town, f, "2026-01-31", okr);
    let item = json!({"entry": domain, "n": 0});
    town.act(
        "audit",
        domain,
        eve,
        "2026-01-31",
        json!({"item": item, "result": "holds", "text": "Seen."}),
    );
    assert_eq!(met(&town, "2026-02-10"), "true true true true true true true");
    assert_eq!(
        met(&town, "2026-02-11"),
        "false true true true true true true",
        "eleven days, ten are allowed"
    );
    let reasons = column(&points(&town, "2026-02-11"), "reason");
    assert_eq!(reasons[0], "11 days since the last day reported on, 10 allowed");
    let units = town.at("2026-02-11").rows("scorecard", None, "units");
    assert_eq!(
        (&units[0]["points"], &units[0]["of"], &units[0]["formula"]),
        (&json!(6), &json!(7), &json!("v1"))
    );
    // One result without a target or evidence, one paper that lacks something, one more practice: each point by itself.
    let vague = json!({"add": {"items": [{"text": "Brag", "group": "Safety", "result": "Much."}]}});
    town.edit(okr, f, "2026-02-01", vague);
    town.edit(
        domain,
        f,
        "2026-02-01",
        json!({"add": {"practices": [{"text": "Answer"}]}}),
    );
    assert_eq!(met(&town, "2026-02-10"), "true false false true false true false");
    assert_eq!(
        met(&town, "2026-03-08"),
        "false false false false false true false",
        "36 days without a report"
    );
}
