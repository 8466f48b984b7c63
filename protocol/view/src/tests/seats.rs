//! R1 to R3, R5, R6: nominations, platforms and seats.

use serde_json::{Value as Json, json};

use super::setup::{column, nominate, risk};
use super::town::Town;

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
    let eve = town.person("Eve");
    town.grant("facilitator", cyd, Some(domain), "2026-04-02");
    town.grant("facilitator", eve, Some(domain), "2026-04-02");
    let of = json!({"domain": domain, "seat": "lead", "nominee": cyd});
    let doc = town.open("nomination", town.founder, "2026-04-01", of);
    town.act("accept", doc, cyd, "2026-04-01", json!({}));
    let after = town.at("2026-04-10");
    assert_eq!(column(&after.rows("seats", None, "seats"), "over"), [1, 0]);
    assert_eq!(after.rows("seats", None, "tenures").last().unwrap()["seat"], Json::Null);
    // A nomination that comes after the grant moves nobody into another seat.
    let of = json!({"domain": domain, "seat": "second", "nominee": ana});
    let doc = town.open("nomination", town.founder, "2026-04-03", of);
    town.act("accept", doc, ana, "2026-04-03", json!({}));
    let tenures = town.at("2026-04-10").rows("seats", None, "tenures");
    assert_eq!(tenures[0]["seat"], "lead");
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
