//! R58, R59, R85 to R87: sponsors, commitments, consent, lots and ends.

use serde_json::{Value as Json, json};

use super::super::town::{Town, noon};
use super::{column, row};
use crate::units::panels::draw;
use althing_protocol::hash::{Hash, Id, sha256};

#[test]
fn r58_nobody_sponsors_their_own_plan_and_sponsors_leave() {
    let mut town = Town::new();
    let (f, ana) = (town.founder, town.person("Ana"));
    let fields = json!({"type": "sponsorship", "class": "Scholarship", "title": "A student", "cap": "500 DAI"});
    let plan = town.open("proposal", ana, "2026-01-05", fields);
    town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "other", "title": "No sponsorship"}),
    );
    town.act("sponsor", plan, ana, "2026-01-06", json!({"weight": 1000}));
    let state = |town: &Town, day: &str| town.at(day).rows("sponsorships", None, "sponsored")[0].clone();
    assert_eq!(state(&town, "2026-01-07")["state"], "waits for a sponsor");
    town.act("sponsor", plan, f, "2026-01-08", json!({"until": "2026-02-01"}));
    let sponsored = state(&town, "2026-02-01");
    assert_eq!(
        (&sponsored["class"], &sponsored["sponsors"]),
        (&json!("scholarship"), &json!([f]))
    );
    assert_eq!(sponsored["state"], "sponsored");
    assert_eq!(
        state(&town, "2026-02-02")["state"],
        "waits for a sponsor",
        "its last day is over"
    );
    let rows = town.at("2026-02-02").rows("sponsorships", None, "sponsors");
    assert_eq!(column(&rows, "standing"), ["own", "over"]);
    let domain = town.open(
        "domain",
        ana,
        "2026-02-03",
        json!({"name": "Lab", "stage": "incubation"}),
    );
    town.act("sponsor", domain, f, "2026-02-04", json!({}));
    let rows = town.at("2026-02-05").rows("sponsorships", None, "sponsored");
    assert_eq!(row(&rows, "document", json!(domain))["state"], "sponsored");
}

fn commitment(salt: [u8; 32], text: &str) -> Hash {
    Hash(sha256(&[&salt, text.as_bytes()]))
}

fn reveal(commit: Id, salt: &[u8], text: &str) -> Json {
    let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"entry": commit, "salt": salt, "text": text})
}

#[test]
fn r59_a_commitment_is_revealed_only_by_its_author_word_for_word() {
    let mut town = Town::new();
    let (f, ana, eve) = (town.founder, town.person("Ana"), town.person("Eve"));
    let topic = town.open("topic", f, "2026-01-05", json!({"title": "Holes"}));
    let hash = commitment([b'x'; 32], "There is a hole.");
    let commit = json!({"commitment": hash, "until": "2026-02-01", "about": "the vault"});
    let first = town.act("commit", topic, ana, "2026-01-06", commit.clone());
    let copy = town.act("commit", topic, eve, "2026-01-07", commit);
    let state = |town: &Town, day: &str, id: Id| {
        let rows = town.at(day).rows("commitments", None, "commitments");
        row(&rows, "commit", json!(id))["state"].clone()
    };
    assert_eq!(state(&town, "2026-02-01", first), "open", "its last day");
    assert_eq!(state(&town, "2026-02-02", first), "overdue");
    town.act(
        "reveal",
        topic,
        eve,
        "2026-01-08",
        reveal(first, &[b'x'; 32], "There is a hole."),
    );
    town.act(
        "reveal",
        topic,
        ana,
        "2026-01-09",
        reveal(first, &[b'x'; 32], "There is a hole!"),
    );
    town.act(
        "reveal",
        topic,
        ana,
        "2026-01-09",
        reveal(first, &[b'x'; 31], "xThere is a hole."),
    );
    town.act(
        "reveal",
        topic,
        ana,
        "2026-01-09",
        reveal(topic, &[b'x'; 32], "There is a hole."),
    );
    let checks = column(&town.at("2026-02-01").rows("commitments", None, "reveals"), "check");
    let expected = [
        "another author",
        "does not match",
        "salt of another length",
        "no such commitment",
    ];
    assert_eq!(checks, expected);
    assert_eq!(state(&town, "2026-02-01", first), "open");
    let told = town.act(
        "reveal",
        topic,
        ana,
        "2026-02-01",
        reveal(first, &[b'x'; 32], "There is a hole."),
    );
    assert_eq!(state(&town, "2026-02-02", first), "revealed");
    // Eve repeats hash and reveal: true to the letter, and marked as what it is.
    town.act(
        "reveal",
        topic,
        eve,
        "2026-02-02",
        reveal(copy, &[b'x'; 32], "There is a hole."),
    );
    let rows = |town: &Town| town.at("2026-02-03").rows("commitments", None, "commitments");
    let copied = row(&rows(&town), "commit", json!(copy));
    assert_eq!(
        (&copied["state"], &copied["copy_of"]),
        (&json!("revealed late"), &json!(first))
    );
    assert_eq!(row(&rows(&town), "commit", json!(first))["copy_of"], Json::Null);
    assert_eq!(
        row(&rows(&town), "commit", json!(first))["timely"],
        "unproven",
        "a claim is no proof"
    );
    town.anchored(told, None, Some(noon("2026-02-01")));
    assert_eq!(row(&rows(&town), "commit", json!(first))["timely"], "in time");
    town.anchored(told, Some(noon("2026-02-02")), None);
    assert_eq!(
        row(&rows(&town), "commit", json!(first))["timely"],
        "late",
        "whatever day it claims"
    );
}

