//! R21 to R29, R33 and R34: motions.

use serde_json::{Value as Json, json};

use super::place::{Place, UNSIGNED, flagged, place};

#[test]
fn r21_voluntary_only_with_the_subjects_own_signature() {
    let mut p = place();
    let motion = p.offboard(&json!({"voluntary": true}));
    assert_eq!(p.voluntary(motion), UNSIGNED, "another says so");
    p.town.act("join", motion, p.ben, "2026-03-03", json!({}));
    p.town.act("join", motion, p.town.founder, "2026-03-03", json!({}));
    assert_eq!(p.voluntary(motion), UNSIGNED, "others sign");
    p.town
        .act("reply_right", motion, p.ana, "2026-03-03", json!({"text": "No."}));
    assert_eq!(p.voluntary(motion), UNSIGNED, "a reply is no consent");
    let join = p.town.act("join", motion, p.ana, "2026-03-04", json!({}));
    assert_eq!(p.voluntary(motion), "yes");
    p.town
        .act("retract", motion, p.ana, "2026-03-05", json!({"entry": join}));
    assert_eq!(p.voluntary(motion), UNSIGNED, "taken back");

    let own = json!({"form": "offboard", "subject": p.ana, "voluntary": true});
    let own = p.town.open("motion", p.ana, "2026-03-02", own);
    assert_eq!(p.voluntary(own), "yes");
    let silent = p.offboard(&json!({}));
    assert_eq!(p.voluntary(silent), "unknown");
    let hard = p.offboard(&json!({"voluntary": false}));
    p.town.act("join", hard, p.ana, "2026-03-04", json!({}));
    assert_eq!(p.voluntary(hard), "no");
}

#[test]
fn r21_a_signature_does_not_cover_what_was_put_under_it_later() {
    let mut p = place();
    let fields = json!({"form": "onboard", "subject": p.ana});
    let motion = p.town.open("motion", p.ben, "2026-03-02", fields);
    p.town.act("join", motion, p.ana, "2026-03-03", json!({}));
    p.town.edit(
        motion,
        p.ben,
        "2026-03-04",
        json!({"form": "offboard", "voluntary": true}),
    );
    assert_eq!(p.voluntary(motion), UNSIGNED);
    // Reasons are not what she signs; the day from which it holds is.
    p.town.act("join", motion, p.ana, "2026-03-05", json!({}));
    p.town
        .edit(motion, p.ben, "2026-03-06", json!({"reasons": "She moves."}));
    assert_eq!(p.voluntary(motion), "yes");
    p.town
        .edit(motion, p.ben, "2026-03-07", json!({"effective": "2026-03-08"}));
    assert_eq!(p.voluntary(motion), UNSIGNED);
}

#[test]
fn r21_names_and_two_subjects_are_not_signed_for() {
    let mut p = place();
    let named = json!({"form": "offboard", "subject": "Ana", "voluntary": true});
    let named = p.town.open("motion", p.ben, "2026-03-02", named);
    // A namesake takes the name.
    p.town.act("join", named, p.ana, "2026-03-03", json!({}));
    assert_eq!(p.voluntary(named), UNSIGNED);
    assert!(flagged(
        &p.motion("2026-03-04", named),
        "names somebody without an identity"
    ));

    let motion = p.offboard(&json!({"voluntary": true}));
    p.town.act("join", motion, p.ana, "2026-03-03", json!({}));
    assert_eq!(p.voluntary(motion), "yes");
    let zoe = p.town.person("Zoe");
    p.town
        .blindly("edit", motion, p.ben, "2026-03-04", json!({"subject": zoe}));
    p.town
        .blindly("edit", motion, p.ben, "2026-03-04", json!({"subject": p.ana}));
    assert_eq!(
        p.voluntary(motion),
        UNSIGNED,
        "two subjects at once, one of whom signed"
    );
    assert!(flagged(&p.motion("2026-03-05", motion), "contradicts itself"));
}

#[test]
fn r22_involuntary_needs_reasons_apart_from_thanks() {
    let mut p = place();
    let of = |p: &mut Place, more: Json| {
        let motion = p.offboard(&more);
        flagged(&p.motion("2026-03-03", motion), "no reasons")
    };
    assert!(of(&mut p, json!({})));
    assert!(of(&mut p, json!({"voluntary": true})), "voluntary by word only");
    assert!(of(&mut p, json!({"thanks": "Thank you, Ana."})));
    assert!(of(
        &mut p,
        json!({"thanks": "Thank you, Ana.", "reasons": " thank you, Ana. "})
    ));
    assert!(of(&mut p, json!({"reasons": "  \n"})));
    assert!(!of(&mut p, json!({"reasons": "Three reports are missing."})));
    let own = json!({"form": "offboard", "subject": p.ana, "voluntary": true});
    let own = p.town.open("motion", p.ana, "2026-03-02", own);
    assert!(!flagged(&p.motion("2026-03-03", own), "no reasons"));
}

