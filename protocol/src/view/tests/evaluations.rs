//! R71 to R84: how programmes go on, calendars, money and evidence.

use serde_json::{Value as Json, json};

use super::town::{Town, noon};
use crate::hash::Id;
use crate::view::agenda;

fn column(rows: &[Json], column: &str) -> Vec<Json> {
    rows.iter().map(|row| row[column].clone()).collect()
}

fn find<'r>(rows: &'r [Json], column: &str, id: Id) -> &'r Json {
    rows.iter().find(|row| row[column] == json!(id)).unwrap()
}

/// A programme of three epochs with two parameters.
fn epochs(town: &mut Town, by: Id) -> Id {
    let epoch = |n: u64, start: &str, end: &str| json!({"n": n, "start": start, "end": end});
    town.open("proposal", by, "2026-01-05", json!({
        "type": "tpp", "title": "Grants", "cap": "1000 MKR",
        "epochs": [epoch(1, "2026-02-01", "2026-02-28"), epoch(2, "2026-03-01", "2026-03-31"), epoch(3, "2026-04-01", "2026-04-30")],
        "parameters": [{"name": "rate", "value": "5"}, {"name": "limit", "value": "10"}],
    }))
}

fn decisions(town: &Town, day: &str, doc: Id) -> Vec<Json> {
    town.at(day).rows("programmes", Some(doc), "decisions")
}

#[test]
fn r71_a_pause_says_what_it_waits_for_and_shows_how_that_stands() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let doc = epochs(&mut town, ana);
    let founder = town.founder;
    town.act(
        "decide",
        doc,
        founder,
        "2026-02-05",
        json!({"action": "pause", "reason": "r"}),
    );
    assert_eq!(decisions(&town, "2026-02-06", doc)[0]["lacks"], json!(["conditions"]));
    let conditions = json!([{"text": "Audit done", "source": "https://audit.example"}]);
    town.act(
        "decide",
        doc,
        founder,
        "2026-02-06",
        json!({"action": "pause", "reason": "r", "conditions": conditions}),
    );
    assert_eq!(
        town.at("2026-02-07").rows("programmes", Some(doc), "programmes")[0]["state"],
        "paused"
    );
    let state = |town: &Town| town.at("2026-02-20").rows("programmes", Some(doc), "conditions")[0]["state"].clone();
    assert_eq!(state(&town), "open");
    // Going on while it still waits is shown as what it is.
    town.act(
        "decide",
        doc,
        founder,
        "2026-02-10",
        json!({"action": "continue", "reason": "r", "epoch": 2}),
    );
    assert_eq!(
        decisions(&town, "2026-02-20", doc)[2]["lacks"],
        json!(["conditions that are met"])
    );
    assert_eq!(
        town.at("2026-02-20").rows("programmes", Some(doc), "programmes")[0]["state"],
        "running"
    );
    let met =
        json!([{"text": "Audit done", "source": "https://audit.example", "state": "met", "checked": "2026-02-12"}]);
    town.edit(doc, ana, "2026-02-12", json!({"conditions": met}));
    assert_eq!(
        (state(&town), decisions(&town, "2026-02-20", doc)[2]["lacks"].clone()),
        (json!("met"), json!([]))
    );
    let epochs = town.at("2026-03-05").rows("programmes", Some(doc), "epochs");
    assert_eq!(column(&epochs, "state"), ["over", "running", "planned"]);
    let epochs = town.at("2026-04-05").rows("programmes", Some(doc), "epochs");
    assert_eq!(
        column(&epochs, "state"),
        ["over", "over", "not opened"],
        "nobody decided on the third"
    );
}