#[test]
fn r85_a_talk_from_elsewhere_says_who_agreed() {
    let mut town = Town::new();
    let (f, ana) = (town.founder, town.person("Ana"));
    let posts = json!([
        {"number": 1, "author": "ana", "text": "Hello."}, {"number": 2, "author": "ben", "text": "Hi."},
        {"number": 3, "author": "ana", "text": "Bye."},
    ]);
    let fields = json!({"title": "Call", "origin": "A call on 2026-01-03", "posts": posts});
    let call = town.open("topic", f, "2026-01-05", fields);
    town.open("topic", f, "2026-01-05", json!({"title": "Held here"}));
    let posts = json!([{"number": 1, "author": "ana", "text": "Hello."}]);
    let hidden = json!({"title": "Posts of nowhere", "posts": posts, "consent": "All."});
    let hidden = town.open("topic", f, "2026-01-06", hidden);
    town.act("endorse", call, f, "2026-01-06", json!({}));
    town.act("endorse", call, ana, "2026-01-06", json!({}));
    let rows = |town: &Town| town.at("2026-02-01").rows("offforum", None, "topics");
    assert_eq!(rows(&town).len(), 2);
    let talk = row(&rows(&town), "topic", json!(call));
    assert_eq!((&talk["state"], &talk["posts"]), (&json!("no consent"), &json!(3)));
    assert_eq!(talk["authors"], json!(["ana", "ben"]));
    assert_eq!(
        talk["endorsed"],
        json!([ana]),
        "whoever brought it agrees with themselves"
    );
    assert_eq!(row(&rows(&town), "topic", json!(hidden))["state"], "no origin");
    town.edit(
        call,
        f,
        "2026-01-07",
        json!({"set": {"consent": "Both, in the call's last minute."}}),
    );
    assert_eq!(row(&rows(&town), "topic", json!(call))["state"], "consent as said");
}

/// The example of `docs/spec/views/units.md`, drawn there by other means.
#[test]
fn r86_the_lot_falls_as_the_specification_says() {
    let pool: Vec<Id> = [0x44, 0x11, 0x55, 0x22, 0x33].map(|byte| Id([byte; 32])).into();
    let mut seed = [0; 32];
    seed.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
    let drawn = |count| {
        draw(&pool, Hash(seed), count)
            .iter()
            .map(|id| id.0[0])
            .collect::<Vec<_>>()
    };
    assert_eq!(drawn(3), [0x44, 0x22, 0x55]);
    assert_eq!(drawn(2), [0x44, 0x22], "who comes later changes nothing");
    let mut all = drawn(9);
    all.sort_unstable();
    assert_eq!(all, [0x11, 0x22, 0x33, 0x44, 0x55], "everybody, and nobody twice");
}

