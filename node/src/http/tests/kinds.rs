//! Every kind by its form: what its declaration has is on the page, and what a browser sends of it is written.

use std::collections::BTreeMap;

use althing_protocol::kind::{self, Field, Kind, Shape, Type};

use super::browser::{Browser, text};
use super::*;
use crate::http::pages::form::is_share;

/// Kinds that need keys or signatures of others; they have pages and tests of their own.
const ELSEWHERE: [&str; 11] = [
    "enroll",
    "retire",
    "rotate",
    "take_up",
    "cosign",
    "anchor",
    "fraud",
    "grant",
    "revoke",
    "set_parameter",
    "vouch",
];

/// What forms are filled with.
struct Filler {
    person: String,
    doc: String,
    entry: String,
    item: String,
}

impl Filler {
    /// Every field, lists with one row; files are attached elsewhere.
    fn fill(&self, fields: &[Field], at: &str, out: &mut BTreeMap<String, String>) {
        for field in fields {
            let name = format!("{at}{}", field.name);
            let mut put = |name: String, value: &str| drop(out.insert(name, value.to_owned()));
            match field.ty {
                Type::Line { max: 42 | 132 } => {}
                Type::Line { .. } => put(name, "Some words"),
                Type::Text { .. } => put(name, "Some *words*,\nand more."),
                Type::Int { .. } if is_share(field) => put(name, "12.5"),
                Type::Int { max } => put(name, &max.min(3).to_string()),
                Type::Flag => put(name, "yes"),
                Type::Id | Type::Named => put(name, self.named(field.name)),
                Type::Key | Type::Hash => put(name, &"ab".repeat(32)),
                Type::Bytes { max } => put(name, &"cd".repeat(max.min(32))),
                Type::Choice(words) => put(name, words.first().copied().unwrap_or_default()),
                Type::Date => put(name, "2026-11-30"),
                Type::Money => {
                    put(format!("{name}.amount"), "12500");
                    put(format!("{name}.currency"), "DAI");
                }
                Type::Ids { max } if max <= 64 => {
                    put(format!("{name}.0._item"), "");
                    put(format!("{name}.0.id"), self.named(field.name));
                }
                Type::Ids { .. } => put(name, self.named(field.name)),
                Type::Lines { .. } => put(name, "one\ntwo"),
                Type::Item => put(name, &self.item),
                Type::List { item, .. } if item.iter().any(|field| field.name == "length") => {}
                Type::List { item, .. } => {
                    put(format!("{name}.0._item"), "");
                    self.fill(item, &format!("{name}.0."), out);
                }
            }
        }
    }

    fn named(&self, field: &str) -> &str {
        match field {
            "entry" | "reply_to" => &self.entry,
            "doc" | "domain" | "programme" | "evaluation" | "predecessor" | "research" | "fork_of" | "decision"
            | "bundle" | "concerns" | "alternatives" | "ratifies" => &self.doc,
            _ => &self.person,
        }
    }
}

/// Whether somebody who looks at the page finds where a field is filled in.
fn is_offered(page: &str, field: &Field) -> bool {
    let name = field.name;
    [
        format!("name=\"{name}\""),
        format!("name=\"{name}.amount\""),
        format!("name=\"{name}.0.id\""),
        format!("value=\"add:{name}\""),
    ]
    .iter()
    .any(|mark| page.contains(mark.as_str()))
}

fn open(browser: &Browser<'_>, committee: &str, kind: &Kind, filler: &Filler) -> String {
    let path = format!("/c/{committee}/open/{}", kind.name);
    let page = browser.page(&path);
    for field in kind.all_fields() {
        assert!(is_offered(&page, field), "{path}: nobody can fill in {}", field.name);
    }
    let mut values = BTreeMap::new();
    filler.fill(kind.fields, "", &mut values);
    let pairs: Vec<(&str, &str)> = values.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let to = browser.write(&path, &pairs);
    to.strip_prefix("/d/").unwrap().to_owned()
}

#[test]
fn every_kind_is_written_by_its_form() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let committee = browser.committee();
    let topic = browser.topic(&committee);
    let person = node.home.identity().to_string();
    let entry = browser.write(&format!("/d/{topic}/act/post"), &[("text", "A word.")]);
    let entry = node.ok(&format!("/documents/{topic}"))["acts"][0]["id"]
        .as_str()
        .map(str::to_owned)
        .unwrap_or(entry);
    let filler = Filler {
        person: person.clone(),
        doc: topic.clone(),
        entry,
        item: format!("{topic}:0"),
    };
    let mut docs: BTreeMap<&str, String> = BTreeMap::new();
    for kind in kind::all().iter().filter(|kind| kind.shape == Shape::Document) {
        docs.insert(kind.name, open(&browser, &committee, kind, &filler));
    }
    docs.insert("committee", committee);
    docs.insert("identity", person);
    let mut written = 0;
    for kind in kind::all().iter().filter(|kind| kind.shape == Shape::Act) {
        if ELSEWHERE.contains(&kind.name) {
            continue;
        }
        let (_, doc) = docs.iter().find(|(of, _)| kind.fits(of)).unwrap();
        written += usize::from(act(&node, &browser, doc, kind, &filler));
    }
    assert_eq!(
        written,
        kind::all().iter().filter(|kind| kind.shape == Shape::Act).count() - ELSEWHERE.len()
    );
}

/// Writes one act; whether it is there and says something that its kind allows.
fn act(node: &Node, browser: &Browser<'_>, doc: &str, kind: &Kind, filler: &Filler) -> bool {
    let path = format!("/d/{doc}/act/{}", kind.name);
    let page = browser.page(&path);
    for field in kind.fields.iter().filter(|field| field.name != "quotes") {
        assert!(is_offered(&page, field), "{path}: nobody can fill in {}", field.name);
    }
    // Where the document has items that a field may name, one of them is chosen.
    let offered = page
        .split("<option value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let item = offered
        .into_iter()
        .find(|value| value.len() > 64 && value.as_bytes().get(64) == Some(&b':'));
    let own = Filler {
        person: filler.person.clone(),
        doc: filler.doc.clone(),
        entry: doc.to_owned(),
        item: item.unwrap_or(&filler.item).to_owned(),
    };
    let mut values = BTreeMap::new();
    own.fill(kind.fields, "", &mut values);
    values.retain(|name, _| !name.starts_with("quotes"));
    match kind.name {
        "commit" => {
            values.remove("commitment");
            values.insert("_sealed".to_owned(), "A hole in the pier.".to_owned());
        }
        "link" => values.retain(|name, _| matches!(name.as_str(), "url" | "handle" | "note")),
        _ => {}
    }
    let pairs: Vec<(&str, &str)> = values.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.write(&path, &pairs);
    let shown = match node.get(&format!("/documents/{doc}")) {
        (200, shown) => shown,
        (status, why) => panic!("{path}: {status} {why}"),
    };
    let acts = shown["acts"].as_array().unwrap();
    let found = acts.iter().rev().find(|act| act["kind"] == kind.name);
    let found =
        found.unwrap_or_else(|| panic!("{path}: it is not there: {}", text(&browser.page(&format!("/d/{doc}")))));
    let void = found["effect"] == "void" && !matches!(kind.name, "amend" | "retract");
    assert!(!void, "{path}: {found}");
    true
}
