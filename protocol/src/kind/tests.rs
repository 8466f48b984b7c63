#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::read::Wrong;
use super::{Field, ItemId, LONG, On, Record, Type, Value, all, find, json, read};
use crate::hash::Id;
use crate::{codec, control, limit};

fn names_are_sound(fields: &[Field]) {
    for (i, field) in fields.iter().enumerate() {
        assert!(control::is_name(field.name, limit::NAME), "{}", field.name);
        assert!(
            !read::FORM.contains(&field.name),
            "{} is a word of the edit form",
            field.name
        );
        assert!(
            fields.iter().skip(i + 1).all(|f| f.name != field.name),
            "{} twice",
            field.name
        );
        assert!(!field.about.is_empty());
        if let Type::List { item, max } = field.ty {
            assert!(max > 0);
            names_are_sound(item);
            assert!(
                item.iter().all(|f| !matches!(f.ty, Type::List { .. })),
                "lists do not nest"
            );
        }
    }
}

#[test]
fn declarations_are_sound() {
    for (i, kind) in all().iter().enumerate() {
        assert!(control::is_name(kind.name, limit::KIND), "{}", kind.name);
        assert!(
            all().iter().skip(i + 1).all(|k| k.name != kind.name),
            "{} twice",
            kind.name
        );
        let fields: Vec<Field> = kind.all_fields().copied().collect();
        names_are_sound(&fields);
        for field in &fields {
            assert!(
                field.part.is_none_or(|part| kind.parts.iter().any(|p| p.name == part)),
                "{}.{} stands in a part that the kind does not have",
                kind.name,
                field.name
            );
        }
        for name in kind.title.iter().chain(kind.text.iter()).chain(kind.target.iter()) {
            assert!(
                kind.field(name).is_some(),
                "{} names the field {name}, which it lacks",
                kind.name
            );
        }
        for (field, part) in kind.hands {
            assert!(matches!(kind.field(field).unwrap().ty, Type::Named));
            assert!(kind.parts.iter().any(|p| p.name == *part));
        }
        if let On::Documents(documents) = kind.on {
            assert!(
                documents.iter().all(|d| find(d).is_some_and(|k| k.is_document())),
                "{}",
                kind.name
            );
        }
    }
    assert!(control::KINDS.iter().all(|name| find(name).is_some()));
}

/// Acts are shown with their fields beside what is known of the entry (`interface.md`, `show`).
#[test]
fn no_act_hides_what_is_known_of_it() {
    const KNOWN: [&str; 16] = [
        "id",
        "kind",
        "by",
        "effect",
        "cause",
        "body",
        "record",
        "saw",
        "amendments",
        "amended",
        "retracted",
        "time",
        "not_before",
        "not_after",
        "seq",
        "after",
    ];
    for kind in all().iter().filter(|kind| !kind.is_document()) {
        assert!(
            kind.all_fields().all(|field| !KNOWN.contains(&field.name)),
            "{}",
            kind.name
        );
    }
}

#[test]
fn long_texts_leave_room_for_the_rest_of_a_body() {
    const { assert!(LONG + 8 * 1024 < limit::BODY) }
}

fn post(input: Json) -> Result<Vec<u8>, json::Error> {
    json::body(find("post").unwrap(), &input)
}

#[test]
fn an_act_goes_into_a_body_and_comes_back() {
    let id = "ab".repeat(32);
    let input = json!({"text": "a\nb", "reply_to": id, "quotes": [{"entry": id, "start": 0, "end": 3}]});
    let body = post(input.clone()).unwrap();
    let read = read::act(find("post").unwrap(), Some(&body)).unwrap();
    assert_eq!(json::fields(&read), input);
    assert_eq!(read.get("reply_to").and_then(Value::as_id), Some(id.parse().unwrap()));
}

#[test]
fn every_type_goes_into_a_body_and_comes_back() {
    let id = "01".repeat(32);
    let input = json!({
        "domain": "Oracles", "nominee": id, "seat": "1", "reasons": "good", "source_hash": id,
        "goals": [{"text": "more", "unmeasured": true, "due": "2024-02-29"}],
        "budget": [{"item": "pay", "amount": {"amount": 12500, "currency": "DAI"}}],
    });
    let kind = find("nomination").unwrap();
    let body = json::body(kind, &input).unwrap();
    let change = read::root(kind, Some(&body)).unwrap();
    assert_eq!(change.encode(), body);
    let shown = json::change(&change);
    assert_eq!(json::body(kind, &shown).unwrap(), body);
    assert_eq!(shown["set"]["nominee"], json!(id));
    assert_eq!(shown["add"]["budget"], input["budget"]);
}

