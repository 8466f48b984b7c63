//! R80, R82, R83, R88, R89: what programmes claim, expect, reach and do not know.

use serde_json::{Value as Json, json};

use super::super::town::Town;
use super::{column, row};

#[test]
fn r80_only_others_confirm_a_claim_and_each_of_them_once() {
    let mut town = Town::new();
    let (ana, ben, eve) = (town.person("Ana"), town.person("Ben"), town.person("Eve"));
    let data = "ab".repeat(32);
    let research = json!({
        "title": "Fees", "claims": [{"text": "Fees fell.", "data": data, "method": "Sum."}, {"text": "Trust us."}],
        "data": [{"hash": data, "length": 3, "type": "text/csv"}],
    });
    let doc = town.open("research", ana, "2026-01-05", research);
    let run = |n: u64, result: &str| json!({"claim": {"entry": doc, "n": n}, "result": result, "text": "Ran it."});
    let states = |town: &Town| column(&town.at("2026-02-01").rows("reruns", None, "claims"), "state").join(", ");
    assert_eq!(states(&town), "never tried, no data");
    town.act("rerun", doc, ana, "2026-01-06", run(0, "same"));
    assert_eq!(states(&town), "never tried, no data", "her own run");
    town.act("rerun", doc, ben, "2026-01-06", run(0, "same"));
    town.act("rerun", doc, ben, "2026-01-07", run(0, "same"));
    let claim = |town: &Town| town.at("2026-02-01").rows("reruns", None, "claims")[0].clone();
    assert_eq!(
        (&claim(&town)["same"], &claim(&town)["state"]),
        (&json!(1), &json!("confirmed"))
    );
    assert_eq!(
        (&claim(&town)["listed"], &claim(&town)["method"]),
        (&json!(true), &json!(true))
    );
    town.act("rerun", doc, eve, "2026-01-08", run(0, "different"));
    assert_eq!(states(&town), "contested, no data");
    town.act("rerun", doc, ben, "2026-01-09", run(0, "failed"));
    assert_eq!(states(&town), "not confirmed, no data", "his last run stands");
    // A claim in other words is another claim.
    let words = json!({"replace": {"claims": [[doc, 0, {"text": "Fees rose.", "data": data, "method": "Sum."}]]}});
    town.edit(doc, ana, "2026-01-10", words);
    assert_eq!(states(&town), "never tried, no data");
    town.act(
        "rerun",
        doc,
        eve,
        "2026-01-11",
        json!({"result": "same", "text": "All of it."}),
    );
    let runs = town.at("2026-02-01").rows("reruns", None, "runs");
    let expected = [
        "own",
        "older text",
        "older text",
        "older text",
        "older text",
        "names no claim",
    ];
    assert_eq!(column(&runs, "counts"), expected);
}

