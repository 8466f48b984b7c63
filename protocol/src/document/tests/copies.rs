//! Automerge documents: what they show, and what comes back from an edited copy.

use ::automerge::transaction::Transactable;
use ::automerge::{Automerge, LoadOptions, ObjType, ROOT, ReadDoc, ScalarValue, TextEncoding, Value as Found};
use serde_json::{Value as Json, json};

use super::desk::Desk;
use crate::document::Document;
use crate::document::automerge::{self, Copy, Unfit, Unread};
use crate::document::merge::merged;
use crate::hash::Id;
use crate::kind::json as values;

/// The values of a copy alone: sorted, as JSON, without what is simply removed.
pub(super) fn plain(copy: &Copy) -> Json {
    let mut fields = serde_json::Map::new();
    for (name, found) in &copy.fields {
        let mut found: Vec<String> = found.iter().map(Json::to_string).collect();
        found.sort();
        fields.insert(name.clone(), json!(found));
    }
    let mut lists = serde_json::Map::new();
    for (name, items) in &copy.lists {
        let mut shown = serde_json::Map::new();
        for (id, found) in items.iter().filter(|(_, found)| found.iter().any(Option::is_some)) {
            let mut found: Vec<String> = found
                .iter()
                .map(|r| r.clone().map_or(Json::Null, typed).to_string())
                .collect();
            found.sort();
            shown.insert(id.clone(), json!(found));
        }
        if !shown.is_empty() {
            lists.insert(name.clone(), Json::Object(shown));
        }
    }
    let sorted = |map: serde_json::Map<String, Json>| map.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let mut lists = sorted(lists);
    for list in lists.values_mut() {
        *list = json!(sorted(list.as_object().unwrap().clone()));
    }
    json!({ "fields": sorted(fields), "lists": lists })
}

/// Money is one scalar in Automerge.
fn typed(record: serde_json::Map<String, Json>) -> Json {
    let each = record
        .into_iter()
        .map(|(name, value)| match (name.as_str(), value.as_str()) {
            ("amount", Some(text)) => {
                let (amount, currency) = text.split_once(' ').unwrap();
                (
                    name,
                    json!({"amount": amount.parse::<u64>().unwrap(), "currency": currency}),
                )
            }
            _ => (name, value),
        });
    let sorted: std::collections::BTreeMap<_, _> = each.collect();
    json!(sorted)
}

fn nomination() -> (Desk, Id) {
    Desk::open(
        "nomination",
        1,
        &[],
        &json!({
            "seat": "1", "reasons": "First line.\nSecond line.\n",
            "goals": ["one", "two"], "budget": [{"item": "pay", "amount": "12500 DAI"}],
        }),
    )
}

/// What somebody does to an exported copy in another program.
fn edited(document: &Document, by: impl FnOnce(&mut Automerge)) -> Copy {
    let bytes = automerge::save(document).unwrap();
    let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
    let mut copy = Automerge::load_with_options(&bytes, options).unwrap();
    by(&mut copy);
    automerge::read(&copy.save()).unwrap()
}

fn change(document: &Document, copy: &Copy) -> Json {
    automerge::change(document, copy)
        .unwrap()
        .map_or(Json::Null, |(change, _)| values::change(&change))
}

