//! A proposed merge of conflicting texts, made with Automerge.
//!
//! Nothing here is authoritative: an owner reads the proposal and signs it, or something else. A fresh document
//! holds the common base, written by a fixed actor; each version is applied to a fork of it by an actor of its own,
//! in the order of the edits' ids; the forks are merged. Each step is fixed, so every node proposes the same.
//!
//! Versions are applied as the words that [`diff::text`] finds changed. Automerge's own `update_text` compares
//! letter by letter without a bound: two unlike texts of 50 KB would take it minutes.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ObjType, ROOT, ReadDoc, TextEncoding};

use super::diff::{self, Sign};
use super::{Document, Register};
use crate::hash::Id;
use crate::kind::Type;

/// Versions that a proposal takes in; with more, an owner reads them all anyway.
pub const VERSIONS: usize = 8;

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
    let mut document = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
    document.set_actor(actor(0));
    let mut start = document.transaction();
    let text = start.put_object(ROOT, "text", ObjType::Text)?;
    start.splice_text(&text, 0, 0, base)?;
    start.commit_with(at_no_time());
    let original = document.clone();
    for (n, version) in (1..).zip(versions.iter().take(VERSIONS)) {
        let mut fork = original.clone();
        fork.set_actor(actor(n));
        let mut change = fork.transaction();
        let mut at = 0;
        for run in diff::text(base, version) {
            let len = run.text.chars().count();
            match run.sign {
                Sign::Same => at += len,
                Sign::Gone => change.splice_text(&text, at, isize::try_from(len).unwrap_or(isize::MAX), "")?,
                Sign::New => {
                    change.splice_text(&text, at, 0, &run.text)?;
                    at += len;
                }
            }
        }
        change.commit_with(at_no_time());
        document.merge(&mut fork)?;
    }
    document.text(&text)
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
