//! R4, R7 to R10: questions, reports, agreements, rules and load.

use serde_json::{Value as Json, json};

use super::setup::{column, nominate, risk};
use super::town::{Town, noon};

#[test]
fn r04_a_question_waits_until_somebody_answers_who_was_asked() {
    let mut town = Town::new();
    let (ana, ben, eve) = (town.person("Ana"), town.person("Ben"), town.person("Eve"));
    let domain = risk(&mut town);
    let doc = nominate(&mut town, domain, ben, ana, "2026-02-01");
    let on = json!({"text": "Why so careful?", "field": "perspective"});
    let question = town.act("question", doc, eve, "2026-02-02", on);
    let reply = |text: &str| json!({"reply_to": question, "text": text});
    let others = town.act("answer", doc, eve, "2026-02-03", reply("because"));
    // The nominator does not speak for the nominee's platform; a post is no answer.
    let nominators = town.act("answer", doc, ben, "2026-02-03", reply("I know her"));
    town.act("post", doc, ana, "2026-02-03", reply("soon"));
    let rows = |town: &Town, day: &str| town.at(day).rows("unanswered", None, "questions");
    let row = &rows(&town, "2026-02-09")[0];
    assert_eq!(
        (&row["age"], &row["late"], &row["due"]),
        (&json!(7), &json!(false), &json!("2026-02-09"))
    );
    assert_eq!((&row["asked"], &row["kind"]), (&json!([ana]), &json!("nomination")));
    assert_eq!(row["others"], json!([others, nominators]));
    assert_eq!(rows(&town, "2026-02-10")[0]["late"], json!(true));
    let answer = town.act("answer", doc, ana, "2026-02-11", reply("I lost once"));
    assert_eq!(rows(&town, "2026-02-12").len(), 0);
    // An answer that its author takes back leaves the question open, as old as it is.
    town.act("retract", doc, ana, "2026-02-12", json!({"entry": answer}));
    assert_eq!(rows(&town, "2026-02-12")[0]["age"], json!(10));
    // The case is the nominator's, and whoever is named in `to` may answer for both.
    let case = town.act(
        "question",
        doc,
        eve,
        "2026-02-12",
        json!({"text": "Why her?", "field": "reasons"}),
    );
    let named = town.act(
        "question",
        doc,
        eve,
        "2026-02-12",
        json!({"text": "And you?", "to": [eve]}),
    );
    let asked = column(&rows(&town, "2026-02-12"), "asked");
    assert_eq!(asked, [json!([ana]), json!([ben]), json!([eve])]);
    town.act(
        "answer",
        doc,
        ben,
        "2026-02-12",
        json!({"reply_to": case, "text": "able"}),
    );
    town.act(
        "answer",
        doc,
        eve,
        "2026-02-12",
        json!({"reply_to": named, "text": "fine"}),
    );
    assert_eq!(rows(&town, "2026-02-12").len(), 1);
    let people = town.at("2026-02-12").rows("unanswered", None, "people");
    assert_eq!(people, [json!({"person": ana, "open": 1, "late": 1, "oldest": 10})]);
}

#[test]
fn r04_questions_stand_in_all_kinds_and_cannot_be_backdated_before_a_block() {
    let mut town = Town::new();
    let eve = town.person("Eve");
    let topic = town.open("topic", town.founder, "2026-02-01", json!({"title": "Rates"}));
    let question = town.act("question", topic, eve, "2026-02-01", json!({"text": "Which?"}));
    town.act(
        "question",
        town.committee,
        eve,
        "2026-02-05",
        json!({"text": "Who are you?"}),
    );
    let rows = |town: &Town| town.at("2026-02-10").rows("unanswered", None, "questions");
    assert_eq!(column(&rows(&town), "kind"), ["topic", "committee"]);
    assert_eq!(column(&rows(&town), "age"), [9, 5]);
    town.anchored(question, Some(noon("2026-02-09")), None);
    assert_eq!(column(&rows(&town), "kind"), ["committee", "topic"]);
    assert_eq!(column(&rows(&town), "age"), [5, 1]);
    assert_eq!(
        town.at("2026-02-10").rows("unanswered", Some(topic), "questions").len(),
        1
    );
}

