//! Without script everything works by its buttons.

use althing_tests::browser::Looks;

use super::{enter, open};
use crate::node::World;

#[test]
fn without_script_a_committee_a_topic_and_a_thread() {
    let world = World::new();
    let ada = world.begin("ada");
    let browser = enter(&ada, Looks::PLAIN);
    browser.follow("Found a committee");
    // What is wrong is said beside its field, and nothing that was typed is lost.
    browser.fill("name", "Harbour");
    browser.fill("threshold", "5");
    browser.press("Sign and found it");
    browser.until("a fault", |b| b.has("main .faults"));
    assert_eq!(browser.value("main [name=name]"), "Harbour");
    browser.fill("threshold", "1");
    browser.press("Sign and found it");
    browser.until("the committee", |b| b.text("h1") == "Harbour");

    // Rows are added, a preview is shown and a draft is kept by buttons.
    browser.follow("A nomination");
    browser.fill("title", "A master");
    browser.fill("reasons", "*Wanted.*");
    browser.press("+ Add goal");
    browser.until("a row", |b| b.has("main [name=\"goals.0.text\"]"));
    assert_eq!(browser.value("main [name=title]"), "A master", "what was typed stays");
    browser.fill("goals.0.text", "A second crane");
    browser.press("Preview");
    browser.until("the preview", |b| b.text(".preview em") == "Wanted.");
    browser.press("Keep as draft");
    browser.sees("draft");
    let path = browser.path();
    open(&browser, &ada, "/");
    open(&browser, &ada, &path);
    assert_eq!(browser.value("main [name=\"goals.0.text\"]"), "A second crane");
    browser.press("Sign and open the nomination");
    browser.until("the nomination", |b| b.text("h1") == "A master");

    browser.follow("Say where you stand");
    browser.fill("reason", "It is time.");
    browser.choose("position", "support");
    browser.press("Sign the stance");
    browser.until("the stance", |b| b.text("#stances").contains("support"));

    browser.follow("Write in this thread");
    browser.fill("text", "First <script>alert(1)</script> **word**");
    browser.press("Sign and post");
    browser.until("the post", |b| b.text("#thread .prose strong") == "word");
    browser.follow("Reply");
    browser.fill("text", "Second");
    browser.press("Sign and post");
    browser.sees("Second");

    // Searching by its button.
    browser.fill_in("#find", "crane");
    browser.press("Search");
    browser.until("an answer", |b| {
        b.reload();
        b.text("main").contains("A master")
    });
}
