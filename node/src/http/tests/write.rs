//! Writing in a browser without script: forms over real sockets, on a real store.

use std::collections::BTreeMap;

use super::*;
use crate::drafts;

/// A browser that was let in: it has the cookie, and reads forms before it sends them.
pub(super) struct Browser<'a> {
    node: &'a Node,
    agent: ureq::Agent,
    cookie: String,
}

/// What a page answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) html: String,
}

impl<'a> Browser<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .new_agent();
        let link = node.server.as_ref().unwrap().link();
        let entered = agent.get(&link).call().unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { node, agent, cookie }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.node.url));
        answer(request.header("Cookie", &self.cookie).call())
    }

    /// The page, which must be there.
    pub(super) fn page(&self, path: &str) -> String {
        let got = self.get(path);
        assert_eq!(got.status, 200, "{path}: {}", text(&got.html));
        got.html
    }

    /// Sends the fields of the form on a page whose action begins so, with some of them filled in differently.
    pub(super) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page(path);
        let (action, mut values) = form(&page, path);
        for (name, value) in fields {
            values.insert((*name).to_owned(), (*value).to_owned());
        }
        self.post(&action, &values)
    }

    pub(super) fn post(&self, path: &str, values: &BTreeMap<String, String>) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.node.url));
        answer(request.header("Cookie", &self.cookie).send_form(values.iter()))
    }

    /// Presses the button that writes; answers where the browser is sent.
    pub(super) fn write(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let mut all = vec![("_do", "write")];
        all.extend(fields);
        let sent = self.send(path, &all);
        assert_eq!(sent.status, 303, "{path}: {}", text(&sent.html));
        sent.location
    }

    fn committee(&self) -> String {
        let to = self.write("/committees/new", &[("name", "Garden"), ("purpose", "to *grow*")]);
        to.strip_prefix("/c/").unwrap().to_owned()
    }

    fn topic(&self, committee: &str) -> String {
        let to = self.write(
            &format!("/c/{committee}/open/topic"),
            &[("title", "Weeds"), ("text", "one **two** three")],
        );
        to.strip_prefix("/d/").unwrap().to_owned()
    }
}

fn answer(got: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut got = got.unwrap();
    let location = got
        .headers()
        .get("location")
        .and_then(|l| l.to_str().ok())
        .unwrap_or_default();
    Answer {
        status: got.status().as_u16(),
        location: location.to_owned(),
        html: got.body_mut().read_to_string().unwrap(),
    }
}

/// What people read of a page.
pub(super) fn text(html: &str) -> String {
    let main = html.split("<main").nth(1).unwrap_or(html);
    let mut out = String::new();
    let mut inside = false;
    for c in main.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Action and fields of the form that goes to a path, as a browser would send them.
fn form(html: &str, path: &str) -> (String, BTreeMap<String, String>) {
    let plain = path.split('?').next().unwrap();
    let forms = html
        .split("<form")
        .skip(1)
        .map(|rest| rest.split("</form>").next().unwrap());
    let form = forms
        .into_iter()
        .find(|form| {
            attribute(form.split('>').next().unwrap(), "action").is_some_and(|action| action.starts_with(plain))
        })
        .unwrap_or_else(|| panic!("no form for {path} in {}", text(html)));
    let action = attribute(form.split('>').next().unwrap(), "action").unwrap();
    let mut values = BTreeMap::new();
    for part in form.split('<').skip(1) {
        let (tag, after) = part.split_once('>').unwrap_or((part, ""));
        let Some(name) = attribute(tag, "name") else { continue };
        let value = attribute(tag, "value").unwrap_or_default();
        if tag.starts_with("textarea") {
            values.insert(name, plain_text(after.strip_prefix('\n').unwrap_or(after)));
        } else if tag.starts_with("select") {
            let rest = form.split(&format!("name=\"{name}\"")).nth(1).unwrap();
            let options = rest.split("</select>").next().unwrap();
            let chosen = options.split("<option").find(|option| option.contains(" selected"));
            values.insert(
                name,
                chosen.and_then(|option| attribute(option, "value")).unwrap_or_default(),
            );
        } else if tag.starts_with("input") {
            let ticked = tag.contains(" checked");
            if !(tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"")) || ticked {
                values.insert(name, value);
            }
        }
    }
    (action, values)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain_text(rest.split('"').next()?))
}