#[test]
fn r72_continuing_means_the_same_parameters_and_iterating_the_stated_ones() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let founder = town.founder;
    let check = |town: &Town, doc: Id| {
        let row = decisions(town, "2026-05-01", doc).pop().unwrap();
        (row["check"].clone(), row["differs"].clone(), row["lacks"].clone())
    };
    let changed =
        |town: &Town, doc: Id| town.at("2026-03-20").rows("programmes", Some(doc), "programmes")[0]["changed"].clone();
    let again = json!({"action": "continue", "reason": "r", "epoch": 2});
    let raise = |doc: Id, value: &str| json!({"replace": {"parameters": [[doc, 0, {"name": "rate", "value": value}]]}});

    let honest = epochs(&mut town, ana);
    town.edit(honest, ana, "2026-01-20", raise(honest, "6"));
    town.act("decide", honest, founder, "2026-02-27", again.clone());
    assert_eq!(
        check(&town, honest),
        (json!("equal"), json!([]), json!([])),
        "a change before the start is none"
    );

    let sly = epochs(&mut town, ana);
    town.edit(sly, ana, "2026-02-20", raise(sly, "50"));
    assert_eq!(changed(&town, sly), json!(["rate: 5 was decided, 50 holds"]));
    town.act("decide", sly, founder, "2026-02-27", again.clone());
    assert_eq!(check(&town, sly).0, "different");
    assert_eq!(check(&town, sly).1, json!(["rate: 5 was decided, 50 holds"]));

    // Put back once the decision is made: it was made on other parameters all the same.
    town.edit(sly, ana, "2026-03-01", raise(sly, "5"));
    assert_eq!(check(&town, sly).0, "different");

    let later = epochs(&mut town, ana);
    town.act("decide", later, founder, "2026-02-27", again);
    town.edit(later, ana, "2026-03-10", raise(later, "50"));
    assert_eq!(
        (check(&town, later).0, changed(&town, later)),
        (json!("equal"), json!(["rate: 5 was decided, 50 holds"]))
    );

    let iterate = |changes: Json| json!({"action": "iterate", "reason": "Too slow.", "epoch": 2, "changes": changes});
    let to_seven = json!([{"name": "rate", "before": "5", "value": "7"}]);
    let done = epochs(&mut town, ana);
    town.act("decide", done, founder, "2026-02-27", iterate(to_seven.clone()));
    assert_eq!(
        check(&town, done).1,
        json!(["rate: 7 was decided, 5 holds"]),
        "not carried out yet"
    );
    town.edit(done, ana, "2026-02-28", raise(done, "7"));
    assert_eq!(check(&town, done), (json!("equal"), json!([]), json!([])));
    town.act(
        "decide",
        done,
        founder,
        "2026-03-30",
        json!({"action": "continue", "reason": "r", "epoch": 3}),
    );
    assert_eq!(check(&town, done).0, "equal", "with the iteration's parameters");

    // States one change, makes another one beside it, and lies about what was.
    let hidden = epochs(&mut town, ana);
    let both = json!({"replace": {"parameters": [[hidden, 0, {"name": "rate", "value": "7"}], [hidden, 1, {"name": "limit", "value": "99"}]]}});
    town.edit(hidden, ana, "2026-02-26", both);
    town.act(
        "decide",
        hidden,
        founder,
        "2026-02-27",
        iterate(json!([{"name": "rate", "before": "6", "value": "7"}])),
    );
    let (word, differs, lacks) = check(&town, hidden);
    assert_eq!(
        (word, differs),
        (json!("different"), json!(["limit: 10 was decided, 99 holds"]))
    );
    assert_eq!(lacks, json!(["the values that held before"]));

    let empty = epochs(&mut town, ana);
    town.act(
        "decide",
        empty,
        founder,
        "2026-02-27",
        iterate(json!([{"name": "rate", "before": "5", "value": "5"}])),
    );
    assert_eq!(check(&town, empty).2, json!(["a change of any value"]));
    let nine = epochs(&mut town, ana);
    town.act(
        "decide",
        nine,
        founder,
        "2026-02-27",
        json!({"action": "iterate", "reason": "r", "epoch": 9}),
    );
    let mut lacks: Vec<String> = serde_json::from_value(check(&town, nine).2).unwrap();
    lacks.sort();
    assert_eq!(lacks, ["an epoch of that number", "changes"]);
}

