//! The pages for reading, over a real node: each answers, and nothing that people wrote gets out of its place.

use std::time::Instant;

use super::*;

/// What somebody may write everywhere.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}abc";

impl Node {
    fn page(&self, path: &str) -> (u16, String) {
        let mut response = self.agent().get(format!("{}{path}", self.url)).call().unwrap();
        let policy = response.headers().get("content-security-policy").cloned();
        assert!(
            policy.is_some_and(|policy| policy.to_str().unwrap().starts_with("default-src 'none'")),
            "{path}"
        );
        (
            response.status().as_u16(),
            response.body_mut().read_to_string().unwrap(),
        )
    }

    fn shown(&self, path: &str) -> String {
        let (status, text) = self.page(path);
        assert_eq!(status, 200, "{path}: {text}");
        whole(path, &text);
        text
    }

    fn owner(&self, path: &str) -> String {
        let link = self.server.as_ref().unwrap().link();
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        let entered = agent.get(&link).call().unwrap();
        let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut response = agent
            .get(format!("{}{path}", self.url))
            .header("cookie", cookie)
            .call()
            .unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let text = response.body_mut().read_to_string().unwrap();
        whole(path, &text);
        text
    }

    fn open(&self, committee: &str, kind: &str, content: Value) -> String {
        let body = json!({ "kind": kind, "content": content });
        id(&self.write(&format!("/committees/{committee}/documents"), &body))
    }

    fn act(&self, doc: &str, kind: &str, body: Value) -> String {
        id(&self.write(
            &format!("/documents/{doc}/acts"),
            &json!({ "kind": kind, "body": body }),
        ))
    }
}

/// Elements are closed in order, ids are distinct, nothing is styled or scripted inline, nothing comes from elsewhere.
fn whole(path: &str, text: &str) {
    const VOID: [&str; 7] = ["meta", "link", "input", "br", "hr", "img", "!DOCTYPE"];
    let mut open = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for tag in text.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap_or_else(|| panic!("{path}: <{tag}"));
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '!')
            .collect();
        if inside.starts_with('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(name.as_str()),
                "{path}: …<{}",
                text::around(tag)
            );
        } else if !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        if inside.starts_with('/') {
            continue;
        }
        assert!(
            !inside.contains(" style=") && !inside.contains(" onerror="),
            "{path}: <{inside}>"
        );
        assert!(
            name != "script" || inside.contains(" src=\"/web/"),
            "{path}: <{inside}>"
        );
        assert!(name != "img" && name != "iframe", "{path}: <{inside}>");
        if let Some((_, rest)) = inside.split_once(" id=\"") {
            let id = rest.split('"').next().unwrap().to_owned();
            assert!(ids.insert(id.clone()), "{path}: two elements are {id}");
        }
    }
    assert!(open.is_empty(), "{path}: {open:?} stay open");
    assert!(
        text.contains("<main id=\"main\"") && text.contains("<html lang=\"en\">"),
        "{path}"
    );
    assert!(!text.contains('\u{202e}'), "{path}: a direction is turned");
}

mod text {
    pub(super) fn around(tag: &str) -> String {
        tag.chars().take(80).collect()
    }
}

/// A committee with one document of each kind, acts of each sort, and hostile text in all of them.
fn world(node: &Node) -> (String, Vec<String>) {
    let hostile = |more: &str| format!("{HOSTILE} {more}");
    let committee = json!({ "name": "Garden <b>", "purpose": hostile("purpose"), "charter": hostile("charter") });
    let committee = id(&node.write("/committees", &committee));
    let line = "Weeds <script>alert(1)</script> \u{202e}";
    let mut docs = vec![
        node.open(&committee, "topic", json!({ "title": line, "text": hostile("text") })),
        node.open(&committee, "nomination", json!({
            "nominee": line, "seat": line, "domain": line, "handle": line, "reasons": hostile("why"), "perspective": hostile("so"),
            "goals": [{ "text": hostile("goal"), "due": "2027-03-01" }, { "text": "two", "unmeasured": true }],
            "budget": [{ "item": line, "amount": "12000 EUR" }, { "item": "x", "amount": "1 DAI", "period": line }],
        })),
        node.open(&committee, "statement", json!({ "form": "report", "period": line, "start": "2026-07-01", "text": hostile("t"), "items": [{ "text": "one", "evidence": "javascript:alert(1)" }] })),
        node.open(&committee, "research", json!({ "title": line, "findings": hostile("f"), "questions": [line], "data": [{ "hash": "ab".repeat(32), "length": 12, "type": line, "url": "https://a.example/\"onmouseover=x" }] })),
        node.open(&committee, "motion", json!({ "form": "offboard", "subject": node.home.identity(), "text": hostile("m") })),
    ];
    docs.push(node.open(&committee, "decision", json!({ "title": line, "outcome": hostile("o"), "options": [line, "b"], "inputs": [docs[0]], "link": "https://a.example" })));
    let doc = docs[1].clone();
    let moderator = json!({ "committee": committee, "role": "moderator", "to": node.home.identity() });
    node.write("/grants", &moderator);
    let post = node.act(&doc, "post", json!({ "text": hostile("post") }));
    let reply = node.act(&doc, "post", json!({ "text": "so", "reply_to": post, "quotes": [{ "entry": post, "start": 0, "end": 12 }, { "entry": doc, "start": 5, "end": 2 }] }));
    node.act(&doc, "amend", json!({ "entry": reply, "text": hostile("amended") }));
    let question = node.act(&doc, "question", json!({ "text": hostile("asked"), "field": "goals" }));
    node.act(&doc, "question", json!({ "text": "open one", "field": "<b>" }));
    node.act(
        &doc,
        "answer",
        json!({ "text": hostile("answer"), "reply_to": question }),
    );
    node.act(&doc, "stance", json!({ "position": "support", "class": line, "confidence": 70, "reason": hostile("r"), "conditions": hostile("c") }));
    node.act(
        &doc,
        "label",
        json!({ "entry": post, "label": line, "reason": hostile("l") }),
    );
    node.act(&doc, "retract", json!({ "entry": post, "reason": hostile("r") }));
    node.write(
        &format!("/documents/{doc}/edits"),
        &json!({ "seat": "Another", "reasons": "other words" }),
    );
    node.act(
        node.home.identity().to_string().as_str(),
        "disclose",
        json!({ "text": hostile("I own a boat") }),
    );
    (committee, docs)
}