fn plain_text(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

fn acts(node: &Node, doc: &str) -> Vec<Value> {
    node.ok(&format!("/documents/{doc}"))["acts"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn nothing_is_written_without_cookie_origin_and_secret() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let page = browser.page("/committees/new");
    let (action, mut values) = form(&page, "/committees/new");
    values.insert("name".to_owned(), "Garden".to_owned());
    values.insert("_do".to_owned(), "write".to_owned());
    let url = format!("{}{action}", node.url);
    let none = || node.ok("/committees")["items"] == json!([]);

    let stranger = answer(browser.agent.post(&url).send_form(values.iter()));
    assert_eq!(stranger.status, 401);
    assert!(
        text(&stranger.html).contains("althing page"),
        "{}",
        text(&stranger.html)
    );
    for (name, value) in [
        ("Origin", "http://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let request = browser
            .agent
            .post(&url)
            .header("Cookie", &browser.cookie)
            .header(name, value);
        assert_eq!(answer(request.send_form(values.iter())).status, 403, "{name}: {value}");
    }
    for secret in ["", "00", &values["_secret"][1..]] {
        let mut values = values.clone();
        values.insert("_secret".to_owned(), secret.to_owned());
        assert_eq!(browser.post(&action, &values).status, 403);
        values.remove("_secret");
        assert_eq!(browser.post(&action, &values).status, 403);
    }
    let mut large = values.clone();
    large.extend((0..9000).map(|n| (format!("x{n}"), String::new())));
    assert_eq!(browser.post(&action, &large).status, 413);
    assert!(none(), "none of these wrote anything");
    // Enter in a field presses no button, and signs nothing.
    values.remove("_do");
    assert_eq!(browser.post(&action, &values).status, 200);
    assert!(none());
    values.insert("_do".to_owned(), "write".to_owned());
    assert_eq!(browser.post(&action, &values).status, 303);
    assert!(!none());
}

#[test]
fn forms_are_for_the_owner() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let me = node.home.identity();
    let browser = Browser::new(&node);
    let paths = [
        "/start".to_owned(),
        "/committees/new".to_owned(),
        "/committees/follow".to_owned(),
        "/settings".to_owned(),
        "/drafts".to_owned(),
        format!("/d/{topic}/edit"),
        format!("/d/{topic}/merge"),
        format!("/d/{me}/edit"),
        format!("/e/{topic}/take-up"),
        format!("/e/{topic}/cosign"),
        format!("/e/{topic}/revoke"),
        format!("/e/{topic}/erase"),
        format!("/p/{me}/refuse"),
    ];
    let kinds = althing_protocol::kind::all();
    let documents = kinds
        .iter()
        .filter(|kind| kind.shape == althing_protocol::kind::Shape::Document);
    let documents = documents.map(|kind| format!("/c/{committee}/open/{}", kind.name));
    let elsewhere = ["enroll", "retire", "rotate", "take_up", "cosign"];
    let acts = kinds
        .iter()
        .filter(|kind| kind.shape == althing_protocol::kind::Shape::Act && !elsewhere.contains(&kind.name));
    let acts = acts.filter_map(|kind| {
        let doc = [
            ("topic", topic.clone()),
            ("committee", committee.clone()),
            ("identity", me.to_string()),
        ];
        let (_, doc) = doc.into_iter().find(|(document, _)| kind.fits(document))?;
        Some(format!("/d/{doc}/act/{}", kind.name))
    });
    for path in paths.into_iter().chain(documents).chain(acts) {
        let page = browser.page(&path);
        assert!(page.contains("<h1>") && page.contains("</html>"), "{path}");
        let stranger = answer(browser.agent.get(format!("{}{path}", node.url)).call());
        assert_eq!(stranger.status, 401, "{path}");
        assert!(
            !stranger
                .html
                .contains(node.server.as_ref().unwrap().context.session.form()),
            "{path}"
        );
    }
    // Reading is open.
    for path in [format!("/c/{committee}/people"), format!("/c/{committee}/invite")] {
        let stranger = answer(browser.agent.get(format!("{}{path}", node.url)).call());
        assert_eq!(stranger.status, 200, "{path}");
        assert!(!stranger.html.contains("_secret"), "{path}");
    }
    assert_eq!(
        browser.get(&format!("/d/{topic}/act/accept")).status,
        422,
        "it does not fit"
    );
    assert_eq!(browser.get(&format!("/c/{committee}/open/nothing")).status, 422);
}

#[test]
fn a_mistake_keeps_what_was_typed_and_says_where_it_is() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let committee = browser.committee();
    let open = format!("/c/{committee}/open/nomination");
    let added = browser.send(&open, &[("_do", "add:goals"), ("seat", "the <chair>")]);
    assert_eq!(added.status, 200);
    let (action, mut values) = form(&added.html, &open);
    assert_eq!(values["seat"], "the <chair>");
    assert_eq!(values["goals.0._item"], "");
    values.insert("goals.0.text".to_owned(), "more light".to_owned());
    values.insert("goals.0.due".to_owned(), "soon".to_owned());
    values.insert("_do".to_owned(), "write".to_owned());
    let wrong = browser.post(&action, &values);
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.html.contains("href=\"#f-goals-0-due\"") && wrong.html.contains("id=\"f-goals-0-due\""),
        "{}",
        text(&wrong.html)
    );
    let (_, mut kept) = form(&wrong.html, &open);
    assert_eq!(
        (kept["goals.0.text"].as_str(), kept["goals.0.due"].as_str()),
        ("more light", "soon")
    );
    kept.insert("goals.0.due".to_owned(), "2027-01-31".to_owned());
    kept.insert("nominee".to_owned(), "Somebody".to_owned());
    kept.insert("_do".to_owned(), "write".to_owned());
    let written = browser.post(&action, &kept);
    assert_eq!(written.status, 303, "{}", text(&written.html));
    let shown = node.ok(&format!("/documents/{}", written.location.strip_prefix("/d/").unwrap()));
    assert_eq!(shown["content"]["seat"]["values"][0]["value"], "the <chair>");
    assert_eq!(
        shown["content"]["goals"]["items"][0]["values"][0]["value"]["due"],
        "2027-01-31"
    );
}

