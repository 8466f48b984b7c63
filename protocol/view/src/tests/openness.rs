//! R36, R41, and R43 to R45: concerns, interests, labels, people, forks.

use serde_json::{Value as Json, json};

use super::place::{column, topic};
use super::town::{Town, noon};
use althing_protocol::hash::Id;

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
