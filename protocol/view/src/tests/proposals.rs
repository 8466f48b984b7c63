//! R64, R65, R66: what proposals lack, who sponsors them, what they mint.

use serde_json::json;

use super::programmes::{column, programme, with, words};
use super::town::Town;

#[test]
fn r64_each_type_lacks_what_its_own_rules_ask_for() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    for (kind, missing) in [
        ("tpp", &["cap", "emission", "start", "end", "minter", "questions"][..]),
        ("zip", &["mechanism", "plan"]),
        ("gap", &["plan"]),
        ("mip", &["mechanism"]),
        ("bundle", &["bundle"]),
        ("sponsorship", &["cap", "minter", "end"]),
        ("other", &["mechanism"]),
    ] {
        let doc = town.open(
            "proposal",
            ana,
            "2026-01-05",
            json!({"type": kind, "title": "T", "mechanism": "  "}),
        );
        let rows = town.at("2026-01-06").rows("proposals", Some(doc), "proposals");
        assert_eq!(
            (rows.len(), words(&rows[0], "missing")),
            (1, missing.iter().map(|s| (*s).to_owned()).collect())
        );
        assert_eq!(rows[0]["standing"], "incomplete");
    }
    let whole = town.open("proposal", ana, "2026-01-05", programme());
    let rows = town.at("2026-01-06").rows("proposals", Some(whole), "proposals");
    assert_eq!(
        (words(&rows[0], "missing").len(), &rows[0]["standing"]),
        (0, &json!("lacks sponsors"))
    );
}

#[test]
fn r65_sponsors_and_their_weight_are_needed_before_the_vote() {
    let mut town = Town::new();
    let (ana, ben, cem, dia) = (
        town.person("Ana"),
        town.person("Ben"),
        town.person("Cem"),
        town.person("Dia"),
    );
    town.parameter("sponsors_min", 2);
    town.parameter("sponsor_weight_min", 50);
    let vote = json!({"vote_from": "2026-02-01", "vote_until": "2026-02-14"});
    let doc = town.open("proposal", ana, "2026-01-05", with(programme(), &vote));
    let standing = |town: &Town, day: &str| {
        let row = town.at(day).rows("proposals", Some(doc), "proposals")[0].clone();
        (
            row["sponsors"].clone(),
            row["weight"].clone(),
            row["standing"].clone(),
            row["vote"].clone(),
        )
    };
    let first = town.act("sponsor", doc, ben, "2026-01-06", json!({"weight": 40}));
    // The same person again is still one; it is the later word that counts.
    town.act("sponsor", doc, ben, "2026-01-07", json!({"weight": 45}));
    assert_eq!(
        standing(&town, "2026-01-08"),
        (json!(1), json!(45), json!("lacks sponsors"), json!("planned"))
    );
    town.act(
        "sponsor",
        doc,
        cem,
        "2026-01-08",
        json!({"weight": 1_000_000, "until": "2026-01-31"}),
    );
    assert_eq!(standing(&town, "2026-01-31").2, "may be voted on");
    assert_eq!(
        standing(&town, "2026-02-01").2,
        "lacks sponsors",
        "a sponsor's last day is over"
    );
    assert_eq!(standing(&town, "2026-02-01").3, "open too early");
    assert_eq!(standing(&town, "2026-02-15").3, "held too early");
    // Who comes once the vote is on comes too late for it; who stood behind it then is not missed later.
    let other = town.open("proposal", ana, "2026-01-05", with(programme(), &vote));
    town.act("sponsor", other, ben, "2026-01-06", json!({"weight": 45}));
    town.act("sponsor", other, cem, "2026-02-01", json!({"weight": 45}));
    let row = |town: &Town| town.at("2026-03-01").rows("proposals", Some(other), "proposals")[0].clone();
    assert_eq!(
        (row(&town)["sponsors"].clone(), row(&town)["vote"].clone()),
        (json!(1), json!("held too early"))
    );
    town.act(
        "sponsor",
        other,
        cem,
        "2026-01-31",
        json!({"weight": 45, "until": "2026-02-01"}),
    );
    assert_eq!(
        (row(&town)["sponsors"].clone(), row(&town)["vote"].clone()),
        (json!(2), json!("held"))
    );
    // With a register, nobody weighs more than it says, by identity or by a proved address.
    let register = json!({"title": "Holders", "source_text": "chain", "decimals": 2, "day": "2026-01-01", "holders": [
        {"holder": ben, "class": "holders", "weight": 3999}, {"holder": "0xAB", "class": "holders", "weight": 100},
    ]});
    town.open("register", ana, "2026-01-09", register);
    town.link(cem, "0xab");
    assert_eq!(standing(&town, "2026-01-10").1, 39 + 1);
    // Two identities with one address are one sponsor.
    town.link(dia, "0xab");
    town.act("sponsor", doc, dia, "2026-01-11", json!({}));
    assert_eq!(
        standing(&town, "2026-01-12"),
        (json!(2), json!(40), json!("lacks sponsors"), json!("planned"))
    );
    let rows = town.at("2026-01-12").rows("proposals", Some(doc), "sponsors");
    assert_eq!(column(&rows, "standing"), ["counts", "counts", "same address"]);
    assert!(
        rows.iter().all(|row| row["entry"] != json!(first)),
        "what was replaced is not listed"
    );
    town.parameter("sponsor_weight_min", 40);
    assert_eq!(standing(&town, "2026-01-12").2, "may be voted on");
    town.act("withdraw", doc, ana, "2026-01-13", json!({}));
    assert_eq!(standing(&town, "2026-01-14").2, "withdrawn");
}