/// Anybody may ask for a page that is to be kept, so a long thread is cut there too, and said to go on.
#[test]
fn a_page_to_be_kept_holds_a_thread_up_to_its_bytes() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let words = "word ".repeat(22_000);
    let (posts, each) = (45, words.len());
    for n in 0..posts {
        let body = json!({ "text": format!("{n} {words}") });
        node.write(
            &format!("/documents/{doc}/acts"),
            &json!({ "kind": "post", "body": body }),
        );
    }
    let ask = |path: &str, copy: bool| {
        let mut request = node.agent().get(format!("{}{path}", node.url));
        if copy {
            request = request.header("althing-copy", &committee);
        }
        let html = request.call().unwrap().body_mut().read_to_string().unwrap();
        let later = html.split("rel=\"next\" href=\"").nth(1);
        let later = later.map(|rest| rest.split(['"', '#']).next().unwrap().to_owned());
        (html.matches("<article").count(), html.len(), later)
    };
    let (read, _, _) = ask(&format!("/d/{doc}"), false);
    let (kept, bytes, later) = ask(&format!("/d/{doc}"), true);
    // The entry that crosses the bound is the last one.
    assert_eq!((read, kept), ((384 << 10) / each + 1, (4 << 20) / each + 1));
    assert!(bytes < 6 << 20, "{bytes}");
    let (rest, _, end) = ask(&later.unwrap(), true);
    assert_eq!((kept + rest, end), (posts, None));
}

#[test]
fn every_page_of_every_kind_answers_and_hostile_text_stays_text() {
    let node = Node::new();
    assert!(node.shown("/").contains("follows no committee yet"));
    let (committee, docs) = world(&node);
    let own = node.home.identity();
    let mut paths: Vec<String> = [
        "",
        "?kind=topic",
        "?kind=nomination&state=open",
        "?kind=%3Cscript%3E&state=%22%3E",
        "/floor",
    ]
    .iter()
    .map(|rest| format!("/c/{committee}{rest}"))
    .collect();
    paths.extend(
        [
            "/",
            "/network",
            "/search",
            "/search?q=weeds",
            "/search?q=%22%3E%3Cscript%3E%E2%80%AE",
        ]
        .map(str::to_owned),
    );
    paths.extend([
        format!("/p/{own}"),
        format!("/d/{own}"),
        format!("/d/{committee}"),
        format!("/e/{own}"),
        format!("/e/{committee}"),
    ]);
    for doc in &docs {
        paths.extend(["", "/versions", &format!("/at/{doc}")].map(|rest| format!("/d/{doc}{rest}")));
        for act in node.ok(&format!("/documents/{doc}/log"))["items"].as_array().unwrap() {
            paths.push(format!("/e/{}", id(act)));
            paths.push(format!("/d/{doc}?entry={}", id(act)));
        }
    }
    for path in &paths {
        for text in [node.shown(path), node.owner(path)] {
            assert!(!text.contains("<script>alert") && !text.contains("<img"), "{path}");
            assert!(!text.contains("href=\"javascript"), "{path}");
        }
    }
    let shown = node.shown(&format!("/d/{}", docs[1]));
    for words in [
        "Where people stand",
        "1 support",
        "Questions",
        "No answer yet",
        "Labelled",
        "Taken back",
        "in reply to",
        "120.00 EUR",
        "In the record",
        "⟨U+202E⟩",
    ] {
        assert!(shown.to_lowercase().contains(&words.to_lowercase()), "{words}");
    }
    assert!(
        shown.contains("said on version 1; 2 fields changed since"),
        "a stance knows what it saw"
    );
    for missing in [
        "/d/0123456789",
        "/c/zz",
        "/p/zz",
        &format!("/e/{}", "0".repeat(64)),
        &format!("/d/{}/at/{own}", docs[0]),
    ] {
        let (status, text) = node.page(missing);
        assert!(status == 404 || status == 400, "{missing}: {status}");
        whole(missing, &text);
        assert!(text.contains("Go to the first page"), "{missing}");
    }
}

