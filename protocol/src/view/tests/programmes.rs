//! R64 to R70 and R84: proposals, programmes and evaluations.

use serde_json::{Value as Json, json};

use super::town::{Town, noon};
use crate::hash::Id;

/// A programme of the year 2026 that lacks nothing.
fn programme() -> Json {
    json!({
        "type": "tpp", "title": "Grants", "cap": "1000 MKR", "minter": "The mint",
        "emission": [{"day": "2026-02-01", "amount": "100 MKR", "repeat": 10, "every_days": 30}],
        "start": "2026-01-15", "end": "2026-12-31", "questions": [{"text": "Did it help?"}],
    })
}

fn with(mut fields: Json, changes: &Json) -> Json {
    for (name, value) in changes.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}

fn words(row: &Json, column: &str) -> Vec<String> {
    let cells = row[column].as_array().unwrap().iter();
    cells.map(|cell| cell.as_str().unwrap().to_owned()).collect()
}

fn column(rows: &[Json], column: &str) -> Vec<Json> {
    rows.iter().map(|row| row[column].clone()).collect()
}

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

/// An evaluation of a programme that ended on 2026-03-31, with three inputs.
fn evaluated(town: &mut Town, by: Id) -> (Id, Id) {
    let fields = json!({"end": "2026-03-31", "emission": [{"day": "2026-02-01", "amount": "100 MKR"}]});
    let doc = town.open("proposal", by, "2026-01-05", with(programme(), &fields));
    let evaluation = town.open(
        "evaluation",
        by,
        "2026-01-20",
        json!({"programme": doc, "reward": "100 DAI"}),
    );
    (doc, evaluation)
}

#[test]
fn r67_a_window_follows_from_the_end_and_claims_prove_nothing() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let (doc, evaluation) = evaluated(&mut town, ana);
    let window = |town: &Town| {
        let row = town.at("2026-05-01").rows("windows", Some(evaluation), "windows")[0].clone();
        (row["from"].clone(), row["until"].clone(), row["rule"].clone())
    };
    assert_eq!(
        window(&town),
        (json!("2026-04-01"), json!("2026-04-14"), json!("the committee's"))
    );
    town.edit(doc, ana, "2026-01-21", json!({"evaluation_days": 20}));
    assert_eq!(
        window(&town),
        (json!("2026-04-01"), json!("2026-04-20"), json!("the programme's"))
    );
    let research = |town: &mut Town, day: &str| {
        town.open(
            "research",
            ben,
            day,
            json!({"title": "R", "evaluation": evaluation, "findings": "It helped."}),
        )
    };
    let on_time = research(&mut town, "2026-04-20");
    let claimed = research(&mut town, "2026-04-19");
    let late = research(&mut town, "2026-04-18");
    let admitted = research(&mut town, "2026-04-21");
    let filled = research(&mut town, "2026-04-02");
    let end = noon("2026-04-20") + 12 * 3600 * 1000;
    town.anchored(on_time, None, Some(end - 1));
    town.anchored(claimed, None, Some(end));
    town.anchored(late, Some(end), Some(end + 5));
    town.anchored(filled, None, Some(noon("2026-04-03")));
    let rows = |town: &Town| {
        let rows = town.at("2026-05-01").rows("windows", Some(evaluation), "inputs");
        let find = |id: Id| {
            let row = rows.iter().find(|row| row["research"] == json!(id)).unwrap();
            (row["opened_timely"].clone(), row["timely"].clone())
        };
        [on_time, claimed, late, admitted, filled].map(find)
    };
    let both = |word: &str| (json!(word), json!(word));
    let found = rows(&town);
    assert_eq!(
        found,
        [
            both("on time"),
            both("unproven"),
            both("late"),
            both("late"),
            both("on time")
        ]
    );
    let early = research(&mut town, "2026-04-01");
    let earlier = research(&mut town, "2026-03-31");
    let all = town.at("2026-05-01").rows("windows", Some(evaluation), "inputs");
    let is_early = |id: Id| all.iter().find(|row| row["research"] == json!(id)).unwrap()["early"].clone();
    assert_eq!([early, earlier].map(is_early), [false, true]);
    // Opened in time, and written after it.
    let edit = town.edit(
        filled,
        ben,
        "2026-04-25",
        json!({"findings": "After I saw the others."}),
    );
    assert_eq!(rows(&town)[4], (json!("on time"), json!("late")));
    town.anchored(edit, None, Some(noon("2026-04-10")));
    assert_eq!(
        rows(&town)[4],
        (json!("on time"), json!("on time")),
        "an anchor outweighs a claim"
    );
    // A programme that was ended earlier is evaluated from there; an own window comes first.
    town.act(
        "decide",
        doc,
        town.founder,
        "2026-02-10",
        json!({"action": "stop", "reason": "Enough."}),
    );
    assert_eq!(window(&town).1, "2026-03-02");
    town.edit(
        evaluation,
        ana,
        "2026-02-11",
        json!({"from": "2026-05-01", "until": "2026-05-02"}),
    );
    assert_eq!(
        window(&town),
        (json!("2026-05-01"), json!("2026-05-02"), json!("its own"))
    );
}

