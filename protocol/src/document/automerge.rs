//! A whole document as an Automerge document, and back.
//!
//! The document is made anew whenever somebody asks, from the edits in canonical order, and never kept: the
//! registers are the truth and this shows the same values and the same conflicts. `save()` bytes are no identity;
//! compare values.
//!
//! ```text
//! root ┬ "althing:document", "althing:kind", "althing:after"   what it was made from
//!      ├ field        one scalar, or a Text for a long text    several values (`get_all`) are a conflict
//!      └ list         a map; "entry:n" ─▶ a map of scalars, or null where the item was removed
//! ```
//!
//! Values that are neither text, number nor boolean are written as text, the way a command line takes them.

mod copy;

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{Transactable, Transaction};
use automerge::{
    ActorId, Automerge, AutomergeError, ChangeHash, ObjId, ObjType, PatchLog, PatchLogMismatch, ROOT, ReadDoc,
    ScalarValue, TextEncoding,
};
use thiserror::Error;

pub use self::copy::{Copy, Items, Unfit, Unread, change, read};
use super::merge::at_no_time;
use super::{Document, Outcome, Said};
use crate::hash::Id;
use crate::kind::read::Change;
use crate::kind::{Field, ItemId, Kind, Record, Type, Value};

/// Edits up to which a document is made into an Automerge document.
pub const EDITS: usize = 20_000;

/// Keys of the root that are no fields: what a copy was made from.
const DOCUMENT: &str = "althing:document";
const KIND: &str = "althing:kind";
const AFTER: &str = "althing:after";

/// Why a document cannot be shown as an Automerge document.
#[derive(Debug, Error)]
pub enum Unshown {
    /// This release does not know its kind, and so not its fields.
    #[error("this release does not know the kind {kind}; a newer one may export it")]
    Kind {
        /// The kind.
        kind: String,
    },
    /// More edits than anyone wants to wait for.
    #[error("{count} edits, or too many at once; at most {EDITS} edits are made into an Automerge document")]
    Large {
        /// How many edits there are.
        count: usize,
    },
    /// Automerge itself.
    #[error("Automerge refused: {0}")]
    Automerge(#[from] AutomergeError),
    /// Automerge too: cannot happen, as no log of patches is kept.
    #[error("Automerge refused: {0}")]
    Patches(#[from] PatchLogMismatch),
}

/// The bytes that any Automerge program opens.
///
/// # Errors
/// See [`Unshown`].
pub fn save(document: &Document) -> Result<Vec<u8>, Unshown> {
    Ok(show(document)?.save())
}

/// The document as an Automerge document.
///
/// # Errors
/// See [`Unshown`].
pub fn show(document: &Document) -> Result<Automerge, Unshown> {
    let Some(kind) = document.kind() else {
        return Err(Unshown::Kind {
            kind: document.kind_name().to_owned(),
        });
    };
    let versions = document.versions();
    let large = || Unshown::Large { count: versions.len() };
    if versions.len() > EDITS {
        return Err(large());
    }
    let mut work = Work::start(document, kind)?;
    for version in &versions {
        let number = document.number(version.entry).ok_or_else(large)?;
        let before = document.versions_before(number).ok_or_else(large)?;
        let outcome = document.outcomes.get(number).ok_or_else(large)?;
        work.edit(number, outcome, &version.fields, &before)?;
    }
    Ok(work.out)
}

struct Work<'a> {
    document: &'a Document,
    kind: &'static Kind,
    out: Automerge,
    lists: BTreeMap<&'static str, ObjId>,
    /// The change of the base.
    base: ChangeHash,
    /// The change of each version; of one that changes nothing here, the changes before it.
    changes: BTreeMap<Id, Vec<ChangeHash>>,
    /// Versions by the actor that wrote them last: one actor goes on where nothing is concurrent, because every
    /// further actor makes Automerge slower.
    last: BTreeMap<Id, ActorId>,
}

impl<'a> Work<'a> {
    /// The base: all containers, so that no two edits make one each and hide the other's.
    fn start(document: &'a Document, kind: &'static Kind) -> Result<Self, Unshown> {
        let mut out = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
        out.set_actor(actor(Id::ZERO));
        let after: Vec<String> = document.after(&[]).iter().map(ToString::to_string).collect();
        let mut lists = BTreeMap::new();
        let mut tx = out.transaction();
        tx.put(ROOT, DOCUMENT, document.id().to_string())?;
        tx.put(ROOT, KIND, kind.name)?;
        tx.put(ROOT, AFTER, after.join(" "))?;
        for field in kind.all_fields().filter(|field| field.is_list()) {
            lists.insert(field.name, tx.put_object(ROOT, field.name, ObjType::Map)?);
        }
        tx.commit_with(at_no_time());
        let base = head(&out)?;
        Ok(Self {
            document,
            kind,
            out,
            lists,
            base,
            changes: BTreeMap::new(),
            last: BTreeMap::new(),
        })
    }

