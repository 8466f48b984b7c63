//! R11, R12, R16 to R20: candidates, threads, credentials, participation and classes.

use serde_json::{Value as Json, json};

use super::setup::{column, topic};
use super::town::Town;
use crate::seats::threads::{Standing, standing};
use althing_protocol::hash::Id;

#[test]
fn r11_candidates_for_a_seat_side_by_side() {
    let mut town = Town::new();
    let [ana, ben, cyd, eve] = ["Ana", "Ben", "Cyd", "Eve"].map(|name| town.person(name));
    let seats = json!(["lead", "second"]);
    let domain = town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "seats": seats}),
    );
    let mut nominate = |seat: &str, nominee: Id| {
        let of = json!({"domain": domain, "seat": seat, "nominee": nominee});
        town.open("nomination", town.founder, "2026-02-01", of)
    };
    let (first, second, other, gone) = (
        nominate("lead", ana),
        nominate("lead", ben),
        nominate("second", cyd),
        nominate("lead", cyd),
    );
    town.act("decline", gone, cyd, "2026-02-02", json!({}));
    let goals = json!([{"text": "Calm", "measure": "a survey"}, {"text": "Trust", "unmeasured": true}, "More"]);
    let lines = json!([{"item": "a", "amount": "1 DAI"}, {"item": "b", "amount": "2 USD"}, {"item": "c"}]);
    town.edit(
        first,
        ana,
        "2026-02-03",
        json!({"perspective": "Careful", "goals": goals, "budget": lines}),
    );
    town.act("question", second, eve, "2026-02-03", json!({"text": "?"}));
    for (who, position, class) in [
        (eve, "support", "holders"),
        (cyd, "support", "delegates"),
        (ben, "oppose", "holders"),
    ] {
        town.act(
            "stance",
            first,
            who,
            "2026-02-04",
            json!({"position": position, "class": class}),
        );
    }
    let sheet = town.at("2026-03-01").sheet("compare", Some(second));
    let names: Vec<&str> = sheet.tables[0]
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["aspect", "of", &first.to_string(), &second.to_string()]);
    let rows = town.at("2026-03-01").rows("compare", Some(first), "candidates");
    let cells = |aspect: &str, of: Json| -> Json {
        let row = rows.iter().find(|row| row["aspect"] == aspect && row["of"] == of);
        let row = row.unwrap_or_else(|| panic!("no row {aspect}"));
        json!([row[first.to_string()], row[second.to_string()]])
    };
    let dai = |amount: u64| json!({"amount": amount, "currency": "DAI"});
    assert_eq!(cells("nominee", Json::Null), json!([ana, ben]));
    assert_eq!(cells("perspective", Json::Null), json!(["Careful", null]));
    assert_eq!(cells("measurable goals", Json::Null), json!([1, 0]));
    assert_eq!(cells("goals marked not measurable", Json::Null), json!([1, 0]));
    assert_eq!(cells("budget", json!("DAI")), json!([dai(1), dai(0)]));
    assert_eq!(cells("lines without amount", Json::Null), json!([1, 0]));
    assert_eq!(cells("open questions", Json::Null), json!([0, 1]));
    // By class, by name; no row adds people up.
    assert_eq!(cells("supported by", json!("holders")), json!([[eve], []]));
    assert_eq!(cells("supported by", json!("delegates")), json!([[cyd], []]));
    assert_eq!(cells("opposed by", json!("holders")), json!([[ben], []]));
    // A domain shows all its seats; somebody named twice for one seat is said.
    let of = json!({"domain": domain, "seat": "lead", "nominee": ana});
    let again = town.open("nomination", eve, "2026-02-05", of);
    let sheet = town.at("2026-03-01").sheet("compare", Some(domain));
    let names: Vec<&str> = sheet.tables[0]
        .columns
        .iter()
        .skip(2)
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, [first, second, again, other].map(|id| id.to_string()));
    assert!(
        sheet
            .says
            .iter()
            .any(|said| said == "Ana is nominated 2 times for one seat."),
        "{:?}",
        sheet.says
    );
}

