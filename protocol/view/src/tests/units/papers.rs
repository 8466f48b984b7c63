//! R50, R51, R60, R61, R63: papers, and what became of them.

use serde_json::{Value as Json, json};

use super::super::town::Town;
use super::{column, row};

/// As the importer sets it: title, preamble, source, and the unit that the tags name.
fn imported(form: &str, unit: &str, status: &str) -> Json {
    let preamble = format!("MIP39c2-SP#: 7\nAuthor(s): Ana\nStatus: {status}\nDate Proposed: 2021-30-10");
    json!({
        "form": form, "title": format!("A paper ({unit})"), "domain": unit, "text": "…",
        "preamble": preamble, "source": format!("mips/{form}.md"),
    })
}

#[test]
fn r50_papers_meet_under_their_unit_however_they_name_it() {
    let mut town = Town::new();
    let f = town.founder;
    let domain = town.open(
        "domain",
        f,
        "2026-01-05",
        json!({"name": "Risk Core Unit", "code": "RISK-001"}),
    );
    let by_code = town.open(
        "statement",
        f,
        "2026-01-06",
        imported("mandate", "cu-risk-001", "Accepted"),
    );
    let by_id = town.open(
        "statement",
        f,
        "2026-01-06",
        json!({"form": "budget", "domain": domain, "text": "…"}),
    );
    let by_title = json!({"title": "MIP41c4-SP41: Risk Facilitator Onboarding (RISK-001)"});
    let by_title = town.open("nomination", f, "2026-01-07", by_title);
    let by_name = json!({"form": "offboard", "title": "Leaving the risk core-unit", "subject": "Primoz"});
    let by_name = town.open("motion", f, "2026-01-07", by_name);
    let other = town.open("statement", f, "2026-01-08", imported("mandate", "MKT-001", "RFC"));
    let lost = town.open(
        "motion",
        f,
        "2026-01-08",
        json!({"form": "offboard", "title": "Riskless"}),
    );
    let moment = town.at("2026-02-01");
    let units = moment.rows("units", None, "units");
    assert_eq!(column(&units, "unit"), ["RISK-001", "MKT-001"]);
    let risk = row(&units, "unit", "RISK-001");
    assert_eq!(risk["domain"], json!(domain));
    assert_eq!(risk["mandate"], json!([by_code]));
    assert_eq!(risk["budget"], json!([by_id]));
    assert_eq!(risk["onboarding"], json!([by_title]));
    assert_eq!(risk["offboarding"], json!([by_name]));
    assert_eq!(
        risk["missing"],
        json!(["budget", "onboarding"]),
        "only the imported mandate is accepted"
    );
    assert_eq!(row(&units, "unit", "MKT-001")["mandate"], json!([other]));
    let papers = moment.rows("units", None, "papers");
    assert!(
        papers.iter().all(|paper| paper["paper"] != json!(lost)),
        "a name inside a word is none"
    );
    let sheet = moment.view("units", None);
    assert!(sheet["says"].to_string().contains("One paper names no unit"), "{sheet}");
    // For one paper, its unit whole and itself.
    assert_eq!(
        column(&moment.rows("units", Some(by_id), "units"), "unit"),
        ["RISK-001"]
    );
    assert_eq!(
        column(&moment.rows("units", Some(by_id), "papers"), "paper"),
        [by_id.to_string()]
    );
}

#[test]
fn r50_a_unit_has_ended_once_its_end_was_accepted() {
    let mut town = Town::new();
    let f = town.founder;
    town.open("domain", f, "2026-01-05", json!({"name": "Scaling", "code": "SES-001"}));
    let fields = json!({"form": "disband", "title": "MIP39c3-SP11: Core Unit Offboarding (SES)"});
    let motion = town.open("motion", f, "2026-01-06", fields);
    let unit = |town: &Town| town.at("2026-02-01").rows("units", None, "units")[0].clone();
    assert_eq!(
        (&unit(&town)["offboarding"], &unit(&town)["ended"]),
        (&json!([motion]), &json!(false))
    );
    town.act(
        "conclude",
        motion,
        f,
        "2026-01-20",
        json!({"outcome": "carried", "reason": "Voted."}),
    );
    assert_eq!(unit(&town)["ended"], true);
}