#[test]
fn r24_a_replacement_that_nobody_asked_is_flagged() {
    let mut p = place();
    let zoe = p.town.person("Zoe");
    let of = |nominee: &Json| json!({"domain": p.domain, "seat": "lead", "nominee": nominee});
    let (zoes, names) = (of(&json!(zoe)), of(&json!("Carl")));
    let nomination = p.town.open("nomination", p.ben, "2026-03-01", zoes);
    let carl = p.town.open("nomination", p.ben, "2026-03-01", names);
    let flag = "nominated by someone else has not spoken yet";
    let motion = p.offboard(&json!({"replacement": nomination}));
    assert!(flagged(&p.motion("2026-03-03", motion), flag));
    let by_name = p.offboard(&json!({"replacement": carl}));
    assert!(flagged(&p.motion("2026-03-03", by_name), flag));
    let by_person = p.offboard(&json!({"replacement": zoe}));
    assert!(
        flagged(&p.motion("2026-03-03", by_person), flag),
        "named as a person, still nominated by another"
    );
    // The nominator's acceptance is no word of the nominee.
    p.town.act("accept", nomination, p.ben, "2026-03-03", json!({}));
    assert!(flagged(&p.motion("2026-03-03", motion), flag));
    p.town
        .act("post", nomination, zoe, "2026-03-04", json!({"text": "Let me think."}));
    assert_eq!(
        p.motion("2026-03-04", motion)["replacement_word"],
        "has not accepted yet"
    );
    p.town.act("accept", nomination, zoe, "2026-03-05", json!({}));
    assert_eq!(p.motion("2026-03-05", by_person)["replacement_word"], "stands");
}

#[test]
fn r27_options_are_binary_by_default_and_capped_by_form() {
    let mut p = place();
    let plain = p.offboard(&json!({}));
    assert_eq!(p.motion("2026-03-03", plain)["options"], 2);
    let three = p.offboard(&json!({"options": ["yes", "no", "split the seat"]}));
    assert!(flagged(&p.motion("2026-03-03", three), "too many options"));
    p.town.parameter("options_max_onboard", 3);
    assert!(
        flagged(&p.motion("2026-03-03", three), "too many options"),
        "set for another form"
    );
    p.town.parameter("options_max_offboard", 3);
    assert!(!flagged(&p.motion("2026-03-03", three), "too many options"));
    let one = p.offboard(&json!({"options": ["yes"]}));
    assert!(flagged(&p.motion("2026-03-03", one), "no choice"));
}

#[test]
fn r28_alternatives_are_linked_motions() {
    let mut p = place();
    let split = json!({"form": "split", "subject": p.domain});
    let split = p.town.open("motion", p.ana, "2026-03-01", split);
    let motion = p.offboard(&json!({"alternatives": [split, p.domain]}));
    let rows = p.town.at("2026-03-03").rows("motions", Some(motion), "alternatives");
    let linked: Vec<_> = rows
        .iter()
        .map(|row| (row["alternative"].clone(), row["linked"].clone()))
        .collect();
    assert!(linked.contains(&(json!(split), json!("by this one"))));
    assert!(linked.contains(&(json!(p.domain), json!("not a motion here"))));
    p.town
        .edit(split, p.ana, "2026-03-04", json!({"alternatives": [motion]}));
    let rows = p.town.at("2026-03-05").rows("motions", Some(split), "alternatives");
    assert_eq!(
        (&rows[0]["linked"], &rows[0]["form"]),
        (&json!("by both"), &json!("offboard"))
    );
}

#[test]
fn r29_outcomes_are_those_that_members_conclude() {
    let mut p = place();
    for outcome in ["retained", "removed", "resigned", "withdrawn", "lapsed"] {
        let motion = p.offboard(&json!({"reasons": "Why."}));
        p.town
            .act("reply_right", motion, p.ana, "2026-03-03", json!({"text": "Go on."}));
        let said = json!({"outcome": outcome, "reason": "So."});
        p.town.act("conclude", motion, p.ben, "2026-03-04", said.clone());
        assert_eq!(
            p.motion("2026-03-05", motion)["outcome"],
            Json::Null,
            "Ben is no member"
        );
        p.town.act("conclude", motion, p.town.founder, "2026-03-04", said);
        let row = p.motion("2026-03-05", motion);
        assert_eq!(row["outcome"], outcome);
        let unsigned = flagged(&row, "resigned without the signature of the subject");
        assert_eq!(unsigned, outcome == "resigned");
    }
    let motion = p.offboard(&json!({}));
    p.town.act("withdraw", motion, p.ana, "2026-03-03", json!({}));
    assert_eq!(
        p.motion("2026-03-05", motion)["outcome"],
        Json::Null,
        "not hers to withdraw"
    );
    p.town.act("withdraw", motion, p.ben, "2026-03-04", json!({}));
    assert_eq!(p.motion("2026-03-05", motion)["outcome"], "withdrawn");
}

#[test]
fn r33_a_recommendation_has_no_effect_and_says_so() {
    let mut p = place();
    let fields = json!({"form": "recommend", "title": "Pay more"});
    let motion = p.town.open("motion", p.ben, "2026-03-02", fields);
    p.town.act(
        "conclude",
        motion,
        p.town.founder,
        "2026-03-03",
        json!({"outcome": "carried", "reason": "So."}),
    );
    assert_eq!(p.motion("2026-03-04", motion)["effects"], "none");
    let moment = p.town.at("2026-03-04");
    let says = moment.view("motions", Some(motion))["says"].to_string();
    assert!(says.contains("no effect"), "{says}");
    let world = moment.world();
    let shown = althing_protocol::document::json::document(world.doc(motion).unwrap().document);
    assert_eq!(shown["state"]["effects"], "none", "without any view");
    let other = p.offboard(&json!({}));
    assert_eq!(p.motion("2026-03-04", other)["effects"], "as concluded");
}

#[test]
fn r34_anyone_may_open_a_motion() {
    let mut p = place();
    let motion = p.offboard(&json!({"reasons": "Why."}));
    let row = p.motion("2026-03-03", motion);
    assert_eq!(
        (&row["member"], &row["flags"]),
        (&json!(false), &json!(["no earlier concern"]))
    );
    let own = json!({"form": "other", "title": "Tea"});
    let own = p.town.open("motion", p.town.founder, "2026-03-02", own);
    assert_eq!(p.motion("2026-03-03", own)["member"], true);
    let rows = p.town.at("2026-03-03").rows("motions", None, "motions");
    assert_eq!(rows.len(), 2);
}
