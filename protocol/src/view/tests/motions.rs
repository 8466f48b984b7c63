//! R21 to R34, and R49: motions.

use serde_json::{Value as Json, json};

use super::town::{Town, noon};
use crate::hash::Id;

/// A town in which Ana facilitates Risk and Ben is nobody in particular.
struct Place {
    town: Town,
    ana: Id,
    ben: Id,
    domain: Id,
}

fn place() -> Place {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let seats = json!({"name": "Risk", "seats": [{"name": "lead", "term_days": 365}]});
    let domain = town.open("domain", town.founder, "2026-01-02", seats);
    Place { town, ana, ben, domain }
}

impl Place {
    /// Ben moves that Ana goes, on 2026-03-02, a Monday.
    fn offboard(&mut self, more: &Json) -> Id {
        let mut fields = json!({"form": "offboard", "subject": self.ana, "domain": self.domain});
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.town.open("motion", self.ben, "2026-03-02", fields)
    }

    fn motion(&self, day: &str, motion: Id) -> Json {
        let rows = self.town.at(day).rows("motions", Some(motion), "motions");
        assert_eq!(rows.len(), 1);
        rows[0].clone()
    }

    fn now(&self, day: &str, motion: Id) -> Json {
        self.town.at(day).rows("timeline", Some(motion), "now")[0].clone()
    }

    fn voluntary(&self, motion: Id) -> Json {
        self.motion("2026-12-01", motion)["voluntary"].clone()
    }
}

fn flagged(row: &Json, flag: &str) -> bool {
    row["flags"].as_array().unwrap().contains(&json!(flag))
}

const UNSIGNED: &str = "not signed by the subject";

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
fn r23_nothing_goes_on_before_the_reply_or_the_end_of_the_notice() {
    let mut p = place();
    let motion = p.offboard(&json!({"reasons": "Why."}));
    let early = json!({"outcome": "removed", "reason": "Quick."});
    p.town.act("conclude", motion, p.town.founder, "2026-03-03", early);
    // The state is what was said; the view does not follow it.
    let row = p.now("2026-03-04", motion);
    assert_eq!((&row["outcome"], &row["premature"]), (&Json::Null, &json!(true)));
    assert_eq!(row["waits_for"], "the reply or the end of the notice");
    assert_eq!(
        row["free_from"], "2026-03-17",
        "ten working days from Monday the second"
    );
    let row = p.now("2026-03-17", motion);
    assert_eq!(
        (&row["reply"], &row["waits_for"]),
        (&json!("silent"), &json!("a conclusion"))
    );
    assert!(flagged(&p.motion("2026-03-17", motion), "premature conclusion"));
    let due = json!({"outcome": "removed", "reason": "In time."});
    p.town.act("conclude", motion, p.town.founder, "2026-03-17", due);
    let row = p.now("2026-03-17", motion);
    assert_eq!(
        (&row["outcome"], &row["waits_for"]),
        (&json!("removed"), &json!("nothing"))
    );
}

#[test]
fn r23_a_reply_frees_the_motion_and_stays_pinned() {
    let mut p = place();
    let motion = p.offboard(&json!({"reasons": "Why."}));
    p.town.act(
        "reply_right",
        motion,
        p.ben,
        "2026-03-03",
        json!({"text": "She agrees."}),
    );
    assert_eq!(
        p.now("2026-03-03", motion)["reply"],
        "waiting",
        "somebody else replies for her"
    );
    let reply = p.town.act(
        "reply_right",
        motion,
        p.ana,
        "2026-03-04",
        json!({"text": "I disagree."}),
    );
    let row = p.now("2026-03-04", motion);
    assert_eq!(
        (&row["reply"], &row["free_from"]),
        (&json!("given"), &json!("2026-03-04"))
    );
    let sheet = p.town.at("2026-03-04").sheet("timeline", Some(motion));
    assert_eq!(sheet.tables[0].name, "replies", "before everything else");
    assert_eq!(
        p.town.at("2026-03-04").rows("timeline", Some(motion), "replies")[0]["text"],
        "I disagree."
    );
    p.town.act(
        "conclude",
        motion,
        p.town.founder,
        "2026-03-05",
        json!({"outcome": "retained", "reason": "Heard."}),
    );
    assert_eq!(p.now("2026-03-05", motion)["outcome"], "retained");
    // Taking the reply back afterwards does not undo what followed it.
    p.town
        .act("retract", motion, p.ana, "2026-03-06", json!({"entry": reply}));
    assert_eq!(p.now("2026-03-06", motion)["outcome"], "retained");
}