#[test]
fn r68_questions_are_asked_before_the_vote_and_every_gap_is_shown() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let bare = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "vote_from": "2026-02-01"}),
    );
    let says = |town: &Town, doc| town.at("2026-03-01").view("coverage", Some(doc))["says"].to_string();
    assert!(says(&town, bare).contains("Error: no research question"));
    // Asked once the vote was on: that is too late to count.
    town.edit(bare, ana, "2026-02-01", json!({"questions": [{"text": "Now?"}]}));
    assert!(says(&town, bare).contains("Error: none of its own questions was asked before its vote"));
    assert!(
        words(
            &town.at("2026-03-01").rows("proposals", Some(bare), "proposals")[0],
            "missing"
        )
        .contains(&"questions".to_owned())
    );

    let (doc, evaluation) = evaluated(&mut town, ana);
    town.edit(
        evaluation,
        ana,
        "2026-01-21",
        json!({"questions": [{"text": "For whom?"}, {"text": "Why?"}]}),
    );
    let first = json!({"entry": doc, "n": 0});
    let input = json!({"title": "R", "evaluation": evaluation, "questions": [
        {"text": "in other words", "question": first, "answer": "Yes."}, {"text": " For whom? "}, {"text": "why?", "answer": "?"},
    ]});
    let by_item = town.open("research", ben, "2026-04-02", input);
    let state = |town: &Town| {
        column(
            &town.at("2026-05-01").rows("coverage", Some(evaluation), "questions"),
            "state",
        )
    };
    assert_eq!(state(&town), ["answered", "named only", "unanswered"]);
    let second = json!({"title": "S", "evaluation": evaluation, "questions": [{"text": "Why?", "answer": "So."}]});
    town.open("research", ben, "2026-04-30", second);
    assert_eq!(state(&town), ["answered", "named only", "late only"]);
    let cells = town.at("2026-05-01").rows("coverage", Some(evaluation), "cells");
    assert_eq!(column(&cells, "how"), ["answered", "named", "answered"]);
    let sheet = town.at("2026-05-01").sheet("coverage", Some(evaluation));
    let crate::view::Plot::Grid { rows, .. } = &sheet.plots[0] else {
        panic!()
    };
    assert_eq!(
        rows.iter().map(|(_, cells)| cells.clone()).collect::<Vec<_>>(),
        [vec![3, 0], vec![1, 0], vec![0, 2]]
    );
    // What was replaced by newer research answers nothing any more.
    town.act("supersede", by_item, ben, "2026-05-01", json!({"doc": by_item}));
    assert_eq!(state(&town), ["unanswered", "unanswered", "late only"]);
}

