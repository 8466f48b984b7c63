//! R69 to R72: how programmes go on.

use serde_json::{Value as Json, json};

use super::programmes::{column, decisions, epochs, programme, words};
use super::town::Town;
use althing_protocol::hash::Id;

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
