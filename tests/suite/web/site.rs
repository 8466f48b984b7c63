//! A committee in a folder, in a real browser, with no node anywhere.

use althing_tests::browser::{Browser, Looks};

use crate::node::{World, found, state};

#[test]
fn a_committee_is_read_and_searched_from_a_folder_without_a_node() {
    let world = World::new();
    let mut ada = world.begin("ada");
    let committee = found(&ada);
    let quay = state(&ada, &committee, "The eastern quay");
    state(&ada, &committee, "A second crane");
    ada.write(&["post", &quay, "What of the Café </script> behind it?"]);
    let site = world.dir().join("site");
    let folder = site.to_str().expect("a path of ASCII");
    ada.cli(&["export", "site", "--committee", &committee, "-o", folder]);
    ada.kill();

    for looks in [Looks::DESK, Looks::PHONE] {
        let browser = Browser::start(looks);
        browser.open(&format!("file://{folder}/index.html"));
        browser.sees("Harbour");
        assert!(browser.barriers().is_empty(), "{:?}", browser.barriers());
        browser.follow("The eastern quay");
        browser.sees("What of the Café");
        assert!(browser.barriers().is_empty(), "{:?}", browser.barriers());
        browser.follow("Search");
        assert!(browser.barriers().is_empty(), "{:?}", browser.barriers());
        // Each answer differs from the one before it, so that an old one does not pass for it.
        let found = |words: &str, says: &str| {
            browser.fill_in("#q", words);
            browser.until(words, |browser| browser.text("#found").contains(says));
        };
        found("east", "The eastern quay");
        found("crane", "A second crane");
        found("cafe", "The eastern quay");
        found("cafe crane", "Nothing here holds");
        found("script behind", "The eastern quay");
        found("crane", "A second crane");
        assert_eq!(
            browser.text("#found li"),
            "A second crane\nStatement · discussion · as it is",
            "it fits best"
        );
        browser.follow("A second crane");
        browser.sees("as it is");
        browser.follow("Views");
        browser.follow("Roles");
        browser.sees("Who holds what today");
    }
}
