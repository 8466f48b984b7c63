//! A nomination's whole story in two browsers without script, over two real nodes: plain requests, as forms send them.

use std::collections::BTreeMap;

use althing_tests::process::{Node, agree, text, wait_for};
use serde_json::Value;

use super::World;

/// A browser that its node's owner let in.
struct Browser<'a> {
    node: &'a Node,
    agent: ureq::Agent,
    cookie: String,
    secret: String,
}

impl<'a> Browser<'a> {
    fn new(node: &'a Node) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .new_agent();
        let link = text(&node.cli(&["page"]), "page");
        let entered = agent.get(&link).call().expect("the link works");
        let cookie = entered
            .headers()
            .get("set-cookie")
            .and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("a cookie");
        let mut browser = Self {
            node,
            agent,
            cookie: cookie.to_owned(),
            secret: String::new(),
        };
        let page = browser.get("/committees/new");
        browser.secret = between(&page, "name=\"_secret\" value=\"", "\"").expect("a secret");
        browser
    }

    fn get(&self, path: &str) -> String {
        let url = format!("{}{path}", self.node.api());
        let answer = self.agent.get(url).header("Cookie", &self.cookie).call();
        let mut answer = answer.expect("the node answers");
        answer.body_mut().read_to_string().expect("a page")
    }

    /// Sends a form; answers where the browser is sent, or the page that says why not.
    fn try_send(&self, path: &str, fields: &[(&str, &str)]) -> Result<String, String> {
        let own = [("_secret", self.secret.as_str()), ("_do", "write")];
        let all: BTreeMap<&str, &str> = own.iter().chain(fields).copied().collect();
        let url = format!("{}{path}", self.node.api());
        let answer = self.agent.post(url).header("Cookie", &self.cookie).send_form(all);
        let mut answer = answer.expect("the node answers");
        match answer.headers().get("location").and_then(|to| to.to_str().ok()) {
            Some(to) => Ok(to.to_owned()),
            None => Err(answer.body_mut().read_to_string().expect("a page")),
        }
    }

    fn send(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let sent = self.try_send(path, fields);
        assert!(sent.is_ok(), "{path} {fields:?}: {sent:?}");
        sent.unwrap_or_default()
    }
}

fn between(text: &str, begin: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(begin)?;
    Some(rest.split(end).next()?.to_owned())
}

/// The only act of a kind in a document, once a node has it.
fn act(node: &Node, doc: &str, kind: &str) -> Value {
    wait_for(kind, || {
        let shown = node.get(&format!("/documents/{doc}"))?;
        let acts = shown.get("acts")?.as_array()?.clone();
        acts.into_iter()
            .find(|act| act.get("kind").and_then(Value::as_str) == Some(kind))
    })
}

fn short(id: &str) -> &str {
    id.get(..8).expect("an id")
}

