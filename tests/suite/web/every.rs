//! Every page, in every light: no serious barrier, nothing wider than a telephone, and a picture of each.

use althing_tests::browser::Looks;
use althing_tests::process::{Node, agree, wait_for};
use serde_json::Value;

use super::{enter, open};
use crate::node::{World, follow, found};

/// A committee with something on each page.
struct Stage {
    ada: Node,
    /// A newcomer's, which says something that nobody takes up.
    _bob: Node,
    paths: Vec<(&'static str, String)>,
}

fn stage(world: &World) -> Stage {
    let (ada, bob) = (world.begin("ada"), world.begin("bob"));
    let committee = found(&ada);
    follow(&bob, &committee, &ada);
    agree(&[&ada, &bob], &committee, 1);
    let nominate = ["nominate", "--committee", &committee];
    let case = [
        "--set",
        "title=Ada for harbour master",
        "--set",
        "seat=harbour master",
        "--set",
        "reasons=She *knows* the tides.\n\n| tide | depth |\n|---|---|\n| high | 9 m |\n\n> and the ropes",
        "--set",
        "goals={\"text\": \"A second crane\"}",
    ];
    let doc = ada.write(&[&nominate[..], &case[..]].concat());
    ada.write(&["edit", &doc, "--set", "reasons=She knows the tides, and the **ropes**."]);
    let post = ada.write(&[
        "post",
        &doc,
        "First word, with a [link](https://example.org) and `code`.",
    ]);
    ada.write(&["post", &doc, "Second word.", "--reply-to", &post]);
    let asked = ada.write(&[
        "act",
        "question",
        &doc,
        "--set",
        "text=Who pays?",
        "--set",
        "field=goals",
    ]);
    ada.write(&[
        "act",
        "answer",
        &doc,
        "--set",
        "text=The ferries.",
        "--set",
        &format!("reply_to={asked}"),
    ]);
    ada.write(&["stance", &doc, "support", "--set", "reason=She does it already"]);
    wait_for("the nomination", || bob.get(&format!("/documents/{doc}")));
    let word = bob.write(&["post", &doc, "I am new here."]);
    wait_for("the newcomer's post", || {
        let shown = ada.get(&format!("/documents/{doc}"))?;
        shown.to_string().contains(&word).then_some(())
    });
    let grant = ada.write(&["grant", "moderator", ada.identity(), "--committee", &committee]);
    let paths = vec![
        ("home", "/".to_owned()),
        ("start", "/start".to_owned()),
        ("found", "/committees/new".to_owned()),
        ("follow", "/committees/follow".to_owned()),
        ("committee", format!("/c/{committee}")),
        ("people", format!("/c/{committee}/people")),
        ("floor", format!("/c/{committee}/floor")),
        ("log", format!("/c/{committee}/log")),
        ("verify", "/verify".to_owned()),
        ("invite", format!("/c/{committee}/invite")),
        ("open-nomination", format!("/c/{committee}/open/nomination")),
        ("open-statement", format!("/c/{committee}/open/statement")),
        ("open-research", format!("/c/{committee}/open/research")),
        ("open-proposal", format!("/c/{committee}/open/proposal")),
        ("open-domain", format!("/c/{committee}/open/domain")),
        ("open-motion", format!("/c/{committee}/open/motion")),
        ("open-topic", format!("/c/{committee}/open/topic")),
        ("document", format!("/d/{doc}")),
        ("versions", format!("/d/{doc}/versions")),
        ("then", format!("/d/{doc}/at/{post}")),
        ("edit", format!("/d/{doc}/edit")),
        ("merge", format!("/d/{doc}/merge")),
        ("reply", format!("/d/{doc}/act/post?to={post}")),
        ("stance", format!("/d/{doc}/act/stance")),
        ("question", format!("/d/{doc}/act/question?field=goals")),
        ("objection", format!("/d/{doc}/act/objection?field=goals")),
        ("counter-budget", format!("/d/{doc}/act/counter_budget")),
        ("commit", format!("/d/{doc}/act/commit")),
        ("delegate", format!("/d/{committee}/act/delegate")),
        ("grant", format!("/d/{committee}/act/grant")),
        ("entry", format!("/e/{post}")),
        ("take-up", format!("/e/{word}/take-up")),
        ("cosign", format!("/e/{grant}/cosign")),
        ("revoke", format!("/e/{grant}/revoke")),
        ("erase", format!("/e/{post}/erase")),
        ("person", format!("/p/{}", ada.identity())),
        ("refuse", format!("/p/{}/refuse", bob.identity())),
        ("search", "/search?q=tides".to_owned()),
        ("network", "/network".to_owned()),
        ("drafts", "/drafts".to_owned()),
        ("settings", "/settings".to_owned()),
        ("not-there", format!("/d/{}", "0".repeat(64))),
    ];
    Stage { ada, _bob: bob, paths }
}

/// Goes through all pages; what is wrong with any of them is told at the end, all at once.
fn go_through(looks: Looks, name: &str) {
    let world = World::new();
    let stage = stage(&world);
    let mut browser = enter(&stage.ada, looks);
    let mut wrong = Vec::new();
    for (page, path) in &stage.paths {
        open(&browser, &stage.ada, path);
        assert!(browser.has("main h1"), "{page}: {}", browser.text("body"));
        browser.picture(&format!("{name}-{page}"));
        wrong.extend(
            browser
                .barriers()
                .into_iter()
                .map(|barrier| format!("{page}: {barrier}")),
        );
        let wide = browser.run(
            "return [...document.querySelectorAll('body *')].filter(e => {
                 const box = e.getBoundingClientRect();
                 if (box.right <= innerWidth + 1 || !box.width) return false;
                 for (let p = e.parentElement; p; p = p.parentElement)
                     if (getComputedStyle(p).overflowX !== 'visible') return false;
                 return true;
             }).slice(0, 3).map(e => e.outerHTML.slice(0, 120))",
        );
        let wide = wide.as_array().cloned().unwrap_or_default();
        wrong.extend(wide.iter().map(|what: &Value| format!("{page}: too wide: {what}")));
        let width = browser.run("return document.documentElement.scrollWidth - innerWidth");
        if width.as_i64().unwrap_or(1) > 0 {
            wrong.push(format!("{page}: it scrolls sideways by {width} px"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_on_a_desk() {
    go_through(Looks::DESK, "desk");
}

#[test]
fn every_page_on_a_phone() {
    go_through(Looks::PHONE, "phone");
}

#[test]
fn every_page_at_night() {
    go_through(Looks::DARK, "night");
}
