//! R1 to R9: nominations, seats, platforms, questions, budgets, reports, agreements and rules.

use serde_json::{Value as Json, json};

use super::town::Town;
use crate::hash::Id;

/// One column of a table, from top to bottom.
fn column(rows: &[Json], name: &str) -> Vec<Json> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// A domain with one seat, called lead.
fn risk(town: &mut Town) -> Id {
    town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "code": "RISK-001", "seats": ["lead"]}),
    )
}

fn nominate(town: &mut Town, domain: Id, by: Id, nominee: Id, day: &str) -> Id {
    town.open(
        "nomination",
        by,
        day,
        json!({"domain": domain, "seat": "lead", "nominee": nominee}),
    )
}

#[test]
fn r01_anyone_nominates_before_during_and_after_the_call() {
    let mut town = Town::new();
    let (stranger, ana) = (town.person("Stranger"), town.person("Ana"));
    let domain = risk(&mut town);
    nominate(&mut town, domain, stranger, ana, "2026-02-28");
    let during = |town: &Town| column(&town.at("2026-05-01").rows("ballot", None, "nominations"), "during");
    assert_eq!(during(&town), ["no thread"]);
    let call = json!({"signalling_from": "2026-03-01", "signalling_until": "2026-03-31"});
    town.edit(domain, town.founder, "2026-02-27", call);
    nominate(&mut town, domain, stranger, ana, "2026-03-01");
    nominate(&mut town, domain, stranger, ana, "2026-03-31");
    nominate(&mut town, domain, stranger, ana, "2026-04-01");
    assert_eq!(during(&town), ["before", "open", "open", "after"]);
    // What nobody took up is not on the record, and so not here.
    let hidden = nominate(&mut town, domain, stranger, ana, "2026-04-02");
    town.floor(hidden);
    assert_eq!(during(&town).len(), 4);
}

#[test]
fn r02_only_the_nominees_word_puts_them_on_the_ballot() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let domain = risk(&mut town);
    let first = nominate(&mut town, domain, ana, ben, "2026-02-01");
    // The nominator and a bystander accept for somebody else.
    town.act("accept", first, ana, "2026-02-02", json!({}));
    town.act("accept", first, town.founder, "2026-02-02", json!({}));
    let standing = |town: &Town, day: &str| column(&town.at(day).rows("ballot", None, "nominations"), "standing");
    assert_eq!(standing(&town, "2026-02-15"), ["waiting"], "the last day of the term");
    assert_eq!(standing(&town, "2026-02-16"), ["silent past the term"]);
    town.parameter("nomination_term_days", 20);
    assert_eq!(standing(&town, "2026-02-16"), ["waiting"]);
    town.act("accept", first, ben, "2026-02-20", json!({}));
    assert_eq!(standing(&town, "2026-03-21"), ["on the ballot"]);
    town.act("withdraw", first, ana, "2026-02-21", json!({}));
    assert_eq!(
        standing(&town, "2026-03-21"),
        ["on the ballot"],
        "not the nominator's to take back any more"
    );
    town.act("decline", first, ben, "2026-02-22", json!({}));
    assert_eq!(standing(&town, "2026-02-23"), ["declined"]);
    // A word that nobody can read may have been an acceptance.
    let second = nominate(&mut town, domain, ana, ben, "2026-02-01");
    let word = town.act("post", second, ben, "2026-02-02", json!({"text": "…"}));
    town.lose(word);
    assert_eq!(standing(&town, "2026-03-21"), ["declined", "unknown"]);
}