#[test]
fn what_somebody_else_wrote_waits_on_the_floor_and_is_new_once() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    assert!(
        !node.owner("/").contains("Weeds"),
        "the first look has nothing to compare with"
    );
    node.owner(&format!("/d/{doc}"));
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    let (post, wire) = eve.post(&committee, &doc, "may I?");
    node.raw(wire);
    for wire in eve.home.initial_entries() {
        node.raw(wire);
    }
    let floor = node.owner(&format!("/c/{committee}/floor"));
    assert!(floor.contains("may I?") && floor.contains(&format!("/e/{post}/take-up")));
    assert!(
        node.shown(&format!("/d/{doc}"))
            .contains("nobody has taken this up yet")
    );
    assert!(
        node.owner(&format!("/c/{committee}"))
            .contains("1 entry that nobody has taken up")
    );
    node.write("/take-ups", &json!({ "entries": [post] }));
    let home = node.owner("/");
    assert!(home.contains("Weeds") && home.contains("1 post"), "it is news: {home}");
    let page = node.owner(&format!("/d/{doc}?live=1"));
    assert!(
        page.contains("1 entry came since you last looked"),
        "fetched by script, nobody looked"
    );
    assert!(
        node.owner(&format!("/d/{doc}"))
            .contains("1 entry came since you last looked")
    );
    assert!(
        !node.owner(&format!("/d/{doc}")).contains("since you last looked"),
        "now it was seen"
    );
    assert!(!node.owner("/").contains("Weeds"));
    // Others have no marks, and move none.
    assert!(!node.shown(&format!("/d/{doc}")).contains("since you last looked"));
    let post = node
        .agent()
        .post(format!("{}/looked", node.url))
        .send_form([("_secret", "x")]);
    assert_eq!(post.unwrap().status().as_u16(), 403);
}

#[test]
fn threads_have_pages_and_links_lead_to_the_right_one() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let posts: Vec<String> = (0..450)
        .map(|n| node.act(&doc, "post", json!({ "text": format!("words {n}") })))
        .collect();
    let first = node.shown(&format!("/d/{doc}"));
    assert!(first.contains("Entries 1 to 200 of 450") && first.contains("words 199") && !first.contains("words 200<"));
    let second = node.shown(&format!("/d/{doc}?from=200"));
    assert!(second.contains("words 200") && second.contains("words 399") && second.contains("rel=\"prev\""));
    let deep = node.shown(&format!("/d/{doc}?entry={}", posts[420]));
    assert!(deep.contains(&format!("id=\"e-{}\"", &posts[420][..8])) && deep.contains("Entries 401 to 450"));
    assert_eq!(node.page(&format!("/d/{doc}?from=x")).0, 400);
    assert!(node.shown(&format!("/d/{doc}?from=99999999")).contains("450 entries"));
}

#[test]
fn an_erased_text_says_by_whom_and_why() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    let mut eve = Stranger::new();
    eve.learn(&node, &committee);
    let (post, wire) = eve.post(&committee, &doc, "a home address");
    node.raw(wire);
    for wire in eve.home.initial_entries() {
        node.raw(wire);
    }
    assert!(node.shown(&format!("/d/{doc}")).contains("a home address"));
    node.write(
        "/erasures",
        &json!({ "entry": post, "reason": "it names where <b>somebody</b> lives" }),
    );
    for path in [format!("/d/{doc}"), format!("/e/{post}"), "/network".to_owned()] {
        let text = node.shown(&path);
        assert!(!text.contains("a home address"), "{path}");
        assert!(
            text.contains("it names where &lt;b&gt;somebody&lt;/b&gt; lives"),
            "{path}"
        );
    }
    assert!(node.shown(&format!("/d/{doc}")).contains("was erased on this node by"));
}

#[test]
fn a_thousand_acts_are_rendered_soon() {
    let node = Node::new();
    let committee = node.committee();
    let doc = node.topic(&committee);
    for n in 0..1000 {
        node.act(&doc, "post", json!({ "text": format!("Act {n}: some *words* and [a link](https://a.example/{n}) that somebody wrote about weeds.") }));
    }
    let path = format!("/d/{doc}");
    node.shown(&path);
    let mut took: Vec<_> = (0..100)
        .map(|_| {
            let start = Instant::now();
            node.page(&path);
            start.elapsed()
        })
        .collect();
    took.sort();
    // The bench holds the goal of 30 ms; here another test may share the machine.
    assert!(took[50].as_millis() < 250, "{took:?}");
}