#[test]
fn r73_the_same_voters_are_not_asked_twice_at_once() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let vote = |town: &mut Town, from: &str, until: &str, voters: &str| {
        let mut fields = json!({"type": "gap", "title": from, "vote_from": from, "vote_until": until});
        if !voters.is_empty() {
            fields["voters"] = json!(voters);
        }
        town.open("proposal", ana, "2026-01-05", fields)
    };
    let first = vote(&mut town, "2026-03-02", "2026-03-08", "holders");
    let second = vote(&mut town, "2026-03-08", "2026-03-12", "holders");
    vote(&mut town, "2026-03-02", "2026-03-08", "workers");
    let clashes = |town: &Town| town.at("2026-03-01").rows("calendar", None, "clashes");
    let found = clashes(&town);
    assert_eq!(
        (found.len(), &found[0]["first"], &found[0]["second"]),
        (1, &json!(first), &json!(second))
    );
    assert_eq!(
        (&found[0]["how"], &found[0]["days"]),
        (&json!("overlap"), &json!(1)),
        "the last day counts"
    );
    // A vote for everybody meets each class.
    let all = vote(&mut town, "2026-03-14", "2026-03-15", "");
    assert_eq!(clashes(&town).len(), 1);
    town.parameter("decision_gap_days", 1);
    assert_eq!(clashes(&town).len(), 1, "one day lies between");
    town.parameter("decision_gap_days", 2);
    let found = clashes(&town);
    assert_eq!(
        (found.len(), &found[1]["how"], &found[1]["days"]),
        (2, &json!("too near"), &json!(-1))
    );
    assert_eq!((&found[1]["first"], &found[1]["second"]), (&json!(second), &json!(all)));
    // The poll of a vote is no second decision; what is withdrawn asks nobody.
    town.act(
        "poll",
        all,
        ana,
        "2026-03-01",
        json!({"url": "https://p.x", "from": "2026-03-14", "until": "2026-03-15"}),
    );
    assert_eq!(clashes(&town).len(), 3, "the poll is as near as its vote");
    town.act("withdraw", all, ana, "2026-03-01", json!({}));
    assert_eq!(clashes(&town).len(), 1);
    let moment = town.at("2026-03-01");
    let world = moment.world();
    let clash = agenda::would_clash(&world, world.doc(second).unwrap());
    assert_eq!((clash.len(), clash[0].0.doc, clash[0].1.doc), (1, second, first));
    let windows = crate::view::calendar::windows(&world);
    let uids: Vec<_> = windows.iter().map(|window| &window.uid).collect();
    assert!(uids.contains(&&format!("{first}-vote")), "{uids:?}");
    assert_eq!(windows.len(), 3);
}

#[test]
fn r73_chained_programmes_follow_each_other() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let open = |town: &mut Town, start: &str, end: &str, before: Option<Id>| {
        let mut fields = json!({"type": "tpp", "title": start, "start": start, "end": end});
        if let Some(before) = before {
            fields["predecessor"] = json!(before);
        }
        town.open("proposal", ana, "2026-01-05", fields)
    };
    let first = open(&mut town, "2026-01-01", "2026-03-31", None);
    let second = open(&mut town, "2026-04-01", "2026-06-30", Some(first));
    let third = open(&mut town, "2026-06-30", "2026-09-30", Some(second));
    let lost = open(&mut town, "2026-06-30", "2026-09-30", Some(Id([7; 32])));
    let rows = town.at("2026-03-01").rows("calendar", None, "chains");
    let of = |id: Id| {
        let row = find(&rows, "programme", id);
        (row["first"].clone(), row["steps"].clone(), row["standing"].clone())
    };
    assert_eq!(of(second), (json!(first), json!(1), json!("in order")));
    assert_eq!(of(third), (json!(first), json!(2), json!("begins before the end")));
    assert_eq!(of(lost).2, "not here");
    town.edit(first, ana, "2026-02-01", json!({"predecessor": third}));
    let rows = town.at("2026-03-01").rows("calendar", None, "chains");
    assert_eq!(find(&rows, "programme", second)["standing"], "goes round in a circle");
    let spans = town.at("2026-03-01").rows("schedule", Some(second), "spans");
    assert_eq!(
        (spans.len(), &spans[0]["from"], &spans[0]["state"]),
        (1, &json!("2026-04-01"), &json!("planned"))
    );
}

