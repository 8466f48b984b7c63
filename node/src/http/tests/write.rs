//! Pages that write: who may, what a mistake keeps, threads, drafts, edits.

use super::browser::*;
use super::*;
use crate::drafts;

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
    let elsewhere = ["enroll", "retire", "rotate", "take_up", "cosign", "anchor", "fraud"];
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
