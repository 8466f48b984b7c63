//! A proposed merge of conflicting texts, made with Automerge.
//!
//! Nothing here is authoritative: an owner reads the proposal and signs it, or something else. A fresh document
//! holds the common base, written by a fixed actor; each version is applied to a fork of it by an actor of its own,
//! in the order of the edits' ids; the forks are merged. Each step is fixed, so every node proposes the same.
//!
//! The document is a list of *pieces*: the base, cut wherever any version begins or ends a change, and what the
//! versions put in. Automerge pays for each element (measured: 0.7 µs to insert, 6 µs to delete), so letters would
//! make a text of 50 KB cost what only its changes should; and its `update_text` compares letter by letter without
//! a bound, which two unlike texts turn into minutes. Versions are compared by [`diff::text`] instead.

use std::collections::BTreeSet;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ObjType, ROOT, ReadDoc, ScalarValue, TextEncoding};

use super::diff::{self, Sign};
use super::{Document, Register};
use crate::hash::Id;
use crate::kind::Type;

/// Versions that a proposal takes in; with more, an owner reads them all anyway.
pub const VERSIONS: usize = 8;

/// Changes of one version that are merged one by one.
const CHANGES: usize = 500;

/// A text that an owner may sign to settle a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The field.
    pub field: &'static str,
    /// The text that all versions come from; empty when there was none.
    pub base: String,
    /// The edits whose versions it merges, sorted: an edit that settles the conflict is after all of them.
    pub versions: Vec<Id>,
    /// The merged text.
    pub text: String,
}

impl Document {
    /// Merges the versions of a text field that are in conflict. None when the field holds no text, is not in
    /// conflict, or has more than [`VERSIONS`] versions.
    #[must_use]
    pub fn proposal(&self, field: &str) -> Option<Proposal> {
        let field = self
            .kind?
            .field(field)
            .filter(|field| matches!(field.ty, Type::Text { .. }))?;
        let register = self.content.fields.get(field.name)?;
        if !(2..=VERSIONS).contains(&register.values.len()) {
            return None;
        }
        let base = self.common_base(field.name, register).unwrap_or_default();
        let texts: Vec<&str> = register
            .values
            .iter()
            .filter_map(|version| version.value.as_text())
            .collect();
        Some(Proposal {
            field: field.name,
            text: merged(&base, &texts).ok()?,
            base,
            versions: register.values.iter().map(|version| version.entry).collect(),
        })
    }

    /// The field's text as of everything that all versions come from; of several, the first by id.
    fn common_base(&self, field: &str, register: &Register) -> Option<String> {
        let mut shared = vec![true; self.graph.len()];
        for version in &register.values {
            let past = self.graph.past(self.number(version.entry)?);
            for (shared, past) in shared.iter_mut().zip(past) {
                *shared &= past;
            }
        }
        let base = self.restricted(&shared);
        let value = base.content.fields.get(field)?.values.first()?;
        value.value.as_text().map(str::to_owned)
    }
}

/// Merges texts that come from one base, in the order given; those beyond [`VERSIONS`] are left out.
///
/// # Errors
/// None that is known: Automerge refuses nothing that is done here.
pub fn merged(base: &str, versions: &[&str]) -> Result<String, AutomergeError> {
    // What several versions change in the same way is one change: nobody wants a corrected word twice.
    let mut seen = BTreeSet::new();
    let versions = versions.iter().take(VERSIONS).map(|version| changes(base, version));
    let versions: Vec<Vec<Change>> = versions
        .map(|changes| {
            changes
                .into_iter()
                .filter(|change| seen.insert(change.clone()))
                .collect()
        })
        .collect();
    let mut pieces = Pieces::cut(base, &versions);
    let mut document = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
    document.set_actor(actor(0));
    let mut start = document.transaction();
    let list = start.put_object(ROOT, "pieces", ObjType::List)?;
    start.splice(&list, 0, 0, pieces.all())?;
    start.commit_with(at_no_time());
    let original = document.clone();
    for (n, version) in (1..).zip(versions) {
        let mut fork = original.clone();
        fork.set_actor(actor(n));
        let mut tx = fork.transaction();
        // From the end, so that places before a change stay what they are in the base.
        for change in version.into_iter().rev() {
            let (from, to) = (pieces.at(change.from), pieces.at(change.to));
            let gone = isize::try_from(to - from).unwrap_or(isize::MAX);
            tx.splice(&list, from, gone, pieces.add(change.with))?;
        }
        tx.commit_with(at_no_time());
        document.merge(&mut fork)?;
    }
    let shown = document
        .values(&list)
        .filter_map(|(value, _)| usize::try_from(value.as_i64()?).ok());
    Ok(shown.filter_map(|n| pieces.texts.get(n).map(String::as_str)).collect())
}