#[test]
fn r74_the_year_ahead_counts_each_month_by_what_is_due_in_it() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let vote = |town: &mut Town, from: &str, until: &str| {
        town.open(
            "proposal",
            ana,
            "2026-01-05",
            json!({"type": "gap", "title": "T", "vote_from": from, "vote_until": until, "voters": "holders"}),
        )
    };
    vote(&mut town, "2026-02-20", "2026-03-03");
    vote(&mut town, "2026-03-20", "2026-03-21");
    vote(&mut town, "2026-01-10", "2026-02-14");
    vote(&mut town, "2027-02-01", "2027-02-02");
    let doc = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "end": "2026-03-31", "questions": [{"text": "A?"}, {"text": "B?"}]}),
    );
    let evaluation = town.open("evaluation", ana, "2026-01-06", json!({"programme": doc}));
    town.open(
        "research",
        ana,
        "2026-01-07",
        json!({"title": "R", "evaluation": evaluation}),
    );
    let rows = town.at("2026-02-15").rows("workload", None, "months");
    assert_eq!(rows.len(), 24, "twelve months, for everybody and for holders");
    let at = |month: &str, voters: Json| {
        rows.iter()
            .find(|row| row["month"] == month && row["voters"] == voters)
            .unwrap()
    };
    assert_eq!(
        at("2026-02", json!("holders"))["decisions"],
        0,
        "what is over asks for nothing"
    );
    assert_eq!(at("2026-03", json!("holders"))["decisions"], 2);
    assert_eq!(rows.last().unwrap()["month"], "2027-01");
    let april = at("2026-04", Json::Null);
    assert_eq!(
        (&april["evaluations"], &april["questions"], &april["inputs"]),
        (&json!(1), &json!(2), &json!(1))
    );
}

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

/// An evaluation with a reward and three inputs of Ana, Ben and Cem, by id.
fn appraised(town: &mut Town, people: [Id; 3]) -> (Id, Vec<(Id, Id)>) {
    let doc = town.open(
        "proposal",
        people[0],
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "end": "2026-02-01"}),
    );
    let evaluation = town.open(
        "evaluation",
        people[0],
        "2026-01-06",
        json!({"programme": doc, "reward": "100 DAI"}),
    );
    let mut inputs = people.map(|by| {
        (
            town.open(
                "research",
                by,
                "2026-01-07",
                json!({"title": "R", "evaluation": evaluation}),
            ),
            by,
        )
    });
    inputs.sort_unstable();
    (evaluation, inputs.to_vec())
}

fn points(list: &[(Id, u64)]) -> Json {
    let points: Vec<Json> = list
        .iter()
        .map(|(research, points)| json!({"research": research, "points": points}))
        .collect();
    json!({"points": points})
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

#[test]
fn r79_sorts_of_evidence_stand_side_by_side() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let doc = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "questions": [{"text": "A?"}]}),
    );
    let evaluation = town.open("evaluation", ana, "2026-01-06", json!({"programme": doc}));
    let research = |town: &mut Town, by: Id, kind: &str| {
        let mut fields =
            json!({"title": "R", "evaluation": evaluation, "questions": [{"text": "A?", "answer": "Yes."}]});
        if !kind.is_empty() {
            fields["evidence_kind"] = json!(kind);
        }
        town.open("research", by, "2026-01-07", fields)
    };
    for _ in 0..3 {
        research(&mut town, ana, "survey");
    }
    research(&mut town, ana, "");
    let view = |town: &Town| town.at("2026-02-01").view("inputs", Some(evaluation));
    let row = view(&town)["tables"]["questions"][0].clone();
    assert_eq!(
        (&row["survey"], &row["unsaid"], &row["kinds"], &row["authors"]),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    assert!(view(&town)["says"].to_string().contains("one sort of evidence only"));
    research(&mut town, ben, "experience");
    let row = view(&town)["tables"]["questions"][0].clone();
    assert_eq!(
        (&row["survey"], &row["experience"], &row["kinds"], &row["authors"]),
        (&json!(3), &json!(1), &json!(2), &json!(2))
    );
    let columns = row.as_object().unwrap().keys();
    assert!(
        columns.into_iter().all(|name| !name.contains("score")),
        "never one score"
    );
}