#[test]
fn r12_every_thread_says_what_its_outcome_is_worth() {
    let mut town = Town::new();
    let founder = town.founder;
    let mut open = |kind: &str, fields: Json| town.open(kind, founder, "2026-02-01", fields);
    let label = |label: &str| json!({"title": "x", "label": label});
    let (talk, signal) = (open("topic", json!({"title": "x"})), open("topic", label("signal")));
    open("nomination", json!({"nominee": "Ada"}));
    for form in ["recommend", "petition", "offboard"] {
        open("motion", json!({"form": form}));
    }
    open("decision", json!({"title": "x", "outcome": "yes"}));
    open("domain", json!({"name": "Risk"}));
    let rows = |town: &Town| town.at("2026-03-01").rows("threads", None, "threads");
    let standings = column(&rows(&town), "standing");
    let expected = [
        "discussion",
        "discussion",
        "signal",
        "signal",
        "signal",
        "signal",
        "binding",
        "binding",
        "discussion",
    ];
    assert_eq!(standings, expected);
    assert_eq!(
        column(&rows(&town), "kind")[0],
        "committee",
        "every document, the committee's own too"
    );
    // Made binding after people spoke: it is said. Two labels at once bind nobody.
    town.edit(talk, founder, "2026-02-03", json!({"label": "binding"}));
    let of = |town: &Town, doc: Id| {
        rows(town)
            .into_iter()
            .find(|row| row["document"] == json!(doc))
            .unwrap()
    };
    let row = of(&town, talk);
    assert_eq!(
        (&row["standing"], &row["relabelled"], &row["set_on"]),
        (&json!("binding"), &json!(true), &json!("2026-02-03"))
    );
    town.blindly("edit", signal, founder, "2026-02-04", json!({"label": "binding"}));
    let eve = town.person("Eve");
    town.edit(signal, eve, "2026-02-04", json!({"label": "discussion"}));
    assert_eq!(
        of(&town, signal)["standing"],
        "binding",
        "the later label, and no stranger's"
    );
    town.blindly("edit", signal, founder, "2026-02-05", json!({"label": "discussion"}));
    assert_eq!(
        (&of(&town, signal)["standing"], &of(&town, signal)["because"]),
        (&json!("discussion"), &json!("a contradiction"))
    );
    let moment = town.at("2026-03-01");
    let world = moment.world();
    let content = world.doc(talk).unwrap().document.content();
    assert_eq!(standing("topic", content), Standing::Binding);
}

#[test]
fn r16_credentials_end_and_are_nobody_elses() {
    let mut town = Town::new();
    let [ana, ben, eve] = ["Ana", "Ben", "Eve"].map(|name| town.person(name));
    let of = |to: Id| json!({"to": to, "what": "audited 3 contracts", "evidence": ["https://a.example"], "until": "2026-06-30"});
    let one = town.act("credential", town.committee, ben, "2026-02-01", of(ana));
    town.act("credential", town.committee, eve, "2026-02-01", of(eve));
    town.act(
        "credential",
        town.committee,
        ben,
        "2026-02-01",
        json!({"to": ana, "what": "x", "evidence": []}),
    );
    let rows = |town: &Town, day: &str| town.at(day).rows("credentials", None, "credentials");
    assert_eq!(
        column(&rows(&town, "2026-06-30"), "state"),
        ["holds", "holds", "without evidence"]
    );
    assert_eq!(column(&rows(&town, "2026-06-30"), "own"), [false, true, false]);
    assert_eq!(
        column(&rows(&town, "2026-07-01"), "state"),
        ["expired", "expired", "without evidence"]
    );
    // Only whoever gave it takes it back.
    town.act("retract", town.committee, ana, "2026-02-02", json!({"entry": one}));
    assert_eq!(rows(&town, "2026-03-01")[0]["state"], "holds");
    let back = town.act("retract", town.committee, ben, "2026-02-03", json!({"entry": one}));
    let row = &rows(&town, "2026-03-01")[0];
    assert_eq!(
        (&row["state"], &row["ended_by"], &row["to"]),
        (&json!("taken back"), &json!(back), &json!(ana))
    );
}

