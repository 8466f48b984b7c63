//! R23, R25 and R26: notice, reply, and what was said elsewhere.

use serde_json::{Value as Json, json};

use super::place::{UNSIGNED, flagged, place};
use super::town::noon;

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
    use althing_protocol::control::{Control, Document, Owner};
    use althing_protocol::document::Effect;
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