#[test]
fn r81_inputs_lead_to_decisions_and_those_to_actions() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let doc = town.open("proposal", ana, "2026-01-05", json!({"type": "tpp", "title": "T"}));
    let research = town.open("research", ben, "2026-01-06", json!({"title": "R"}));
    let source = town.open("research", ben, "2026-01-04", json!({"title": "S"}));
    let post = town.act("post", doc, ben, "2026-01-07", json!({"text": "Beware."}));
    let cite = town.act(
        "cite",
        research,
        ben,
        "2026-01-07",
        json!({"entry": source, "use": "uses"}),
    );
    let gone = Id([8; 32]);
    let decision = town.open(
        "decision",
        ana,
        "2026-01-08",
        json!({"title": "D", "outcome": "o", "about": doc, "inputs": [research, post, gone]}),
    );
    let stop = town.act(
        "decide",
        doc,
        town.founder,
        "2026-01-09",
        json!({"action": "stop", "reason": "r", "decision": decision}),
    );
    let done = town.act("execute", doc, ana, "2026-01-10", json!({"text": "x"}));
    town.open(
        "decision",
        ana,
        "2026-01-08",
        json!({"title": "Other", "outcome": "o", "inputs": [source]}),
    );
    let at = town.at("2026-02-01");
    let nodes = at.rows("provenance", Some(decision), "nodes");
    let layer = |id: Id| find(&nodes, "id", id)["layer"].clone();
    assert_eq!(
        [source, research, post, decision, stop, done].map(layer),
        ["source", "input", "input", "decision", "action", "action"]
    );
    assert_eq!(find(&nodes, "id", gone)["effect"], "not here");
    let edges = at.rows("provenance", Some(decision), "edges");
    let leads = |from: Id, to: Id| {
        let row = edges
            .iter()
            .find(|row| row["from"] == json!(from) && row["to"] == json!(to))
            .unwrap();
        (row["how"].clone(), row["entry"].clone())
    };
    assert_eq!(leads(research, decision), (json!("rests on"), json!(decision)));
    assert_eq!(leads(decision, stop), (json!("carried out by"), json!(stop)));
    assert_eq!(leads(source, research), (json!("used by"), json!(cite)));
    // What an input loses later, the graph shows.
    town.act("retract", doc, ben, "2026-01-20", json!({"entry": post}));
    let nodes = town.at("2026-02-01").rows("provenance", Some(decision), "nodes");
    assert_eq!(find(&nodes, "id", post)["effect"], "superseded");
    let all = town.at("2026-02-01").rows("provenance", None, "nodes");
    assert_eq!(
        find(&all, "id", source)["layer"],
        "input",
        "another decision rests on it directly"
    );
    let later = json!({"title": "Later", "outcome": "o", "inputs": [decision]});
    town.open("decision", ana, "2026-01-02", later);
    let all = town.at("2026-02-01").rows("provenance", None, "nodes");
    assert_eq!(
        find(&all, "id", decision)["layer"],
        "decision",
        "also where another decision rests on it"
    );
}

#[test]
fn r84_uptake_counts_what_was_there_before_the_decision() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let doc = town.open("proposal", ana, "2026-01-05", json!({"type": "tpp", "title": "T"}));
    let evaluation = town.open("evaluation", ana, "2026-01-06", json!({"programme": doc}));
    let research = |town: &mut Town, day: &str, kind: &str| {
        town.open(
            "research",
            ben,
            day,
            json!({"title": "R", "evaluation": evaluation, "evidence_kind": kind}),
        )
    };
    let first = research(&mut town, "2026-01-07", "survey");
    research(&mut town, "2026-01-07", "survey");
    research(&mut town, "2026-01-07", "expert");
    research(&mut town, "2026-03-01", "expert");
    let post = town.act("post", first, ben, "2026-01-08", json!({"text": "p"}));
    let other = town.act("post", doc, ben, "2026-01-08", json!({"text": "p"}));
    // An entry of the research, and the research itself: that is one input.
    let cites = json!({"title": "D", "outcome": "o", "about": doc, "inputs": [first, post, other]});
    let decision = town.open("decision", ana, "2026-02-01", cites);
    let rows = town.at("2026-04-01").rows("uptake", Some(decision), "uptake");
    let each: Vec<_> = rows
        .iter()
        .map(|row| [row["evidence"].clone(), row["cited"].clone(), row["available"].clone()])
        .collect();
    assert_eq!(
        each,
        [
            [json!("survey"), json!(1), json!(2)],
            [json!("expert"), json!(0), json!(1)],
            [json!("not research"), json!(1), Json::Null],
        ]
    );
    assert_eq!(rows[0]["share"], 500_000);
    let deaf = json!({"title": "E", "outcome": "o", "about": evaluation});
    town.open("decision", ana, "2026-02-02", deaf);
    let says = town.at("2026-04-01").view("uptake", None)["says"].to_string();
    assert!(
        says.contains("One decision cites none of the research that there was."),
        "{says}"
    );
}

