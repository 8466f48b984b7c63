//! What changed between two texts, and between two states of a document.
//!
//! Texts are compared by words; where they are too large for that, by lines; where even those are too many, as a
//! whole. The comparison itself is `similar`'s Myers search with its bounded heuristics, without a deadline: the same
//! two texts give the same difference on every machine.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Content, Document, Item, Register};
use crate::kind::{Kind, Record, Type, Value, json as values};

/// Words on both sides together up to which texts are compared by words.
const WORDS: usize = 60_000;

/// Lines on both sides together up to which texts are compared by lines.
const LINES: usize = 60_000;

/// What became of a run of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// On both sides.
    Same,
    /// Only in the old one.
    Gone,
    /// Only in the new one.
    New,
}

/// A run of text and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What became of it.
    pub sign: Sign,
    /// The text.
    pub text: String,
}

/// How one field changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub field: &'static str,
    /// Its text, in order. Concatenating what is not new gives the old one, what is not gone the new one.
    pub changes: Vec<Run>,
}

/// The fields that differ between two states of documents of one kind, in the kind's order.
#[must_use]
pub fn documents(old: &Document, new: &Document) -> Vec<Field> {
    match new.kind() {
        Some(kind) => contents(kind, old.content(), new.content()),
        None => Vec::new(),
    }
}

/// `{ fields: [{ field, changes: [["=" | "-" | "+", text]] }] }`.
#[must_use]
pub fn to_json(fields: &[Field]) -> Json {
    let run = |run: &Run| json!([run.sign.name(), run.text]);
    let field = |f: &Field| json!({ "field": f.field, "changes": f.changes.iter().map(run).collect::<Vec<_>>() });
    json!({ "fields": fields.iter().map(field).collect::<Vec<_>>() })
}

/// What became of the words of a text.
#[must_use]
pub fn text(old: &str, new: &str) -> Vec<Run> {
    let prefix = common_words(old, new);
    let (same, old) = old.split_at(prefix);
    let new = new.get(prefix..).unwrap_or_default();
    let mut out = Runs::default();
    out.push(Sign::Same, same);
    let (a, b) = (words(old), words(new));
    if a.len() + b.len() <= WORDS {
        compare(&mut out, &a, &b);
        return out.0;
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    if a.len() + b.len() <= LINES {
        compare(&mut out, &a, &b);
    } else {
        out.push(Sign::Gone, old);
        out.push(Sign::New, new);
    }
    out.0
}

impl Sign {
    /// `=`, `-` or `+`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "=",
            Self::Gone => "-",
            Self::New => "+",
        }
    }
}

fn contents(kind: &Kind, old: &Content, new: &Content) -> Vec<Field> {
    let mut out = Vec::new();
    for field in kind.all_fields() {
        let mut runs = Runs::default();
        if field.is_list() {
            let side = |content: &Content| {
                content
                    .lists
                    .get(field.name)
                    .map(|l| l.items.clone())
                    .unwrap_or_default()
            };
            items(&mut runs, &side(old), &side(new));
        } else {
            let side = |content: &Content| texts(content.fields.get(field.name));
            let (old, new) = (side(old), side(new));
            match (old.as_slice(), new.as_slice()) {
                (a, b) if a == b => {}
                ([a], [b]) if matches!(field.ty, Type::Text { .. } | Type::Line { .. }) => runs.0 = text(a, b),
                (a, b) => versions(&mut runs, a, b),
            }
        }
        if runs.0.iter().any(|run| run.sign != Sign::Same) {
            out.push(Field {
                field: field.name,
                changes: runs.0,
            });
        }
    }
    out
}

fn texts(register: Option<&Register>) -> Vec<String> {
    let values = register.map(|register| register.values.as_slice()).unwrap_or_default();
    values.iter().map(|version| plain(&version.value)).collect()
}

/// Several versions side by side: each is kept, gone or new as a whole.
fn versions(runs: &mut Runs, old: &[String], new: &[String]) {
    for text in old {
        runs.line(if new.contains(text) { Sign::Same } else { Sign::Gone }, text);
    }
    for text in new.iter().filter(|text| !old.contains(text)) {
        runs.line(Sign::New, text);
    }
}

