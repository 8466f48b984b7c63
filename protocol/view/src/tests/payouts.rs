//! R75 to R78: inflation, payouts and appraisers.

use serde_json::{Value as Json, json};

use super::programmes::{appraised, column, find, points};
use super::town::{Town, noon};
use althing_protocol::hash::Id;

#[test]
fn r75_what_all_programmes_mint_is_held_against_the_bound() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let mint = |town: &mut Town, day: &str, amount: u64| {
        town.open(
            "proposal",
            ana,
            "2026-01-05",
            json!({"type": "tpp", "title": day, "emission": [
                {"day": day, "amount": {"amount": amount, "currency": "MKR"}, "repeat": 2, "every_days": 365},
            ]}),
        )
    };
    let first = mint(&mut town, "2026-03-01", 60);
    let second = mint(&mut town, "2026-02-01", 40);
    let years = |town: &Town| town.at("2026-01-10").rows("inflation", None, "years");
    assert_eq!(
        (years(&town).len(), years(&town)[0]["allowed"].clone()),
        (2, Json::Null),
        "no bound is set"
    );
    town.parameter("supply", 9_999);
    town.parameter("inflation_max_ppm", 10_000);
    let row = years(&town)[0].clone();
    assert_eq!(
        (&row["mint"]["amount"], &row["allowed"]["amount"]),
        (&json!(100), &json!(99))
    );
    assert_eq!(
        (&row["ppm"], &row["over"], &row["decided"]["amount"]),
        (&json!(10_001), &json!(true), &json!(0))
    );
    town.open(
        "decision",
        ana,
        "2026-01-06",
        json!({"title": "D", "outcome": "yes", "about": second}),
    );
    assert_eq!(years(&town)[0]["decided"]["amount"], 40);
    // What is withdrawn, or stopped before it mints, mints nothing.
    town.act(
        "decide",
        second,
        town.founder,
        "2026-01-07",
        json!({"action": "stop", "reason": "r"}),
    );
    assert_eq!(
        (&years(&town)[0]["mint"]["amount"], &years(&town)[0]["over"]),
        (&json!(60), &json!(false))
    );
    town.act("withdraw", first, ana, "2026-01-07", json!({}));
    assert!(years(&town).is_empty());
}

#[test]
fn r76_each_programme_says_how_much_it_takes_of_what_is_left() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    town.parameter("supply", 1_000_000);
    town.parameter("inflation_max_ppm", 300);
    let mint = |town: &mut Town, day: &str, amount: u64| {
        town.open(
            "proposal",
            ana,
            "2026-01-05",
            json!({"type": "tpp", "title": day, "emission": [
                {"day": day, "amount": {"amount": amount, "currency": "MKR"}},
            ]}),
        )
    };
    // In the order of their first mint, whatever the order in which they were opened.
    let third = mint(&mut town, "2026-09-01", 100);
    let first = mint(&mut town, "2026-02-01", 100);
    let second = mint(&mut town, "2026-03-01", 200);
    let rows = town.at("2026-01-10").rows("inflation", None, "shares");
    let of = |id: Id| {
        let row = find(&rows, "programme", id);
        (
            row["left_before"]["amount"].clone(),
            row["ppm"].clone(),
            row["over"].clone(),
        )
    };
    assert_eq!(of(first), (json!(300), json!(333_333), json!(false)));
    assert_eq!(of(second), (json!(200), json!(1_000_000), json!(false)));
    assert_eq!(of(third), (json!(0), Json::Null, json!(true)));
    assert_eq!(column(&rows, "programme"), [json!(first), json!(second), json!(third)]);
}