#[test]
fn an_edited_copy_becomes_a_change() {
    let (mut desk, root) = nomination();
    let document = desk.build();
    let copy = edited(&document, |copy| {
        let mut tx = copy.transaction();
        let (_, text) = tx.get(ROOT, "reasons").unwrap().unwrap();
        tx.splice_text(&text, 0, 5, "1st").unwrap();
        // JavaScript writes strings as Text and numbers as floats.
        let seat = tx.put_object(ROOT, "seat", ObjType::Text).unwrap();
        tx.splice_text(&seat, 0, 0, "2").unwrap();
        let (_, goals) = tx.get(ROOT, "goals").unwrap().unwrap();
        tx.delete(&goals, format!("{root}:0")).unwrap();
        let (_, second) = tx.get(&goals, format!("{root}:1")).unwrap().unwrap();
        tx.put(&second, "measure", "by eye").unwrap();
        let new = tx.put_object(&goals, "anything", ObjType::Map).unwrap();
        tx.put(&new, "text", "three").unwrap();
        tx.put(&new, "unmeasured", true).unwrap();
        let (_, budget) = tx.get(ROOT, "budget").unwrap().unwrap();
        tx.put(&budget, format!("{root}:0"), ScalarValue::Null).unwrap();
        tx.commit();
    });
    let expected = json!({
        "set": {"reasons": "1st line.\nSecond line.\n", "seat": "2"},
        "add": {"goals": [{"text": "three", "unmeasured": true}]},
        "replace": {"goals": [[root, 1, {"measure": "by eye", "text": "two"}]]},
        "remove": {"budget": [[root, 0]], "goals": [[root, 0]]},
    });
    assert_eq!(change(&document, &copy), expected);
    // Across the process boundary as JSON.
    let crossed: Copy = serde_json::from_str(&serde_json::to_string(&copy).unwrap()).unwrap();
    assert_eq!(change(&document, &crossed), expected);
    // Signed, it does what it says; imported again, nothing.
    let (signed, after) = automerge::change(&document, &copy).unwrap().unwrap();
    assert_eq!(after, [root]);
    desk.sign("edit", 1, &after, Some(signed.encode()), None);
    assert_eq!(
        desk.build().content().fields["seat"].single().unwrap().as_text(),
        Some("2")
    );
    assert_eq!(desk.build().content().lists["goals"].items.len(), 2);
    assert!(!desk.build().content().lists.contains_key("budget"));
}

#[test]
fn what_changed_meanwhile_stays_changed() {
    let (mut desk, root) = nomination();
    let copy = edited(&desk.build(), |copy| {
        let mut tx = copy.transaction();
        tx.put(ROOT, "seat", "mine").unwrap();
        tx.commit();
    });
    desk.write("edit", 1, &[root], &json!({"seat": "theirs", "reasons": "new"}));
    let (signed, after) = automerge::change(&desk.build(), &copy).unwrap().unwrap();
    assert_eq!(values::change(&signed), json!({"set": {"seat": "mine"}}));
    desk.sign("edit", 1, &after, Some(signed.encode()), None);
    assert_eq!(
        desk.build().content().fields["seat"].values.len(),
        2,
        "a conflict, not a loss"
    );
    assert_eq!(
        desk.build().content().fields["reasons"].single().unwrap().as_text(),
        Some("new")
    );
}

#[test]
fn a_conflict_must_be_settled_before_it_comes_back() {
    let (mut desk, root) = nomination();
    let a = desk.write("edit", 1, &[root], &json!({"seat": "a"}));
    let b = desk.write("edit", 1, &[root], &json!({"seat": "b"}));
    let document = desk.build();
    let untouched = edited(&document, |_| ());
    assert_eq!(untouched.fields["seat"].len(), 2);
    assert_eq!(change(&document, &untouched), Json::Null);
    let settled = edited(&document, |copy| {
        let mut tx = copy.transaction();
        tx.put(ROOT, "seat", "c").unwrap();
        tx.commit();
    });
    let (_, after) = automerge::change(&document, &settled).unwrap().unwrap();
    let mut both = vec![a, b];
    both.sort_unstable();
    assert_eq!(after, both);
    let mut worse = untouched;
    worse.fields.insert("seat".into(), vec![json!("a"), json!("z")]);
    assert!(matches!(automerge::change(&document, &worse), Err(Unfit::Conflict(_))));
}