#[test]
fn a_nomination_from_founding_to_acceptance_in_two_browsers() {
    let world = World::new();
    let (ada, bob) = (world.begin("ada"), world.begin("bob"));
    let (hers, his) = (Browser::new(&ada), Browser::new(&bob));

    // They meet in a committee that Ada founds alone.
    let meeting = hers.send("/committees/new", &[("name", "Meeting point")]);
    let invitation = between(&hers.get(&format!("{meeting}/invite")), "data-copy>", "<").expect("an invitation");
    let invitation = invitation.trim().replace("&amp;", "&");
    let to = his.send("/committees/follow", &[("invitation", &invitation)]);
    wait_for("the committee's page", || his.get(&to).is_empty().then_some(()));
    let bob_label = format!("bob · {}", short(bob.identity()));
    let path = format!("/d/{}/act/grant", meeting.strip_prefix("/c/").expect("a committee"));
    wait_for("Bob's identity", || {
        hers.try_send(&path, &[("role", "voice"), ("to", &bob_label)]).ok()
    });

    // Then both found one in which two have to sign.
    let founders = [
        ("name", "Harbour"),
        ("purpose", "to keep it open"),
        ("threshold", "2"),
        ("founders.0._item", ""),
        ("founders.0.id", bob_label.as_str()),
    ];
    let home = hers.send("/committees/new", &founders);
    let committee = home.strip_prefix("/c/").expect("a committee").to_owned();
    let invitation = between(&hers.get(&format!("{home}/invite")), "data-copy>", "<").expect("an invitation");
    let to = his.send(
        "/committees/follow",
        &[("invitation", &invitation.trim().replace("&amp;", "&"))],
    );
    wait_for("the committee's page", || his.get(&to).is_empty().then_some(()));

    // A role waits for Bob, who sees what it would change and signs with one button.
    let grant = [("role", "moderator"), ("to", ada.identity()), ("note", "somebody must")];
    assert_eq!(
        hers.send(&format!("/d/{committee}/act/grant"), &grant),
        format!("{home}/people")
    );
    let waits = wait_for("the grant", || {
        let page = his.get(&format!("{home}/people"));
        page.contains(&format!(
            "ada ({}) becomes moderator (puts labels on entries).",
            short(ada.identity())
        ))
        .then_some(page)
    });
    assert!(
        waits.contains(&format!(
            "1 of 2 signatures: bob ({}) can complete it.",
            short(bob.identity())
        )),
        "{waits}"
    );
    let cosign = between(&waits, "action=\"/e/", "/cosign\"").expect("a button");
    his.send(&format!("/e/{cosign}/cosign"), &[]);
    wait_for("the role", || {
        let roles = ada.get(&format!("/committees/{committee}/roles"))?;
        let items = roles.get("items")?.as_array()?.clone();
        (items.len() == 1).then_some(())
    });

    // Ada nominates Bob, who speaks for himself.
    let open = [
        ("nominee", bob_label.as_str()),
        ("seat", "harbour master"),
        ("reasons", "He *knows* the tides."),
    ];
    let doc = hers.send(&format!("{home}/open/nomination"), &open);
    let doc = doc.strip_prefix("/d/").expect("a document").to_owned();
    wait_for("the nomination", || bob.get(&format!("/documents/{doc}")));
    assert!(
        hers.get(&format!("/d/{doc}/act/accept"))
            .contains("This counts only from the nominee.")
    );
    let edit = his.get(&format!("/d/{doc}/edit"));
    assert!(
        edit.contains("name=\"perspective\"") && !edit.contains("name=\"reasons\""),
        "his part, not hers"
    );
    let seen = between(&edit, "name=\"_seen\" value=\"", "\"").expect("what he saw");
    let platform = [
        ("_seen", seen.as_str()),
        ("perspective", "Open to all."),
        ("goals.0._item", ""),
        ("goals.0.text", "A second crane"),
    ];
    his.send(&format!("/d/{doc}/edit"), &platform);
    his.send(&format!("/d/{doc}/act/accept"), &[("reason", "Gladly")]);

    // A question on a field, its answer, a newer word, where she stands.
    wait_for("the acceptance", || {
        let shown = ada.get(&format!("/documents/{doc}"))?;
        (shown.pointer("/state/name")?.as_str()? == "accepted").then_some(())
    });
    hers.send(
        &format!("/d/{doc}/act/question?field=goals"),
        &[("field", "goals"), ("text", "Who pays for it?")],
    );
    let question = act(&bob, &doc, "question");
    assert_eq!(text(&question, "field"), "goals");
    his.send(
        &format!("/d/{doc}/act/answer?to={}", text(&question, "id")),
        &[("text", "The ferries.")],
    );
    let answer = act(&ada, &doc, "answer");
    assert_eq!(text(&answer, "reply_to"), text(&question, "id"));
    hers.send(
        &format!("/d/{doc}/act/stance"),
        &[("position", "support"), ("class", "founders"), ("reason", "clear")],
    );
    act(&bob, &doc, "stance");

    agree(&[&ada, &bob], &committee, 9);
    for node in [&ada, &bob] {
        let shown = node.get(&format!("/documents/{doc}")).expect("the nomination");
        let value = |field: &str| shown.pointer(&format!("/content/{field}/values/0/value")).cloned();
        assert_eq!(value("perspective"), Some("Open to all.".into()));
        assert_eq!(value("reasons"), Some("He *knows* the tides.".into()));
        let acts = shown.get("acts").and_then(Value::as_array).expect("acts");
        assert_eq!(acts.len(), 4);
        for act in acts {
            assert_eq!(text(act, "effect"), "effective", "{act}");
        }
    }
    // Drafts of what was written are gone; what somebody else reads holds no form.
    assert!(!ada.data().join("drafts").exists() || hers.get("/drafts").contains("There is none."));
    let url = format!("{}/d/{doc}/edit", ada.api());
    let stranger = hers.agent.get(url).call().expect("the node answers");
    assert_eq!(stranger.status(), 401);
}