#[test]
fn r07_a_report_is_due_by_the_domains_rule() {
    let mut town = Town::new();
    let (ana, ben, eve) = (town.person("Ana"), town.person("Ben"), town.person("Eve"));
    let rule = json!({"name": "Risk", "report_days": 30, "report_form": "report"});
    let domain = town.open("domain", town.founder, "2026-01-05", rule);
    let state = |town: &Town, day: &str| town.at(day).rows("overdue", None, "domains")[0].clone();
    assert_eq!(state(&town, "2026-12-01")["state"], "nobody holds it");
    // Written before anybody gave her the role.
    let early = json!({"form": "report", "domain": domain, "title": "x"});
    let early = town.open("statement", ana, "2026-01-31", early);
    town.act("publish", early, ana, "2026-01-31", json!({}));
    town.grant("facilitator", ana, Some(domain), "2026-02-01");
    town.grant("facilitator", ben, Some(domain), "2026-02-01");
    assert_eq!(state(&town, "2026-03-03")["last"], Json::Null);
    assert_eq!(state(&town, "2026-03-03")["state"], "in time", "the thirtieth day");
    let row = state(&town, "2026-04-02");
    assert_eq!(
        (&row["state"], &row["late"], &row["missed"]),
        (&json!("overdue"), &json!(30), &json!(1))
    );
    assert_eq!(state(&town, "2026-04-03")["missed"], 2);
    let of = |form: &str| json!({"form": form, "domain": domain, "title": "x"});
    // A stranger's report, one of another form, a draft and one dated ahead bring nothing.
    let foreign = town.open("statement", eve, "2026-03-05", of("report"));
    town.act("publish", foreign, eve, "2026-03-05", json!({}));
    let form = town.open("statement", ana, "2026-03-05", of("status"));
    town.act("publish", form, ana, "2026-03-05", json!({}));
    let draft = town.open("statement", ana, "2026-03-05", of("report"));
    town.act("publish", draft, eve, "2026-03-05", json!({}));
    let ahead = town.open("statement", ana, "2026-03-06", of("report"));
    town.act("publish", ahead, ana, "2031-01-01", json!({}));
    assert_eq!(state(&town, "2026-04-02")["late"], 30);
    assert_eq!(
        town.at("2026-04-02").rows("overdue", None, "holders")[0]["drafts"],
        json!([draft])
    );
    town.act("publish", draft, ana, "2026-04-02", json!({}));
    let row = state(&town, "2026-04-02");
    assert_eq!(
        (&row["state"], &row["last"], &row["due"]),
        (&json!("in time"), &json!(draft), &json!("2026-05-02"))
    );
    let holders = town.at("2026-04-02").rows("overdue", None, "holders");
    assert_eq!(
        column(&holders, "state"),
        ["in time", "overdue"],
        "Ben has not reported himself"
    );
    let published = town.at("2026-04-02").rows("overdue", None, "statements");
    assert_eq!(column(&published, "by_holder"), [false, false, true, true]);
    town.edit(domain, town.founder, "2026-04-03", json!({"report_days": 0}));
    assert_eq!(state(&town, "2026-12-01")["state"], "none asked");
}

#[test]
fn r08_work_is_agreed_when_the_worker_signs_the_text_that_stands() {
    let mut town = Town::new();
    let (ana, ben, eve) = (town.person("Ana"), town.person("Ben"), town.person("Eve"));
    let domain = risk(&mut town);
    let grant = town.grant("facilitator", ana, Some(domain), "2026-02-01");
    let work = json!({"worker": ben, "scope": "a dashboard", "pay": "5000 DAI", "until": "2026-06-30"});
    let deal = town.act("agreement", domain, ana, "2026-02-02", work.clone());
    town.act("agreement", domain, eve, "2026-02-02", work);
    let rows = |town: &Town, day: &str| town.at(day).rows("agreements", None, "agreements");
    assert_eq!(
        rows(&town, "2026-03-01").len(),
        1,
        "only a facilitator of the domain offers work"
    );
    assert_eq!(rows(&town, "2026-03-01")[0]["state"], "waits for the worker");
    // Nobody signs for somebody else, and the document is not the agreement.
    town.act("endorse", domain, ana, "2026-02-03", json!({"entry": deal}));
    town.act("endorse", domain, ben, "2026-02-03", json!({}));
    assert_eq!(rows(&town, "2026-03-01")[0]["state"], "waits for the worker");
    let signed = town.act("endorse", domain, ben, "2026-02-04", json!({"entry": deal}));
    let row = &rows(&town, "2026-03-01")[0];
    assert_eq!(
        (&row["state"], &row["signed"], &row["holds"]),
        (&json!("signed"), &json!(signed), &json!(true))
    );
    assert_eq!(rows(&town, "2026-07-01")[0]["state"], "over");
    // Another text after the signature is not what was signed, whatever day it claims.
    town.act(
        "amend",
        domain,
        ana,
        "2026-02-02",
        json!({"entry": deal, "text": "two dashboards"}),
    );
    let row = &rows(&town, "2026-03-01")[0];
    assert_eq!(
        (&row["state"], &row["scope"]),
        (&json!("signed another text"), &json!("two dashboards"))
    );
    town.act("endorse", domain, ben, "2026-02-06", json!({"entry": deal}));
    assert_eq!(rows(&town, "2026-03-01")[0]["state"], "signed");
    // The deal outlives the role; work for a mere name waits for a key.
    town.act(
        "agreement",
        domain,
        ana,
        "2026-02-07",
        json!({"worker": "Zoe", "scope": "design"}),
    );
    town.end(grant, "2026-02-20");
    let rows = rows(&town, "2026-03-01");
    assert_eq!(column(&rows, "state"), ["signed", "the worker has no key"]);
    assert_eq!(column(&rows, "holds"), [false, false]);
}

