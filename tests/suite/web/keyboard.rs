//! Keyboard only: no pointer is ever used, and the focus can be seen at each step.

use althing_tests::browser::Looks;
use fantoccini::key::Key;

use super::enter;
use crate::node::World;

#[test]
fn a_thread_by_keyboard_alone() {
    let world = World::new();
    let ada = world.begin("ada");
    let browser = enter(&ada, Looks::DESK);
    browser.sees("Welcome, ada");
    browser.key(Key::Tab);
    assert_eq!(
        browser.run("return document.activeElement.innerText"),
        "Skip to the text"
    );
    browser.key(Key::Enter);
    browser.tab_to("Found a committee");
    browser.key(Key::Enter);
    browser.until("the form", |b| b.has("main [name=name]"));
    browser.tab_to("Name (needed)");
    browser.keys("Harbour");
    browser.tab_to("Sign and found it");
    browser.key(Key::Enter);
    browser.until("the committee", |b| b.text("h1") == "Harbour");

    browser.tab_to("A topic");
    browser.key(Key::Enter);
    browser.until("the form", |b| b.has("main [name=title]"));
    browser.tab_to("Title (needed)");
    browser.keys("The pier");
    browser.tab_to("Sign and open the topic");
    browser.key(Key::Enter);
    browser.until("the topic", |b| b.text("h1") == "The pier");
    for text in ["It creaks.", "It sways."] {
        browser.tab_to("Write in this thread");
        browser.key(Key::Enter);
        browser.until("the form", |b| b.has("main [name=text]"));
        browser.tab_to("Text (needed)");
        browser.keys(text);
        browser.tab_to("Sign and post");
        browser.key(Key::Enter);
        browser.until("the post", |b| b.text("#thread").contains(text));
    }

    // j and k move, r replies to where one is.
    let at = || browser.text(".entry.at");
    browser.keys("j");
    browser.until("the first entry", |_| at().contains("It creaks."));
    browser.keys("j");
    browser.until("the second", |_| at().contains("It sways."));
    browser.keys("k");
    browser.until("the first entry", |_| at().contains("It creaks."));
    browser.keys("r");
    browser.until("the form", |b| b.path().contains("/act/post?to="));
    browser.tab_to("Text (needed)");
    browser.keys("Since when?");
    browser.tab_to("Sign and post");
    browser.key(Key::Enter);
    browser.until("the reply", |b| b.text("#thread").contains("Since when?"));

    // The keys explain themselves, and / goes to the search.
    browser.keys("?");
    browser.until("the list of keys", |b| b.text("dialog").contains("next entry"));
    browser.key(Key::Escape);
    browser.until("its end", |b| !b.has("dialog[open]"));
    browser.keys("/");
    browser.keys("sways");
    browser.key(Key::Enter);
    browser.until("an answer", |b| {
        b.reload();
        b.text("main").contains("It sways.")
    });
}
