//! R35 to R48: committees and confidence.

use serde_json::{Value as Json, json};

use super::town::{Town, noon};
use crate::hash::Id;

fn address(n: u8) -> String {
    format!("0x{}", format!("{n:02x}").repeat(20))
}

fn topic(town: &mut Town) -> Id {
    let founder = town.founder;
    town.open("topic", founder, "2026-02-01", json!({"title": "Fees"}))
}

fn column(rows: &[Json], name: &str) -> Vec<Json> {
    rows.iter().map(|row| row[name].clone()).collect()
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

#[test]
fn r36_a_concern_comes_first_and_its_subject_cannot_close_it() {
    let mut town = Town::new();
    let (ana, ben, zoe) = (town.person("Ana"), town.person("Ben"), town.person("Zoe"));
    let about = |who: Id| json!({"about": who, "form": "performance", "text": "Reports are late."});
    let concern = town.open("concern", ben, "2026-02-01", about(ana));
    let fields = |concerns: Json| json!({"form": "offboard", "subject": ana, "concerns": concerns});
    let motion = town.open("motion", ben, "2026-03-02", fields(json!([concern])));
    let other = town.open("concern", ben, "2026-02-02", about(zoe));
    let theirs = town.open("motion", ben, "2026-01-15", fields(json!([other])));
    // A concern that claims an early day, and names a block after the motion.
    let forged = town.open("concern", ben, "2026-01-10", about(ana));
    town.anchored(forged, Some(noon("2026-01-20")), None);
    let word = |town: &Town, motion: Id| {
        let row = town.at("2026-04-01").rows("motions", Some(motion), "motions")[0].clone();
        (row["concern"].clone(), row["concerns"].clone())
    };
    let before = json!([concern.min(forged), concern.max(forged)]);
    assert_eq!(word(&town, motion), (json!("raised before"), before));
    assert_eq!(
        word(&town, theirs),
        (json!("no earlier concern"), json!([])),
        "about somebody else, or too late"
    );

    let row = |town: &Town, day: &str| town.at(day).rows("concerns", Some(concern), "concerns")[0].clone();
    assert_eq!(row(&town, "2026-02-11")["days"], 10);
    for who in [ana, zoe] {
        town.act("resolve", concern, who, "2026-02-12", json!({"text": "All is well."}));
        assert_eq!(row(&town, "2026-02-13")["standing"], "open");
        let moment = town.at("2026-02-13");
        let world = moment.world();
        assert_eq!(world.doc(concern).unwrap().state(), Some("open"), "without any view");
    }
    town.act("reply_right", concern, ana, "2026-02-14", json!({"text": "They come."}));
    let answered = row(&town, "2026-02-15");
    assert_eq!(
        (&answered["standing"], &answered["answer_days"]),
        (&json!("answered"), &json!(13))
    );
    town.act("resolve", concern, ben, "2026-02-21", json!({"text": "They came."}));
    let settled = row(&town, "2026-03-15");
    assert_eq!(
        (&settled["standing"], &settled["days"]),
        (&json!("put right"), &json!(20))
    );
    assert_eq!(settled["motions"], json!([motion]));
    town.act("escalate", concern, ben, "2026-03-20", json!({"reason": "Late again."}));
    assert_eq!(row(&town, "2026-03-21")["standing"], "escalated");
}

/// A register by the founder: Ana 100 by identity, 50 by an address; Ben 30 by an address that Zoe linked too.
fn register(town: &mut Town, ana: Id) -> Id {
    let holders = json!([
        {"holder": ana, "class": "MKR", "weight": 100},
        {"holder": address(1), "class": "MKR", "weight": 50},
        {"holder": address(2), "class": "mkr", "weight": 30},
        {"holder": address(9), "class": "MKR", "weight": 20},
        {"holder": ana, "class": "vaults", "weight": 7},
    ]);
    let fields = json!({"title": "MKR", "source_text": "chain", "block": 100, "day": "2026-02-01", "holders": holders});
    let founder = town.founder;
    town.open("register", founder, "2026-02-02", fields)
}

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

#[test]
fn r41_allegations_need_evidence_and_get_a_reply() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let topic = topic(&mut town);
    let disclosed = json!({"text": "I am paid by X.", "since": "2026-01-01", "until": "2026-02-10"});
    town.act("disclose", topic, ana, "2026-02-01", disclosed);
    let alleged =
        |evidence: Json| json!({"about": ana, "form": "conflict", "text": "Paid by X.", "evidence": evidence});
    let bare = town.open("concern", ben, "2026-02-02", alleged(json!([])));
    let words = town.open(
        "concern",
        ben,
        "2026-02-02",
        alleged(json!([{"text": "Everybody knows."}])),
    );
    let backed = json!([{"text": "The contract.", "url": "https://example.org/contract"}]);
    town.open("concern", ben, "2026-02-02", alleged(backed));
    town.act(
        "reply_right",
        bare,
        ben,
        "2026-02-03",
        json!({"text": "She admits it."}),
    );
    town.act(
        "reply_right",
        words,
        ana,
        "2026-02-04",
        json!({"text": "As disclosed."}),
    );
    let moment = town.at("2026-02-11");
    let rows = moment.rows("conflicts", None, "allegations");
    assert_eq!(
        column(&rows, "evidence"),
        ["without evidence", "words only", "with evidence"]
    );
    assert_eq!(
        column(&rows, "reply"),
        ["waiting", "given", "waiting"],
        "nobody replies for her"
    );
    assert_eq!(column(&rows, "disclosed"), [1, 1, 1]);
    let says = moment.view("conflicts", None)["says"].to_string();
    assert!(says.contains("2 allegations"), "{says}");
    let rows = moment.rows("conflicts", None, "disclosures");
    assert_eq!((&rows[0]["by"], &rows[0]["holds"]), (&json!(ana), &json!(false)));
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

#[test]
fn r43_labels_have_reasons_come_from_moderators_and_delete_nothing() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let topic = topic(&mut town);
    let post = town.act("post", topic, ben, "2026-02-02", json!({"text": "Buy now"}));
    let label = json!({"entry": post, "label": "Spam", "reason": "An advertisement."});
    town.act("label", topic, ana, "2026-02-03", label.clone());
    assert_eq!(
        town.at("2026-02-04").rows("labels", None, "labels").len(),
        0,
        "Ana is no moderator"
    );
    town.grant("moderator", ana, None, "2026-02-05");
    town.act("label", topic, ana, "2026-02-06", label);
    let moment = town.at("2026-02-07");
    let rows = moment.rows("labels", Some(topic), "labels");
    assert_eq!(
        (&rows[0]["label"], &rows[0]["reason"]),
        (&json!("spam"), &json!("An advertisement."))
    );
    assert_eq!((&rows[0]["author"], &rows[0]["kind"]), (&json!(ben), &json!("post")));
    let world = moment.world();
    let doc = world.doc(topic).unwrap();
    assert_eq!(doc.acts("post").next().unwrap().text("text"), Some("Buy now"));
}