#[test]
fn r82_which_threat_came_true_and_who_calls_it_over() {
    let mut town = Town::new();
    let (f, ana, eve) = (town.founder, town.person("Ana"), town.person("Eve"));
    let threats = json!([{"text": "Keys leak", "likely": "low"}, {"text": "Prices fall", "answer": "Wait."}]);
    let doc = town.open(
        "proposal",
        f,
        "2026-01-05",
        json!({"type": "zip", "title": "Plan", "threats": threats}),
    );
    let leak =
        json!({"text": "Keys leaked.", "day": "2026-02-01", "severity": "high", "threat": {"entry": doc, "n": 0}});
    let leak = town.act("incident", doc, ana, "2026-02-03", leak);
    town.act(
        "incident",
        doc,
        ana,
        "2026-01-20",
        json!({"text": "A typo.", "severity": "low", "state": "over"}),
    );
    let rows = |town: &Town, table: &str| town.at("2026-03-01").rows("threats", None, table);
    let timeline = rows(&town, "incidents");
    assert_eq!(
        column(&timeline, "text"),
        ["A typo.", "Keys leaked."],
        "by the day on which it happened"
    );
    assert_eq!(column(&timeline, "foreseen"), ["no", "yes"]);
    assert_eq!(column(&timeline, "state"), ["over", "open"]);
    assert_eq!(
        column(&rows(&town, "threats"), "incidents"),
        [format!("[\"{leak}\"]"), "[]".to_owned()]
    );
    // Nobody from outside calls it over; a member does.
    let settle = json!({"entry": leak, "text": "New keys."});
    town.act("resolve", doc, eve, "2026-02-04", settle.clone());
    assert_eq!(row(&rows(&town, "incidents"), "incident", json!(leak))["state"], "open");
    town.act("resolve", doc, f, "2026-02-05", settle);
    let over = row(&rows(&town, "incidents"), "incident", json!(leak));
    assert_eq!(
        (&over["state"], &over["over"], &over["resolved"]),
        (&json!("over"), &json!("2026-02-05"), &json!(f))
    );
    // Foresight after the fact is not foresight.
    let late = town.edit(doc, f, "2026-02-10", json!({"add": {"threats": [{"text": "Floods"}]}}));
    let flood = json!({"text": "It rained.", "day": "2026-02-09", "threat": {"entry": late, "n": 0}});
    let flood = town.act("incident", doc, f, "2026-02-11", flood);
    assert_eq!(
        row(&rows(&town, "incidents"), "incident", json!(flood))["foreseen"],
        "noted later"
    );
    town.edit(doc, f, "2026-02-12", json!({"remove": {"threats": [[late, 0]]}}));
    assert_eq!(
        row(&rows(&town, "incidents"), "incident", json!(flood))["foreseen"],
        "threat gone"
    );
}

#[test]
fn r83_a_target_has_held_only_as_long_as_it_was_measured() {
    let mut town = Town::new();
    let (f, eve) = (town.founder, town.person("Eve"));
    let kpis = json!([{"name": "Users", "compare": "at_least", "target": 100, "hold_days": 10}, {"name": "Open"}]);
    let doc = town.open(
        "proposal",
        f,
        "2026-01-01",
        json!({"type": "zip", "title": "Plan", "kpis": kpis}),
    );
    let measure = |n: u64, day: &str, value: u64| json!({"kpi": {"entry": doc, "n": n}, "day": day, "value": value});
    let kpi = |town: &Town| town.at("2026-03-01").rows("kpis", None, "kpis")[0].clone();
    assert_eq!(kpi(&town)["state"], "not measured");
    for (day, value) in [("02", 120), ("05", 99), ("06", 100), ("10", 130), ("15", 140)] {
        town.act(
            "measure",
            doc,
            f,
            &format!("2026-01-{day}"),
            measure(0, &format!("2026-01-{day}"), value),
        );
    }
    let held = kpi(&town);
    assert_eq!((&held["since"], &held["held_days"]), (&json!("2026-01-06"), &json!(9)));
    assert_eq!(
        (&held["state"], &held["reached"]),
        (&json!("holds"), &json!(false)),
        "nine days, not all since then"
    );
    assert_eq!((&held["gap"], &held["silent"]), (&json!(5), &json!(45)));
    town.act("measure", doc, f, "2026-01-16", measure(0, "2026-12-31", 1000));
    town.act("measure", doc, eve, "2026-01-16", measure(0, "2026-01-16", 1));
    assert_eq!(kpi(&town)["state"], "holds", "neither days to come nor strangers count");
    let measures = town.at("2026-03-01").rows("kpis", None, "measures");
    assert_eq!(column(&measures, "counts")[5..], ["ahead of its day", "no member"]);
    town.act("measure", doc, f, "2026-01-16", measure(0, "2026-01-16", 100));
    assert_eq!(kpi(&town)["state"], "reached");
    town.act("measure", doc, f, "2026-01-17", measure(0, "2026-01-10", 50));
    let broken = kpi(&town);
    assert_eq!(
        (&broken["state"], &broken["since"]),
        (&json!("holds"), &json!("2026-01-15")),
        "the worst of a day"
    );
    let retracted = town.act("measure", doc, f, "2026-01-18", measure(0, "2026-01-18", 0));
    assert_eq!(kpi(&town)["state"], "missed");
    town.act("retract", doc, f, "2026-01-19", json!({"entry": retracted}));
    assert_eq!(kpi(&town)["state"], "holds");
    assert_eq!(
        town.at("2026-03-01").rows("kpis", None, "kpis")[1]["state"],
        "no target"
    );
}

