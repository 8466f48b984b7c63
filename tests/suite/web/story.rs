//! The whole story of a nomination: two people, two nodes, two browsers, no terminal after `make run`.

use althing_tests::browser::{Browser, Looks};
use althing_tests::process::{Node, agree, wait_for};

use super::{enter, open};
use crate::node::World;

/// What a node's owner is called in fields that name people.
fn label(node: &Node) -> String {
    format!("{} · {}", node.name(), node.identity().get(..8).expect("an id"))
}

/// Presses the button beside the news: the one that the script puts there.
fn show(browser: &Browser) {
    browser.click(".live-note button");
}

/// The id at the end of the browser's path.
fn here(browser: &Browser) -> String {
    let path = browser.path();
    let id = path.rsplit('/').next().unwrap_or_default();
    id.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// One founds a committee from the first page, the other follows it from the first page.
fn meet(hers: &Browser, his: &Browser) -> String {
    hers.sees("Welcome, ada");
    hers.follow("Found a committee");
    hers.fill("name", "Meeting point");
    hers.press("Sign and found it");
    hers.until("the committee", |b| b.text("h1") == "Meeting point");
    let committee = here(hers);
    hers.follow("Invite others");
    let invitation = hers.value("#invitation");
    his.sees("Welcome, bob");
    his.follow("Follow an invitation");
    his.fill("invitation", &invitation);
    his.press("Follow it");
    // It comes by itself while he looks.
    his.until("the committee", |b| b.text("h1") == "Meeting point");
    committee
}

#[test]
fn a_newcomer_is_heard_and_taken_up() {
    let world = World::new();
    let (ada, bob) = (world.begin("ada"), world.begin("bob"));
    let (hers, his) = (enter(&ada, Looks::DESK), enter(&bob, Looks::DESK));
    let committee = meet(&hers, &his);

    // A topic that she opens appears where he looks.
    open(&hers, &ada, &format!("/c/{committee}"));
    hers.follow("A topic");
    hers.sees("For documents that come from elsewhere");
    assert!(
        hers.has("details.imported:not([open]) [name=origin]") && hers.has("details.imported [name=consent]"),
        "what only imports need is out of the way"
    );
    hers.fill("title", "The pier");
    hers.fill("text", "It creaks.");
    hers.press("Sign and open the topic");
    hers.until("the topic", |b| b.text("h1") == "The pier");
    let topic = here(&hers);
    his.sees("The pier");
    his.follow("The pier");

    // What he says reaches her, marked; she takes it up with one click, and the mark goes on his page too.
    his.follow("Write in this thread");
    his.fill("text", "I can mend it.");
    his.press("Sign and post");
    his.sees("nobody has taken this up yet");
    hers.sees("1 new entry");
    show(&hers);
    hers.sees("I can mend it.");
    hers.sees("nobody has taken this up yet");
    hers.press("Take it up");
    hers.until("the record", |b| {
        !b.text("#thread").contains("nobody has taken this up yet")
    });
    his.until("the record", |b| {
        if b.has(".live-note button") {
            show(b);
        }
        !b.text("#thread").contains("nobody has taken this up yet")
    });
    agree(&[&ada, &bob], &committee, 2);
    assert!(ada.get(&format!("/documents/{topic}")).is_some());
}

#[test]
fn a_nomination_from_a_role_to_where_people_stand() {
    let world = World::new();
    let (ada, bob) = (world.begin("ada"), world.begin("bob"));
    let (hers, his) = (enter(&ada, Looks::DESK), enter(&bob, Looks::DESK));
    let meeting = meet(&hers, &his);
    let bob_is_known = || {
        ada.try_cli(&["grant", "voice", bob.identity(), "--committee", &meeting])
            .ok()
    };
    wait_for("Bob's identity", bob_is_known);

    // Both found a committee in which two have to sign.
    open(&hers, &ada, "/committees/new");
    hers.fill("name", "Harbour");
    hers.fill("purpose", "To keep it **open**.");
    hers.fill("founders.0.id", &label(&bob));
    hers.fill("threshold", "2");
    hers.press("Sign and found it");
    hers.until("the committee", |b| b.text("h1") == "Harbour");
    let committee = here(&hers);
    hers.follow("Invite others");
    let invitation = hers.value("#invitation");
    open(&his, &bob, "/committees/follow");
    his.fill("invitation", &invitation);
    his.press("Follow it");
    his.until("the committee", |b| b.text("h1") == "Harbour");

    // She grants a role; it waits for him on his first page, which says what it would change.
    open(&his, &bob, "/");
    open(&hers, &ada, &format!("/d/{committee}/act/grant"));
    hers.fill("role", "moderator");
    hers.fill("to", &label(&ada));
    hers.fill("note", "Somebody must.");
    hers.press("Sign the grant");
    hers.sees("1 of 2 signatures");
    his.sees("becomes moderator");
    open(&his, &bob, &format!("/c/{committee}/people"));
    his.sees("Somebody must.");
    his.press("Cosign");
    his.until("the grant", |b| !b.text("main").contains("Waiting for signatures"));
    assert!(his.text("main").contains("moderator"));
    hers.until("the grant", |b| {
        b.reload();
        !b.text("main").contains("Waiting for signatures")
    });

    // A nomination, with a preview and a draft that survives a reload.
    open(&hers, &ada, &format!("/c/{committee}/open/nomination"));
    hers.fill("title", "Bob for harbour master");
    hers.fill("nominee", &label(&bob));
    hers.fill("seat", "harbour master");
    hers.fill("reasons", "He *knows* the tides.");
    hers.until("the preview", |b| b.text(".preview em") == "knows");
    hers.sees("Kept as a draft on this node.");
    hers.reload();
    assert_eq!(hers.value("main [name=reasons]"), "He *knows* the tides.");
    hers.press("Sign and open the nomination");
    hers.until("the nomination", |b| b.text("h1") == "Bob for harbour master");
    let doc = here(&hers);

    // He speaks for himself and accepts; her page changes while she looks at it.
    wait_for("the nomination", || bob.get(&format!("/documents/{doc}")));
    open(&his, &bob, &format!("/d/{doc}/edit"));
    assert!(!his.has("main [name=reasons]"), "his part, not hers");
    his.fill("perspective", "Open to all.");
    his.press("+ Add goal");
    his.fill("goals.0.text", "A second crane");
    his.press("Sign the changes");
    his.until("the document", |b| {
        b.path().starts_with(&format!("/d/{doc}")) && !b.path().contains("/edit")
    });
    his.follow("Accept the nomination");
    his.fill("reason", "Gladly");
    his.press("Sign the acceptance");
    his.until("the acceptance", |b| b.text("#standing").contains("Accepted"));
    hers.sees("new entr");
    show(&hers);
    hers.until("the acceptance", |b| b.text("#standing").contains("Accepted"));
    assert!(hers.text("#text").contains("A second crane") && hers.text("#versions").contains("2"));

    // A question on a field, and its answer.
    open(&hers, &ada, &format!("/d/{doc}/act/question?field=goals"));
    hers.fill("text", "Who pays for it?");
    hers.press("Sign and ask");
    his.sees("new entr");
    show(&his);
    his.sees("Who pays for it?");
    his.follow("Answer");
    his.fill("text", "The ferries.");
    his.press("Sign the answer");
    hers.sees("new entr");
    show(&hers);
    hers.sees("The ferries.");

    // Where she stands, drawn on both pages.
    hers.follow("Say where you stand");
    hers.choose("position", "support");
    hers.press("Sign the stance");
    hers.until("her stance", |b| b.text("#stances").contains("support"));
    his.sees("new entr");
    show(&his);
    his.until("her stance", |b| b.text("#stances").contains("support"));
    agree(&[&ada, &bob], &committee, 8);
}