#[test]
fn r23_backdating_and_swapping_the_subject_do_not_shorten_the_notice() {
    let mut p = place();
    let zoe = p.town.person("Zoe");
    let fields = json!({"form": "offboard", "subject": zoe, "reasons": "Why."});
    let motion = p.town.open("motion", p.ben, "2026-01-05", fields);
    let edit = p.town.edit(motion, p.ben, "2026-03-02", json!({"subject": p.ana}));
    let row = p.now("2026-03-03", motion);
    assert_eq!(
        (&row["notice_from"], &row["notice_until"]),
        (&json!("2026-03-02"), &json!("2026-03-16"))
    );
    // The edit claims an early day, and names a block of a later one.
    p.town.anchored(edit, Some(noon("2026-03-09")), None);
    assert_eq!(p.now("2026-03-10", motion)["notice_from"], "2026-03-09");
    // A conclusion that claims a late day, and stood in a block before it.
    let late = json!({"outcome": "removed", "reason": "Late, it says."});
    let concluded = p.town.act("conclude", motion, p.town.founder, "2026-04-10", late);
    assert_eq!(p.now("2026-04-09", motion)["outcome"], Json::Null, "not yet made");
    assert_eq!(p.now("2026-04-10", motion)["outcome"], "removed");
    p.town.anchored(concluded, None, Some(noon("2026-03-11")));
    let row = p.now("2026-04-10", motion);
    assert_eq!((&row["outcome"], &row["premature"]), (&Json::Null, &json!(true)));
}

#[test]
fn r23_an_opener_cannot_appoint_another_to_reply() {
    use crate::control::{Control, Document, Owner};
    use crate::document::Effect;
    let mut p = place();
    let owner = |identity, part: Option<&str>| Owner {
        identity,
        part: part.map(str::to_owned),
    };
    let mut owners = vec![owner(p.ben, None), owner(p.ben, Some("subject"))];
    owners.sort();
    let control = Control::Document(Document { owners }).value().unwrap();
    let fields = json!({"form": "offboard", "subject": p.ana, "voluntary": true});
    let motion = p.town.open_as("motion", p.ben, "2026-03-02", fields, control);
    let reply = p
        .town
        .act("reply_right", motion, p.ben, "2026-03-02", json!({"text": "Fine."}));
    let moment = p.town.at("2026-03-03");
    let world = moment.world();
    let doc = world.doc(motion).unwrap();
    assert_eq!(doc.document.outcome(reply).unwrap().effect, Effect::Unauthorised);
    assert_eq!(p.voluntary(motion), UNSIGNED);
    assert_eq!(p.now("2026-03-03", motion)["reply"], "waiting");
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
fn r25_talks_off_the_record_are_disclosed_with_who_when_and_what() {
    let mut p = place();
    let motion = p.offboard(&json!({"reasons": "Why."}));
    let items = json!([
        {"text": "We asked her to go.", "who": p.ana, "day": "2026-02-20"},
        {"text": "Something was said."},
    ]);
    let talk = json!({"form": "off_record", "items": items});
    let talk = p.town.open("statement", p.town.founder, "2026-03-03", talk);
    p.town.open(
        "statement",
        p.town.founder,
        "2026-03-03",
        json!({"form": "report", "text": "Not this."}),
    );
    let rows = p.town.at("2026-03-04").rows("influence", None, "influence");
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["missing"], &rows[0]["days"]), (&json!([]), &json!(11)));
    assert_eq!(rows[0]["motions"], json!([motion]));
    assert_eq!(rows[1]["missing"], json!(["who", "when"]));
    let events = p.town.at("2026-03-04").rows("timeline", Some(motion), "events");
    let told: Vec<_> = events
        .iter()
        .filter(|event| event["what"] == "talk off the record")
        .collect();
    assert_eq!(told.len(), 1, "only the one with her");
    assert_eq!(
        (&told[0]["day"], &told[0]["entry"]),
        (&json!("2026-02-20"), &json!(talk))
    );
}