#[test]
fn r03_a_platform_says_what_it_lacks_by_which_template() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let domain = risk(&mut town);
    let founder = town.founder;
    let doc = nominate(&mut town, domain, founder, ana, "2026-02-01");
    // A nominator cannot fill in a platform, and blanks fill in nothing.
    town.edit(doc, town.founder, "2026-02-02", json!({"perspective": "Vote for her"}));
    town.edit(doc, ana, "2026-02-02", json!({"perspective": "  "}));
    let row = |town: &Town| town.at("2026-03-01").rows("completeness", None, "nominations")[0].clone();
    let all = ["perspective", "goals", "goals.measure", "budget", "budget.amount"];
    assert_eq!(row(&town)["missing"], json!(all));
    assert_eq!(
        (&row(&town)["template"], &row(&town)["version"]),
        (&json!("built in"), &Json::Null)
    );
    let goals = json!([
        {"text": "Fewer losses", "measure": "bad debt below 1 %"},
        {"text": "Trust", "unmeasured": true},
        {"text": "Do well"},
        {"text": "Calm", "measure": "a survey", "unmeasured": true},
    ]);
    let lines = json!([{"item": "Salary", "amount": "9000 DAI"}, {"item": "Tools"}]);
    let added = town.edit(
        doc,
        ana,
        "2026-02-03",
        json!({"perspective": "Careful", "goals": goals, "budget": lines}),
    );
    assert_eq!(row(&town)["missing"], json!(["goals.measure", "budget.amount"]));
    let measurable = column(&town.at("2026-03-01").rows("completeness", None, "goals"), "measurable");
    assert_eq!(measurable, ["yes", "no", "not said", "both said"]);
    town.edit(
        doc,
        ana,
        "2026-02-04",
        json!({"remove": {"goals": [[added, 2]], "budget": [[added, 1]]}}),
    );
    assert_eq!(
        (&row(&town)["missing"], &row(&town)["complete"]),
        (&json!([]), &json!(true))
    );
    // The domain's own template, and a field that no nomination has.
    let fields = json!({"template": 3, "template_fields": ["perspective", "goals.due", "astrology"]});
    let set = town.edit(domain, town.founder, "2026-02-05", fields);
    let row = row(&town);
    assert_eq!(
        (&row["template"], &row["version"]),
        (&json!("of the domain"), &json!(3))
    );
    assert_eq!((&row["set_by"], &row["set_on"]), (&json!(set), &json!("2026-02-05")));
    assert_eq!(
        (&row["missing"], &row["complete"]),
        (&json!(["goals.due"]), &json!(false))
    );
    let states = column(
        &town.at("2026-03-01").rows("completeness", Some(doc), "fields"),
        "state",
    );
    assert_eq!(states, ["given", "missing", "no such field"]);
}

#[test]
fn r03_what_is_not_here_is_not_missing() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let domain = risk(&mut town);
    let founder = town.founder;
    let doc = nominate(&mut town, domain, founder, ana, "2026-02-01");
    let edit = town.edit(doc, ana, "2026-02-02", json!({"perspective": "Careful"}));
    town.lose(edit);
    let row = &town.at("2026-03-01").rows("completeness", None, "nominations")[0];
    assert_eq!((&row["missing"], &row["complete"]), (&json!([]), &json!(false)));
}

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
    town.anchored(question, Some(super::town::noon("2026-02-09")), None);
    assert_eq!(column(&rows(&town), "kind"), ["committee", "topic"]);
    assert_eq!(column(&rows(&town), "age"), [5, 1]);
    assert_eq!(
        town.at("2026-02-10").rows("unanswered", Some(topic), "questions").len(),
        1
    );
}

#[test]
fn r04_a_counter_budget_stands_beside_the_budget_line_by_line() {
    let mut town = Town::new();
    let (ana, ben, eve) = (town.person("Ana"), town.person("Ben"), town.person("Eve"));
    let domain = risk(&mut town);
    let doc = nominate(&mut town, domain, ben, ana, "2026-02-01");
    let lines = json!([
        {"item": "Salary", "amount": "9000 DAI"},
        {"item": "Tools", "amount": "500 USD"},
        {"item": "Travel"},
    ]);
    let added = town.edit(doc, ana, "2026-02-02", json!({"budget": lines}));
    let counter = json!({"lines": [
        {"line": [added, 0], "item": "Salary", "amount": "1 DAI"},
        {"line": [added, 0], "item": "Salary", "amount": "7000 DAI"},
        {"line": [added, 1], "item": "Tools"},
        {"line": [added, 9], "item": "Gone", "amount": "40 DAI"},
        {"item": "Audit", "amount": "1000 DAI"},
    ]});
    let first = town.act(
        "counter_budget",
        doc,
        ben,
        "2026-02-03",
        json!({"lines": [{"item": "Old"}]}),
    );
    let second = town.act("counter_budget", doc, ben, "2026-02-04", counter);
    let other = town.act(
        "counter_budget",
        doc,
        eve,
        "2026-02-04",
        json!({"lines": [
            {"line": [added, 0], "item": "Salary", "amount": "9000 USD"},
        ]}),
    );
    let moment = town.at("2026-03-01");
    let all = moment.rows("budget", Some(doc), "differences");
    assert!(
        all.iter().all(|row| row["budget"] != json!(first)),
        "the same author's later budget replaced it"
    );
    let bens: Vec<Json> = all
        .iter()
        .filter(|row| row["budget"] == json!(second))
        .cloned()
        .collect();
    assert_eq!(
        column(&bens, "state"),
        ["repeated", "replaces", "replaces", "unmatched", "new", "kept"]
    );
    let money = |amount: i64, currency: &str| json!({"amount": amount, "currency": currency});
    assert_eq!(
        column(&bens, "difference"),
        [
            Json::Null,
            money(-2000, "DAI"),
            money(-500, "USD"),
            money(40, "DAI"),
            money(1000, "DAI"),
            Json::Null
        ]
    );
    let totals = moment.rows("budget", Some(doc), "totals");
    let of = |budget: Json| -> Vec<(Json, Json)> {
        let rows = totals.iter().filter(|row| row["budget"] == budget);
        rows.map(|row| (row["total"].clone(), row["difference"].clone()))
            .collect()
    };
    assert_eq!(
        of(Json::Null),
        [(money(9000, "DAI"), Json::Null), (money(500, "USD"), Json::Null)]
    );
    assert_eq!(
        of(json!(second)),
        [
            (money(8040, "DAI"), money(-960, "DAI")),
            (money(0, "USD"), money(-500, "USD"))
        ]
    );
    // Currencies are never added up or compared.
    assert_eq!(
        of(json!(other)),
        [
            (money(0, "DAI"), money(-9000, "DAI")),
            (money(9500, "USD"), money(9000, "USD"))
        ]
    );
    let wide = moment.rows("budget", Some(doc), "lines");
    let name = format!("difference_{}", &other.to_string()[..32]);
    assert_eq!(wide[0][&name], Json::Null);
    assert_eq!(wide.len(), 5, "three own lines and two beyond them");
}