/// Bytes `from` to `to` of the base become another text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    from: usize,
    to: usize,
    with: String,
}

/// What a version changes, in order, at most about [`CHANGES`]: changes with the least kept text between them
/// become one.
fn changes(base: &str, version: &str) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    let mut at = 0;
    for run in diff::text(base, version) {
        let (from, to) = match run.sign {
            Sign::Same => {
                at += run.text.len();
                continue;
            }
            Sign::Gone => (at, at + run.text.len()),
            Sign::New => (at, at),
        };
        let with = if run.sign == Sign::New { run.text } else { String::new() };
        at = to;
        match out.last_mut().filter(|last| last.to == from) {
            Some(last) => {
                last.to = to;
                last.with.push_str(&with);
            }
            None => out.push(Change { from, to, with }),
        }
    }
    let mut gaps: Vec<usize> = out.iter().zip(out.iter().skip(1)).map(|(a, b)| b.from - a.to).collect();
    gaps.sort_unstable_by(|a, b| b.cmp(a));
    let Some(least) = gaps.get(CHANGES) else { return out };
    let mut joined: Vec<Change> = Vec::new();
    for change in out {
        match joined.last_mut().filter(|last| change.from - last.to <= *least) {
            Some(last) => {
                last.with.push_str(base.get(last.to..change.from).unwrap_or_default());
                last.with.push_str(&change.with);
                last.to = change.to;
            }
            None => joined.push(change),
        }
    }
    joined
}

/// The texts that stand for numbers in the document.
struct Pieces {
    texts: Vec<String>,
    /// Where in the base each of the first pieces begins.
    starts: Vec<usize>,
}

impl Pieces {
    fn cut(base: &str, versions: &[Vec<Change>]) -> Self {
        let ends = versions.iter().flatten().flat_map(|change| [change.from, change.to]);
        let mut starts: Vec<usize> = ends.chain([0]).filter(|at| *at < base.len()).collect();
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).copied().chain([base.len()]);
        let cut = starts
            .iter()
            .zip(ends)
            .map(|(from, to)| base.get(*from..to).unwrap_or_default().to_owned());
        Self {
            texts: cut.collect(),
            starts,
        }
    }

    /// The number of the piece that begins at this byte of the base; after the last one, their count.
    fn at(&self, byte: usize) -> usize {
        self.starts.binary_search(&byte).unwrap_or(self.starts.len())
    }

    fn all(&self) -> Vec<ScalarValue> {
        (0u64..).take(self.texts.len()).map(ScalarValue::Uint).collect()
    }

    fn add(&mut self, text: String) -> Option<ScalarValue> {
        if text.is_empty() {
            return None;
        }
        self.texts.push(text);
        u64::try_from(self.texts.len() - 1).ok().map(ScalarValue::Uint)
    }
}

/// Actors are fixed, so that the same versions give the same document. Automerge draws a random one for every new
/// document; it is replaced before it is used.
fn actor(n: u8) -> ActorId {
    let mut bytes = *b"althing/merge\0\0\0";
    if let Some(last) = bytes.last_mut() {
        *last = n;
    }
    ActorId::from(bytes)
}

/// A clock would make two documents of one history differ.
pub(super) fn at_no_time() -> CommitOptions {
    CommitOptions::default().with_time(0)
}