#[test]
fn r26_notice_counts_working_days_of_the_committees_calendar() {
    let mut p = place();
    let committee = p.town.committee;
    let founder = p.town.founder;
    let calendar = json!({"weekend": ["Friday"], "holidays": [{"day": "2026-03-04"}]});
    p.town.edit(committee, founder, "2026-01-03", calendar);
    p.town.parameter("notice_working_days", 4);
    let motion = p.offboard(&json!({"notice_days": 1}));
    let row = p.now("2026-03-05", motion);
    // 3, 5, 7 and 8 March: the fourth is a holiday, the sixth a Friday; its own single day shortens nothing.
    assert_eq!(
        (&row["notice_days"], &row["notice_until"]),
        (&json!(4), &json!("2026-03-08"))
    );
    assert_eq!(row["notice_left"], 2);
    let days = p.town.at("2026-03-05").rows("timeline", Some(motion), "notice");
    let worked: Vec<_> = days
        .iter()
        .map(|day| (day["works"].clone(), day["n"].clone()))
        .collect();
    let expected = [(true, 1), (false, 1), (true, 2), (false, 2), (true, 3), (true, 4)];
    assert_eq!(worked, expected.map(|(works, n)| (json!(works), json!(n))));
    let long = p.offboard(&json!({"notice_days": 6}));
    assert_eq!(p.now("2026-03-05", long)["notice_days"], 6);
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
fn r30_handover_lists_what_passed_and_strangers_tick_nothing_off() {
    let mut p = place();
    let zoe = p.town.person("Zoe");
    let (domain, founder) = (p.domain, p.town.founder);
    let items = json!([{"text": "Keys", "until": "2026-03-10"}, {"text": "Archive"}]);
    let list = json!({"from": p.ana, "to": zoe, "interim": p.ben, "items": items});
    p.town.act("handover", domain, founder, "2026-03-01", list);
    p.town.act(
        "handover",
        domain,
        p.ben,
        "2026-03-02",
        json!({"items": [{"text": "Archive", "done": true}]}),
    );
    let standing = |p: &Place, day: &str| -> Vec<Json> {
        let rows = p.town.at(day).rows("handover", Some(p.domain), "items");
        rows.iter().map(|row| row["standing"].clone()).collect()
    };
    assert_eq!(standing(&p, "2026-03-10"), ["open", "open"]);
    assert_eq!(standing(&p, "2026-03-11"), ["late", "open"]);
    p.town.act(
        "handover",
        domain,
        zoe,
        "2026-03-12",
        json!({"items": [{"text": " keys ", "done": true}]}),
    );
    assert_eq!(
        standing(&p, "2026-03-12"),
        ["passed", "open"],
        "she takes over by a member's list"
    );
    let interim = p.town.at("2026-03-12").rows("handover", Some(domain), "interim");
    assert_eq!(interim[0]["interim"], json!(p.ben));
    assert_eq!(interim[1]["counts"], false);
}

#[test]
fn r31_role_history_says_how_each_ended_and_nothing_else() {
    let mut p = place();
    let names = ["Zoe", "Carl", "Dora"].map(|name| p.town.person(name));
    let scope = Some(p.domain);
    let removed = p.town.grant("facilitator", p.ana, scope, "2026-01-10");
    let served = p.town.grant("facilitator", names[0], scope, "2024-01-10");
    let revoked = p.town.grant("facilitator", names[1], scope, "2026-02-01");
    p.town.grant("facilitator", names[2], scope, "2026-03-20");
    let motion = p.offboard(&json!({"reasons": "Why."}));
    p.town
        .act("reply_right", motion, p.ana, "2026-03-03", json!({"text": "Well."}));
    // Somebody calls it a resignation; she never signed one.
    p.town.act(
        "conclude",
        motion,
        p.town.founder,
        "2026-03-04",
        json!({"outcome": "resigned", "reason": "So."}),
    );
    p.town.end(removed, "2026-03-05");
    p.town.end(served, "2025-01-09");
    p.town.end(revoked, "2026-02-11");
    let ended = |p: &Place| -> Vec<(Json, Json)> {
        let rows = p.town.at("2026-04-01").rows("roles", Some(p.domain), "history");
        rows.iter()
            .map(|row| (row["holder"].clone(), row["ended"].clone()))
            .collect()
    };
    let told = |word: &str| {
        let words = [
            (names[0], "term ended"),
            (p.ana, word),
            (names[1], "revoked"),
            (names[2], "holds it"),
        ];
        words.map(|(who, word)| (json!(who), json!(word))).to_vec()
    };
    let (unsigned, after) = (told("revoked"), told("removed"));
    assert_eq!(ended(&p), unsigned);
    p.town.act(
        "conclude",
        motion,
        p.town.founder,
        "2026-03-05",
        json!({"outcome": "removed", "reason": "So."}),
    );
    assert_eq!(ended(&p), after);
    // As of a day on which she still held it.
    let rows = p.town.at("2026-03-01").rows("roles", Some(p.domain), "history");
    assert_eq!(
        (&rows[1]["until"], &rows[1]["ended"]),
        (&Json::Null, &json!("holds it"))
    );
    assert_eq!(rows.len(), 3, "Dora has not begun");

    let rows = p.town.at("2026-04-01").rows("turnover", None, "turnover");
    let year = |row: &Json| {
        (
            row["year"].clone(),
            row["starts"].clone(),
            row["ends"].clone(),
            row["median_days"].clone(),
        )
    };
    let all: Vec<_> = rows.iter().map(year).collect();
    assert_eq!(
        all,
        [
            (json!(2024), json!(1), json!(0), Json::Null),
            (json!(2025), json!(0), json!(1), json!(365)),
            (json!(2026), json!(3), json!(2), json!(32)),
        ]
    );
}

#[test]
fn r32_terms_are_optional_and_remind_before_they_end() {
    let mut p = place();
    let scope = Some(p.domain);
    let open = json!({"name": "Arts", "seats": [{"name": "lead"}]});
    let open = p.town.open("domain", p.town.founder, "2026-01-02", open);
    p.town.grant("facilitator", p.ana, scope, "2026-01-10");
    p.town.grant("facilitator", p.ben, Some(open), "2026-01-10");
    p.town.grant("moderator", p.ben, scope, "2026-01-10");
    let standing = |p: &Place, day: &str| -> Vec<(Json, Json)> {
        let rows = p.town.at(day).rows("terms", None, "terms");
        rows.iter()
            .map(|row| (row["left_days"].clone(), row["standing"].clone()))
            .collect()
    };
    let endless = (Json::Null, json!("without end"));
    assert_eq!(
        standing(&p, "2026-12-10"),
        [(json!(31), json!("runs")), endless.clone()]
    );
    assert_eq!(
        standing(&p, "2026-12-11"),
        [(json!(30), json!("ends soon")), endless.clone()]
    );
    assert_eq!(
        standing(&p, "2027-01-10"),
        [(json!(0), json!("ends soon")), endless.clone()]
    );
    assert_eq!(
        standing(&p, "2027-01-11"),
        [(json!(-1), json!("over")), endless.clone()]
    );
    p.town.parameter("term_reminder_days", 31);
    assert_eq!(standing(&p, "2026-12-10"), [(json!(31), json!("ends soon")), endless]);
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
    let shown = crate::document::json::document(world.doc(motion).unwrap().document);
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
