//! Forms of kinds that need more than fields: lines of the document to choose, shares in per cent, texts that stay sealed.

use althing_tests::browser::Looks;
use serde_json::{Value, json};

use super::{enter, open};
use crate::node::{World, found};

/// The only act of a kind in a document.
fn act(shown: &Value, kind: &str) -> Value {
    let acts = shown["acts"].as_array().expect("acts");
    acts.iter().find(|act| act["kind"] == kind).expect("the act").clone()
}

#[test]
fn another_budget_names_the_lines_that_it_replaces() {
    let world = World::new();
    let ada = world.begin("ada");
    let committee = found(&ada);
    let line = |item: &str, amount: u64| {
        format!(
            "budget={}",
            json!({ "item": item, "amount": { "amount": amount, "currency": "DAI" } })
        )
    };
    let (ropes, crane) = (line("Ropes", 12_500), line("Crane", 90_000));
    let doc = ada.write(&[
        "nominate",
        "--committee",
        &committee,
        "--set",
        "title=A master",
        "--set",
        &format!("nominee={}", ada.identity()),
        "--set",
        &ropes,
        "--set",
        &crane,
        "--set",
        "goals={\"text\": \"A pier\"}",
    ]);
    let browser = enter(&ada, Looks::PLAIN);
    open(&browser, &ada, &format!("/d/{doc}/act/counter_budget"));
    browser.press("+ Add line");
    browser.until("a row", |b| b.has("main [name='lines.0.line']"));
    let offered = browser.text("main [name='lines.0.line']");
    assert!(
        offered.contains("Crane") && offered.contains("Ropes") && !offered.contains("A pier"),
        "{offered}"
    );
    let crane = browser.run(
        "return [...document.querySelectorAll('main [name=\"lines.0.line\"] option')].find(o => o.text.startsWith('Crane')).value",
    );
    let crane = crane.as_str().expect("a value").to_owned();
    browser.click(&format!("main [name='lines.0.line'] option[value='{crane}']"));
    browser.fill("lines.0.item", "A smaller crane");
    browser.fill("lines.0.amount.amount", "60000");
    browser.fill("lines.0.amount.currency", "dai");
    browser.fill("text", "It is enough.");
    browser.press("Sign the other budget");
    browser.until("the thread", |b| b.text("#thread").contains("A smaller crane"));
    let written = act(
        &ada.get(&format!("/documents/{doc}")).expect("it is here"),
        "counter_budget",
    );
    let (entry, n) = crane.split_once(':').expect("an item");
    assert_eq!(
        written["lines"][0]["line"],
        json!({ "entry": entry, "n": n.parse::<u64>().expect("a place") })
    );
    assert_eq!(
        written["lines"][0]["amount"],
        json!({ "amount": 60_000, "currency": "DAI" })
    );
}

#[test]
fn a_share_is_typed_in_per_cent() {
    let world = World::new();
    let ada = world.begin("ada");
    let committee = found(&ada);
    let domain = ada.write(&["open", "domain", "--committee", &committee, "--set", "name=The harbour"]);
    let browser = enter(&ada, Looks::PLAIN);
    open(&browser, &ada, &format!("/d/{domain}/act/delegate"));
    browser.fill("to", ada.identity());
    browser.fill("share", "12.5");
    browser.press("Sign the delegation");
    browser.until("the thread", |b| b.text("#thread").contains("12.5"));
    let written = act(
        &ada.get(&format!("/documents/{domain}")).expect("it is here"),
        "delegate",
    );
    assert_eq!(written["share"], json!(125_000));
}

#[test]
fn a_text_stays_sealed_until_its_author_reveals_it() {
    let world = World::new();
    let ada = world.begin("ada");
    let committee = found(&ada);
    let doc = ada.write(&["open", "topic", "--committee", &committee, "--set", "title=The pier"]);
    let browser = enter(&ada, Looks::PLAIN);
    open(&browser, &ada, &format!("/d/{doc}/act/commit"));
    browser.fill("about", "A hole that I found");
    browser.fill("_sealed", "The third plank is rotten.");
    browser.press("Sign the commitment");
    browser.until("the thread", |b| b.text("#thread").contains("A hole that I found"));
    let shown = ada.get(&format!("/documents/{doc}")).expect("it is here");
    assert!(!shown.to_string().contains("rotten"), "nobody sees it");
    let commitment = act(&shown, "commit");
    // Days later, from the entry's own menu: salt and text are there.
    browser.follow("Reveal");
    browser.until("the form", |b| b.has("main [name=salt]"));
    assert_eq!(browser.value("main [name=text]"), "The third plank is rotten.");
    browser.press("Sign and reveal");
    browser.until("the thread", |b| {
        b.text("#thread").contains("The third plank is rotten.")
    });
    let revealed = act(&ada.get(&format!("/documents/{doc}")).expect("it is here"), "reveal");
    assert_eq!(revealed["entry"], commitment["id"]);
    let salt = data_encoding::HEXLOWER.decode(revealed["salt"].as_str().expect("a salt").as_bytes());
    let hash = althing_protocol::hash::sha256(&[&salt.expect("hexadecimal"), b"The third plank is rotten."]);
    assert_eq!(commitment["commitment"], json!(data_encoding::HEXLOWER.encode(&hash)));
    open(&browser, &ada, "/drafts");
    assert!(
        browser.text("main").contains("There is none."),
        "{}",
        browser.text("main")
    );
}

#[test]
fn what_can_be_done_is_grouped_and_says_what_will_not_count() {
    let world = World::new();
    let ada = world.begin("ada");
    let committee = found(&ada);
    let doc = ada.write(&[
        "open",
        "motion",
        "--committee",
        &committee,
        "--set",
        "form=other",
        "--set",
        "title=A bench",
    ]);
    let browser = enter(&ada, Looks::PLAIN);
    open(&browser, &ada, &format!("/d/{doc}"));
    assert!(
        browser.text(".acts").contains("Withdraw it"),
        "what is hers alone comes first: {}",
        browser.text(".acts")
    );
    assert!(
        !browser.text(".acts").contains("Recommend a course"),
        "it is folded away"
    );
    browser.click(".acts details:nth-of-type(3) summary");
    browser.sees("Promise something");
    let not = browser.run("return [...document.querySelectorAll('.acts li')].filter(li => li.textContent.includes('will not count from you')).map(li => li.querySelector('a').textContent)");
    assert!(not.to_string().contains("Reply, as whom it is about"), "{not}");
    open(&browser, &ada, &format!("/d/{doc}/act/reply_right"));
    assert!(
        browser.text("main").contains("This counts only from whom it is about."),
        "{}",
        browser.text("main")
    );
    open(&browser, &ada, &format!("/c/{committee}"));
    assert!(browser.text(".acts").contains("A motion") && !browser.text(".acts").contains("A register"));
}
