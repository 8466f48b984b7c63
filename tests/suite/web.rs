//! The pages in a real browser.

use althing_tests::browser::{Browser, Looks};
use althing_tests::process::{Node, text};

use crate::node::World;

/// A browser that may act in the node's name, on its first page.
fn enter(node: &Node, looks: Looks) -> Browser {
    let browser = Browser::start(looks);
    browser.open(&text(&node.cli(&["page"]), "page"));
    browser
}

#[test]
fn the_link_lets_one_browser_in() {
    let world = World::new();
    let node = world.begin("ada");
    let link = text(&node.cli(&["page"]), "page");
    let mut browser = Browser::start(Looks::DESK);
    browser.open(node.api());
    assert!(browser.text(".me").contains("Reading only"));
    browser.open(&link);
    assert!(browser.text(".me").contains("ada"), "{}", browser.text("body"));
    browser.picture("home");
    let other = Browser::start(Looks::PHONE);
    other.open(&link);
    assert!(other.text(".me").contains("Reading only"), "it works once");
    assert!(other.text("main").contains("althing page"), "it says what to do");
    let plain = enter(&node, Looks::PLAIN);
    assert!(plain.text(".me").contains("ada"));
    assert_eq!(browser.barriers(), Vec::<String>::new());
}