/// Items by name: a line each, in the order of the new side, what is gone first.
fn items(runs: &mut Runs, old: &[Item], new: &[Item]) {
    let kept: BTreeSet<_> = new.iter().map(|item| item.id).collect();
    for item in old.iter().filter(|item| !kept.contains(&item.id)) {
        runs.line(Sign::Gone, &line(item));
    }
    let old: BTreeMap<_, _> = old.iter().map(|item| (item.id, item)).collect();
    for item in new {
        let now = line(item);
        match old.get(&item.id).map(|item| line(item)) {
            Some(was) if was == now => runs.line(Sign::Same, &now),
            Some(was) => {
                runs.line(Sign::Gone, &was);
                runs.line(Sign::New, &now);
            }
            None => runs.line(Sign::New, &now),
        }
    }
}

fn line(item: &Item) -> String {
    let versions: Vec<String> = item.values.iter().map(|version| record(&version.value)).collect();
    let removed = if item.removed.is_empty() { "" } else { " | (removed)" };
    format!("{}{removed}", versions.join(" | "))
}

fn record(record: &Record) -> String {
    let fields: Vec<String> = record
        .iter()
        .map(|(name, value)| format!("{name}: {}", plain(value)))
        .collect();
    fields.join("; ")
}

/// A value as plain text.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Money { amount, currency } => format!("{amount} {currency}"),
        Value::Lines(lines) => lines.join("\n"),
        Value::Item(item) => item.to_string(),
        other => match values::value(other) {
            Json::String(text) => text,
            json => json.to_string(),
        },
    }
}

fn compare(out: &mut Runs, old: &[&str], new: &[&str]) {
    let joined = |side: &[&str], at: usize, len: usize| side.get(at..at + len).unwrap_or_default().concat();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        match op {
            DiffOp::Equal { old_index, len, .. } => out.push(Sign::Same, &joined(old, old_index, len)),
            DiffOp::Delete { old_index, old_len, .. } => out.push(Sign::Gone, &joined(old, old_index, old_len)),
            DiffOp::Insert { new_index, new_len, .. } => out.push(Sign::New, &joined(new, new_index, new_len)),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => {
                out.push(Sign::Gone, &joined(old, old_index, old_len));
                out.push(Sign::New, &joined(new, new_index, new_len));
            }
        }
    }
}

/// Words, runs of white space, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let class = class(first);
        let len = match class {
            Class::Other => first.len_utf8(),
            _ => rest.find(|c| self::class(c) != class).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(len);
        out.push(word);
        rest = after;
    }
    out
}

#[derive(PartialEq, Clone, Copy)]
enum Class {
    Word,
    Space,
    Other,
}

fn class(c: char) -> Class {
    if c.is_alphanumeric() || c == '_' {
        Class::Word
    } else if c == ' ' || c == '\t' {
        Class::Space
    } else {
        Class::Other
    }
}

/// Bytes of the words that both texts begin with: leaves less to compare, at no cost.
fn common_words(old: &str, new: &str) -> usize {
    let pairs = old.char_indices().zip(new.chars());
    let end = pairs.clone().find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    let end = end.unwrap_or(old.len().min(new.len()));
    // Back to where a word begins on both sides.
    let inside = |text: &str, at: usize| {
        let last = text.get(..at).and_then(|t| t.chars().next_back()).map(class);
        let next = text.get(at..).and_then(|t| t.chars().next()).map(class);
        last.is_some() && last == next && last != Some(Class::Other)
    };
    let starts = |at: &usize| !inside(old, *at) && !inside(new, *at);
    if starts(&end) {
        return end;
    }
    let before = old.get(..end).unwrap_or_default();
    before.char_indices().rev().map(|(at, _)| at).find(starts).unwrap_or(0)
}

/// Runs in order; neighbours of one sign are one.
#[derive(Default)]
struct Runs(Vec<Run>);

impl Runs {
    fn push(&mut self, sign: Sign, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.sign == sign => last.text.push_str(text),
            _ => self.0.push(Run {
                sign,
                text: text.to_owned(),
            }),
        }
    }

    fn line(&mut self, sign: Sign, text: &str) {
        self.push(sign, &format!("{text}\n"));
    }
}