#[test]
fn r50_nobody_takes_a_unit_over_by_opening_another_document_of_its_name() {
    let mut town = Town::new();
    let eve = town.person("Eve");
    let fields = json!({"name": "Risk", "code": "RISK-001"});
    town.open("domain", eve, "2026-01-02", fields.clone());
    let real = town.open("domain", town.founder, "2026-01-05", fields);
    town.open(
        "statement",
        eve,
        "2026-01-06",
        imported("mandate", "RISK-001", "Accepted"),
    );
    let papers = |doc| town.at("2026-02-01").rows("units", Some(doc), "papers").len();
    assert_eq!(papers(real), 1);
}

#[test]
fn r50_a_status_goes_step_by_step_and_jumps_are_marked() {
    let mut town = Town::new();
    let f = town.founder;
    let of = |status: &str| json!({"type": "mip", "title": "RISK-001", "status": status});
    let doc = town.open("proposal", f, "2026-01-05", of("conception"));
    let set = |status: &str| json!({"set": {"status": status}});
    town.edit(doc, f, "2026-01-06", set("rfc"));
    town.edit(doc, f, "2026-01-07", json!({"set": {"mechanism": "other words"}}));
    town.edit(doc, f, "2026-01-08", set("accepted"));
    town.edit(doc, f, "2026-01-09", set("rfc"));
    let born = town.open("proposal", f, "2026-01-10", of("accepted"));
    let moment = town.at("2026-02-01");
    let steps = moment.rows("units", Some(doc), "steps");
    assert_eq!(column(&steps, "status"), ["conception", "rfc", "accepted", "rfc"]);
    assert_eq!(column(&steps, "legal"), ["true", "true", "false", "false"]);
    let papers = moment.rows("units", None, "papers");
    assert_eq!(row(&papers, "paper", json!(doc))["jumps"], 2);
    let born = row(&papers, "paper", json!(born));
    assert_eq!(
        (&born["jumps"], &born["rests"]),
        (&json!(1), &json!("owner")),
        "accepted by its own word"
    );
    // An imported one may begin anywhere; its words are read, and kept.
    let said = town.open(
        "statement",
        f,
        "2026-01-11",
        imported("budget", "RISK-001", "Request for Comments (RFC)"),
    );
    let odd = town.open("statement", f, "2026-01-11", imported("budget", "RISK-001", "Sleeping"));
    let withdrawn = town.open("proposal", f, "2026-01-11", of("rfc"));
    town.act(
        "withdraw",
        withdrawn,
        f,
        "2026-01-12",
        json!({"reason": "Nobody wants it."}),
    );
    let papers = town.at("2026-02-01").rows("units", None, "papers");
    let status = |doc| row(&papers, "paper", json!(doc))["status"].clone();
    assert_eq!(status(said), "rfc");
    assert_eq!(
        (status(odd), row(&papers, "paper", json!(odd))["said"].clone()),
        (json!("unknown"), json!("Sleeping"))
    );
    assert_eq!(row(&papers, "paper", json!(said))["jumps"], 0);
    assert_eq!(status(withdrawn), "withdrawn");
}

#[test]
fn r50_a_preamble_that_a_stranger_wrote_makes_nothing_accepted() {
    let mut town = Town::new();
    let eve = town.person("Eve");
    let doc = town.open(
        "statement",
        eve,
        "2026-01-05",
        imported("mandate", "RISK-001", "Accepted"),
    );
    let missing = |town: &Town| town.at("2026-02-01").rows("units", None, "units")[0]["missing"].clone();
    assert_eq!(missing(&town), json!(["mandate", "budget", "onboarding"]));
    let claims = json!({"title": "Risk", "outcome": "yes", "ratifies": [doc]});
    town.open("decision", eve, "2026-01-06", claims.clone());
    assert_eq!(
        missing(&town),
        json!(["mandate", "budget", "onboarding"]),
        "a stranger's decision"
    );
    town.open("decision", town.founder, "2026-01-07", claims);
    assert_eq!(missing(&town), json!(["budget", "onboarding"]));
}