    /// One version as one change, after the changes of the versions that its author saw.
    fn edit(
        &mut self,
        number: usize,
        outcome: &Outcome,
        counted: &BTreeSet<&'static str>,
        before: &[Id],
    ) -> Result<(), Unshown> {
        let mut heads: Vec<ChangeHash> = before
            .iter()
            .filter_map(|id| self.changes.get(id))
            .flatten()
            .copied()
            .collect();
        if heads.is_empty() {
            heads.push(self.base);
        }
        heads.sort_unstable();
        heads.dedup();
        let goes_on = before.iter().find_map(|id| self.last.remove(id));
        let actor = goes_on.unwrap_or_else(|| actor(outcome.id));
        self.out.set_actor(actor.clone());
        self.last.insert(outcome.id, actor);
        let put = Put {
            document: self.document,
            kind: self.kind,
            lists: &self.lists,
            id: outcome.id,
            number,
            counted,
        };
        let empty = Change::default();
        let change = match &*outcome.said {
            Said::Change(change) => change,
            _ => &empty,
        };
        let message = at_no_time().with_message(outcome.id.to_string());
        let mut now = self.out.get_heads();
        now.sort_unstable();
        // At an earlier state only where the present one is not what the author saw. `transaction_at` numbers a change
        // after all that the document holds, and so depends on the order of making: here that order is canonical.
        // (`fork_at`, which does not, took 3.6 s for 1,000 edits by two people who merge.)
        #[expect(
            clippy::disallowed_methods,
            reason = "the order of making is canonical here, see above"
        )]
        let mut tx = if now == heads {
            self.out.transaction()
        } else {
            self.out.transaction_at(PatchLog::inactive(), &heads)?
        };
        put.change(&mut tx, change)?;
        let (hash, _) = tx.commit_with(message);
        self.changes.insert(outcome.id, hash.map_or(heads, |hash| vec![hash]));
        Ok(())
    }
}

/// Writes one version.
struct Put<'a> {
    document: &'a Document,
    kind: &'static Kind,
    lists: &'a BTreeMap<&'static str, ObjId>,
    id: Id,
    number: usize,
    counted: &'a BTreeSet<&'static str>,
}

impl Put<'_> {
    fn change(&self, tx: &mut Transaction<'_>, change: &Change) -> Result<(), AutomergeError> {
        let counted = |name: &str| self.kind.field(name).filter(|field| self.counted.contains(field.name));
        for (name, value) in &change.set {
            if let Some(field) = counted(name) {
                self.value(tx, field, value)?;
            }
        }
        for (name, list) in self.lists {
            if !self.counted.contains(name) {
                continue;
            }
            for (n, record) in change.add.get(name).into_iter().flatten().enumerate() {
                put_item(tx, list, &format!("{}:{n}", self.id), record)?;
            }
            for (item, record) in change.replace.get(name).into_iter().flatten() {
                if self.exists(name, *item) {
                    put_item(tx, list, &item.to_string(), record)?;
                }
            }
            for item in change.remove.get(name).into_iter().flatten() {
                if self.exists(name, *item) {
                    // Not deleted: a deletion would lose against a concurrent replacement, where both must show.
                    put(tx, list, &item.to_string(), ScalarValue::Null)?;
                }
            }
        }
        Ok(())
    }

    /// A long text that stands is a Text, on which people can write on; one that was replaced is a scalar.
    fn value(&self, tx: &mut Transaction<'_>, field: &Field, value: &Value) -> Result<(), AutomergeError> {
        let register = self.document.content.fields.get(field.name);
        let stands = register.is_some_and(|register| register.values.iter().any(|v| v.entry == self.id));
        match (field.ty, value) {
            (Type::Text { .. }, Value::Text(text)) if stands => {
                let object = tx.put_object(ROOT, field.name, ObjType::Text)?;
                tx.splice_text(&object, 0, 0, text)
            }
            _ => put(tx, &ROOT, field.name, scalar(value)),
        }
    }

    /// Whether a version before this one added this item.
    fn exists(&self, list: &str, item: ItemId) -> bool {
        self.document.may_change(self.number, list, item)
    }
}

/// Writes a scalar, also where it stands already: Automerge leaves that out, and then the version that wrote it
/// first could be overwritten without a trace of the one that confirmed it.
fn put(tx: &mut Transaction<'_>, object: &ObjId, key: &str, value: ScalarValue) -> Result<(), AutomergeError> {
    let stands = tx
        .get(object, key)?
        .is_some_and(|(found, _)| found.as_scalar() == Some(&value));
    if stands {
        tx.delete(object, key)?;
    }
    tx.put(object, key, value)
}

fn put_item(tx: &mut Transaction<'_>, list: &ObjId, key: &str, record: &Record) -> Result<(), AutomergeError> {
    let object = tx.put_object(list, key, ObjType::Map)?;
    for (name, value) in record {
        tx.put(&object, *name, scalar(value))?;
    }
    Ok(())
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Int(n) => (*n).into(),
        Value::Flag(yes) => (*yes).into(),
        Value::Id(id) => id.to_string().into(),
        Value::Key(key) => key.to_string().into(),
        Value::Hash(hash) => hash.to_string().into(),
        Value::Bytes(bytes) => data_encoding::HEXLOWER.encode(bytes).into(),
        Value::Money { amount, currency } => format!("{amount} {currency}").into(),
        Value::Ids(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into(),
        Value::Lines(lines) => lines.join("\n").into(),
        Value::Item(item) => item.to_string().into(),
        // Only acts have lists of records, and acts are not shown here.
        Value::List(_) => ScalarValue::Null,
    }
}

/// An actor for the versions that go on from this one; fixed, so that everybody makes the same changes.
fn actor(first: Id) -> ActorId {
    ActorId::from(first.as_bytes())
}

fn head(document: &Automerge) -> Result<ChangeHash, Unshown> {
    document.get_heads().first().copied().ok_or(Unshown::Large { count: 0 })
}
