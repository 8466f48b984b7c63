//! R38 to R40: who speaks for whom, and who tried to move whom.

use serde_json::{Value as Json, json};

use super::place::{address, column, register, topic};
use super::town::Town;
use althing_protocol::hash::Id;

#[test]
fn r38_instructions_show_who_asked_and_what_the_delegate_did() {
    let mut town = Town::new();
    let (ana, ben, zoe) = (town.person("Ana"), town.person("Ben"), town.person("Zoe"));
    let topic = topic(&mut town);
    town.act("delegate", town.committee, ben, "2026-02-01", json!({"to": ana}));
    for (who, position) in [(ben, "support"), (zoe, "oppose")] {
        town.act(
            "instruct",
            topic,
            who,
            "2026-02-03",
            json!({"to": ana, "position": position, "text": "Please."}),
        );
    }
    let rows = |town: &Town| town.at("2026-02-05").rows("instructions", Some(topic), "instructions");
    assert_eq!(column(&rows(&town), "acted"), ["nothing yet", "nothing yet"]);
    assert_eq!(column(&rows(&town), "lends"), [true, false], "Zoe lends her nothing");
    town.act("stance", topic, ana, "2026-02-04", json!({"position": "support"}));
    assert_eq!(column(&rows(&town), "acted"), ["as asked", "otherwise"]);
}

#[test]
fn r39_the_delegation_log_answers_for_any_day() {
    let mut town = Town::new();
    let people = ["Ana", "Ben", "Zoe"].map(|name| town.person(name));
    let [ana, ben, zoe] = people;
    let committee = town.committee;
    town.act(
        "delegate",
        committee,
        ana,
        "2026-02-01",
        json!({"to": ben, "until": "2026-02-20"}),
    );
    town.act(
        "delegate",
        committee,
        ben,
        "2026-02-05",
        json!({"to": zoe, "share": 333_333}),
    );
    town.act(
        "delegate",
        committee,
        ana,
        "2026-02-10",
        json!({"to": zoe, "from": "2026-02-12"}),
    );
    town.act("delegate", committee, ana, "2026-02-15", json!({}));
    let voices = |day: &str| -> Vec<(Json, Json, Json)> {
        let rows = town.at(day).rows("delegations", None, "voices");
        rows.iter()
            .map(|row| (row["delegate"].clone(), row["person"].clone(), row["share"].clone()))
            .collect()
    };
    let of = |who: Id, whom: Id, share: u64| (json!(who), json!(whom), json!(share));
    assert_eq!(voices("2026-02-02"), [of(ben, ana, 1_000_000)]);
    let chain = [of(ben, ana, 666_667), of(zoe, ana, 333_333), of(zoe, ben, 333_333)];
    assert_eq!(voices("2026-02-06"), chain);
    assert_eq!(
        voices("2026-02-11"),
        [of(zoe, ben, 333_333)],
        "replaced by one that begins tomorrow"
    );
    assert_eq!(voices("2026-02-12"), [of(zoe, ana, 1_000_000), of(zoe, ben, 333_333)]);
    assert_eq!(voices("2026-02-15"), [of(zoe, ben, 333_333)], "taken back");
    let log = town.at("2026-02-25").rows("delegations", None, "log");
    assert_eq!(
        column(&log, "standing"),
        ["replaced", "standing", "replaced", "taken back"]
    );
    assert_eq!(town.at("2026-02-06").rows("delegations", None, "log").len(), 2);
    let over = json!({"to": ben, "until": "2026-03-01"});
    town.act("delegate", committee, zoe, "2026-02-26", over);
    let log = |day: &str| column(&town.at(day).rows("delegations", None, "log"), "standing")[4].clone();
    assert_eq!(
        (log("2026-03-01"), log("2026-03-02")),
        (json!("in a ring"), json!("over"))
    );
}

#[test]
fn r39_rings_pass_nothing_on_and_weights_are_by_class() {
    let mut town = Town::new();
    let [ana, ben, zoe, carl, dora] = ["Ana", "Ben", "Zoe", "Carl", "Dora"].map(|name| town.person(name));
    town.link(ana, &address(1));
    register(&mut town, ana);
    let committee = town.committee;
    for (by, to) in [(ana, ben), (ben, zoe), (zoe, carl), (carl, zoe), (dora, dora)] {
        town.act("delegate", committee, by, "2026-02-03", json!({"to": to}));
    }
    let moment = town.at("2026-02-04");
    let voices = moment.rows("delegations", None, "voices");
    let told: Vec<_> = voices
        .iter()
        .map(|row| (row["delegate"].clone(), row["person"].clone()))
        .collect();
    assert_eq!(
        told,
        [(json!(zoe), json!(ana)), (json!(zoe), json!(ben))],
        "into the ring, and no further"
    );
    assert_eq!(voices[0]["via"], json!([ben]));
    let rings = moment.rows("delegations", None, "cycles");
    assert_eq!(column(&rings, "people"), [json!([zoe, carl]), json!([dora])]);
    let weights = moment.rows("delegations", None, "weights");
    let behind: Vec<_> = weights
        .iter()
        .map(|row| (row["class"].clone(), row["own"].clone(), row["lent"].clone()))
        .collect();
    assert_eq!(
        behind,
        [
            (json!("mkr"), json!(0), json!(150)),
            (json!("vaults"), json!(0), json!(7))
        ]
    );
    // A share for one scope is its own circle: no ring over two scopes.
    town.act(
        "delegate",
        committee,
        carl,
        "2026-02-05",
        json!({"to": zoe, "scope": "fees", "share": 0}),
    );
    let moment = town.at("2026-02-05");
    assert_eq!(
        column(&moment.rows("delegations", None, "cycles"), "people"),
        [json!([dora])]
    );
    let voices = moment.rows("delegations", None, "voices");
    assert!(
        voices.iter().all(|row| row["scope"] == Json::Null),
        "a share of nothing is no voice"
    );
}

#[test]
fn r39_a_chain_is_followed_so_far_and_no_further() {
    let mut town = Town::new();
    let people: Vec<Id> = (0..40).map(|n| town.person(&format!("P{n}"))).collect();
    for pair in people.windows(2) {
        town.act(
            "delegate",
            town.committee,
            pair[0],
            "2026-02-03",
            json!({"to": pair[1]}),
        );
    }
    let rows = town.at("2026-02-04").rows("delegations", None, "voices");
    let first = rows.iter().find(|row| row["person"] == json!(people[0])).unwrap();
    assert_eq!(first["delegate"], json!(people[32]));
    assert_eq!(first["via"].as_array().unwrap().len(), 31);
}

#[test]
fn r40_influence_is_stated() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let items = json!([{"text": "He lent me votes.", "who": ben, "day": "2026-02-01"}]);
    let fields = json!({"form": "influence", "about": "the fee vote", "items": items});
    town.open("statement", ana, "2026-02-03", fields);
    town.open("statement", ana, "2026-02-04", json!({"form": "influence"}));
    let rows = town.at("2026-02-05").rows("influence", None, "influence");
    assert_eq!((&rows[0]["who"], &rows[0]["days"]), (&json!(ben), &json!(2)));
    assert_eq!(rows[0]["about"], "the fee vote");
    assert_eq!(rows[1]["missing"], json!(["who", "when", "what"]));
}