#[test]
fn a_thread_in_a_browser() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let topic = browser.topic(&browser.committee());
    browser.write(
        &format!("/d/{topic}/act/post"),
        &[("text", "It is *all* weeds, I think.")],
    );
    let post = id(&acts(&node, &topic)[0]);
    let reply = format!("/d/{topic}/act/post?to={post}");
    assert!(
        text(&browser.page(&reply)).contains("It is all weeds"),
        "what is answered is shown"
    );
    let odd = browser.send(
        &reply,
        &[("_do", "write"), ("text", "No."), ("_quote", "something else")],
    );
    assert_eq!(odd.status, 422);
    browser.write(&reply, &[("text", "No."), ("_quote", "all weeds, I")]);
    let second = acts(&node, &topic)[1].clone();
    assert_eq!(second["reply_to"], json!(post));
    assert_eq!(second["quotes"], json!([{ "entry": post, "start": 7, "end": 20 }]));
    browser.write(
        &format!("/d/{topic}/act/question?field=title"),
        &[
            ("text", "Which ones?"),
            ("to.0.id", &format!("Ada · {}", node.home.identity().short())),
        ],
    );
    let question = acts(&node, &topic)[2].clone();
    assert_eq!(
        (&question["field"], &question["to"]),
        (&json!("title"), &json!([node.home.identity()]))
    );
    browser.write(
        &format!("/d/{topic}/act/answer?to={}", id(&question)),
        &[("text", "All.")],
    );
    browser.write(
        &format!("/d/{topic}/act/stance?position=support"),
        &[
            ("class", "gardeners"),
            ("confidence", "80"),
            ("reason", "for bees"),
            ("conditions", "rain"),
        ],
    );
    let all = acts(&node, &topic);
    assert_eq!(all[3]["reply_to"], json!(id(&question)));
    assert_eq!(
        (&all[4]["position"], &all[4]["confidence"]),
        (&json!("support"), &json!(80))
    );
    let amend = format!("/d/{topic}/act/amend?to={post}");
    let (_, values) = form(&browser.page(&amend), &amend);
    assert_eq!(
        values["text"], "It is *all* weeds, I think.",
        "it begins with what stands there"
    );
    browser.write(&amend, &[("text", "Some of it is weeds.")]);
    browser.write(
        &format!("/d/{topic}/act/retract?to={}", id(&second)),
        &[("reason", "too short")],
    );
    let all = acts(&node, &topic);
    assert!(
        all[0]["amended"].is_string() && all[1]["retracted"].is_string(),
        "{all:?}"
    );
    for act in &all {
        assert!(act["effect"] == "effective" || act["retracted"].is_string(), "{act}");
    }
    let label = format!("/d/{topic}/act/label?to={post}");
    assert!(
        text(&browser.page(&label)).contains("will not count"),
        "no moderator yet"
    );
}

