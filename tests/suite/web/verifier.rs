//! A proof is checked on its reader's own machine: on the page that a node serves, and on the one that lies in the bundle.

use althing_protocol::bundle::Members;
use althing_tests::browser::{Browser, Looks};

use crate::node::{World, found, state};

#[test]
fn the_page_in_a_bundle_checks_it_in_a_browser_without_any_node() {
    let world = World::new();
    let mut ada = world.begin("ada");
    let committee = found(&ada);
    let topic = state(&ada, &committee, "ferries");
    let post = ada.write(&["post", &topic, "they should run at night"]);
    ada.cli(&["checkpoint", "--committee", &committee]);
    let bundle = world.dir().join("proof.zip");
    ada.cli(&["prove", &post, "-o", bundle.to_str().expect("a path")]);

    let mut browser = Browser::start(Looks::DESK);
    browser.open(&format!("{}/verify", ada.api()));
    browser.attach("#file", &bundle);
    browser.until("the verdict", |b| b.text("#verdict").contains("The proof holds"));
    assert!(browser.text("main").contains(&post), "{}", browser.text("main"));
    assert!(browser.text("main").contains("they should run at night"));
    browser.picture("verify");

    // The same without any node: the page out of the file itself.
    assert!(ada.stop().expect("it ran").success());
    let bytes = std::fs::read(&bundle).expect("the bundle");
    let page = Members::read(&bytes)
        .and_then(|members| members.page)
        .expect("the page lies in it");
    let file = world.dir().join("verify.html");
    std::fs::write(&file, page).expect("a file");
    browser.open(&format!("file://{}", file.display()));
    browser.attach("#file", &bundle);
    browser.until("the verdict", |b| b.text("#verdict").contains("The proof holds"));

    // And it refuses a changed one.
    let mut spoilt = bytes;
    if let Some(byte) = spoilt.get_mut(700) {
        *byte ^= 1;
    }
    std::fs::write(&bundle, spoilt).expect("a file");
    browser.open(&format!("file://{}", file.display()));
    browser.attach("#file", &bundle);
    browser.until("the verdict", |b| b.text("#verdict").contains("This proves nothing"));
}
