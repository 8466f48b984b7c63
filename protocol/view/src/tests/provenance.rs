//! R81, R84: what decisions rest on.

use serde_json::{Value as Json, json};

use super::programmes::{appraised, epochs, find, points};
use super::town::Town;
use althing_protocol::hash::Id;

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
    for view in crate::all()
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
