//! `vectors/document/*.json`: entries and what a reader must make of them, for any language. Values, never change
//! hashes. `ALTHING_BLESS=1` writes them anew from the scenes below.

#![expect(clippy::disallowed_methods, reason = "a test that reads and writes vector files")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::{Value as Json, json};

use super::desk::{Desk, owner, person};
use crate::codec;
use crate::document::merge::merged;
use crate::document::{Body, Document, Entry, diff, json as shown};
use crate::entry::{Header, entry_id};
use crate::hash::Id;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/document")
}

fn written_as_the_scenes_make_them() {
    let bless = std::env::var_os("ALTHING_BLESS").is_some();
    let scenes = scenes();
    for (name, vector) in &scenes {
        let path = folder().join(format!("{name}.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(vector).unwrap());
        if bless {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "{} is out of date: run with ALTHING_BLESS=1",
            path.display()
        );
    }
    assert_eq!(
        std::fs::read_dir(folder()).unwrap().count(),
        scenes.len(),
        "a vector without a scene"
    );
}

/// Reads the files as another language would: headers and bodies in, values out.
#[test]
fn vectors_hold() {
    written_as_the_scenes_make_them();
    for file in std::fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let vector: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for case in vector["differences"].as_array().into_iter().flatten() {
            let runs = diff::text(case["old"].as_str().unwrap(), case["new"].as_str().unwrap());
            let runs: Json = runs.iter().map(|run| json!([run.sign.name(), run.text])).collect();
            assert_eq!(runs, case["changes"], "{}", path.display());
        }
        for case in vector["merges"].as_array().into_iter().flatten() {
            let versions: Vec<&str> = case["versions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .collect();
            let text = merged(case["base"].as_str().unwrap(), &versions).unwrap();
            assert_eq!(json!(text), case["merged"], "{}", path.display());
        }
        if let Some(entries) = vector["entries"].as_array() {
            let read: Vec<(Header, Vec<u8>)> = entries.iter().map(parts).collect();
            let mut given: Vec<Entry<'_>> = entries.iter().zip(&read).map(|(e, (h, b))| entry(e, h, b)).collect();
            let root = given.remove(0);
            given.reverse();
            let document = Document::build(&root, &given);
            assert_eq!(expected(&document), vector["expected"], "{}", path.display());
            for (id, content) in vector["earlier"].as_object().into_iter().flatten() {
                let then = document.at(id.parse().unwrap()).unwrap();
                assert_eq!(shown::content(&then), *content, "{} at {id}", path.display());
            }
        }
    }
}

fn parts(entry: &Json) -> (Header, Vec<u8>) {
    let hex = |name: &str| {
        HEXLOWER
            .decode(entry[name].as_str().unwrap_or_default().as_bytes())
            .unwrap()
    };
    (codec::decode(&hex("header")).unwrap(), hex("body"))
}

fn entry<'a>(entry: &Json, header: &'a Header, body: &'a [u8]) -> Entry<'a> {
    Entry {
        id: entry_id(&header.encode()),
        header,
        author: entry["author"].as_str().unwrap().parse().unwrap(),
        body: match (header.len, entry["body"].is_null()) {
            (0, _) => Body::None,
            (_, true) => Body::Absent,
            _ => Body::Here(body),
        },
        in_record: entry["record"].as_bool().unwrap(),
        forked_from: entry["forked_from"].as_u64(),
        ruling: None,
    }
}

fn expected(document: &Document) -> Json {
    let effects: serde_json::Map<String, Json> = document
        .outcomes()
        .iter()
        .map(|o| {
            (
                o.id.to_string(),
                json!([o.effect.name(), o.cause.as_ref().map(|c| c.name())]),
            )
        })
        .collect();
    let amended: BTreeMap<_, _> = document
        .acts()
        .filter_map(|o| Some((o.id.to_string(), o.amended?)))
        .collect();
    json!({
        "order": document.outcomes().iter().map(|o| o.id).collect::<Vec<_>>(),
        "title": document.title(),
        "content": shown::content(document),
        "effects": effects,
        "amended": amended,
        "state": document.state().map(shown::state),
        "incomplete": document.incomplete(),
        "after": document.after(&[]),
    })
}

fn vector(about: &str, desk: &Desk, earlier: &[Id]) -> Json {
    let entries = desk.written.iter().map(|w| {
        let body = w.body.as_ref().filter(|_| w.here).map(|b| HEXLOWER.encode(b));
        let mut out = json!({
            "id": w.entry.id(), "kind": w.entry.header().kind, "author": w.author,
            "header": HEXLOWER.encode(w.entry.header_bytes()), "body": body, "record": w.in_record,
        });
        if let Some(seq) = w.forked_from {
            out["forked_from"] = json!(seq);
        }
        out
    });
    let document = desk.build();
    let mut out = json!({ "about": about, "entries": entries.collect::<Vec<_>>(), "expected": expected(&document) });
    if !earlier.is_empty() {
        let at = earlier
            .iter()
            .map(|id| (id.to_string(), shown::content(&document.at(*id).unwrap())));
        out["earlier"] = at.collect::<serde_json::Map<_, _>>().into();
    }
    out
}

fn scenes() -> BTreeMap<&'static str, Json> {
    BTreeMap::from([
        ("acceptance", acceptance()),
        ("body_lottery", body_lottery()),
        ("conflict_edit", conflict_edit()),
        ("differences", differences()),
        ("late_part", late_part()),
        ("list_items", list_items()),
        ("merges", merges()),
        ("stances", stances()),
        ("texts", texts()),
        ("unknown_kind", unknown_kind()),
        ("void", void()),
    ])
}

fn late_part() -> Json {
    let owners = [owner(1, "case"), owner(2, "platform")];
    let (mut desk, root) = Desk::open(
        "nomination",
        1,
        &owners,
        &json!({"seat": "1", "perspective": "not mine"}),
    );
    let own = desk.write("edit", 2, &[root], &json!({"perspective": "mine"}));
    desk.write("edit", 2, &[root], &json!({"reasons": "vote for me"}));
    desk.write(
        "edit",
        1,
        &[own],
        &json!({"reasons": "able", "perspective": "not yours"}),
    );
    vector(
        "Each owner's own part counts; what they write in another's has no effect on content.",
        &desk,
        &[own],
    )
}

fn conflict_edit() -> Json {
    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "one", "text": "first"}));
    let a = desk.write("edit", 1, &[root], &json!({"title": "a"}));
    let post = desk.write("post", 5, &[a], &json!({"text": "seen"}));
    let b = desk.write("edit", 101, &[root], &json!({"title": "b", "text": "second"}));
    let c = desk.write("edit", 1, &[post, b], &json!({"title": "c"}));
    desk.write("edit", 101, &[b, Id([77; 32])], &json!({"text": "third"}));
    vector(
        "Two maximal edits of a field are a conflict; one that names both, through an act, settles it.",
        &desk,
        &[post, b, c],
    )
}