#[test]
fn r83_some_targets_are_not_to_be_exceeded() {
    let mut town = Town::new();
    let kpis = json!([{"name": "Faults", "compare": "at_most", "target": 3}]);
    let doc = town.open(
        "proposal",
        town.founder,
        "2026-01-01",
        json!({"type": "zip", "title": "Plan", "kpis": kpis}),
    );
    let state = |town: &Town| town.at("2026-03-01").rows("kpis", None, "kpis")[0]["state"].clone();
    let measure = |day: &str, value: u64| json!({"kpi": {"entry": doc, "n": 0}, "day": day, "value": value});
    town.act("measure", doc, town.founder, "2026-01-05", measure("2026-01-05", 3));
    assert_eq!(state(&town), "reached", "without a time to hold for");
    town.act("measure", doc, town.founder, "2026-01-05", measure("2026-01-05", 4));
    assert_eq!(state(&town), "missed");
}

#[test]
fn r88_a_level_stands_on_all_levels_below_it() {
    let mut town = Town::new();
    let points = json!([
        {"text": "Tests", "level": 1, "met": true, "evidence": "https://a.example"}, {"text": "Owner", "met": true},
        {"text": "Audit", "level": 2}, {"text": "Monitor", "level": 2, "met": true},
        {"text": "Fame", "level": 4, "met": true},
    ]);
    let doc = town.open(
        "proposal",
        town.founder,
        "2026-01-01",
        json!({"type": "zip", "title": "Plan", "maturity": points}),
    );
    let level = |town: &Town| town.at("2026-02-01").rows("maturity", None, "documents")[0].clone();
    assert_eq!(
        (&level(&town)["level"], &level(&town)["of"]),
        (&json!(1), &json!(4)),
        "fame is no floor"
    );
    assert_eq!((&level(&town)["met"], &level(&town)["shown"]), (&json!(4), &json!(1)));
    assert_eq!(level(&town)["next"], json!(["Audit"]));
    let audit = json!({"replace": {"maturity": [[doc, 2, {"text": "Audit", "level": 2, "met": true}]]}});
    town.edit(doc, town.founder, "2026-01-02", audit);
    assert_eq!(
        (&level(&town)["level"], &level(&town)["next"]),
        (&json!(4), &json!([])),
        "no point asks at level 3"
    );
    let fallen = json!({"replace": {"maturity": [[doc, 1, {"text": "Owner", "met": false}]]}});
    town.edit(doc, town.founder, "2026-01-03", fallen);
    assert_eq!(level(&town)["level"], 0, "one point below, and all above falls");
    let checklist = town.at("2026-02-01").rows("maturity", Some(doc), "checklist");
    assert_eq!(column(&checklist, "level"), ["1", "1", "2", "2", "4"]);
}

