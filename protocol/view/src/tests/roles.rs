//! R30 to R32, and R35: who holds what.

use serde_json::{Value as Json, json};

use super::place::{Place, place};
use super::town::Town;

#[test]
fn r30_handover_lists_what_passed_and_strangers_tick_nothing_off() {
    let mut p = place();
    let zoe = p.town.person("Zoe");
    let (domain, founder) = (p.domain, p.town.founder);
    let items = json!([{"text": "Keys", "until": "2026-03-10"}, {"text": "Archive"}]);
    let list = json!({"from": p.ana, "to": zoe, "interim": p.ben, "items": items});
    p.town.act("handover", domain, founder, "2026-03-01", list);
    p.town.act(
        "handover",
        domain,
        p.ben,
        "2026-03-02",
        json!({"items": [{"text": "Archive", "done": true}]}),
    );
    let standing = |p: &Place, day: &str| -> Vec<Json> {
        let rows = p.town.at(day).rows("handover", Some(p.domain), "items");
        rows.iter().map(|row| row["standing"].clone()).collect()
    };
    assert_eq!(standing(&p, "2026-03-10"), ["open", "open"]);
    assert_eq!(standing(&p, "2026-03-11"), ["late", "open"]);
    p.town.act(
        "handover",
        domain,
        zoe,
        "2026-03-12",
        json!({"items": [{"text": " keys ", "done": true}]}),
    );
    assert_eq!(
        standing(&p, "2026-03-12"),
        ["passed", "open"],
        "she takes over by a member's list"
    );
    let interim = p.town.at("2026-03-12").rows("handover", Some(domain), "interim");
    assert_eq!(interim[0]["interim"], json!(p.ben));
    assert_eq!(interim[1]["counts"], false);
}

#[test]
fn r31_role_history_says_how_each_ended_and_nothing_else() {
    let mut p = place();
    let names = ["Zoe", "Carl", "Dora"].map(|name| p.town.person(name));
    let scope = Some(p.domain);
    let removed = p.town.grant("facilitator", p.ana, scope, "2026-01-10");
    let served = p.town.grant("facilitator", names[0], scope, "2024-01-10");
    let revoked = p.town.grant("facilitator", names[1], scope, "2026-02-01");
    p.town.grant("facilitator", names[2], scope, "2026-03-20");
    let motion = p.offboard(&json!({"reasons": "Why."}));
    p.town
        .act("reply_right", motion, p.ana, "2026-03-03", json!({"text": "Well."}));
    // Somebody calls it a resignation; she never signed one.
    p.town.act(
        "conclude",
        motion,
        p.town.founder,
        "2026-03-04",
        json!({"outcome": "resigned", "reason": "So."}),
    );
    p.town.end(removed, "2026-03-05");
    p.town.end(served, "2025-01-09");
    p.town.end(revoked, "2026-02-11");
    let ended = |p: &Place| -> Vec<(Json, Json)> {
        let rows = p.town.at("2026-04-01").rows("roles", Some(p.domain), "history");
        rows.iter()
            .map(|row| (row["holder"].clone(), row["ended"].clone()))
            .collect()
    };
    let told = |word: &str| {
        let words = [
            (names[0], "term ended"),
            (p.ana, word),
            (names[1], "revoked"),
            (names[2], "holds it"),
        ];
        words.map(|(who, word)| (json!(who), json!(word))).to_vec()
    };
    let (unsigned, after) = (told("revoked"), told("removed"));
    assert_eq!(ended(&p), unsigned);
    p.town.act(
        "conclude",
        motion,
        p.town.founder,
        "2026-03-05",
        json!({"outcome": "removed", "reason": "So."}),
    );
    assert_eq!(ended(&p), after);
    // As of a day on which she still held it.
    let rows = p.town.at("2026-03-01").rows("roles", Some(p.domain), "history");
    assert_eq!(
        (&rows[1]["until"], &rows[1]["ended"]),
        (&Json::Null, &json!("holds it"))
    );
    assert_eq!(rows.len(), 3, "Dora has not begun");

    let rows = p.town.at("2026-04-01").rows("turnover", None, "turnover");
    let year = |row: &Json| {
        (
            row["year"].clone(),
            row["starts"].clone(),
            row["ends"].clone(),
            row["median_days"].clone(),
        )
    };
    let all: Vec<_> = rows.iter().map(year).collect();
    assert_eq!(
        all,
        [
            (json!(2024), json!(1), json!(0), Json::Null),
            (json!(2025), json!(0), json!(1), json!(365)),
            (json!(2026), json!(3), json!(2), json!(32)),
        ]
    );
}

#[test]
fn r32_terms_are_optional_and_remind_before_they_end() {
    let mut p = place();
    let scope = Some(p.domain);
    let open = json!({"name": "Arts", "seats": [{"name": "lead"}]});
    let open = p.town.open("domain", p.town.founder, "2026-01-02", open);
    p.town.grant("facilitator", p.ana, scope, "2026-01-10");
    p.town.grant("facilitator", p.ben, Some(open), "2026-01-10");
    p.town.grant("moderator", p.ben, scope, "2026-01-10");
    let standing = |p: &Place, day: &str| -> Vec<(Json, Json)> {
        let rows = p.town.at(day).rows("terms", None, "terms");
        rows.iter()
            .map(|row| (row["left_days"].clone(), row["standing"].clone()))
            .collect()
    };
    let endless = (Json::Null, json!("without end"));
    assert_eq!(
        standing(&p, "2026-12-10"),
        [(json!(31), json!("runs")), endless.clone()]
    );
    assert_eq!(
        standing(&p, "2026-12-11"),
        [(json!(30), json!("ends soon")), endless.clone()]
    );
    assert_eq!(
        standing(&p, "2027-01-10"),
        [(json!(0), json!("ends soon")), endless.clone()]
    );
    assert_eq!(
        standing(&p, "2027-01-11"),
        [(json!(-1), json!("over")), endless.clone()]
    );
    p.town.parameter("term_reminder_days", 31);
    assert_eq!(standing(&p, "2026-12-10"), [(json!(31), json!("ends soon")), endless]);
}

#[test]
fn r35_charter_roles_and_declarations_of_interest() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let (committee, founder) = (town.committee, town.founder);
    town.edit(
        committee,
        founder,
        "2026-01-02",
        json!({"charter": "We decide in the open."}),
    );
    town.edit(committee, ana, "2026-01-03", json!({"charter": "Ana decides."}));
    town.grant("moderator", ana, None, "2026-01-04");
    town.act(
        "disclose",
        committee,
        ana,
        "2026-01-05",
        json!({"text": "I own shares."}),
    );
    let moment = town.at("2026-02-01");
    let charter = moment.rows("roles", None, "charter");
    let row = charter.iter().find(|row| row["field"] == "charter").unwrap();
    assert_eq!(
        (&row["text"], &row["by"]),
        (&json!("We decide in the open."), &json!(founder))
    );
    assert_eq!(
        charter.iter().filter(|row| row["said"] == false).count(),
        2,
        "no purpose, no calendar"
    );
    let holders = moment.rows("roles", None, "holders");
    assert_eq!(
        (&holders[0]["holder"], &holders[0]["disclosures"]),
        (&json!(ana), &json!(1))
    );
}
