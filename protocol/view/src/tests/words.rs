//! R46 to R49: objections, promises, visions, petitions.

use serde_json::{Value as Json, json};

use super::place::{Place, column, place, topic};
use super::town::Town;

#[test]
fn r49_a_petition_counts_people_and_only_those_who_saw_its_text() {
    let mut p = place();
    let zoe = p.town.person("Zoe");
    let fields = json!({"form": "petition", "title": "Tea", "text": "Better tea.", "threshold": 3});
    let petition = p.town.open("motion", p.ben, "2026-03-02", fields);
    let row = |p: &Place| p.town.at("2026-04-01").rows("petitions", None, "petitions")[0].clone();
    let counted = |p: &Place| {
        let row = row(p);
        (
            row["signatures"].clone(),
            row["earlier"].clone(),
            row["reached"].clone(),
        )
    };
    for day in ["2026-03-03", "2026-03-04", "2026-03-05"] {
        p.town.act("join", petition, p.ana, day, json!({}));
        p.town.act("join", petition, p.ben, day, json!({}));
    }
    assert_eq!(
        counted(&p),
        (json!(2), json!(0), json!(false)),
        "two people, however often they sign"
    );
    // The opener lowers the threshold, and then puts another text under the signatures.
    p.town.edit(petition, p.ben, "2026-03-06", json!({"threshold": 2}));
    assert_eq!(counted(&p), (json!(1), json!(1), json!(false)));
    p.town.edit(
        petition,
        p.ben,
        "2026-03-06",
        json!({"threshold": 3, "text": "Ana must go."}),
    );
    assert_eq!(counted(&p), (json!(1), json!(1), json!(false)));
    p.town
        .edit(petition, p.ben, "2026-03-07", json!({"text": "Better tea."}));
    p.town.act("join", petition, p.ana, "2026-03-08", json!({}));
    let floor = p.town.act("join", petition, p.town.founder, "2026-03-08", json!({}));
    p.town.floor(floor);
    assert_eq!(
        counted(&p),
        (json!(2), json!(0), json!(false)),
        "one is not in the record"
    );
    p.town.act("join", petition, zoe, "2026-03-09", json!({}));
    let row = row(&p);
    assert_eq!((&row["reached"], &row["state"]), (&json!(true), &json!("reached")));
    assert_eq!((&row["reached_on"], &row["missing"]), (&json!("2026-03-09"), &json!(0)));
    // Without a threshold, nothing is ever reached.
    let endless = p.town.open(
        "motion",
        p.ben,
        "2026-03-10",
        json!({"form": "petition", "threshold": 0}),
    );
    let rows = p.town.at("2026-04-01").rows("petitions", Some(endless), "petitions");
    assert_eq!(
        (&rows[0]["reached"], &rows[0]["threshold"]),
        (&json!(false), &Json::Null)
    );
}