#[test]
fn drafts_are_offered_again_and_go_when_they_are_signed_or_their_text_is_erased() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let committee = browser.committee();
    let topic = browser.topic(&committee);
    let path = format!("/d/{topic}/act/post");
    let kept = browser.send(&path, &[("_do", "draft"), ("text", "half a thought")]);
    assert!(text(&kept.html).contains("Kept as a draft"), "{}", text(&kept.html));
    let (_, values) = form(&browser.page(&path), &path);
    assert_eq!(values["text"], "half a thought");
    assert!(text(&browser.page("/drafts")).contains("half a thought"));
    let preview = browser.send(&path, &[("_do", "preview"), ("text", "**bold** <script>")]);
    assert!(
        preview.html.contains("<strong>bold</strong>") && !preview.html.contains("<script>"),
        "{}",
        preview.html
    );
    browser.write(&path, &[("text", "a whole thought, and quite a long one")]);
    assert!(
        node.server.as_ref().unwrap().context.drafts.all().is_empty(),
        "it was signed"
    );

    // What the script sends when typing stops.
    let (_, mut values) = form(&browser.page(&path), &path);
    values.insert("_form".to_owned(), format!("/c/{committee}/open/topic"));
    values.insert(
        "text".to_owned(),
        "As was said: a whole thought, and quite a long one. I differ.".to_owned(),
    );
    assert_eq!(browser.post("/drafts", &values).status, 204);
    values.insert("_form".to_owned(), "//evil.example".to_owned());
    assert_eq!(browser.post("/drafts", &values).status, 400);
    let other = format!("/c/{committee}/open/motion");
    browser.send(&other, &[("_do", "draft"), ("text", "of something else")]);
    let post = id(&acts(&node, &topic)[0]);
    browser.write(&format!("/e/{post}/erase"), &[("note", "by mistake")]);
    let left: Vec<String> = drafts::Drafts::new(node.home.dir())
        .all()
        .into_iter()
        .map(|draft| draft.form)
        .collect();
    assert_eq!(left, std::slice::from_ref(&other), "the erased text is in no draft");
    let mut values = form(&browser.page("/drafts"), "/drafts/drop").1;
    values.insert("_do".to_owned(), "write".to_owned());
    assert_eq!(browser.post("/drafts/drop", &values).status, 303);
    assert!(drafts::Drafts::new(node.home.dir()).all().is_empty());
}