fn list_items() -> Json {
    let (mut desk, root) = Desk::open("nomination", 1, &[], &json!({"goals": ["one", "two", "three"]}));
    let more = desk.write("edit", 1, &[root], &json!({"goals": ["four"]}));
    let gone = desk.write(
        "edit",
        1,
        &[more],
        &json!({"remove": {"goals": [[root, 0], [root, 1], [more, 9]]}}),
    );
    desk.write(
        "edit",
        101,
        &[more],
        &json!({"replace": {"goals": [[root, 1, "zwei"], [more, 0, "vier"]]}}),
    );
    desk.write(
        "edit",
        1,
        &[gone],
        &json!({"replace": {"goals": [[more, 0, "quattro"]]}}),
    );
    desk.write(
        "edit",
        101,
        &[root],
        &json!({"remove": {"goals": [[more, 0]]}, "add": {"goals": ["five"]}}),
    );
    vector(
        "Items by name: gone, replaced twice at once, replaced and removed at once, changed without having seen them.",
        &desk,
        &[gone],
    )
}

fn body_lottery() -> Json {
    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "one", "text": "first"}));
    let a = desk.write("edit", 1, &[root], &json!({"title": "a"}));
    let b = desk.write("edit", 1, &[a], &json!({"text": "b"}));
    let c = desk.write("edit", 9, &[b], &json!({"title": "mine"}));
    desk.get(a).here = false;
    desk.get(c).here = false;
    vector(
        "A body that is not here leaves incomplete what its author owns and no later edit sets.",
        &desk,
        &[],
    )
}

fn unknown_kind() -> Json {
    let (mut desk, root) = Desk::open_raw("saga", 1, &[], Some(vec![0xa0]));
    let edit = desk.sign("edit", 1, &[root], Some(vec![0xa0]), None);
    desk.sign("applaud", 1, &[edit], Some(vec![0xa0]), None);
    desk.write("post", 2, &[root], &json!({"text": "hello"}));
    vector(
        "A document and an act of kinds from a later release; a post counts everywhere.",
        &desk,
        &[],
    )
}