#[test]
fn bytes_are_hexadecimal_in_json() {
    let kind = find("fraud").unwrap();
    let input = json!({"a": "a", "b": "b", "leaf_a": "00ff", "proof_a": ""});
    let body = json::body(kind, &input).unwrap();
    let read = read::act(kind, Some(&body)).unwrap();
    assert_eq!(read["leaf_a"], Value::Bytes(vec![0, 255]));
    assert_eq!(json::fields(&read), input);
    for (bad, part) in [
        ("0", "leaf_a must be bytes"),
        ("FF", "leaf_a must be bytes"),
        (&"00".repeat(257), "257 bytes, at most 256"),
    ] {
        let error = json::body(kind, &json!({"a": "a", "b": "b", "leaf_a": bad}))
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_command_line_has_only_text() {
    let id = "01".repeat(32);
    let kind = find("nomination").unwrap();
    let typed = json!({"goals": "more", "budget": "[{\"item\": \"pay\", \"amount\": \"12500 DAI\"}]"});
    let shown = json::change(&read::root(kind, Some(&json::body(kind, &typed).unwrap())).unwrap());
    assert_eq!(shown["add"]["goals"], json!([{"text": "more"}]));
    assert_eq!(
        shown["add"]["budget"][0]["amount"],
        json!({"amount": 12500, "currency": "DAI"})
    );
    let stance = find("stance").unwrap();
    let body = json::body(stance, &json!({"position": "support", "confidence": "80"})).unwrap();
    assert_eq!(read::act(stance, Some(&body)).unwrap()["confidence"], Value::Int(80));
    let edit = json!({"remove": {"goals": [format!("{id}:3")]}});
    let read = read::edit(kind, Some(&json::edit(kind, &edit).unwrap())).unwrap();
    assert_eq!(
        read.remove["goals"][0],
        ItemId {
            entry: id.parse().unwrap(),
            n: 3
        }
    );
}

#[test]
fn a_nominee_with_an_identity_owns_their_part() {
    let (kind, author, nominee) = (find("nomination").unwrap(), Id([1; 32]), Id([2; 32]));
    let owners = |input: Json| {
        let change = read::root(kind, Some(&json::body(kind, &input).unwrap())).unwrap();
        super::owners(kind, author, &change).map(|document| document.owners)
    };
    let part = |identity, part: &str| control::Owner {
        identity,
        part: Some(part.to_owned()),
    };
    let both = vec![part(author, "case"), part(nominee, "platform")];
    assert_eq!(owners(json!({"nominee": nominee})), Some(both));
    let own = vec![part(author, "case"), part(author, "platform")];
    assert_eq!(owners(json!({"nominee": author})), Some(own));
    assert_eq!(owners(json!({"nominee": "Ada"})), None);
    assert_eq!(owners(json!({})), None);
}

#[test]
fn arguments_become_fields() {
    let input = json::pairs([
        ("seat", "1"),
        ("goals", "one"),
        ("goals", "two"),
        ("goals", "{\"text\": \"three\"}"),
    ]);
    let kind = find("nomination").unwrap();
    let shown = json::change(&read::root(kind, Some(&json::body(kind, &input).unwrap())).unwrap());
    assert_eq!(
        shown["add"]["goals"],
        json!([{"text": "one"}, {"text": "two"}, {"text": "three"}])
    );
    assert_eq!(shown["set"], json!({"seat": "1"}));
}

#[test]
fn what_is_refused_says_why() {
    let (kind, id) = (find("nomination").unwrap(), "01".repeat(32));
    let edit = |input: Json| json::edit(kind, &input).unwrap_err().to_string();
    for (error, part) in [
        (
            edit(json!({"titel": "x"})),
            "has no field \"titel\"; it has: title, domain",
        ),
        (edit(json!({"title": 3})), "title must be one line of text"),
        (edit(json!({"title": null})), "title must be one line of text"),
        (edit(json!({"title": "a\nb"})), "control character U+000A"),
        (edit(json!({"title": "\u{1b}[2J"})), "control character U+001B"),
        (edit(json!({"title": "x".repeat(301)})), "has 301 bytes, at most 300"),
        (
            edit(json!({"goals": [{"due": "2021-30-10"}]})),
            "goals[0].due: must be a calendar day",
        ),
        (
            edit(json!({"goals": [{"due": "2023-02-29"}]})),
            "goals[0].due: must be a calendar day",
        ),
        (
            edit(json!({"goals": [{"due": "2024-02-29"}]})),
            "goals[0].text: is required",
        ),
        (
            edit(json!({"budget": [{"item": "x", "amount": "12.50 DAI"}]})),
            "budget[0].amount must be an amount",
        ),
        (
            edit(json!({"budget": [{"item": "x", "amount": -1}]})),
            "budget[0].amount must be an amount",
        ),
        (edit(json!({"set": {"goals": []}})), "is a list"),
        (edit(json!({"add": {"title": []}})), "is no list"),
        (edit(json!({})), "is empty"),
        (edit(json!({"add": {"goals": []}})), "is empty"),
        (edit(json!([])), "must be a JSON object"),
        (
            edit(json!({"remove": {"goals": [[id, 0], [id, 0]]}})),
            "the same element twice",
        ),
        (
            edit(json!({"remove": {"goals": [[id, 0]]}, "replace": {"goals": [[id, 0, "x"]]}})),
            "the same element twice",
        ),
        (edit(json!({"replace": {"goals": [[id, "x"]]}})), "what replaces it"),
        (
            json::body(kind, &json!({"remove": {"goals": [[id, 0]]}}))
                .unwrap_err()
                .to_string(),
            "no items to change",
        ),
        (
            post(json!({})).unwrap_err().to_string(),
            "text: is required and missing",
        ),
        (
            post(json!({"text": "  "})).unwrap_err().to_string(),
            "text: is required and missing",
        ),
        (
            post(json!({"text": "x", "reply_to": "abc"})).unwrap_err().to_string(),
            "64 digits",
        ),
        (
            post(json!({"text": "x".repeat(LONG + 1)})).unwrap_err().to_string(),
            "at most 245760",
        ),
        (
            json::body(find("topic").unwrap(), &json!({"label": "loud", "title": "x"}))
                .unwrap_err()
                .to_string(),
            "label: must be one of: discussion, signal, binding",
        ),
        (
            json::body(
                find("stance").unwrap(),
                &json!({"position": "support", "confidence": 101}),
            )
            .unwrap_err()
            .to_string(),
            "confidence: is 101, at most 100",
        ),
        (
            json::body(find("topic").unwrap(), &json!({"text": "x"}))
                .unwrap_err()
                .to_string(),
            "title: is required",
        ),
    ] {
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    }
    let large = json!({"reasons": "x".repeat(LONG), "perspective": "x".repeat(LONG)});
    assert!(matches!(json::edit(kind, &large), Err(json::Error::TooLarge { .. })));
}

#[test]
fn bytes_that_are_no_body_are_void() {
    let kind = find("post").unwrap();
    let wrong = |bytes: &[u8]| read::act(kind, Some(bytes)).unwrap_err().what;
    assert!(matches!(wrong(&[]), Wrong::Encoding(_)));
    assert!(matches!(wrong(&[0xa0, 0]), Wrong::Encoding(_)));
    assert_eq!(wrong(&[0x01]), Wrong::Type("a map of fields"));
    assert_eq!(wrong(&[0xa0]), Wrong::Missing);
    assert!(matches!(wrong(b"\xa1\x64text\x43abc"), Wrong::Type(_)));
    assert!(matches!(read::act(kind, None).unwrap_err().what, Wrong::Missing));
    assert_eq!(read::act(find("take_up").unwrap(), None).unwrap(), Record::new());
    let topic = find("topic").unwrap();
    assert_eq!(read::edit(topic, None).unwrap_err().what, Wrong::Empty);
    assert_eq!(
        read::root(topic, Some(b"\xa1\x63put\xa0")).unwrap_err().what,
        Wrong::Unknown
    );
    assert!(matches!(
        read::root(topic, Some(b"\xa1\x63set\x01")).unwrap_err().what,
        Wrong::Type(_)
    ));
}

proptest! {
    /// Whatever bytes come, reading ends and never panics; what reads as a change encodes to the same bytes,
    /// but for empty words of the form.
    #[test]
    fn reading_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for kind in all() {
            let _ignored = (read::act(kind, Some(&bytes)), read::root(kind, Some(&bytes)), read::edit(kind, Some(&bytes)));
        }
    }

    /// The same for JSON that names real fields with values of any type.
    #[test]
    fn converting_is_total(which in 0usize..1000, field in 0usize..100, text in "\\PC{0,40}", shape in 0usize..9) {
        let kind = all()[which % all().len()];
        let fields: Vec<&Field> = kind.all_fields().collect();
        let name = fields.get(field % fields.len().max(1)).map_or("none", |f| f.name);
        let value = match shape {
            0 => json!(text), 1 => json!(12), 2 => json!(true), 3 => json!([text]), 4 => json!({"entry": text}),
            5 => json!(null), 6 => json!(-1.5), 7 => json!([[text, 0, {}]]), _ => json!({"amount": 1, "currency": text}),
        };
        for input in [json!({name: value}), json!({"set": {name: value}}), json!({"replace": {name: value}})] {
            if let Ok(body) = json::body(kind, &input) {
                prop_assert!(codec::decode_value(&body).is_ok());
            }
            let _ignored = json::edit(kind, &input);
        }
    }
}