#[test]
fn r04_budgets_of_statements_and_proposals() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let items = json!([{"text": "Hosting", "amount": "30 DAI"}, {"text": "Thanks"}]);
    let report = town.open(
        "statement",
        ana,
        "2026-02-01",
        json!({"form": "report", "items": items}),
    );
    let budget = town.open(
        "statement",
        ana,
        "2026-02-01",
        json!({"form": "budget", "items": items}),
    );
    let emission = json!([{"day": "2026-03-01", "amount": "9007199254740991 DAI", "repeat": 3660}]);
    let proposal = json!({"type": "tpp", "title": "Rewards", "emission": emission});
    let proposal = town.open("proposal", ana, "2026-02-01", proposal);
    let moment = town.at("2026-03-01");
    assert_eq!(moment.rows("budget", Some(report), "lines").len(), 1);
    assert_eq!(moment.rows("budget", Some(budget), "lines").len(), 2);
    // More than any number in a program: as text, to the unit.
    let total = &moment.rows("budget", Some(proposal), "totals")[0]["total"]["amount"];
    assert_eq!(total, &json!("32966349272352027060"));
}

#[test]
fn r05_several_seats_and_several_facilitators() {
    let mut town = Town::new();
    let people = ["Ana", "Ben", "Cyd", "Dan"].map(|name| town.person(name));
    let [ana, ben, cyd, dan] = people;
    let seats = json!([{"name": "lead", "term_days": 30}, {"name": "second", "count": 2}]);
    let domain = town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "seats": seats}),
    );
    for (who, seat) in [(ana, "lead"), (ben, "second"), (cyd, "second"), (dan, "third")] {
        let of = json!({"domain": domain, "seat": seat, "nominee": who});
        let doc = town.open("nomination", town.founder, "2026-02-01", of);
        town.act("accept", doc, who, "2026-02-02", json!({}));
    }
    let known = column(&town.at("2026-03-01").rows("ballot", None, "nominations"), "seat_known");
    assert_eq!(known, ["yes", "yes", "yes", "no such seat"]);
    town.grant("facilitator", ana, Some(domain), "2026-03-01");
    // Two grants to one person fill one place; one for the whole committee, or another document, fills none.
    town.grant("facilitator", ben, Some(domain), "2026-03-01");
    let again = town.grant("facilitator", ben, Some(domain), "2026-03-02");
    town.grant("facilitator", cyd, None, "2026-03-01");
    town.grant("facilitator", cyd, Some(town.committee), "2026-03-01");
    let rows = town.at("2026-03-10").rows("seats", None, "seats");
    assert_eq!(column(&rows, "holders"), [json!([ana]), json!([ben])]);
    assert_eq!(
        (column(&rows, "places"), column(&rows, "free")),
        (vec![json!(1), json!(2)], vec![json!(0), json!(1)])
    );
    let ballot = town.at("2026-03-10").rows("ballot", None, "seats");
    assert_eq!(column(&ballot, "free"), [0, 1]);
    assert_eq!(ballot[1]["standing"].as_array().unwrap().len(), 2);
    // One of two grants ended: the place is still held.
    town.end(again, "2026-03-11");
    let after = town.at("2026-04-01");
    assert_eq!(column(&after.rows("seats", None, "seats"), "free"), [0, 1]);
    let tenures = after.rows("seats", None, "tenures");
    assert_eq!(column(&tenures, "standing"), ["past the term", "holds", "ended"]);
    assert_eq!(tenures[0]["term_ends"], json!("2026-03-31"));
    // A third one is more than there are places; somebody without a nomination sits nowhere.
    let extra = [cyd, town.person("Eve")].map(|who| town.grant("facilitator", who, Some(domain), "2026-04-02"));
    let of = json!({"domain": domain, "seat": "lead", "nominee": cyd});
    let doc = town.open("nomination", town.founder, "2026-04-01", of);
    town.act("accept", doc, cyd, "2026-04-01", json!({}));
    let after = town.at("2026-04-10");
    assert_eq!(column(&after.rows("seats", None, "seats"), "over"), [1, 0]);
    assert_eq!(after.rows("seats", None, "tenures").last().unwrap()["seat"], Json::Null);
    assert_eq!(extra.len(), 2);
}