#[test]
fn only_what_changed_is_edited_and_what_others_changed_is_shown() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let topic = browser.topic(&browser.committee());
    let path = format!("/d/{topic}/edit");
    let nothing = browser.send(&path, &[("_do", "write")]);
    assert_eq!(nothing.status, 422);
    assert!(text(&nothing.html).contains("nothing to sign"));
    let (action, mut values) = form(&browser.page(&path), &path);
    // Another device of mine changes title and text meanwhile.
    node.write(
        &format!("/documents/{topic}/edits"),
        &json!({ "title": "Herbs", "text": "one two four" }),
    );
    values.insert("text".to_owned(), "one two five".to_owned());
    values.insert("_do".to_owned(), "write".to_owned());
    let moved = browser.post(&action, &values);
    assert_eq!(moved.status, 409);
    assert!(
        moved.html.contains("<del>") && text(&moved.html).contains("Somebody changed text while you wrote"),
        "{}",
        text(&moved.html)
    );
    let (_, mut again) = form(&moved.html, &path);
    assert_eq!(
        (again["title"].as_str(), again["text"].as_str()),
        ("Herbs", "one two five")
    );
    again.insert("_do".to_owned(), "write".to_owned());
    assert_eq!(browser.post(&action, &again).status, 303);
    let shown = node.ok(&format!("/documents/{topic}"));
    assert_eq!(
        shown["content"]["title"]["values"],
        json!([{ "value": "Herbs", "by": node.home.identity(), "entry": shown["content"]["title"]["values"][0]["entry"] }])
    );
    assert_eq!(shown["content"]["text"]["values"][0]["value"], "one two five");
    let log = node.ok(&format!("/documents/{topic}/log"));
    assert_eq!(log["items"].as_array().unwrap().len(), 3);
}

#[test]
fn grants_wait_for_a_second_signature_and_say_what_they_would_change() {
    let node = Node::new();
    let eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    let browser = Browser::new(&node);
    let short = eve.identity().short();
    let eve_label = format!("Eve · {short}");
    let to = browser.write(
        "/committees/new",
        &[
            ("name", "Garden"),
            ("founders.0._item", ""),
            ("founders.0.id", &eve_label),
            ("threshold", "2"),
        ],
    );
    let committee = to.strip_prefix("/c/").unwrap();
    let people = format!("/c/{committee}/people");
    let grant = format!("/d/{committee}/act/grant");
    let odd = browser.send(&grant, &[("_do", "write"), ("role", "stewart"), ("to", &eve_label)]);
    assert_eq!(odd.status, 422, "no such role, unless it is meant");
    assert_eq!(
        browser.write(
            &grant,
            &[("role", "steward"), ("to", &eve_label), ("note", "she knows how")]
        ),
        people
    );
    let page = text(&browser.page(&people));
    assert!(
        page.contains(&format!(
            "Eve ({short}) becomes steward (signs grants, revocations and parameters)."
        )),
        "{page}"
    );
    assert!(
        page.contains(&format!("1 of 2 signatures: Eve ({short}) can complete it.")) && page.contains("she knows how"),
        "{page}"
    );
    let entry = id(acts(&node, committee).last().unwrap());
    assert!(text(&browser.page(&format!("/e/{entry}/cosign"))).contains("nothing for you to sign"));
    assert!(text(&browser.page(&format!("/e/{entry}/revoke"))).contains("nothing to revoke"));
    // With one signature, a grant is made at once and can be revoked.
    let alone = browser.committee();
    browser.write(
        &format!("/d/{alone}/act/grant"),
        &[("role", "voice"), ("to", &eve_label)],
    );
    let entry = id(acts(&node, &alone).last().unwrap());
    let revoke = format!("/e/{entry}/revoke");
    assert!(text(&browser.page(&revoke)).contains("Eve is voice by this grant."));
    browser.write(&revoke, &[("note", "left")]);
    assert!(
        node.ok(&format!("/committees/{alone}/roles"))["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    browser.write(
        &format!("/d/{alone}/act/set_parameter"),
        &[("name", "notice_days"), ("value", "14")],
    );
    assert_eq!(
        node.ok(&format!("/committees/{alone}/parameters"))["items"][0]["value"],
        14
    );
}

#[test]
fn a_newcomers_words_are_taken_up_by_one_button() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let committee = browser.committee();
    let topic = browser.topic(&committee);
    let mut eve = Stranger::new();
    node.write("/identities", &json!({ "entries": eve.wires() }));
    eve.learn(&node, &committee);
    let (post, wire) = eve.post(&committee, &topic, "May I?");
    assert_eq!(node.raw(wire).0, 200);
    assert_eq!(acts(&node, &topic)[0]["record"], false);
    let take_up = format!("/e/{post}/take-up");
    assert!(text(&browser.page(&take_up)).contains("May I?"));
    let button = format!(r#"form="at-once" formaction="{take_up}""#);
    assert!(browser.page(&format!("/d/{topic}")).contains(&button));
    let back = format!("/d/{topic}?entry={post}#e-{}", post.short());
    assert_eq!(browser.write(&take_up, &[]), back);
    assert_eq!(acts(&node, &topic)[0]["record"], true);
    // Refusing her drops what she said here; the settings undo it.
    let eve = eve.identity();
    browser.write(&format!("/p/{eve}/refuse"), &[("note", "spam")]);
    assert_eq!(acts(&node, &topic)[0]["body"], "erased");
    assert!(text(&browser.page("/settings")).contains("spam"));
    let mut values = form(&browser.page("/settings"), "/settings/accept").1;
    values.insert("_do".to_owned(), "write".to_owned());
    assert_eq!(browser.post("/settings/accept", &values).status, 303);
    assert!(node.ok("/refusals")["items"].as_array().unwrap().is_empty());
}

#[test]
fn settings_keep_bodies_and_filters() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let committee = browser.committee();
    let topic = browser.topic(&committee);
    let bodies = || node.ok(&format!("/committees/{committee}"))["bodies"].clone();
    browser_bodies(&browser, &[("bodies", "none")]);
    assert_eq!(bodies(), json!("none"));
    browser_bodies(&browser, &[("bodies", "docs"), (&format!("doc.{topic}"), "yes")]);
    assert_eq!(bodies(), json!([topic]));
    let mut values = form(&browser.page("/settings"), "/settings/filters").1;
    values.insert("label".to_owned(), "spam".to_owned());
    assert_eq!(browser.post("/settings/filters", &values).status, 303);
    browser.write(
        &format!("/d/{committee}/act/grant"),
        &[("role", "moderator"), ("to", &node.home.identity().to_string())],
    );
    browser.write(&format!("/d/{topic}/act/post"), &[("text", "buy")]);
    let post = id(&acts(&node, &topic)[0]);
    let context = &node.server.as_ref().unwrap().context;
    let hidden = || {
        let loaded = context.cache.load(&node.ingest, topic.parse().unwrap()).unwrap();
        context.filters.hides(post.parse().unwrap(), loaded.document.acts())
    };
    assert_eq!(hidden(), None);
    browser.write(
        &format!("/d/{topic}/act/label?to={post}"),
        &[("label", "Spam"), ("reason", "it sells")],
    );
    assert_eq!(hidden().unwrap().by, node.home.identity());
    values.insert("remove".to_owned(), "yes".to_owned());
    assert_eq!(browser.post("/settings/filters", &values).status, 303);
    assert_eq!(hidden(), None);
}