#[test]
fn r44_key_age_and_vouches_are_shown_and_heads_are_no_votes() {
    let mut town = Town::new();
    let (ana, ben, fake) = (town.person("Ana"), town.person("Ben"), town.person(" ana"));
    let topic = topic(&mut town);
    for who in [ana, ben, fake] {
        town.act("post", topic, who, "2026-02-02", json!({"text": "Hello"}));
    }
    town.who(ana).known_by = Some(noon("2026-02-05"));
    town.who(ana).vouched_by = vec![ben];
    let moment = town.at("2026-02-12");
    let rows = moment.rows("people", None, "people");
    let row = rows.iter().find(|row| row["person"] == json!(ana)).unwrap();
    assert_eq!(
        (&row["age_days"], &row["proven_days"], &row["vouched_by"]),
        (&json!(10), &json!(7), &json!([ben]))
    );
    assert_eq!(row["namesakes"], 1);
    assert_eq!(rows[0]["founder"], true, "the first who wrote");
    let says = moment.view("people", None)["says"].to_string();
    assert!(says.contains("Heads are never counted as votes"), "{says}");
    assert!(says.contains("For 3 of 4"), "{says}");
}

#[test]
fn r45_forks_are_matched_or_one_sided() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let origin = topic(&mut town);
    let post = town.act("post", origin, ana, "2026-02-02", json!({"text": "Let us split."}));
    let both = town.open("topic", ana, "2026-02-03", json!({"title": "Both", "fork_of": post}));
    let alone = town.open("topic", ben, "2026-02-03", json!({"title": "Alone", "fork_of": origin}));
    let stray = town.open(
        "topic",
        ben,
        "2026-02-04",
        json!({"title": "Stray", "fork_of": Id([77; 32])}),
    );
    let lone = town.open("topic", ben, "2026-02-04", json!({"title": "Lone"}));
    for fork in [both, lone] {
        town.act(
            "fork",
            origin,
            ana,
            "2026-02-05",
            json!({"doc": fork, "entry": post, "reason": "Room."}),
        );
    }
    let rows = town.at("2026-02-06").rows("forks", None, "forks");
    let said: Vec<_> = rows
        .iter()
        .map(|row| (row["fork"].clone(), row["said"].clone()))
        .collect();
    let mut expected = vec![(both, "both"), (lone, "the origin only"), (alone, "the fork only")];
    expected.push((stray, "the fork only and the other is not here"));
    assert_eq!(
        said,
        expected
            .into_iter()
            .map(|(id, word)| (json!(id), json!(word)))
            .collect::<Vec<_>>()
    );
    assert_eq!(town.at("2026-02-06").rows("forks", Some(stray), "forks").len(), 1);
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
    let dispose_kind = crate::kind::find("dispose").unwrap();
    assert!(
        crate::kind::json::body(dispose_kind, &bare).is_err(),
        "nothing is disposed of without a reason"
    );
    let open = row(&town, "2026-02-16");
    assert_eq!(
        (&open["outcome"], &open["late"], &open["ignored"]),
        (&json!("open"), &json!(false), &json!(2))
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