fn void() -> Json {
    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "one"}));
    for body in [
        &b"\xa1\x63set\xa1\x65title\x01"[..],
        b"\xa1\x63set\xa1\x65titel\x61x",
        b"\xa1\x63set\xa1\x65title\x63a\nb",
        b"\xa1\x63put\xa0",
        b"\xa0",
        b"\xa1\x63set\xa1\x65title\x78\x01a",
    ] {
        desk.sign("edit", 1, &[root], Some(body.to_vec()), None);
    }
    desk.sign("post", 2, &[root], Some(vec![0xa0]), None);
    desk.sign("accept", 1, &[root], None, None);
    let floor = desk.write("post", 3, &[root], &json!({"text": "new here"}));
    desk.get(floor).in_record = false;
    vector(
        "Bodies that break their kind's schema, an act that does not fit its document, a post on the floor.",
        &desk,
        &[],
    )
}

fn acceptance() -> Json {
    let owners = [owner(1, "case"), owner(2, "platform")];
    let (mut desk, root) = Desk::open("nomination", 1, &owners, &json!({"seat": "1", "nominee": person(2)}));
    let foreign = desk.sign("accept", 1, &[root], None, None);
    let own = desk.sign("accept", 2, &[foreign], None, None);
    desk.sign("withdraw", 1, &[own], None, None);
    vector(
        "Only the nominee's own acceptance counts, and stands before the nominator's withdrawal.",
        &desk,
        &[],
    )
}

fn stances() -> Json {
    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "one"}));
    let stance = |p: &str| json!({"position": p});
    let a = desk.write("stance", 2, &[root], &stance("support"));
    desk.write("stance", 2, &[root], &stance("oppose"));
    desk.write("stance", 102, &[a], &stance("abstain"));
    let b = desk.write("stance", 3, &[root], &stance("support"));
    let c = desk.write("stance", 3, &[b], &stance("oppose"));
    let d = desk.write("stance", 4, &[root], &stance("support"));
    desk.write("retract", 4, &[d], &json!({"entry": d}));
    for id in [b, c] {
        desk.get(id).forked_from = Some(1);
    }
    vector(
        "An identity's latest counts: by one key's log, in conflict over two devices, disputed after a fork, taken back.",
        &desk,
        &[],
    )
}

fn texts() -> Json {
    let (mut desk, root) = Desk::open("topic", 1, &[], &json!({"title": "one"}));
    let post = desk.write("post", 2, &[root], &json!({"text": "teh"}));
    let one = desk.write("amend", 2, &[post], &json!({"entry": post, "text": "the"}));
    desk.write("amend", 2, &[one], &json!({"entry": post, "text": "The"}));
    desk.write("amend", 3, &[post], &json!({"entry": post, "text": "THE"}));
    let other = desk.write("post", 3, &[root], &json!({"text": "no"}));
    desk.write(
        "retract",
        3,
        &[other],
        &json!({"entry": other, "reason": "wrong thread"}),
    );
    desk.write("retract", 3, &[other], &json!({"entry": Id([9; 32])}));
    vector(
        "Amendments and retractions: by the same author, of entries in this document.",
        &desk,
        &[],
    )
}

fn differences() -> Json {
    let cases = [
        ("", ""),
        ("", "new\n"),
        ("the same", "the same"),
        ("first and second", "only second"),
        ("übergrößen 🦀 crab", "übergroß 🦀 crabs"),
        ("one\ntwo\nthree\n", "one\n2\nthree\nfour\n"),
        ("a, b, c", "a; b; c"),
    ];
    let cases = cases.iter().map(|(old, new)| {
        let runs: Json = diff::text(old, new)
            .iter()
            .map(|run| json!([run.sign.name(), run.text]))
            .collect();
        json!({ "old": old, "new": new, "changes": runs })
    });
    json!({ "about": "What became of the words of a text. Not normative: another reader may cut otherwise.", "differences": cases.collect::<Vec<_>>() })
}

fn merges() -> Json {
    let cases = [
        (
            "First line.\nSecond line.\n",
            vec!["The first line.\nSecond line.\n", "First line.\nSecond, longer line.\n"],
        ),
        (
            "one two three\n",
            vec!["one 2 three\n", "one two three four\n", "zero one two three\n"],
        ),
        ("x teh y", vec!["x the y", "x the z"]),
        ("", vec!["a", "b"]),
        ("gone", vec!["", "gone and kept"]),
    ];
    let cases = cases.iter().map(
        |(base, versions)| json!({ "base": base, "versions": versions, "merged": merged(base, versions).unwrap() }),
    );
    json!({ "about": "Proposed merges, versions in the order of their ids. Not normative: an owner signs what they like.", "merges": cases.collect::<Vec<_>>() })
}
