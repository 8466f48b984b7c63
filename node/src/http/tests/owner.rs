//! Pages on which an owner decides: signatures, newcomers, settings, invitations.

use super::browser::*;
use super::*;

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