#[test]
fn r66_over_the_cap_is_an_error_on_sight_with_its_first_day() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let fine = town.open("proposal", ana, "2026-01-05", programme());
    let at = town.at("2026-03-10");
    assert!(at.rows("emission", Some(fine), "errors").is_empty());
    let mints = at.rows("emission", Some(fine), "mints");
    assert_eq!(
        (mints.len(), &mints[9]["day"], &mints[9]["left"]["amount"]),
        (10, &json!("2026-10-29"), &json!(0))
    );
    let totals = at.rows("emission", Some(fine), "totals");
    assert_eq!(
        (&totals[0]["scheduled"]["amount"], &totals[0]["until_now"]["amount"]),
        (&json!(1000), &json!(200))
    );
    // One more unit, hidden in an item of its own in the middle of the schedule.
    let more = json!({"add": {"emission": [{"day": "2026-03-05", "amount": "1 MKR"}, {"day": "2026-06-01", "amount": "5 DAI"}]}});
    town.edit(fine, ana, "2026-01-06", more);
    let errors = town.at("2026-01-07").rows("emission", Some(fine), "errors");
    assert_eq!(column(&errors, "error"), ["over cap", "other currency"]);
    assert_eq!(
        (&errors[0]["day"], &errors[0]["amount"]["amount"]),
        (&json!("2026-10-29"), &json!(1))
    );
    let wild = json!({"start": "2026-02-02", "end": "2026-01-20", "minter": " ",
        "emission": [{"day": "2026-02-01", "amount": format!("{} MKR", (1_u64 << 53) - 1), "repeat": 3660}]});
    let wild = town.open("proposal", ana, "2026-01-05", with(programme(), &wild));
    let errors = town.at("2026-01-07").rows("emission", Some(wild), "errors");
    let expected = [
        "over cap",
        "ends before it starts",
        "before start",
        "after end",
        "same day",
        "no minter",
    ];
    assert_eq!(column(&errors, "error"), expected, "sums far beyond 2^64 are exact");
    assert_eq!(
        errors[0]["amount"]["amount"],
        json!((i128::from((1_u64 << 53) - 1) * 3660 - 1000).to_string())
    );
    let reached = json!({"emission": [{"day": "2026-02-01", "amount": "100 MKR", "repeat": 11, "every_days": 1}]});
    let reached = town.open("proposal", ana, "2026-01-05", with(programme(), &reached));
    let errors = town.at("2026-01-07").rows("emission", Some(reached), "errors");
    assert_eq!(errors[0]["day"], "2026-02-11", "to reach the cap is not to be over it");
    let open = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "minter": "m",
        "emission": [{"day": "2026-02-01", "amount": "1 MKR"}]}),
    );
    assert_eq!(
        column(&town.at("2026-01-07").rows("emission", Some(open), "errors"), "error"),
        ["no cap"]
    );
}