#[test]
fn r09_each_domain_keeps_its_own_versions_of_its_rules() {
    let mut town = Town::new();
    let eve = town.person("Eve");
    let domain = town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "ruleset": "one"}),
    );
    town.open(
        "domain",
        town.founder,
        "2026-01-06",
        json!({"name": "Oracles", "ruleset": "others"}),
    );
    town.edit(domain, eve, "2026-01-07", json!({"ruleset": "mine"}));
    town.edit(
        domain,
        town.founder,
        "2026-01-07",
        json!({"mandate": "no rules touched"}),
    );
    let second = town.edit(domain, town.founder, "2026-01-08", json!({"ruleset": "two"}));
    let moment = town.at("2026-03-01");
    let rows = moment.rows("rulesets", Some(domain), "versions");
    assert_eq!(column(&rows, "entry"), [json!(domain), json!(second)]);
    assert_eq!(column(&rows, "current"), [false, true]);
    assert_eq!(column(&rows, "day"), ["2026-01-05", "2026-01-08"]);
    // sha256("two")
    let hash = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";
    assert_eq!(rows[1]["sha256"], hash);
    assert_eq!(moment.rows("rulesets", None, "domains").len(), 2);
    // Two at once: neither is hidden, neither is picked.
    let third = town.blindly("edit", domain, town.founder, "2026-01-09", json!({"ruleset": "three"}));
    let row = &town.at("2026-03-01").rows("rulesets", Some(domain), "domains")[0];
    let mut both = [second, third];
    both.sort();
    assert_eq!((&row["conflict"], &row["current"]), (&json!(true), &json!(both)));
}

#[test]
fn r10_the_load_of_a_week_is_what_voters_are_asked_for_in_it() {
    let mut town = Town::new();
    let founder = town.founder;
    let open = |town: &mut Town, kind: &str, fields: Json| town.open(kind, founder, "2026-03-06", fields);
    // Monday to Sunday of 2026-W10, and the Monday after it.
    let days = ["2026-03-02", "2026-03-08", "2026-03-09"];
    for day in days {
        let motion = json!({"form": "other", "class": "operational", "vote_from": day, "vote_until": "2026-04-30"});
        open(&mut town, "motion", motion);
    }
    let holders = json!({"type": "gap", "title": "x", "voters": "holders", "vote_until": "2026-03-04"});
    let proposal = open(&mut town, "proposal", holders);
    open(&mut town, "evaluation", json!({"programme": proposal}));
    // Without effect, withdrawn, or only the record of what was asked: no load.
    open(
        &mut town,
        "motion",
        json!({"form": "recommend", "vote_from": "2026-03-03"}),
    );
    open(
        &mut town,
        "motion",
        json!({"form": "petition", "vote_from": "2026-03-03"}),
    );
    let gone = open(&mut town, "motion", json!({"form": "other", "vote_from": "2026-03-03"}));
    town.act("withdraw", gone, founder, "2026-03-06", json!({}));
    let decision = json!({"title": "x", "outcome": "yes", "about": proposal, "day": "2026-03-05"});
    open(&mut town, "decision", decision);
    open(
        &mut town,
        "decision",
        json!({"title": "y", "outcome": "yes", "day": "2026-03-05", "about": gone}),
    );
    town.parameter("load_max_weekly", 4);
    town.parameter("load_max_weekly_operational", 1);
    let moment = town.at("2026-03-20");
    let weeks = moment.rows("load", None, "weeks");
    assert_eq!(column(&weeks, "week"), ["2026-W10", "2026-W10", "2026-W11"]);
    assert_eq!(column(&weeks, "voters"), [Json::Null, json!("holders"), Json::Null]);
    assert_eq!(column(&weeks, "count"), [4, 5, 1]);
    assert_eq!(column(&weeks, "over"), [false, true, false]);
    assert_eq!(column(&weeks, "from"), ["2026-03-02", "2026-03-02", "2026-03-09"]);
    let classes = moment.rows("load", None, "classes");
    assert_eq!(column(&classes, "count"), [3, 2, 1]);
    assert_eq!(column(&classes, "over"), [false, true, false]);
    let by = column(&moment.rows("load", None, "decisions"), "by");
    assert_eq!(
        by,
        [
            "its first day",
            "its last day",
            "its first day",
            "its opening",
            "its first day",
            "its first day"
        ]
    );
}