#[test]
fn r86_every_place_is_as_likely_as_any_other() {
    let pool: Vec<Id> = (0..7).map(|byte| Id([byte; 32])).collect();
    let mut counts = [0; 7];
    for n in 0..7000_u32 {
        for id in draw(&pool, Hash(sha256(&[&n.to_be_bytes()])), 3) {
            counts[usize::from(id.0[0])] += 1;
        }
    }
    // 3000 each are expected, with a standard deviation of about 41.
    assert!(counts.iter().all(|count| (2800..3200).contains(count)), "{counts:?}");
}

#[test]
fn r86_whoever_draws_until_they_like_the_outcome_is_seen() {
    let mut town = Town::new();
    let (f, ana, ben) = (town.founder, town.person("Ana"), town.person("Ben"));
    let domain = town.open("domain", f, "2026-01-05", json!({"name": "Risk"}));
    let of = |seed: &str| json!({"pool": [ana, ben], "seed": seed.repeat(32), "source": "a block", "count": 1, "purpose": "jury"});
    let first = town.act("draw", domain, f, "2026-01-06", of("01"));
    town.act("retract", domain, f, "2026-01-07", json!({"entry": first}));
    town.act("draw", domain, f, "2026-01-08", of("02"));
    let rows = town.at("2026-02-01").rows("panels", None, "draws");
    assert_eq!(column(&rows, "state"), ["taken back", "drawn again"]);
    assert_eq!(column(&rows, "earlier"), ["0", "1"]);
    let mut large = of("02");
    (large["count"], large["purpose"]) = (json!(3), json!("panel"));
    town.act("draw", town.committee, f, "2026-01-09", large);
    let rows = town.at("2026-02-01").rows("panels", None, "draws");
    let panel = row(&rows, "purpose", "panel");
    assert_eq!(
        (&panel["state"], &panel["drawn"], &panel["same_seed"]),
        (&json!("pool too small"), &json!(2), &json!(1))
    );
    assert_eq!(town.at("2026-02-01").rows("panels", None, "panels").len(), 4);
}

#[test]
fn r87_working_groups_have_an_end() {
    let mut town = Town::new();
    let f = town.founder;
    let of = |name: &str| json!({"name": name, "form": "working_group"});
    let endless = town.open("domain", f, "2026-01-05", of("Endless"));
    let group = town.open("domain", f, "2026-01-05", of("Group"));
    town.edit(group, f, "2026-01-06", json!({"set": {"sunset": "2026-06-30"}}));
    town.open("domain", f, "2026-01-05", json!({"name": "No group"}));
    let state = |town: &Town, day: &str, doc: Id| {
        let rows = town.at(day).rows("sunsets", None, "groups");
        assert_eq!(rows.len(), 2);
        row(&rows, "domain", json!(doc))["state"].clone()
    };
    assert_eq!(state(&town, "2026-05-30", group), "set");
    assert_eq!(state(&town, "2026-05-31", group), "near", "thirty days before");
    assert_eq!(state(&town, "2026-06-30", group), "near", "its last day");
    assert_eq!(state(&town, "2026-07-01", group), "over");
    assert_eq!(state(&town, "2027-01-04", endless), "missing");
    assert_eq!(state(&town, "2027-01-05", endless), "missing and asked for");
    town.edit(group, f, "2026-06-01", json!({"set": {"sunset": "2026-12-31"}}));
    town.edit(group, f, "2026-06-02", json!({"set": {"sunset": "2027-12-31"}}));
    let rows = town.at("2026-07-01").rows("sunsets", Some(group), "groups");
    assert_eq!(
        (&rows[0]["state"], &rows[0]["moved"]),
        (&json!("set"), &json!(2)),
        "put off twice"
    );
    town.edit(group, f, "2026-07-02", json!({"set": {"stage": "ended"}}));
    assert_eq!(state(&town, "2028-07-01", group), "ended");
}