fn browser_bodies(browser: &Browser<'_>, fields: &[(&str, &str)]) {
    let mut values = form(&browser.page("/settings"), "/settings/bodies").1;
    for (name, value) in fields {
        values.insert((*name).to_owned(), (*value).to_owned());
    }
    assert_eq!(browser.post("/settings/bodies", &values).status, 303);
}

#[test]
fn an_invitation_is_followed_until_the_root_comes() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let wrong = browser.send("/committees/follow", &[("_do", "write"), ("invitation", "hello")]);
    assert_eq!(wrong.status, 400);
    assert!(text(&wrong.html).contains("hello"), "{}", text(&wrong.html));
    let id = "ab".repeat(32);
    let to = browser.write("/committees/follow", &[("invitation", &format!("althing:{id}"))]);
    let page = browser.get(&to);
    assert!(
        page.html.contains("<progress") && text(&page.html).contains("No peer has answered yet"),
        "{}",
        text(&page.html)
    );
    let committee = browser.committee();
    let to = browser.write("/committees/follow", &[("invitation", &committee)]);
    assert_eq!(browser.get(&to).location, format!("/c/{committee}"), "it is here");
    assert!(
        browser
            .page(&format!("/c/{committee}/invite"))
            .contains(&format!("althing:{committee}"))
    );
}