#[test]
fn r46_objections_stay_listed_until_somebody_with_a_say_gives_a_reason() {
    let mut town = Town::new();
    let (ana, ben, zoe) = (town.person("Ana"), town.person("Ben"), town.person("Zoe"));
    let topic = town.open("topic", ana, "2026-02-01", json!({"title": "Fees"}));
    let objection = town.act("objection", topic, ben, "2026-02-02", json!({"text": "Too high."}));
    let later = town.act("objection", topic, zoe, "2026-02-03", json!({"text": "Too low."}));
    let row = |town: &Town, day: &str| {
        let rows = town.at(day).rows("objections", Some(topic), "objections");
        rows.into_iter()
            .find(|row| row["objection"] == json!(objection))
            .unwrap()
    };
    let dispose = |outcome: &str, reason: &str| json!({"entry": objection, "outcome": outcome, "reason": reason});
    town.act("dispose", topic, zoe, "2026-02-03", dispose("declined", "Nonsense."));
    let bare = json!({"entry": objection, "outcome": "declined", "reason": "  "});
    let dispose_kind = althing_protocol::kind::find("dispose").unwrap();
    assert!(
        althing_protocol::kind::json::body(dispose_kind, &bare).is_err(),
        "nothing is disposed of without a reason"
    );
    let open = row(&town, "2026-02-16");
    assert_eq!(
        (&open["outcome"], &open["late"], &open["ignored"]),
        (&json!("open"), &json!(false), &json!(1))
    );
    let open = row(&town, "2026-02-17");
    assert_eq!(
        (&open["late"], &open["due"], &open["age_days"]),
        (&json!(true), &json!("2026-02-16"), &json!(15))
    );
    let mut deferred = dispose("deferred", "After the budget.");
    deferred["until"] = json!("2026-03-01");
    town.act("dispose", topic, ana, "2026-02-18", deferred);
    assert_eq!(row(&town, "2026-03-01")["outcome"], "deferred");
    let again = row(&town, "2026-03-02");
    assert_eq!(
        (&again["outcome"], &again["late"]),
        (&json!("deferral is over"), &json!(true))
    );
    town.act("dispose", topic, ana, "2026-03-03", dispose("accepted", "Lowered."));
    let done = row(&town, "2026-03-04");
    assert_eq!(
        (&done["outcome"], &done["capacity"]),
        (&json!("accepted"), &json!("an owner"))
    );
    assert_eq!((&done["reason"], &done["age_days"]), (&json!("Lowered."), &json!(29)));
    let rows = town.at("2026-03-04").rows("objections", None, "objections");
    assert_eq!(
        column(&rows, "objection"),
        [json!(later), json!(objection)],
        "open ones first"
    );
}

#[test]
fn r47_promises_are_closed_by_whoever_has_a_say() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let topic = topic(&mut town);
    let fields = json!({"text": "I will audit.", "condition": "If the budget passes.", "until": "2026-03-01"});
    let promise = town.act("promise", topic, ana, "2026-02-02", fields);
    let row = |town: &Town, day: &str| town.at(day).rows("promises", None, "promises")[0].clone();
    let resolve = |outcome: &str| json!({"entry": promise, "outcome": outcome, "text": "So."});
    town.act("resolve", topic, ben, "2026-02-03", resolve("broken"));
    town.act(
        "resolve",
        topic,
        town.founder,
        "2026-02-03",
        json!({"text": "The topic is done."}),
    );
    let open = row(&town, "2026-03-01");
    assert_eq!((&open["standing"], &open["ignored"]), (&json!("open"), &json!(1)));
    assert_eq!(row(&town, "2026-03-02")["standing"], "overdue");
    town.act("resolve", topic, ana, "2026-03-02", resolve("kept"));
    let own = row(&town, "2026-03-03");
    assert_eq!(
        (&own["standing"], &own["capacity"]),
        (&json!("kept"), &json!("its author"))
    );
    town.act("resolve", topic, town.founder, "2026-03-04", resolve("broken"));
    assert_eq!(row(&town, "2026-03-05")["standing"], "broken");
    assert_eq!(row(&town, "2026-03-05")["condition"], "If the budget passes.");
}

#[test]
fn r48_positions_group_into_visions() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let topic = topic(&mut town);
    let position = |vision: &str| json!({"form": "position", "title": "One", "vision": vision});
    town.open("statement", ana, "2026-02-02", position("Lean state"));
    town.open("statement", ben, "2026-02-03", position(" lean STATE "));
    town.open(
        "statement",
        ben,
        "2026-02-03",
        json!({"form": "position", "title": "None"}),
    );
    town.open(
        "statement",
        ben,
        "2026-02-03",
        json!({"form": "report", "vision": "Lean state"}),
    );
    town.act(
        "promise",
        topic,
        ana,
        "2026-02-04",
        json!({"text": "Cut.", "condition": "Always.", "vision": "lean state"}),
    );
    let rows = town.at("2026-02-05").rows("visions", None, "visions");
    assert_eq!(
        column(&rows, "vision"),
        [json!("lean state"), Json::Null],
        "those without one last"
    );
    assert_eq!((&rows[0]["positions"], &rows[0]["promises"]), (&json!(2), &json!(1)));
    assert_eq!(rows[0]["authors"], json!([ana, ben]));
    let parts = town.at("2026-02-05").rows("visions", None, "positions");
    assert_eq!(column(&parts, "sort"), ["position", "position", "promise", "position"]);
}
