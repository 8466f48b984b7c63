//! The pages in a real browser.

mod every;
mod forms;
mod keyboard;
mod plain;
mod site;
mod story;
mod verifier;
mod views;

use althing_tests::browser::{Browser, Looks};
use althing_tests::process::{Node, text};

use crate::node::World;

/// A browser that may act in the node's name, on its first page.
fn enter(node: &Node, looks: Looks) -> Browser {
    let browser = Browser::start(looks);
    browser.open(&text(&node.cli(&["page"]), "page"));
    browser
}

/// Goes to a path of a node.
fn open(browser: &Browser, node: &Node, path: &str) {
    browser.open(&format!("{}{path}", node.api()));
}

#[test]
fn the_link_lets_one_browser_in() {
    let world = World::new();
    let node = world.begin("ada");
    let link = text(&node.cli(&["page"]), "page");
    let browser = Browser::start(Looks::DESK);
    browser.open(node.api());
    assert!(browser.text(".me").contains("Reading only"));
    browser.open(&link);
    assert!(browser.text(".me").contains("ada"), "{}", browser.text("body"));
    let other = Browser::start(Looks::PHONE);
    other.open(&link);
    assert!(other.text(".me").contains("Reading only"), "it works once");
    assert!(other.text("main").contains("althing page"), "it says what to do");
}
