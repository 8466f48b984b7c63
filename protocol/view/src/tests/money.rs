//! R4, R13 to R15: budgets beside budgets, pledges and claims.

use serde_json::{Value as Json, json};

use super::setup::{column, nominate, risk, topic};
use super::town::Town;
use althing_protocol::hash::Id;

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
fn r13_a_pledge_says_for_whom_how_much_where_and_when() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let doc = topic(&mut town);
    let mut pledge = json!({"to": ben, "amount": "100 DAI", "reference": "eip155:1/0xabc", "condition": "it ships",
        "until": "2026-03-31"});
    let one = town.act("pledge", doc, ana, "2026-02-01", pledge.clone());
    pledge["amount"] = json!("0 DAI");
    town.act("pledge", doc, ana, "2026-02-01", pledge);
    // A pledge without the four is void.
    town.raw("pledge", doc, ana, "2026-02-01", vec![0xa0]);
    let rows = |town: &Town, day: &str| town.at(day).rows("pledges", None, "pledges");
    assert_eq!(column(&rows(&town, "2026-03-31"), "state"), ["stands", "of nothing"]);
    assert_eq!(column(&rows(&town, "2026-04-01"), "state"), ["over", "of nothing"]);
    let row = &rows(&town, "2026-03-31")[0];
    assert_eq!(
        (&row["pledge"], &row["by"], &row["to"]),
        (&json!(one), &json!(ana), &json!(ben))
    );
    assert_eq!(
        (&row["reference"], &row["condition"]),
        (&json!("eip155:1/0xabc"), &json!("it ships"))
    );
    let says = town.at("2026-03-31").view("pledges", None)["says"].to_string();
    assert!(
        says.contains("1 pledges are void") && says.contains("nothing is held"),
        "{says}"
    );
    town.act("retract", doc, ana, "2026-02-02", json!({"entry": one}));
    assert_eq!(rows(&town, "2026-03-31")[0]["state"], "taken back");
}

#[test]
fn r14_a_claim_names_its_pledge_and_stays_when_the_pledge_is_taken_back() {
    let mut town = Town::new();
    let [ana, ben, eve] = ["Ana", "Ben", "Eve"].map(|name| town.person(name));
    let (doc, elsewhere) = (topic(&mut town), topic(&mut town));
    let pledge = json!({"to": ben, "amount": "100 DAI", "reference": "x", "condition": "it ships"});
    let pledge = town.act("pledge", doc, ana, "2026-02-01", pledge);
    let claim = |form: &str, about: Id, amount: &str, of: Id| json!({"form": form, "about": about, "amount": amount, "entry": of, "evidence": [{"text": "shipped", "entry": of}]});
    let first = town.act(
        "claim",
        elsewhere,
        ben,
        "2026-02-10",
        claim("reward", ben, "100 DAI", pledge),
    );
    for (form, about, amount, of) in [
        ("reward", ben, "101 DAI", pledge),
        ("reward", ben, "1 USD", pledge),
        ("reward", eve, "1 DAI", pledge),
        ("slash", ben, "1 DAI", pledge),
        ("slash", ana, "1 DAI", pledge),
        ("slash", ana, "1 DAI", first),
    ] {
        town.act("claim", doc, eve, "2026-02-11", claim(form, about, amount, of));
    }
    town.act(
        "claim",
        doc,
        eve,
        "2026-02-12",
        json!({"form": "slash", "about": ana, "evidence": []}),
    );
    town.act("retract", doc, ana, "2026-02-13", json!({"entry": pledge}));
    let claims = town.at("2026-03-01").rows("pledges", None, "claims");
    assert_eq!(
        column(&claims, "fits"),
        [
            "fits",
            "more than was pledged",
            "another currency",
            "about somebody else",
            "about somebody else",
            "fits",
            "no such pledge",
            "names no pledge"
        ]
    );
    assert_eq!(claims[0]["evidence"], json!([pledge]));
    assert_eq!(claims.last().unwrap()["state"], "without evidence");
    let row = &town.at("2026-03-01").rows("pledges", Some(doc), "pledges")[0];
    assert_eq!(row["state"], "taken back under a claim");
    assert_eq!(row["claims"].as_array().unwrap().len(), 6);
}

#[test]
fn r15_only_whom_a_claim_is_about_has_the_reply() {
    let mut town = Town::new();
    let [ana, ben, eve] = ["Ana", "Ben", "Eve"].map(|name| town.person(name));
    let doc = topic(&mut town);
    let claim = json!({"form": "slash", "about": ana, "evidence": ["late"], "text": "she is late"});
    let claim = town.act("claim", doc, ben, "2026-02-10", claim);
    let reply = json!({"reply_to": claim, "text": "it was agreed"});
    town.act("post", doc, eve, "2026-02-11", reply.clone());
    town.act("post", doc, ben, "2026-02-11", reply.clone());
    let row = |town: &Town| town.at("2026-02-20").rows("pledges", None, "claims")[0].clone();
    assert_eq!(
        (&row(&town)["state"], &row(&town)["age"]),
        (&json!("waits for a reply"), &json!(10))
    );
    let own = town.act("post", doc, ana, "2026-02-12", reply);
    assert_eq!(
        (&row(&town)["state"], &row(&town)["replies"]),
        (&json!("replied to"), &json!([own]))
    );
    // In a motion, the right of reply is an act of its own.
    let motion = town.open("motion", ben, "2026-02-01", json!({"form": "offboard", "subject": ana}));
    let claim = json!({"form": "slash", "about": ana, "evidence": ["late"]});
    let claim = town.act("claim", motion, ben, "2026-02-02", claim);
    town.act(
        "reply_right",
        motion,
        ben,
        "2026-02-03",
        json!({"text": "for her", "entry": claim}),
    );
    let own = town.act(
        "reply_right",
        motion,
        ana,
        "2026-02-03",
        json!({"text": "no", "entry": claim}),
    );
    assert_eq!(row(&town)["replies"], json!([own]));
}
