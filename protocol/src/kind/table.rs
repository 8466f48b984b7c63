//! The declarations as tables for people and as JSON for other languages.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::{Field, Kind, NAMED, Needs, On, Shape, Type, Undo, Who, all};

/// `docs/spec/kinds.md`, whole.
#[must_use]
pub fn tables() -> String {
    let mut out = String::from(HEAD);
    for shape in [Shape::Space, Shape::Document, Shape::Edit, Shape::Act] {
        let (title, about) = heading(shape);
        section(&mut out, format_args!("\n## {title}\n\n{about}\n"));
        for kind in all().iter().filter(|kind| kind.shape == shape) {
            one(&mut out, kind);
        }
    }
    out
}

/// Every kind, its fields and their types: `vectors/kinds.json`.
#[must_use]
pub fn schema_json() -> Json {
    json!({ "kinds": all().iter().map(|kind| schema(kind)).collect::<Vec<_>>() })
}

const HEAD: &str = "# Kinds

This file is written by the program from its declarations (`protocol/src/kind/`); `vectors/kinds.json` holds the same
for other languages. A test holds all three equal; `ALTHING_BLESS=1 cargo test -p althing-protocol` writes them anew.

A body is canonical CBOR (`entry.md`). An act's body is a map of the fields below; no body at all is an empty map.
The body of a document's root, and of an `edit`, is `{set: {field: value}, add: {list: [item…]},
replace: {list: [[entry, n, item]…]}, remove: {list: [[entry, n]…]}}`, each word optional, only the first two in a
root. A body is **void**, and its entry has no effect, when it is not canonical, when a field is unknown, of another
type or out of its bounds, when a required field is missing or blank (in documents: missing in the root), when an
edit changes nothing or names one item twice, and when the kind does not fit its document.

| type | what it is in a body | in JSON |
|---|---|---|
| line | text without control characters | text |
| text | text without control characters, other than line feed, carriage return and tab | text |
| int | integer | number |
| flag | boolean | boolean |
| id, key, hash | 32 bytes | 64 lower-case hexadecimal digits |
| bytes | byte string | two lower-case hexadecimal digits for each |
| choice | text, one of the words | text |
| date | text `YYYY-MM-DD`, a day of the Gregorian calendar, in UTC | text |
| money | `{amount, currency}`: integer minor units; 2 to 12 of `A-Z0-9` | the same |
| named | 32 bytes: an entry's id; or text, a name without control characters | 64 digits, or a name |
| ids | array of distinct ids | array |
| lines | array of distinct lines | array |
| item | `[entry, n]`: the entry that added it, its place among what that entry added to the list | `{entry, n}` |
| list | array of maps; in documents its items are keyed by (entry, n) | array |

Lengths are bytes of UTF-8. Control characters are U+0000 to U+001F and U+007F to U+009F. Blank text holds nothing but
Unicode white space.
";

fn heading(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::Space => ("Spaces", "Their roots are documents as well."),
        Shape::Document => ("Documents", "Roots of documents in a committee."),
        Shape::Edit => ("Edits", "Changes to the content of a document, by its owners."),
        Shape::Act => ("Acts", "Everything else that stands in a document."),
    }
}

fn one(out: &mut String, kind: &Kind) {
    section(out, format_args!("\n### `{}`\n\n{}\n", kind.name, kind.about));
    let mut notes = Vec::new();
    if let On::Documents(documents) = kind.on {
        notes.push(format!("Stands in: {}.", words(documents)));
    }
    if !kind.by.is_empty() {
        let who: Vec<String> = kind.by.iter().map(who).collect();
        notes.push(format!("Counts only from {}.", who.join(", or ")));
    }
    if let Some(group) = kind.latest {
        let with: Vec<&str> = all()
            .iter()
            .filter(|k| k.latest == Some(group))
            .map(|k| k.name)
            .collect();
        notes.push(format!("Of {}, only an identity's latest counts.", words(&with)));
    }
    match kind.needs {
        Some(Needs::Member) => notes.push("Counts only from a founder or the holder of a role.".to_owned()),
        Some(Needs::Role(role)) => notes.push(format!("Counts only from a {role}.")),
        None => {}
    }
    if kind.ruled {
        notes.push("What it counts for is decided by the committee's authority.".to_owned());
    }
    if kind.proof.is_some() {
        notes.push("It has to prove itself (`identity.md`, `anchor.md`, `log.md`), else it is void.".to_owned());
    }
    match kind.undo {
        Undo::No => {}
        Undo::Retract => notes.push("Its author may `retract` it.".to_owned()),
        Undo::Amend => notes.push("Its author may `amend` or `retract` it.".to_owned()),
    }
    if !notes.is_empty() {
        section(out, format_args!("\n{}\n", notes.join(" ")));
    }
    for part in kind.parts {
        section(out, format_args!("\nPart `{}`: {}\n", part.name, part.about));
    }
    let fields: Vec<&Field> = kind.all_fields().collect();
    if !fields.is_empty() {
        section(
            out,
            format_args!("\n| field | type | limit | required | what |\n|---|---|---|---|---|\n"),
        );
        rows(out, kind, &fields, "");
    }
}

fn rows(out: &mut String, kind: &Kind, fields: &[&Field], above: &str) {
    for field in fields {
        let (ty, limit) = describe(&field.ty);
        let required = if field.required { "yes" } else { "" };
        let part = match kind.part_of(field).filter(|_| above.is_empty()) {
            Some(part) => format!(" ({part})"),
            None => String::new(),
        };
        section(
            out,
            format_args!(
                "| `{above}{}`{part} | {ty} | {limit} | {required} | {} |\n",
                field.name, field.about
            ),
        );
        if let Type::List { item, .. } = field.ty {
            rows(
                out,
                kind,
                &item.iter().collect::<Vec<_>>(),
                &format!("{above}{}.", field.name),
            );
        }
    }
}

fn describe(ty: &Type) -> (&'static str, String) {
    match ty {
        Type::Line { max } => ("line", format!("{max} bytes")),
        Type::Text { max } => ("text", format!("{max} bytes")),
        Type::Int { max } => ("int", format!("0 to {max}")),
        Type::Flag => ("flag", String::new()),
        Type::Id => ("id", String::new()),
        Type::Key => ("key", String::new()),
        Type::Hash => ("hash", String::new()),
        Type::Bytes { max } => ("bytes", format!("{max}")),
        Type::Choice(choice) => ("choice", choice.join(", ")),
        Type::Date => ("date", String::new()),
        Type::Money => ("money", String::new()),
        Type::Named => ("named", format!("{NAMED} bytes")),
        Type::Ids { max } => ("ids", format!("{max}")),
        Type::Lines { max, each } => ("lines", format!("{max}, each {each} bytes")),
        Type::Item => ("item", String::new()),
        Type::List { max, .. } => ("list", format!("{max} in one entry")),
    }
}

fn schema(kind: &Kind) -> Json {
    let mut out = Map::new();
    let mut put = |name: &str, value: Json| {
        let empty = match &value {
            Json::Null | Json::Bool(false) => true,
            Json::Array(list) => list.is_empty(),
            _ => false,
        };
        if !empty {
            out.insert(name.to_owned(), value);
        }
    };
    let shape = match kind.shape {
        Shape::Space => "space",
        Shape::Document => "document",
        Shape::Edit => "edit",
        Shape::Act => "act",
    };
    put("name", json!(kind.name));
    put("shape", json!(shape));
    put("about", json!(kind.about));
    put(
        "parts",
        kind.parts
            .iter()
            .map(|p| json!({ "name": p.name, "about": p.about }))
            .collect(),
    );
    put("title", json!(kind.title));
    put("text", json!(kind.text));
    if let On::Documents(documents) = kind.on {
        put("on", json!(documents));
    }
    if kind.is_document() {
        let acts = all()
            .iter()
            .filter(|k| k.shape == Shape::Act && k.fits(kind.name))
            .map(|k| k.name);
        put("acts", acts.collect());
    }
    put("by", kind.by.iter().map(who_json).collect());
    put("latest", json!(kind.latest));
    put("target", json!(kind.target));
    put("amend", json!(kind.undo == Undo::Amend));
    put("retract", json!(kind.undo != Undo::No));
    put(
        "hands",
        kind.hands
            .iter()
            .map(|(field, part)| json!({ "field": field, "part": part }))
            .collect(),
    );
    let needs = kind.needs.map(|needs| match needs {
        Needs::Member => "member",
        Needs::Role(role) => role,
    });
    put("needs", json!(needs));
    put("ruled", json!(kind.ruled));
    put("proof", json!(kind.proof.is_some()));
    put(
        "fields",
        kind.all_fields().map(|f| field_json(f, kind.part_of(f))).collect(),
    );
    Json::Object(out)
}

fn field_json(field: &Field, part: Option<&str>) -> Json {
    let (name, _) = describe(&field.ty);
    let mut out = Map::from_iter([("name".to_owned(), json!(field.name)), ("type".to_owned(), json!(name))]);
    let mut put = |name: &str, value: Json| out.insert(name.to_owned(), value);
    match field.ty {
        Type::Line { max } | Type::Text { max } | Type::Bytes { max } | Type::Ids { max } => {
            drop(put("max", json!(max)))
        }
        Type::Int { max } => drop(put("max", json!(max))),
        Type::Named => drop(put("max", json!(NAMED))),
        Type::Choice(choice) => drop(put("words", json!(choice))),
        Type::Lines { max, each } => {
            put("max", json!(max));
            put("each", json!(each));
        }
        Type::List { item, max } => {
            put("max", json!(max));
            put("item", item.iter().map(|f| field_json(f, None)).collect());
        }
        Type::Flag | Type::Id | Type::Key | Type::Hash | Type::Date | Type::Money | Type::Item => {}
    }
    if field.required {
        put("required", json!(true));
    }
    if let Some(part) = part {
        put("part", json!(part));
    }
    put("about", json!(field.about));
    Json::Object(out)
}

fn who(who: &Who) -> String {
    match who {
        Who::Owner("") => "an owner of the whole document".to_owned(),
        Who::Owner(part) => format!("an owner of `{part}`"),
        Who::Holder { part, field } => format!("the owner of `{part}` (without one, the identity in `{field}`)"),
    }
}

fn who_json(who: &Who) -> Json {
    match who {
        Who::Owner(part) => json!({ "owner": part }),
        Who::Holder { part, field } => json!({ "holder": part, "field": field }),
    }
}

fn words(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn section(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test that reads and writes generated files")]
    use super::*;

    /// Compares a file of the repository with what it must hold, or writes it when ALTHING_BLESS is set.
    fn equal(path: &str, expected: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("ALTHING_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{} is out of date: run with ALTHING_BLESS=1",
            path.display()
        );
    }

    #[test]
    fn documentation_equals_the_declarations() {
        equal("../docs/spec/kinds.md", &tables());
    }

    #[test]
    fn schema_equals_the_declarations() {
        let mut text = serde_json::to_string_pretty(&schema_json()).unwrap();
        text.push('\n');
        equal("vectors/kinds.json", &text);
    }
}
