//! Views in a real browser: sentences, plots and tables, for every eye and without script.

use althing_tests::browser::{Browser, Looks};
use althing_tests::process::{Node, text};
use serde_json::{Value, json};

use super::{enter, open};
use crate::node::{World, found};

/// A committee with something for every view that people look at first.
struct Town {
    ada: Node,
    committee: String,
    nomination: String,
    motion: String,
}

impl Town {
    fn new(world: &World) -> Self {
        let ada = world.begin("ada");
        let committee = found(&ada);
        let open = |kind: &str, content: Value| {
            let set = content.as_object().expect("fields").iter();
            let set: Vec<String> = set
                .map(|(name, value)| {
                    format!(
                        "{name}={}",
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            let mut args = vec!["open", kind, "--committee", &committee];
            set.iter().for_each(|pair| args.extend(["--set", pair]));
            ada.write(&args)
        };
        let domain = open(
            "domain",
            json!({ "name": "The harbour", "seats": { "name": "harbour master", "count": 1 } }),
        );
        let line = |item: &str, amount: u64| json!({ "item": item, "amount": { "amount": amount, "currency": "DAI" } });
        let stand = |title: &str, perspective: &str, amount: u64| {
            open(
                "nomination",
                json!({
                    "title": title, "nominee": ada.identity(), "domain": domain, "seat": "harbour master",
                    "reasons": "They do it already.", "perspective": perspective,
                    "goals": { "text": "A second crane", "measure": "It stands." },
                    "budget": line("Ropes", amount),
                }),
            )
        };
        let nomination = stand("Ada for harbour master", "She knows the tides.", 12_500);
        let other = stand("Bob for harbour master", "He knows the <b>ropes</b>.", 9_000);
        ada.write(&["act", "accept", &nomination, "Gladly"]);
        let stance = |doc: &str, position: &str| {
            ada.write(&[
                "stance",
                doc,
                position,
                "--set",
                "class=workers",
                "--set",
                "reason=They do it already",
            ])
        };
        stance(&nomination, "support");
        stance(&other, "oppose");
        let motion = open(
            "motion",
            json!({
                "form": "offboard", "title": "Ada leaves the crane", "subject": ada.identity(), "voluntary": "false",
                "reasons": "It stands still.", "notice_days": "10", "replacement": other,
                "vote_from": "2026-12-01", "vote_until": "2026-12-14",
            }),
        );
        ada.write(&["act", "reply_right", &motion, "It stands because the rope is gone."]);
        Self {
            ada,
            committee,
            nomination,
            motion,
        }
    }
}

/// What every view's page keeps to, whatever it says.
fn keeps_to_the_rules(browser: &Browser, name: &str) -> Vec<String> {
    let mut wrong = browser.barriers();
    let found = browser.run(
        "const bad = [];
         for (const table of document.querySelectorAll('#view table')) {
             const box = table.closest('[role=region][tabindex]');
             if (!table.caption || !table.caption.innerText.trim()) bad.push('a table without a caption');
             if (!box || document.getElementById(box.getAttribute('aria-labelledby')) !== table.caption) bad.push('a table out of its region');
             if (![...table.querySelectorAll('thead th')].every(th => th.scope === 'col' && th.innerText.trim())) bad.push('a head without scope or words');
         }
         for (const svg of document.querySelectorAll('#view svg:not([aria-hidden])')) {
             const named = svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id));
             if (svg.getAttribute('role') !== 'img' || !named.every(e => e && e.textContent.trim())) bad.push('a plot without words');
             for (const mark of svg.querySelectorAll('rect, circle, line')) {
                 const box = mark.getBoundingClientRect(), whole = svg.getBoundingClientRect();
                 if (mark.closest('defs')) continue;
                 if (box.right > whole.right + 6 || box.left < whole.left - 6) { bad.push('a mark beside its plot: ' + mark.outerHTML); break; }
             }
         }
         if (!document.querySelector('#view').innerText.trim()) bad.push('nothing at all');
         if (document.documentElement.scrollWidth > innerWidth) bad.push('it scrolls sideways');
         return bad;",
    );
    let found = found.as_array().cloned().unwrap_or_default();
    wrong.extend(found.iter().map(ToString::to_string));
    wrong.into_iter().map(|what| format!("{name}: {what}")).collect()
}

/// The links of the index, by name.
fn index(browser: &Browser, town: &Town) -> Vec<String> {
    open(browser, &town.ada, &format!("/c/{}/views", town.committee));
    let found = browser.run("return [...document.querySelectorAll('.views a.title')].map(a => a.pathname)");
    let paths = found.as_array().cloned().unwrap_or_default();
    paths
        .iter()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect()
}

fn go_through(looks: Looks, picture: &str) {
    let world = World::new();
    let town = Town::new(&world);
    let mut browser = enter(&town.ada, looks);
    let mut wrong = Vec::new();
    let paths = index(&browser, &town);
    assert!(paths.iter().any(|path| path.ends_with("/views/ballot")), "{paths:?}");
    browser.picture(&format!("{picture}-views"));
    wrong.extend(browser.barriers());
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        open(&browser, &town.ada, &path);
        if !browser.has("#view") {
            // A view of one document asks of which; the first is as good as any.
            assert!(
                browser.text("main").contains("Of which?"),
                "{name}: {}",
                browser.text("main")
            );
            wrong.extend(browser.barriers());
            if !browser.has("main a.title") {
                continue;
            }
            browser.click("main a.title");
            browser.until("the view", |b| b.has("#view"));
        }
        wrong.extend(keeps_to_the_rules(&browser, &name));
        browser.picture(&format!("{picture}-view-{name}"));
    }
    for (name, path) in [
        ("committee", format!("/c/{}", town.committee)),
        ("motion", format!("/d/{}", town.motion)),
        ("nomination", format!("/d/{}", town.nomination)),
    ] {
        open(&browser, &town.ada, &path);
        browser.picture(&format!("{picture}-view-of-{name}"));
        wrong.extend(browser.barriers().into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_view_on_a_desk() {
    go_through(Looks::DESK, "desk");
}

#[test]
fn every_view_on_a_phone() {
    go_through(Looks::PHONE, "phone");
}

#[test]
fn every_view_at_night() {
    go_through(Looks::DARK, "night");
}

#[test]
fn the_ballot_answers_first_and_as_of_a_day() {
    let world = World::new();
    let town = Town::new(&world);
    let browser = enter(&town.ada, Looks::PLAIN);
    open(&browser, &town.ada, &format!("/c/{}", town.committee));
    assert!(
        browser.text("#first-ballot").contains("Ada for harbour master"),
        "{}",
        browser.text("main")
    );
    browser.follow("Who stands");
    browser.until("the ballot", |b| b.text("h1") == "Ballot");
    assert!(
        browser.text(".says").contains("One nominee stands."),
        "{}",
        browser.text("#view")
    );
    let heads = browser.text("#view thead");
    assert!(
        ["Seat", "Nominee", "Standing", "To be answered by"]
            .iter()
            .all(|head| heads.contains(head)),
        "{heads}"
    );
    let row = browser.text("#view tbody");
    assert!(
        row.contains("on the ballot") && row.contains("waiting") && row.contains("harbour master"),
        "{row}"
    );
    assert!(browser.has("form #at"), "a day can be asked for");
    open(
        &browser,
        &town.ada,
        &format!("/c/{}/views/ballot?at=2020-01-01", town.committee),
    );
    browser.sees("This is how it stood at the end of");
    assert!(browser.path().ends_with("?at=2020-01-01"));
    assert!(
        browser.text("#view").contains("Nobody has been nominated yet"),
        "{}",
        browser.text("#view")
    );
    browser.follow("See it as it is now");
    browser.until("now", |b| b.text("#view tbody").contains("on the ballot"));
    open(
        &browser,
        &town.ada,
        &format!("/c/{}/views/ballot?at=soon", town.committee),
    );
    assert!(browser.text("main").contains("write it as 2026-11-30"));
}

#[test]
fn a_nomination_leads_to_the_candidates_side_by_side() {
    let world = World::new();
    let town = Town::new(&world);
    let browser = enter(&town.ada, Looks::PLAIN);
    open(&browser, &town.ada, &format!("/d/{}", town.nomination));
    browser.click("nav.views a[href$='/views/compare']");
    browser.until("the candidates", |b| b.has("#view table"));
    let heads = browser.text("#view thead");
    assert!(
        heads.contains("Ada for harbour master") && heads.contains("Bob for harbour master"),
        "{heads}"
    );
    let rows = browser.text("#view tbody");
    assert!(
        rows.contains("She knows the tides.") && rows.contains("<b>ropes</b>"),
        "{rows}"
    );
}

#[test]
fn a_motion_says_how_it_stands_and_whom_it_is_about_speaks_first() {
    let world = World::new();
    let town = Town::new(&world);
    let browser = enter(&town.ada, Looks::PLAIN);
    open(&browser, &town.ada, &format!("/d/{}", town.motion));
    let facts = browser.text("#motion");
    assert!(
        facts.contains("Involuntary") && facts.contains("Bob for harbour master"),
        "{facts}"
    );
    assert!(browser.text("#pinned").contains("the rope is gone"));
    assert!(browser.text("#thread p.worth").contains("Binding"));
    let order = browser.run(
        "return document.querySelector('#pinned article').compareDocumentPosition(document.querySelector('#thread'))
                & Node.DOCUMENT_POSITION_FOLLOWING",
    );
    assert_eq!(order, json!(4), "the reply stands above the thread");
    browser.click("nav.views a[href$='/views/timeline']");
    browser.until("the timeline", |b| b.has("#view svg[role=img] desc"));
    let plot = browser.run("return document.querySelector('#view svg[role=img] desc').textContent");
    assert!(
        plot.as_str().is_some_and(|says| says.starts_with("Spans of time.")),
        "{plot}"
    );
}

#[test]
fn confidence_is_drawn_class_by_class() {
    let world = World::new();
    let town = Town::new(&world);
    let browser = enter(&town.ada, Looks::PLAIN);
    open(&browser, &town.ada, &format!("/d/{}", town.nomination));
    let path = browser
        .attribute("nav.views a[href$='/views/confidence']", "href")
        .expect("a link");
    open(&browser, &town.ada, &path);
    assert!(
        browser.has("#view svg[role=img]") && browser.has("#view table caption"),
        "{}",
        browser.text("main")
    );
    assert!(
        !browser.text("#view").contains("All classes"),
        "classes are never added up"
    );
}

#[test]
fn a_petition_shows_how_many_more_it_needs() {
    let world = World::new();
    let town = Town::new(&world);
    let petition = town.ada.write(&[
        "open",
        "motion",
        "--committee",
        &town.committee,
        "--set",
        "form=petition",
        "--set",
        "title=A bench",
        "--set",
        "threshold=3",
    ]);
    let browser = enter(&town.ada, Looks::DESK);
    open(&browser, &town.ada, &format!("/d/{petition}"));
    assert!(
        browser.text("#motion").contains("1 of 3 signatures, 2 more are needed"),
        "{}",
        browser.text("#motion")
    );
    assert_eq!(
        browser.attribute("#motion svg", "aria-label").as_deref(),
        Some("1 of 3 signatures")
    );
    assert!(browser.barriers().is_empty());
    let shown = text(&town.ada.cli(&["show", &petition]), "id");
    assert_eq!(shown, petition);
}