#[test]
fn r17_participation_is_counted_from_entries_by_a_named_formula() {
    let mut town = Town::new();
    let [ana, ben] = ["Ana", "Ben"].map(|name| town.person(name));
    let doc = topic(&mut town);
    let say = json!({"text": "x"});
    let one = town.act("post", doc, ana, "2026-02-01", say.clone());
    town.act("post", doc, ana, "2026-02-01", say.clone());
    town.act("question", doc, ana, "2026-02-09", say.clone());
    // Neither what was taken back, nor what is void, on the floor, another's to write, or dated ahead.
    town.act("retract", doc, ana, "2026-02-10", json!({"entry": one}));
    town.raw("post", doc, ana, "2026-02-10", vec![0xa0]);
    town.edit(doc, ana, "2026-02-10", json!({"title": "mine"}));
    let floor = town.act("post", doc, ana, "2026-02-10", say.clone());
    town.floor(floor);
    town.act("post", doc, ana, "2031-01-01", say);
    // Changing one's mind counts once.
    for position in ["support", "oppose", "support"] {
        town.act("stance", doc, ben, "2026-02-11", json!({"position": position}));
    }
    let moment = town.at("2026-03-01");
    let rows = moment.rows("participation", None, "people");
    let of = |who: Id| rows.iter().find(|row| row["person"] == json!(who)).unwrap().clone();
    let row = of(ana);
    assert_eq!(row["formula"], "v1");
    assert_eq!(
        (&row["entries"], &row["post"], &row["question"], &row["edit"]),
        (&json!(2), &json!(1), &json!(1), &json!(0))
    );
    assert_eq!(
        (&row["days"], &row["weeks"], &row["threads"]),
        (&json!(2), &json!(2), &json!(1))
    );
    assert_eq!(
        (&row["first"], &row["last"]),
        (&json!("2026-02-01"), &json!("2026-02-09"))
    );
    assert_eq!((&of(ben)["stance"], &of(ben)["entries"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&of(town.founder)["documents"], &of(town.founder)["other"]),
        (&json!(2), &json!(0))
    );
    // The parts add up to the whole, kind by kind.
    let kinds = moment.rows("participation", None, "kinds");
    for row in &rows {
        let own = kinds.iter().filter(|kind| kind["person"] == row["person"]);
        let sum: u64 = own.map(|kind| kind["entries"].as_u64().unwrap()).sum();
        assert_eq!(json!(sum), row["entries"]);
    }
}

fn register(town: &mut Town, by: Id, holders: Json) -> Id {
    let fields = json!({"title": "Holders", "source_text": "a node", "unit": "MKR", "decimals": 18, "block": 7,
        "day": "2026-02-01", "holders": holders});
    town.open("register", by, "2026-02-02", fields)
}

#[test]
fn r18_classes_are_tallied_each_for_itself() {
    let mut town = Town::new();
    let [ana, eve] = ["Ana", "Eve"].map(|name| town.person(name));
    town.grant("registrar", ana, None, "2026-02-01");
    let holders = json!([
        {"holder": "0xAA", "class": "holders", "weight": 10},
        {"holder": "0xaa", "class": "holders", "weight": 5},
        {"holder": "0xbb", "class": "holders", "weight": 1},
        {"holder": ana, "class": "delegates", "weight": 100},
    ]);
    register(&mut town, ana, holders);
    register(
        &mut town,
        eve,
        json!([{"holder": eve, "class": "holders", "weight": 999}]),
    );
    let moment = town.at("2026-03-01");
    let rows = moment.rows("classes", None, "classes");
    assert_eq!(column(&rows, "class"), ["delegates", "holders", "holders"]);
    assert_eq!(
        column(&rows, "weight"),
        [100, 16, 999],
        "no sum over classes or registers"
    );
    assert_eq!(column(&rows, "holders"), [1, 2, 1]);
    assert_eq!(
        column(&rows, "registrar"),
        [true, true, false],
        "anybody can write a list; it is said who did"
    );
    let twice = column(&moment.rows("classes", None, "holders"), "twice");
    assert_eq!(twice, [true, true, false, false, false]);
}

#[test]
fn r19_overlaps_show_through_linked_addresses() {
    let mut town = Town::new();
    let [ana, ben, cyd] = ["Ana", "Ben", "Cyd"].map(|name| town.person(name));
    let holders = json!([
        {"holder": "0xAA", "class": "holders", "weight": 10},
        {"holder": "0xbb", "class": "vault users", "weight": 5},
        {"holder": "0xcc", "class": "holders", "weight": 1},
        {"holder": "Ben", "class": "workers", "weight": 1},
    ]);
    let doc = register(&mut town, ana, holders);
    let overlaps = |town: &Town| town.at("2026-03-01").rows("classes", Some(doc), "overlaps");
    assert_eq!(
        overlaps(&town).len(),
        0,
        "addresses that nobody linked tell nothing, and names prove nothing"
    );
    town.link(ana, "0xaa");
    town.link(ben, "0xcc");
    assert_eq!(overlaps(&town).len(), 0);
    town.link(ana, "0xbb");
    let row = &overlaps(&town)[0];
    assert_eq!(row["person"], json!(ana));
    assert_eq!(
        row["reasons"],
        json!(["several classes", "several entries", "several addresses"])
    );
    assert_eq!(row["classes"], json!(["holders", "vault users"]));
    // Somebody with several addresses may hold more than is listed.
    town.link(cyd, "0xdd");
    assert_eq!(overlaps(&town).len(), 1);
    town.link(cyd, "0xee");
    assert_eq!(overlaps(&town)[1]["reasons"], json!(["several addresses"]));
    // One address under two identities is said as well.
    town.link(cyd, "0xcc");
    let shared = town.at("2026-03-01").rows("classes", Some(doc), "shared");
    assert_eq!(shared, [json!({"address": "0xcc", "people": [ben, cyd]})]);
    let known = column(&town.at("2026-03-01").rows("classes", Some(doc), "holders"), "known_by");
    assert_eq!(
        known,
        ["linked address", "linked address", "address of several", "nobody known"]
    );
}

#[test]
fn r20_holdings_are_attested_over_time_by_registrars() {
    let mut town = Town::new();
    let [ana, eve] = ["Ana", "Eve"].map(|name| town.person(name));
    town.grant("registrar", ana, None, "2026-02-01");
    let doc = register(&mut town, ana, json!([]));
    let held = |day: &str, weight: u64| json!({"holder": "0xAA", "class": "holders", "weight": weight, "day": day, "source": "a node"});
    town.act("holding", doc, ana, "2026-02-20", held("2026-02-19", 7));
    town.act("holding", doc, ana, "2026-02-21", held("2026-02-10", 5));
    town.act("holding", doc, eve, "2026-02-21", held("2026-02-11", 1000));
    let wrong = town.act("holding", doc, ana, "2026-02-21", held("2026-02-12", 9));
    town.act("retract", doc, ana, "2026-02-22", json!({"entry": wrong}));
    town.link(eve, "0xaa");
    let rows = town.at("2026-03-01").rows("classes", None, "holdings");
    assert_eq!(column(&rows, "day"), ["2026-02-10", "2026-02-19"]);
    assert_eq!(
        column(&rows, "weight"),
        [5, 7],
        "a stranger's attestation and one taken back do not count"
    );
    assert_eq!(rows[0]["people"], json!([eve]));
}