#[test]
fn r51_versions_of_a_mandate_go_on_in_the_document_that_supersedes_it() {
    let mut town = Town::new();
    let f = town.founder;
    let domain = town.open("domain", f, "2026-01-05", json!({"name": "Risk", "mandate": "one"}));
    town.edit(domain, f, "2026-01-06", json!({"set": {"sunset": "2027-01-01"}}));
    let text = town.edit(domain, f, "2026-01-07", json!({"set": {"mandate": "two"}}));
    let of = json!({"form": "mandate", "domain": domain, "text": "…"});
    let first = town.open("statement", f, "2026-01-08", of.clone());
    let edited = town.edit(first, f, "2026-01-09", json!({"set": {"text": "more"}}));
    let second = town.open("statement", f, "2026-01-10", of);
    town.act("supersede", first, f, "2026-01-11", json!({"doc": second}));
    let rows = town.at("2026-02-01").rows("mandates", Some(domain), "versions");
    let entries = [domain, text, first, edited, second].map(|id| id.to_string());
    assert_eq!(
        column(&rows, "entry"),
        entries,
        "an edit of something else is no version of the mandate"
    );
    assert_eq!(column(&rows, "version"), ["1", "2", "1", "2", "3"]);
    assert_eq!(
        column(&rows, "from"),
        ["opened", "edit", "opened", "edit", "superseding"]
    );
    assert_eq!(column(&rows, "newest"), ["false", "true", "false", "false", "true"]);
    assert!(rows.iter().all(|row| row["speaks"] == true));
    // Anybody may write a mandate in a unit's name, and nobody takes it for the unit's own.
    let eve = town.person("Eve");
    let foreign = town.open(
        "statement",
        eve,
        "2026-01-11",
        json!({"form": "mandate", "domain": domain, "text": "Mine."}),
    );
    let rows = town.at("2026-02-01").rows("mandates", Some(foreign), "versions");
    assert_eq!(
        (rows.len(), &rows[0]["speaks"], &rows[0]["version"]),
        (1, &json!(false), &json!(1))
    );
    // A circle ends, and shows every version once.
    town.act("supersede", second, f, "2026-01-12", json!({"doc": first}));
    let rows = town.at("2026-02-01").rows("mandates", Some(domain), "versions");
    assert_eq!(rows.len(), 6);
}

#[test]
fn r60_a_bundle_stands_only_when_all_of_it_does() {
    let mut town = Town::new();
    let (f, eve) = (town.founder, town.person("Eve"));
    let mandate = town.open(
        "statement",
        f,
        "2026-01-05",
        imported("mandate", "RISK-001", "Accepted"),
    );
    let budget = json!({"form": "budget", "level": "accepted", "text": "…"});
    let budget = town.open("statement", eve, "2026-01-05", budget);
    let fields = json!({"type": "bundle", "title": "Risk", "bundle": [mandate, budget]});
    let bundle = town.open("proposal", f, "2026-01-06", fields);
    let state = |town: &Town| town.at("2026-02-01").rows("bundles", None, "bundles")[0]["state"].clone();
    let ratify = |town: &mut Town, doc| {
        let fields = json!({"title": "Yes", "outcome": "yes", "ratifies": [doc]});
        town.open("decision", f, "2026-01-10", fields)
    };
    ratify(&mut town, bundle);
    assert_eq!(
        state(&town),
        "open",
        "the owner of the budget alone says that it is accepted"
    );
    let members = town.at("2026-02-01").rows("bundles", Some(budget), "members");
    assert_eq!(column(&members, "fate"), ["accepted", "accepted", "claimed"]);
    assert_eq!(column(&members, "rests"), ["decision", "source", "owner"]);
    assert_eq!(
        column(&members, "agreed"),
        ["true", "false", "false"],
        "nobody is bound by another's bundle"
    );
    let item = json!({"add": {"items": [{"text": "Pay", "bundle": bundle}]}});
    town.edit(budget, eve, "2026-01-09", item);
    ratify(&mut town, budget);
    assert_eq!(state(&town), "stands");
    let members = town.at("2026-02-01").rows("bundles", None, "members");
    assert_eq!(column(&members, "agreed"), ["true", "false", "true"]);
    town.edit(budget, eve, "2026-01-20", json!({"set": {"level": "obsolete"}}));
    assert_eq!(state(&town), "falls", "one member falls, and all with it");
}