#[test]
fn r05_a_domain_is_named_by_code_when_only_one_has_it() {
    let mut town = Town::new();
    let domain = risk(&mut town);
    let imported = json!({"domain": "RISK-001", "seat": "lead", "nominee": "Ada"});
    town.open("nomination", town.founder, "2026-02-01", imported);
    let row = |town: &Town| town.at("2026-03-01").rows("ballot", None, "nominations")[0].clone();
    assert_eq!(
        (&row(&town)["domain"], &row(&town)["nominee"]),
        (&json!(domain), &json!("Ada"))
    );
    let eve = town.person("Eve");
    town.open("domain", eve, "2026-02-02", json!({"name": "Mine", "code": "RISK-001"}));
    assert_eq!(
        (&row(&town)["domain"], &row(&town)["seat_known"]),
        (&json!("RISK-001"), &json!("no such domain"))
    );
}

#[test]
fn r06_functions_with_fewer_than_two_providers() {
    let mut town = Town::new();
    let (ana, ben, cyd) = (town.person("Ana"), town.person("Ben"), town.person("Cyd"));
    let functions = json!([
        {"name": "oracle", "provider": ana}, {"name": "oracle", "provider": ben},
        {"name": "audit", "provider": ana}, {"name": "audit", "provider": "Ana"}, {"name": "audit", "provider": ana},
        {"name": "keys", "provider": ben}, {"name": "keys", "provider": cyd},
        {"name": "press"},
    ]);
    let seats = json!([{"name": "lead", "function": "press"}]);
    let domain = json!({"name": "Risk", "functions": functions, "seats": seats});
    let domain = town.open("domain", town.founder, "2026-01-05", domain);
    let rows = |town: &Town| town.at("2026-03-01").rows("redundancy", None, "functions");
    let counts = |town: &Town| -> Vec<(String, u64)> {
        let rows = rows(town);
        let one = rows.iter().map(|row| {
            (
                row["function"].as_str().unwrap().to_owned(),
                row["count"].as_u64().unwrap(),
            )
        });
        one.collect()
    };
    let of = |list: &[(&str, u64)]| {
        list.iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect::<Vec<_>>()
    };
    // One person under their name and their key provides once.
    assert_eq!(
        counts(&town),
        of(&[("audit", 1), ("press", 0), ("keys", 2), ("oracle", 2)])
    );
    // Two identities of one address are one provider; a seat's holder provides its function.
    town.link(ben, "0xaa");
    town.link(cyd, "0xaa");
    town.grant("facilitator", ana, Some(domain), "2026-02-01");
    assert_eq!(
        counts(&town),
        of(&[("audit", 1), ("keys", 1), ("press", 1), ("oracle", 2)])
    );
    town.parameter("redundancy_min", 1);
    assert_eq!(column(&rows(&town), "short"), [false, false, false, false]);
}

#[test]
fn r07_a_report_is_due_by_the_domains_rule() {
    let mut town = Town::new();
    let (ana, ben, eve) = (town.person("Ana"), town.person("Ben"), town.person("Eve"));
    let rule = json!({"name": "Risk", "report_days": 30, "report_form": "report"});
    let domain = town.open("domain", town.founder, "2026-01-05", rule);
    let state = |town: &Town, day: &str| town.at(day).rows("overdue", None, "domains")[0].clone();
    assert_eq!(state(&town, "2026-12-01")["state"], "nobody holds it");
    town.grant("facilitator", ana, Some(domain), "2026-02-01");
    town.grant("facilitator", ben, Some(domain), "2026-02-01");
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
    assert_eq!(column(&published, "by_holder"), [false, true, true]);
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