#[test]
fn foreign_and_unfit_copies_are_refused() {
    let (desk, _) = nomination();
    let document = desk.build();
    let fine = edited(&document, |_| ());
    let with = |f: &dyn Fn(&mut Copy)| {
        let mut copy = fine.clone();
        f(&mut copy);
        automerge::change(&document, &copy).unwrap_err().to_string()
    };
    assert!(with(&|c| c.document = "00".repeat(32)).contains("copy of document"));
    assert!(with(&|c| c.after = vec!["11".repeat(32)]).contains("not here"));
    assert!(with(&|c| drop(c.fields.insert("titel".into(), vec![json!("x")]))).contains("has no field"));
    assert!(with(&|c| drop(c.fields.insert("seat".into(), vec![json!(true)]))).contains("one line of text"));
    assert!(with(&|c| drop(c.fields.insert("seat".into(), vec![json!("a\u{1b}b")]))).contains("control character"));
    let mut empty = Automerge::new();
    assert!(matches!(automerge::read(&empty.save()), Err(Unread::Foreign(_))));
    assert!(matches!(automerge::read(b"no"), Err(Unread::Automerge(_))));
    let mut tx = empty.transaction();
    tx.put(ROOT, "x", 1.5).unwrap();
    tx.commit();
    assert!(automerge::read(&empty.save()).is_err());
}

#[test]
fn long_texts_can_be_written_on() {
    let (mut desk, root) = nomination();
    desk.write("edit", 1, &[root], &json!({"reasons": "Zweite Fassung: äöü 🦀"}));
    let shown = automerge::show(&desk.build()).unwrap();
    let (kind, text) = shown.get(ROOT, "reasons").unwrap().unwrap();
    assert!(matches!(kind, Found::Object(ObjType::Text)));
    assert_eq!(shown.text(&text).unwrap(), "Zweite Fassung: äöü 🦀");
    assert_eq!(shown.length(&text), 21, "code points");
    let (kind, _) = shown.get(ROOT, "seat").unwrap().unwrap();
    assert!(matches!(kind, Found::Scalar(_)));
}

#[test]
fn proposals_merge_what_does_not_collide() {
    let (mut desk, root) = nomination();
    let a = desk.write(
        "edit",
        1,
        &[root],
        &json!({"reasons": "The first line.\nSecond line.\n"}),
    );
    let b = desk.write(
        "edit",
        1,
        &[root],
        &json!({"reasons": "First line.\nSecond, longer line.\n"}),
    );
    let document = desk.build();
    let proposal = document.proposal("reasons").unwrap();
    assert_eq!(proposal.text, "The first line.\nSecond, longer line.\n");
    assert_eq!(proposal.base, "First line.\nSecond line.\n");
    let mut both = vec![a, b];
    both.sort_unstable();
    assert_eq!(proposal.versions, both);
    assert_eq!(document.proposal("seat"), None, "no text");
    assert_eq!(document.proposal("perspective"), None, "no conflict");
    desk.write("edit", 1, &both, &json!({"reasons": proposal.text}));
    assert_eq!(desk.build().proposal("reasons"), None);
}

#[test]
fn merging_is_the_same_whoever_merges() {
    let base = "one two three\nfour five six\n";
    let versions = [
        "one 2 three\nfour five six\n",
        "one two three\nfour six\n",
        "zero one two three\nfour five six\n",
    ];
    let first = merged(base, &versions).unwrap();
    assert_eq!(first, "zero one 2 three\nfour six\n");
    for _ in 0..5 {
        assert_eq!(merged(base, &versions).unwrap(), first);
    }
    assert_eq!(merged("", &["a", "a"]).unwrap(), "a", "the same change is one change");
    assert_eq!(merged("x teh y", &["x the y", "x the z"]).unwrap(), "x the z");
    let clash = merged("x old y", &["x one y", "x two y"]).unwrap();
    assert!(
        clash.contains("one") && clash.contains("two") && !clash.contains("old"),
        "{clash}"
    );
    assert_eq!(merged(base, &[]).unwrap(), base);
    assert_eq!(merged(base, &[base, base]).unwrap(), base);
}

#[test]
fn the_same_value_again_is_a_version_of_its_own() {
    let (mut desk, root) = nomination();
    let a = desk.write("edit", 1, &[root], &json!({"seat": "a"}));
    desk.write("edit", 1, &[a], &json!({"seat": "a"}));
    desk.write("edit", 1, &[a], &json!({"seat": "b"}));
    let document = desk.build();
    assert_eq!(document.content().fields["seat"].values.len(), 2);
    assert_eq!(edited(&document, |_| ()).fields["seat"].len(), 2);
}