#[test]
fn r69_a_programme_stops_by_a_decision_at_its_cap_and_at_its_end() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let doc = town.open("proposal", ana, "2026-01-05", programme());
    let state = |town: &Town, day: &str| {
        let row = town.at(day).rows("programmes", Some(doc), "programmes")[0].clone();
        (
            row["state"].clone(),
            row["since"].clone(),
            row["paid"]["amount"].clone(),
        )
    };
    assert_eq!(state(&town, "2026-01-14").0, "planned");
    assert_eq!(state(&town, "2026-01-15").0, "running");
    assert_eq!(state(&town, "2026-12-31").0, "running", "its last day");
    assert_eq!(
        state(&town, "2027-01-01"),
        (json!("over"), json!("2026-12-31"), json!(0))
    );
    // A stranger says that all was paid; a payment is said twice. Neither stops anything.
    town.act(
        "execute",
        doc,
        ben,
        "2026-02-01",
        json!({"text": "x", "amount": "1000 MKR"}),
    );
    let pay = json!({"text": "x", "amount": "600 MKR", "reference": "0x1", "day": "2026-02-02"});
    town.act("execute", doc, ana, "2026-02-02", pay.clone());
    town.act("execute", doc, town.founder, "2026-02-03", pay);
    assert_eq!(
        state(&town, "2026-03-01"),
        (json!("running"), json!("2026-01-15"), json!(600))
    );
    let decision = town.open(
        "decision",
        town.founder,
        "2026-02-01",
        json!({"title": "D", "outcome": "yes", "about": doc}),
    );
    town.act(
        "execute",
        decision,
        ana,
        "2026-02-04",
        json!({"text": "x", "amount": "400 MKR", "reference": "0x2", "day": "2026-02-05"}),
    );
    town.act(
        "execute",
        doc,
        ana,
        "2026-02-06",
        json!({"text": "x", "amount": "9 DAI"}),
    );
    assert_eq!(state(&town, "2026-02-04").0, "running");
    assert_eq!(
        state(&town, "2026-02-05"),
        (json!("stopped at its cap"), json!("2026-02-05"), json!(1000))
    );
    let stopped = town.open("proposal", ana, "2026-01-05", programme());
    // Nobody but members decides.
    town.act(
        "decide",
        stopped,
        ben,
        "2026-02-01",
        json!({"action": "stop", "reason": "r"}),
    );
    let by = town.act(
        "decide",
        stopped,
        town.founder,
        "2026-02-02",
        json!({"action": "stop", "reason": "r", "from": "2026-03-01"}),
    );
    let row = |town: &Town, day: &str| town.at(day).rows("programmes", Some(stopped), "programmes")[0].clone();
    assert_eq!(
        row(&town, "2026-02-28")["state"],
        "running",
        "it stops on the day that was named"
    );
    assert_eq!(
        (
            row(&town, "2026-03-01")["state"].clone(),
            row(&town, "2026-03-01")["decision"].clone()
        ),
        (json!("stopped"), json!(by))
    );
    town.act(
        "decide",
        stopped,
        town.founder,
        "2026-04-01",
        json!({"action": "continue", "reason": "r"}),
    );
    assert_eq!(row(&town, "2026-04-02")["state"], "stopped");
    let decisions = town.at("2026-04-02").rows("programmes", Some(stopped), "decisions");
    assert_eq!(words(&decisions[1], "lacks"), ["a programme that goes on"]);
}

#[test]
fn r70_a_kill_shows_evidence_and_the_steps_before_it() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let decisions = |town: &Town, doc| town.at("2026-06-01").rows("programmes", Some(doc), "decisions");
    let bare = town.open("proposal", ana, "2026-01-05", programme());
    // Evidence that names nothing which anybody could look up is none.
    let empty = json!({"action": "kill", "reason": "Harm.", "evidence": [{"text": "Trust me."}]});
    town.act("decide", bare, town.founder, "2026-02-01", empty);
    assert_eq!(
        words(&decisions(&town, bare)[0], "lacks"),
        ["evidence that can be looked up", "escalation log"]
    );
    assert_eq!(
        town.at("2026-06-01").rows("programmes", Some(bare), "programmes")[0]["state"],
        "killed",
        "flagged, not undone"
    );
    let whole = town.open("proposal", ana, "2026-01-05", programme());
    town.act(
        "decide",
        whole,
        town.founder,
        "2026-02-01",
        json!({
            "action": "kill", "reason": "Harm.", "evidence": [{"text": "Loss", "url": "https://e.x"}],
            "steps": [{"day": "2026-01-20", "text": "Told the facilitator."}],
        }),
    );
    assert!(words(&decisions(&town, whole)[0], "lacks").is_empty());
}
