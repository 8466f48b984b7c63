//! Feeds, figures, and whether the node is well.

use super::*;

fn text(node: &Node, path: &str) -> (u16, String, String) {
    let mut answer = node.agent().get(format!("{}{path}", node.url)).call().unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (
        answer.status().as_u16(),
        kind,
        answer.body_mut().read_to_string().unwrap(),
    )
}

#[test]
fn feeds_tell_what_was_said_last_and_carry_hostile_text_as_text() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let say = |text: &str| {
        node.write(
            &format!("/documents/{topic}/acts"),
            &json!({ "kind": "post", "text": text }),
        )
    };
    let post = id(&say("<script>alert(1)</script> & \u{ffff} more"));
    let me = node.home.identity().to_string();
    for path in [format!("/c/{committee}"), format!("/d/{topic}"), format!("/p/{me}")] {
        let (status, kind, xml) = text(&node, &format!("{path}/feed.atom"));
        assert_eq!(
            (status, kind.as_str()),
            (200, "application/atom+xml; charset=utf-8"),
            "{xml}"
        );
        let feed: atom_syndication::Feed = xml.parse().unwrap();
        let entry = feed
            .entries
            .iter()
            .find(|entry| entry.id.ends_with(&post))
            .expect("the post is told");
        assert_eq!(
            entry.content.as_ref().unwrap().value.as_deref(),
            Some("<script>alert(1)</script> &  more")
        );
        assert!(!xml.contains("<script>"), "{xml}");
        assert_eq!(entry.authors[0].name, "Ada");
        assert!(entry.links[0].href.ends_with(&format!("/e/{post}")));
        assert!(feed.entries.len() >= 2 && feed.entries[0].updated >= feed.entries[1].updated);
        assert!(
            feed.links
                .iter()
                .any(|link| link.href == format!("{}{path}/feed.atom", node.url))
        );
    }
    for _ in 0..60 {
        say("again");
    }
    let feed: atom_syndication::Feed = text(&node, &format!("/d/{topic}/feed.atom")).2.parse().unwrap();
    assert_eq!(feed.entries.len(), 50);
    assert_eq!(text(&node, &format!("/c/{}/feed.atom", "ab".repeat(32))).0, 404);
    assert_eq!(text(&node, &format!("/p/{topic}/feed.atom")).0, 422);
}

#[test]
fn windows_are_told_when_they_open_and_close_and_decisions_when_they_are_made() {
    let node = Node::new();
    let committee = node.committee();
    let open = |kind: &str, content: Value| {
        let body = json!({ "kind": kind, "content": content });
        id(&node.write(&format!("/committees/{committee}/documents"), &body))
    };
    let vote = |title: &str, from: &str, until: &str| {
        let content = json!({ "title": title, "type": "zip", "vote_from": from, "vote_until": until });
        open("proposal", content)
    };
    let over = vote("Over <b>", "2021-05-03", "2021-05-07");
    let coming = vote("Coming", "2199-05-03", "2199-05-07");
    let decision = open(
        "decision",
        json!({ "title": "It is so", "outcome": "yes", "about": over }),
    );
    let path = format!("/c/{committee}/decisions.atom");
    let (status, kind, xml) = text(&node, &path);
    assert_eq!((status, kind.as_str()), (200, "application/atom+xml; charset=utf-8"));
    let feed: atom_syndication::Feed = xml.parse().unwrap();
    let of = |doc: &str| -> Vec<&str> {
        let about = feed.entries.iter().filter(|entry| entry.links[0].href.ends_with(doc));
        about.map(|entry| entry.title.as_str()).collect()
    };
    assert_eq!(
        of(&over),
        [
            "vote from 2021-05-03 to 2021-05-07: Over <b>",
            "vote is over: Over <b>",
            "vote begins: Over <b>"
        ],
        "{xml}"
    );
    assert_eq!(
        of(&coming),
        ["vote from 2199-05-03 to 2199-05-07: Coming"],
        "what is to come is no news"
    );
    assert_eq!(of(&decision), ["decision: It is so"]);
    assert!(
        feed.entries
            .iter()
            .map(|entry| &entry.id)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            == 5
    );
    assert!(feed.links.iter().any(|link| link.href == format!("{}{path}", node.url)));
}

#[test]
fn figures_count_what_is_here_and_what_was_asked() {
    let node = Node::new();
    let committee = node.committee();
    node.topic(&committee);
    assert_eq!(node.get("/nothing").0, 404);
    let (status, kind, said) = text(&node, "/metrics");
    assert_eq!(status, 200);
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let figure = |name: &str| {
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("{name}: {said}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let entries = node.ok("/status")["entries"].as_f64().unwrap();
    assert_eq!(figure("althing_entries").to_string(), entries.to_string());
    assert!(figure(&format!("althing_record_entries{{committee=\"{}\"}}", &committee[..8])) >= 2.0);
    assert!(figure("althing_http_requests_total{class=\"read\",status=\"404\"}") >= 1.0);
    assert!(figure("althing_http_requests_total{class=\"write\",status=\"200\"}") >= 2.0);
    assert!(said.contains("althing_http_seconds_bucket{le=") && said.ends_with("# EOF\n"));
}

#[test]
fn a_node_whose_writer_ended_is_not_well() {
    let mut node = Node::new();
    assert_eq!(text(&node, "/healthz").0, 200);
    node.ingest.stop_blocking();
    node.writer.take().unwrap().join().unwrap().unwrap();
    let (status, _, said) = text(&node, "/healthz");
    assert!(status == 503 && said.contains("log"), "{said}");
}