#[test]
fn r89_a_question_is_open_until_somebody_answers_who_was_asked() {
    let mut town = Town::new();
    let (f, ana, eve) = (town.founder, town.person("Ana"), town.person("Eve"));
    let domain = town.open(
        "domain",
        f,
        "2026-01-05",
        json!({"name": "Risk", "questions": ["How much?", "By whom?"]}),
    );
    town.edit(
        domain,
        f,
        "2026-01-10",
        json!({"set": {"questions": ["How much?", "When?"]}}),
    );
    let rows = |town: &Town| town.at("2026-01-20").rows("questions", None, "questions");
    assert_eq!(column(&rows(&town), "text"), ["How much?", "When?"]);
    assert_eq!(
        column(&rows(&town), "age"),
        ["15", "10"],
        "asked ever since, whatever version says so"
    );
    let asked = town.act("question", domain, ana, "2026-01-11", json!({"text": "Why?"}));
    let answer = json!({"reply_to": asked, "text": "So."});
    town.act("answer", domain, ana, "2026-01-12", answer.clone());
    town.act("answer", domain, eve, "2026-01-12", answer.clone());
    assert_eq!(rows(&town).len(), 3, "neither herself nor a stranger");
    town.act("answer", domain, f, "2026-01-13", answer);
    assert_eq!(rows(&town).len(), 2);
    town.act(
        "question",
        domain,
        ana,
        "2026-01-14",
        json!({"text": "Eve?", "to": [eve]}),
    );
    assert_eq!(row(&rows(&town), "from", "asked")["text"], "Eve?");
    // Whoever asks among others waits for the others; whoever asks nobody else may answer.
    let both = town.act(
        "question",
        domain,
        f,
        "2026-01-15",
        json!({"text": "Us?", "to": [f, ana]}),
    );
    town.act(
        "answer",
        domain,
        f,
        "2026-01-15",
        json!({"reply_to": both, "text": "We."}),
    );
    let own = town.act("question", domain, f, "2026-01-16", json!({"text": "Me?"}));
    assert_eq!(column(&rows(&town), "text")[2..], ["Eve?", "Us?", "Me?"]);
    town.act(
        "answer",
        domain,
        f,
        "2026-01-17",
        json!({"reply_to": own, "text": "I."}),
    );
    assert_eq!(column(&rows(&town), "text")[2..], ["Eve?", "Us?"]);
    town.act(
        "answer",
        domain,
        ana,
        "2026-01-18",
        json!({"reply_to": both, "text": "We."}),
    );
    assert_eq!(rows(&town).len(), 3);
}

#[test]
fn r89_research_closes_the_questions_that_it_answers() {
    let mut town = Town::new();
    let (f, ana) = (town.founder, town.person("Ana"));
    let questions = json!([{"text": "Did fees fall?"}, {"text": "Who paid?"}, {"text": "For how long?"}]);
    let plan = json!({"type": "zip", "title": "Plan", "questions": questions});
    let plan = town.open("proposal", f, "2026-01-05", plan);
    let evaluation = json!({"programme": plan, "questions": [{"text": "Was it worth it?"}]});
    let evaluation = town.open("evaluation", f, "2026-01-06", evaluation);
    let open = |town: &Town| column(&town.at("2026-02-01").rows("questions", None, "questions"), "text");
    let all = ["Did fees fall?", "Who paid?", "For how long?", "Was it worth it?"];
    assert_eq!(open(&town), all);
    let item = json!({"entry": plan, "n": 0});
    let research = |questions: Json, findings: &str| json!({"evaluation": evaluation, "questions": questions, "findings": findings});
    let empty = research(json!([{"text": "Did fees fall?", "question": item}]), " ");
    town.open("research", ana, "2026-01-07", empty);
    assert_eq!(open(&town), all, "named, and not answered");
    let named = research(json!([{"text": "Other words", "question": item, "answer": "Yes."}]), "");
    town.open("research", ana, "2026-01-08", named);
    let worded = research(
        json!([{"text": " Who paid? "}, {"text": "Was it worth it?"}]),
        "We did.",
    );
    town.open("research", ana, "2026-01-09", worded);
    assert_eq!(open(&town), ["For how long?"]);
    let mut elsewhere = research(json!([{"text": "For how long?"}]), "A day.");
    elsewhere["evaluation"] = json!("Another one");
    town.open("research", ana, "2026-01-10", elsewhere);
    assert_eq!(
        open(&town),
        ["For how long?"],
        "in the same words, about something else"
    );
}
