//! What it costs. Prints; the numbers are judged by people and by the benchmarks, not here.
//!
//! `cargo test --release -p althing-protocol --lib cost -- --nocapture --test-threads=1`

#![expect(
    clippy::disallowed_methods,
    reason = "a test that reads its size from the environment"
)]

use std::time::Duration;

use serde_json::json;

use super::desk::Desk;
use crate::document::merge::merged;
use crate::document::{Document, automerge, diff, json as shown};
use crate::hash::Id;

/// Time of this thread on a processor, which other work on the machine does not lengthen.
fn clock() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default())
}

fn once(run: impl FnOnce()) -> Duration {
    let start = clock();
    run();
    clock() - start
}

/// The mean of ten.
fn mean(mut run: impl FnMut()) -> Duration {
    once(|| (0..10).for_each(|_| run())) / 10
}

fn report(what: &str, desk: &Desk) -> Document {
    let entries = desk.entries();
    let document = Document::build(&entries[0], &entries[1..]);
    let build = mean(|| drop(Document::build(&entries[0], &entries[1..])));
    let show = mean(|| drop(shown::document(&document)));
    let middle = document.outcomes()[document.outcomes().len() / 2].id;
    let at = mean(|| drop(document.at(middle)));
    println!("{what}: build {build:?}, as JSON {show:?}, at the middle {at:?}");
    document
}

fn nomination() -> (Desk, Id) {
    Desk::open("nomination", 1, &[], &json!({"seat": "1", "goals": ["one"]}))
}

#[test]
fn documents() {
    let (mut desk, root) = nomination();
    let mut last = root;
    for i in 0..1000 {
        let text = format!("version {i} {}", "word ".repeat(100));
        last = desk.write("edit", 1, &[last], &json!({"reasons": text, "goals": ["more"]}));
    }
    let chain = report("1,000 edits in a row", &desk);
    assert_eq!(chain.content().lists["goals"].items.len(), 1001);
    let export = mean(|| drop(automerge::save(&chain).unwrap()));
    println!("  as an Automerge document {export:?}");

    let (mut desk, root) = nomination();
    for i in 0..1000 {
        desk.write("edit", 1, &[root], &json!({"seat": format!("{i}")}));
    }
    let star = report("1,000 edits at once", &desk);
    assert_eq!(star.content().fields["seat"].values.len(), 1000);
    println!(
        "  as an Automerge document {:?}",
        once(|| drop(automerge::save(&star).unwrap()))
    );

    let (mut desk, root) = nomination();
    let mut heads = [root; 2];
    for i in 0..1000 {
        let after = if i % 4 == 0 { heads.to_vec() } else { vec![heads[i % 2]] };
        heads[i % 2] = desk.write(
            "edit",
            1,
            &after,
            &json!({"seat": format!("{i}"), "reasons": "some text"}),
        );
    }
    let braid = report("1,000 edits by two who merge", &desk);
    println!(
        "  as an Automerge document {:?}",
        once(|| drop(automerge::save(&braid).unwrap()))
    );

    let (mut desk, root) = nomination();
    let mut last = root;
    for i in 0..1000u16 {
        let by = u8::try_from(i % 90).unwrap();
        let text = "what people say ".repeat(30);
        let (kind, input) = match i % 4 {
            0 => ("stance", json!({"position": "support", "reason": text})),
            1 => ("question", json!({"text": text, "field": "reasons"})),
            _ => ("post", json!({"text": text, "reply_to": last})),
        };
        let after = if i % 3 == 0 { root } else { last };
        last = desk.write(kind, by, &[after], &input);
    }
    let acts = report("1,000 acts", &desk);
    assert_eq!(acts.acts().count(), 1000);

    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "x"}));
    for i in 0..10_000u16 {
        desk.write("post", u8::try_from(i % 90).unwrap(), &[root], &json!({"text": "x"}));
    }
    report("10,000 posts at once", &desk);

    // Owners who misbehave: many versions at once, then everybody joins them in a different way.
    let (mut desk, root) = nomination();
    let edits: Vec<Id> = (0..1500)
        .map(|i| desk.write("edit", 1, &[root], &json!({"seat": format!("{i}")})))
        .collect();
    let mut last = root;
    for i in 0..1500usize {
        let mut after: Vec<Id> = (0..15).map(|j| edits[(i * 15 + j * 7) % edits.len()]).collect();
        after.push(last);
        last = desk.write("post", 2, &after, &json!({"text": "x"}));
    }
    report("1,500 versions at once, 1,500 posts that join them", &desk);
}

#[test]
fn texts() {
    let base: String = (0..900)
        .map(|i| format!("Line {i} of a long report, with some words in it.\n"))
        .collect();
    let a = base.replace("Line 7", "The seventh line").replace("report", "paper");
    let b = base.replace("words in it", "more words in it").replace("Line 8", "L8");
    let other: String = (0..900)
        .map(|i| format!("Zeile {} anders, ohne viel zu sagen darin; Punkt {}.\n", i * 7, i % 13))
        .collect();
    println!("texts of {} bytes", base.len());
    let (c, d) = (
        base.replace("Line 71", "The line"),
        base.replace("words in it.\nLine 3", "more.\nLine 3"),
    );
    for (x, y) in [(&c, &d), (&a, &b), (&a, &other)] {
        let count = |x: &str| {
            diff::text(&base, x)
                .iter()
                .filter(|r| r.sign == diff::Sign::New)
                .count()
        };
        let time = mean(|| drop(merged(&base, &[x, y]).unwrap()));
        println!("  merge of {} and {} changes {time:?}", count(x), count(y));
    }
    println!(
        "  difference {:?}, unlike {:?}",
        mean(|| drop(diff::text(&base, &a))),
        mean(|| drop(diff::text(&base, &other)))
    );
    // As long as a body may be, and as unkind as possible.
    let letters = |seed: u64| -> String {
        let mut x = seed;
        (0..120_000)
            .flat_map(|_| {
                x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                [char::from(b'a' + u8::try_from(x >> 33 & 3).unwrap()), ' ']
            })
            .collect()
    };
    let (x, y) = (letters(1), letters(2));
    println!(
        "  difference of 240 KB of random one-letter words {:?}",
        mean(|| drop(diff::text(&x, &y)))
    );
    let (x, y) = (&x[..60_000], &y[..60_000]);
    println!("  of 60 KB {:?}", mean(|| drop(diff::text(x, y))));
    println!(
        "  merge of such 60 KB {:?}",
        mean(|| drop(merged(x, &[y, &base]).unwrap()))
    );
    let (x, y) = ("a\n".repeat(100_000), "b\n".repeat(100_000));
    println!("  of 100,000 short lines {:?}", mean(|| drop(diff::text(&x, &y))));
}