#[test]
fn views_of_programmes_read_every_kind_that_they_rest_on() {
    let mut town = Town::new();
    let people = ["Ana", "Ben", "Cem"].map(|name| town.person(name));
    let (evaluation, inputs) = appraised(&mut town, people);
    let doc = epochs(&mut town, people[0]);
    let other = town.open(
        "evaluation",
        people[1],
        "2026-02-01",
        json!({"programme": doc, "epoch": 1, "reward": "5 DAI"}),
    );
    let mint = json!({"emission": [{"day": "2026-03-01", "amount": "5 MKR"}], "questions": [{"text": "Q?"}], "vote_from": "2026-01-20"});
    town.edit(doc, people[0], "2026-01-06", mint);
    town.open(
        "research",
        people[2],
        "2026-02-02",
        json!({"title": "R", "evaluation": other, "questions": [{"text": "Q?", "answer": "Yes."}]}),
    );
    let pay = json!({"text": "x", "amount": "1000 MKR", "day": "2026-02-10"});
    let decision = town.open(
        "decision",
        people[0],
        "2026-02-09",
        json!({"title": "D", "outcome": "o", "about": doc, "inputs": [inputs[0].0]}),
    );
    town.act("execute", decision, people[0], "2026-02-10", pay);
    town.act(
        "decide",
        other,
        town.founder,
        "2026-02-05",
        json!({"action": "pause", "reason": "r", "decision": decision}),
    );
    town.act("sponsor", doc, people[1], "2026-01-07", json!({"weight": 9}));
    town.grant("delegate", people[1], None, "2026-01-01");
    town.act(
        "value",
        evaluation,
        people[1],
        "2026-02-02",
        points(&[(inputs[0].0, 1), (inputs[1].0, 2), (inputs[2].0, 3)]),
    );
    let holders = json!([{"holder": people[1], "class": "delegates", "weight": 3}]);
    town.open(
        "register",
        people[0],
        "2026-01-08",
        json!({"title": "H", "source_text": "s", "holders": holders}),
    );
    for kind in ["statement", "concern", "topic"] {
        let fields = match kind {
            "statement" => json!({"form": "status"}),
            "concern" => json!({"about": "x", "text": "t"}),
            _ => json!({"title": "t"}),
        };
        let place = town.open(kind, people[0], "2026-01-09", fields);
        town.act(
            "poll",
            place,
            people[0],
            "2026-01-09",
            json!({"url": "https://p.x", "from": "2026-03-01"}),
        );
    }
    let moment = town.at("2026-02-20");
    let mut checked = 0;
    for view in crate::view::all()
        .iter()
        .filter(|view| view.requirements.iter().any(|r| (64..=84).contains(r)))
    {
        let whole = moment.world();
        let mut part = moment.world();
        part.documents.retain(|doc| view.reads.contains(&doc.kind()));
        for id in [None, Some(doc), Some(other), Some(evaluation), Some(decision)] {
            let about = id.map(|id| whole.doc(id).unwrap());
            if about.is_none_or(|about| view.fits(about.kind())) {
                let both = [&whole, &part].map(|world| (view.compute)(world, about).to_json());
                assert_eq!(both[0], both[1], "{} rests on a kind that it does not read", view.name);
                checked += 1;
            }
        }
    }
    assert!(checked >= 40, "{checked}");
}