#[test]
fn r77_payouts_are_exact_to_the_unit_whoever_values_louder() {
    let mut town = Town::new();
    let people = ["Ana", "Ben", "Cem"].map(|name| town.person(name));
    let [dia, eli, fay] = ["Dia", "Eli", "Fay"].map(|name| town.person(name));
    let (evaluation, inputs) = appraised(&mut town, people);
    let id = |n: usize| inputs[n].0;
    let amounts = |town: &Town| {
        let rows = town.at("2026-03-01").rows("payouts", Some(evaluation), "payouts");
        assert_eq!(
            column(&rows, "research"),
            inputs.iter().map(|(id, _)| json!(id)).collect::<Vec<_>>()
        );
        rows.iter()
            .map(|row| row["amount"]["amount"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let even = points(&[(id(0), 7), (id(1), 7), (id(2), 7)]);
    town.act("value", evaluation, dia, "2026-02-02", even);
    assert_eq!(amounts(&town), [0, 0, 0], "not a delegate");
    let first = town.grant("delegate", dia, None, "2026-01-01");
    assert_eq!(
        amounts(&town),
        [34, 33, 33],
        "the unit that is left over goes to the first of equals"
    );
    // A million points weigh no more than one.
    town.grant("delegate", eli, None, "2026-01-01");
    town.act("value", evaluation, eli, "2026-02-03", points(&[(id(2), 1_000_000)]));
    assert_eq!(amounts(&town), [17, 17, 66], "a sixth, a sixth, two thirds");
    // Points for one's own research, and for what is no input, do not count.
    let (own, by) = inputs[1];
    town.grant("delegate", by, None, "2026-01-01");
    town.act(
        "value",
        evaluation,
        by,
        "2026-02-04",
        points(&[(own, 999), (Id([9; 32]), 5), (id(0), 1)]),
    );
    assert_eq!(amounts(&town), [45, 11, 44], "4, 1 and 4 ninths");
    let rows = town.at("2026-03-01").rows("payouts", Some(evaluation), "valuations");
    assert!(column(&rows, "standing").contains(&json!("own research")));
    assert!(column(&rows, "standing").contains(&json!("not an input")));
    town.act("value", evaluation, fay, "2026-02-05", points(&[(id(0), 5)]));
    assert_eq!(amounts(&town), [45, 11, 44], "a bystander is listed and not counted");
    // Who lost the role no longer counts, unless an anchor shows the valuation to be older.
    let value = town.act(
        "value",
        evaluation,
        dia,
        "2026-02-06",
        points(&[(id(0), 1), (id(1), 1), (id(2), 1)]),
    );
    town.end(first, "2026-02-10");
    assert_eq!(amounts(&town), [50, 0, 50], "half each of two valuations");
    town.anchored(value, None, Some(noon("2026-02-09")));
    assert_eq!(amounts(&town), [45, 11, 44]);
    // Payload: one line for each person, with an address that they proved.
    town.link(inputs[0].1, "0xaa");
    let rows = town.at("2026-03-01").rows("payouts", Some(evaluation), "payload");
    assert_eq!(rows.len(), 3);
    assert_eq!(find(&rows, "to", inputs[0].1)["address"], "0xaa");
    assert_eq!(
        (&find(&rows, "to", by)["address"], &find(&rows, "to", by)["amount"]),
        (&Json::Null, &json!(11))
    );
    // A register that knows delegates weighs them.
    let holders = json!([{"holder": eli, "class": "delegates", "weight": 3}, {"holder": by, "class": "delegates", "weight": 1}, {"holder": fay, "class": "delegates", "weight": 50}]);
    town.open(
        "register",
        dia,
        "2026-02-20",
        json!({"title": "Delegates", "source_text": "s", "holders": holders}),
    );
    assert_eq!(amounts(&town), [25, 0, 75], "Dia is not in it, Fay is no delegate");
    let rows = town.at("2026-03-01").rows("payouts", Some(evaluation), "valuations");
    assert_eq!(find(&rows, "appraiser", dia)["standing"], "not in the register");
    assert_eq!(find(&rows, "appraiser", fay)["standing"], "not a delegate");
}

#[test]
fn r78_appraisers_are_held_against_what_decisions_cited_later() {
    let mut town = Town::new();
    let people = ["Ana", "Ben", "Cem"].map(|name| town.person(name));
    let [dia, eli] = ["Dia", "Eli"].map(|name| town.person(name));
    let (evaluation, inputs) = appraised(&mut town, people);
    for who in [dia, eli] {
        town.grant("delegate", who, None, "2026-01-01");
    }
    let id = |n: usize| inputs[n].0;
    town.act(
        "value",
        evaluation,
        dia,
        "2026-02-02",
        points(&[(id(0), 3), (id(1), 1)]),
    );
    let of = |town: &Town, who: Id| {
        find(
            &town.at("2026-05-01").rows("appraisers", None, "appraisers"),
            "appraiser",
            who,
        )
        .clone()
    };
    assert_eq!(
        (of(&town, dia)["settled"].clone(), of(&town, dia)["given"].clone()),
        (json!(0), Json::Null)
    );
    let decide = |town: &mut Town, day: &str, cites: &[Id]| {
        town.open(
            "decision",
            people[0],
            day,
            json!({"title": "D", "outcome": "o", "about": evaluation, "inputs": cites}),
        )
    };
    decide(&mut town, "2026-03-01", &[id(0)]);
    // Whoever values after the decision knew it: that is no merit.
    town.act("value", evaluation, eli, "2026-03-02", points(&[(id(0), 9)]));
    let row = of(&town, dia);
    assert_eq!((&row["given"], &row["even"]), (&json!(750_000), &json!(333_333)));
    assert_eq!(of(&town, eli)["settled"], 0);
    decide(&mut town, "2026-04-01", &[id(2)]);
    assert_eq!(
        (&of(&town, eli)["given"], &of(&town, dia)["even"]),
        (&json!(0), &json!(666_666))
    );
}
