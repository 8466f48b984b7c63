//! R37 and R42: stances by class, and polls beside them.

use serde_json::{Value as Json, json};

use super::place::{address, column, register, topic};
use super::town::Town;

#[test]
fn r37_confidence_is_weighed_by_the_newest_trusted_register_of_each_class() {
    let mut town = Town::new();
    let (ana, ben, zoe) = (town.person("Ana"), town.person("Ben"), town.person("Zoe"));
    town.link(ana, &address(1));
    town.link(ben, &address(2));
    town.link(zoe, &address(2));
    let domain = town.open("domain", town.founder, "2026-01-02", json!({"name": "Risk"}));
    let stance = |position: &str, class: &str, confidence: u64| json!({"position": position, "class": class, "confidence": confidence, "conditions": "Show me a plan."});
    town.act("stance", domain, ana, "2026-02-03", stance("support", "MKR", 80));
    town.act("stance", domain, ben, "2026-02-04", stance("support", " mkr ", 20));
    let rows = |town: &Town, day: &str| town.at(day).rows("confidence", Some(domain), "confidence");
    assert_eq!(rows(&town, "2026-02-05")[0]["unverified"], 2, "without a register");
    let listed = register(&mut town, ana);
    let row = rows(&town, "2026-02-05")[0].clone();
    assert_eq!(
        (&row["support_weight"], &row["register"], &row["block"]),
        (&json!(180), &json!(listed), &json!(100))
    );
    // (80 * 150 + 20 * 30) / 180 percent.
    assert_eq!(
        (&row["support_sure"], &row["oppose_sure"]),
        (&json!(700_000), &Json::Null)
    );
    // Zoe linked the same address: the weight goes with what was said last, and is not counted twice.
    town.act("stance", domain, zoe, "2026-02-06", stance("oppose", "MKR", 90));
    let row = rows(&town, "2026-02-07")[0].clone();
    assert_eq!(
        (&row["support_weight"], &row["oppose_weight"]),
        (&json!(150), &json!(30))
    );
    assert_eq!(
        (&row["support"], &row["unverified"]),
        (&json!(2), &json!(1)),
        "Ben is shown all the same"
    );
    let conditions = town.at("2026-02-07").rows("confidence", Some(domain), "conditions");
    assert_eq!(column(&conditions, "would"), ["lose it", "lose it", "win it"]);
}

#[test]
fn r37_strangers_registers_and_later_ones_give_no_weight() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let listed = register(&mut town, ana);
    let of = |day: &str, weight: u64| {
        let holders = json!([{"holder": ana, "class": "MKR", "weight": weight}]);
        json!({"title": "Mine", "source_text": "me", "day": day, "holders": holders})
    };
    town.open("register", ben, "2026-02-03", of("2026-02-03", 1_000_000));
    let topic = topic(&mut town);
    for class in ["MKR", "vaults"] {
        town.act(
            "stance",
            topic,
            ana,
            "2026-02-03",
            json!({"position": "support", "class": class}),
        );
    }
    let row = |town: &Town, day: &str| town.at(day).rows("tally", Some(topic), "tally")[0].clone();
    assert_eq!(row(&town, "2026-02-04")["register"], json!(listed));
    assert_eq!(
        row(&town, "2026-02-04")["support_weight"],
        7,
        "her last stance, in its class"
    );
    let says = town.at("2026-02-04").view("tally", Some(topic))["says"].to_string();
    assert!(says.contains("1 registers"), "{says}");
    town.act(
        "stance",
        topic,
        ana,
        "2026-02-05",
        json!({"position": "support", "class": "MKR"}),
    );
    let founder = town.founder;
    let ahead = town.open("register", founder, "2026-02-06", of("2026-03-01", 9));
    assert_eq!(row(&town, "2026-02-28")["support_weight"], 100);
    assert_eq!(row(&town, "2026-03-01")["register"], json!(ahead), "from its day on");
    // A registrar's counts as well.
    town.grant("registrar", ben, None, "2026-03-02");
    let own = town.open("register", ben, "2026-03-03", of("2026-03-03", 11));
    assert_eq!(row(&town, "2026-03-04")["register"], json!(own));
}

#[test]
fn r37_a_tally_is_by_class_and_never_one_number() {
    let mut town = Town::new();
    let (ana, ben, zoe) = (town.person("Ana"), town.person("Ben"), town.person("Zoe"));
    register(&mut town, ana);
    let topic = topic(&mut town);
    town.act(
        "stance",
        topic,
        ana,
        "2026-02-03",
        json!({"position": "support", "class": "MKR"}),
    );
    town.act(
        "stance",
        topic,
        ben,
        "2026-02-03",
        json!({"position": "oppose", "class": "workers"}),
    );
    town.act("stance", topic, zoe, "2026-02-03", json!({"position": "oppose"}));
    let sheet = town.at("2026-02-04").sheet("tally", Some(topic));
    let rows = sheet.tables[0].to_json();
    let rows = rows.as_array().unwrap();
    assert_eq!(
        column(rows, "class"),
        [Json::Null, json!("mkr"), json!("workers")],
        "a row each, and no sum"
    );
    assert_eq!(column(rows, "support_weight"), [json!(0), json!(100), json!(0)]);
    assert_eq!(
        (&rows[1]["listed_weight"], &rows[1]["spoken"]),
        (&json!(200), &json!(500_000))
    );
    assert_eq!(column(rows, "unverified"), [json!(1), json!(0), json!(1)]);
    assert_eq!(sheet.plots.len(), 1);
}

#[test]
fn r42_poll_results_stand_beside_the_stances_of_the_same_class() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    town.link(ben, &address(2));
    register(&mut town, ana);
    let topic = topic(&mut town);
    for (who, position) in [(ana, "support"), (ben, "oppose")] {
        town.act(
            "stance",
            topic,
            who,
            "2026-02-03",
            json!({"position": position, "class": "MKR"}),
        );
    }
    let results = json!([
        {"option": "Support", "weight": 200, "voters": 3},
        {"option": "oppose", "weight": 600},
        {"option": "support", "weight": 100, "voters": 2},
        {"option": "later", "weight": 100},
    ]);
    let poll = |class: &str| json!({"url": "https://example.org/1", "class": class, "results": results, "until": "2026-02-10"});
    town.act("poll", topic, ben, "2026-02-04", poll("mkr"));
    town.act("poll", topic, ben, "2026-02-04", poll("workers"));
    let rows = town.at("2026-02-05").rows("polls", Some(topic), "results");
    assert_eq!(rows.len(), 6);
    let cells = |n: usize| ["option", "share", "stance_share", "difference"].map(|name| rows[n][name].clone());
    // Ana has 100, Ben 30 of the 130 that spoke.
    assert_eq!(
        cells(0),
        [json!("support"), json!(300_000), json!(769_230), json!(-469_230)]
    );
    assert_eq!(
        cells(1),
        [json!("oppose"), json!(600_000), json!(230_769), json!(369_231)]
    );
    assert_eq!(cells(2), [json!("later"), json!(100_000), Json::Null, Json::Null]);
    assert_eq!(rows[0]["voters"], 5);
    assert_eq!(rows[3]["stance_share"], Json::Null, "another class");
    let polls = |day: &str| town.at(day).rows("polls", Some(topic), "polls")[0].clone();
    assert_eq!(
        (&polls("2026-02-10")["results"], &polls("2026-02-11")["results"]),
        (&json!("so far"), &json!("final"))
    );
    assert_eq!(polls("2026-02-11")["member"], false);
}