#[test]
fn r61_a_text_that_changed_after_it_was_ratified_says_so() {
    let mut town = Town::new();
    let (f, eve) = (town.founder, town.person("Eve"));
    let doc = town.open(
        "statement",
        eve,
        "2026-01-05",
        json!({"form": "mandate", "text": "one"}),
    );
    let version = town.edit(doc, eve, "2026-01-06", json!({"set": {"text": "two"}}));
    let fields = json!({"title": "Yes", "outcome": "yes", "day": "2026-01-07", "ratifies": [version, "ab".repeat(32)]});
    town.open("decision", f, "2026-01-08", fields);
    town.act("post", doc, eve, "2026-01-08", json!({"text": "Thanks."}));
    let rows = |town: &Town| town.at("2026-02-01").rows("ratified", None, "versions");
    assert_eq!(
        column(&rows(&town), "state"),
        ["same", "not here"],
        "talk changes nothing"
    );
    let later = town.edit(
        doc,
        eve,
        "2026-01-09",
        json!({"set": {"text": "three", "title": "Mine"}}),
    );
    let unseen = town.blindly("edit", doc, eve, "2026-01-03", json!({"set": {"period": "2026"}}));
    let row = row(&rows(&town), "ratified", json!(version));
    assert_eq!(row["state"], "changed since");
    assert_eq!(row["fields"], json!(["period", "text", "title"]));
    let mut edits = [later, unseen];
    edits.sort_unstable();
    let mut shown: Vec<_> = row["edits"].as_array().unwrap().iter().map(Json::to_string).collect();
    shown.sort_unstable();
    let expected = edits.map(|id| json!(id).to_string());
    assert_eq!(
        shown, expected,
        "an edit that claims an older day was still not what was ratified"
    );
    assert_eq!((&row["day"], &row["member"]), (&json!("2026-01-07"), &json!(true)));
}

#[test]
fn r61_a_charter_can_be_ratified_too() {
    let mut town = Town::new();
    let (f, committee) = (town.founder, town.committee);
    let charter = town.edit(committee, f, "2026-01-05", json!({"set": {"charter": "one"}}));
    let fields = json!({"title": "Yes", "outcome": "yes", "ratifies": [charter]});
    town.open("decision", f, "2026-01-06", fields);
    let state = |town: &Town| town.at("2026-02-01").rows("ratified", None, "versions")[0].clone();
    assert_eq!(
        (&state(&town)["state"], &state(&town)["document"]),
        (&json!("same"), &json!(committee))
    );
    town.edit(committee, f, "2026-01-07", json!({"set": {"charter": "two"}}));
    assert_eq!(
        (&state(&town)["state"], &state(&town)["fields"]),
        (&json!("changed since"), &json!(["charter"]))
    );
}

#[test]
fn r63_what_was_discarded_stays_with_its_reason_or_without() {
    let mut town = Town::new();
    let (f, eve) = (town.founder, town.person("Eve"));
    let backlog = json!([
        {"text": "A shop", "state": "discarded", "reason": "No demand."},
        {"text": "A bank"}, {"text": "Finished", "state": "done"}, {"text": "Kept"},
    ]);
    let domain = town.open("domain", f, "2026-01-05", json!({"name": "Growth", "backlog": backlog}));
    let gone = json!({"remove": {"backlog": [[domain, 1], [domain, 2]]}});
    town.edit(domain, f, "2026-01-06", gone);
    let motion = town.open("motion", eve, "2026-01-07", json!({"form": "other", "title": "Move"}));
    town.act(
        "conclude",
        motion,
        eve,
        "2026-01-08",
        json!({"outcome": "rejected", "reason": "By a stranger."}),
    );
    let proposal = json!({"type": "other", "title": "Plan", "status": "rejected"});
    let proposal = town.open("proposal", f, "2026-01-09", proposal);
    let rows = |town: &Town| town.at("2026-02-01").rows("discarded", None, "ideas");
    assert_eq!(
        column(&rows(&town), "text"),
        ["A shop", "A bank", "Plan"],
        "the motion was concluded by nobody"
    );
    assert_eq!(column(&rows(&town), "outcome"), ["discarded", "taken out", "rejected"]);
    assert_eq!(column(&rows(&town), "reason"), ["No demand.", "null", "null"]);
    town.act(
        "conclude",
        motion,
        f,
        "2026-01-10",
        json!({"outcome": "rejected", "reason": "Too dear."}),
    );
    let why = json!({"title": "No", "outcome": "no", "about": proposal, "reason": "Unclear."});
    town.open("decision", f, "2026-01-11", why);
    assert_eq!(
        column(&rows(&town), "reason"),
        ["No demand.", "null", "Unclear.", "Too dear."]
    );
}
