//! Views over HTTP: as JSON, as CSV, as of a day, as a calendar; what they have the owner told.

use super::events::Listening;
use super::*;

fn open(node: &Node, committee: &str, kind: &str, content: Value) -> String {
    let body = json!({ "kind": kind, "content": content });
    id(&node.write(&format!("/committees/{committee}/documents"), &body))
}

fn body(node: &Node, path: &str) -> (String, String) {
    let mut answer = node.agent().get(format!("{}{path}", node.url)).call().unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, answer.body_mut().read_to_string().unwrap())
}

#[test]
fn a_view_is_found_by_name_for_a_committee_or_a_document() {
    let node = Node::new();
    let committee = node.committee();
    let me = node.home.identity();
    let nomination = open(
        &node,
        &committee,
        "nomination",
        json!({ "nominee": me, "seat": "gate" }),
    );
    let listed = node.ok("/views");
    assert!(listed["items"].as_array().unwrap().len() > 70, "{listed}");
    let ballot = node.ok(&format!("/committees/{committee}/views/ballot"));
    assert_eq!(ballot["items"][0]["nomination"], json!(nomination));
    assert_eq!(ballot["items"], ballot["tables"]["nominations"]);
    assert_eq!(ballot["items"][0]["standing"], "waiting");
    assert_eq!(ballot["names"][me.to_string()], "Ada");
    node.write(&format!("/documents/{nomination}/acts"), &json!({ "kind": "accept" }));
    let narrowed = node.ok(&format!("/documents/{nomination}/views/ballot"));
    assert_eq!(narrowed["items"][0]["standing"], "on the ballot");
    // As of a day before anything was written there is nothing to tell.
    let before = node.ok(&format!("/committees/{committee}/views/ballot?at=2020-01-01"));
    assert_eq!(before["items"], json!([]));

    for (path, said) in [
        (
            format!("/committees/{committee}/views/balot"),
            "there is no view \"balot\"; there are",
        ),
        (
            format!("/committees/{committee}/views/budget"),
            "is a view of one document",
        ),
        (
            format!("/documents/{committee}/views/budget"),
            "is no view of this document",
        ),
        (format!("/committees/{committee}/views/ballot?at=soon"), "a day in UTC"),
        (
            format!("/committees/{committee}/views/ballot?format=csv&table=x"),
            "no such table",
        ),
    ] {
        let (status, why) = detail(node.get(&path));
        assert!(status == 400 || status == 422, "{status} {why}");
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn csv_computes_nothing_where_it_is_opened() {
    let node = Node::new();
    let committee = node.committee();
    open(
        &node,
        &committee,
        "nomination",
        json!({ "nominee": "=1+1", "seat": "a \"gate\", or two" }),
    );
    let (kind, text) = body(
        &node,
        &format!("/api/v1/committees/{committee}/views/ballot?format=csv"),
    );
    assert!(kind.starts_with("text/csv"), "{kind}");
    let mut lines = text.split("\r\n");
    assert!(lines.next().unwrap().starts_with("domain,seat,nomination,"));
    let row = lines.next().unwrap();
    assert!(
        row.contains("\"a \"\"gate\"\", or two\"") && row.contains(",'=1+1,"),
        "{row}"
    );
    assert_eq!(lines.next(), Some(""));
}

#[test]
fn whom_a_motion_is_about_is_told_until_they_reply() {
    let node = Node::new();
    let committee = node.committee();
    let mut eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let voice = json!({ "committee": committee, "role": "voice", "to": eve.identity() });
    node.write("/grants", &voice);
    eve.learn(&node, &committee);
    let me = node.home.identity();
    let fields = json!({ "form": "offboard", "subject": me, "reasons": "late" });
    let motion = eve.write(&node, &committee, "motion", None, fields);
    let waits = || {
        let all = node.ok("/waits")["items"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|duty| duty["what"] == "reply")
            .collect::<Vec<_>>()
    };
    let told = waits();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["doc"]["id"], json!(motion));
    let reply = json!({ "kind": "reply_right", "text": "It was the tide." });
    node.write(&format!("/documents/{motion}/acts"), &reply);
    assert!(waits().is_empty());
}

#[test]
fn a_petition_that_is_reached_is_an_event() {
    let node = Node::new();
    let committee = node.committee();
    let petition = json!({ "form": "petition", "title": "A bench", "threshold": 1 });
    let open_one = || open(&node, &committee, "motion", petition.clone());
    let doc = open_one();
    let mut listening = Listening::new(&node, &format!("?committee={committee}"), None);
    let joined = id(&node.write(&format!("/documents/{doc}/acts"), &json!({ "kind": "join" })));
    let reached = loop {
        let event = listening.next().expect("the stream goes on");
        if event.event == "reached" {
            break event;
        }
    };
    assert_eq!(reached.data["doc"], json!(doc));
    assert_eq!(reached.data["entry"], json!(joined));
}

#[test]
fn windows_are_a_calendar() {
    let node = Node::new();
    let committee = node.committee();
    let fields = json!({
        "type": "zip", "title": "A gate; or two", "mechanism": "m", "plan": "p",
        "vote_from": "2026-03-30", "vote_until": "2026-04-01",
    });
    let doc = open(&node, &committee, "proposal", fields);
    let (kind, text) = body(&node, &format!("/c/{committee}/calendar.ics"));
    assert_eq!(kind, "text/calendar; charset=utf-8");
    let unfolded = text.replace("\r\n ", "");
    assert_eq!(unfolded.matches("BEGIN:VEVENT").count(), 1, "{unfolded}");
    assert!(unfolded.contains(&format!("UID:{doc}-vote")), "{unfolded}");
    assert!(unfolded.contains("DTSTART;VALUE=DATE:20260330") && unfolded.contains("DTEND;VALUE=DATE:20260402"));
    assert!(unfolded.contains("A gate\\; or two"), "{unfolded}");
    let (_, again) = body(&node, &format!("/c/{committee}/calendar.ics"));
    assert_eq!(text, again, "the same record is the same calendar");
}
