//! The document at earlier moments, its versions, and what changed since somebody saw it.

use std::collections::BTreeSet;

use super::{Cause, Document, Effect, Outcome};
use crate::hash::Id;
use crate::kind::ItemId;

/// A version of the content: the root, or an edit that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The root or edit.
    pub entry: Id,
    /// Its author's identity.
    pub by: Id,
    /// The fields that it sets or changes with effect; none when its body is not here.
    pub fields: BTreeSet<&'static str>,
}

impl Document {
    /// The document as it was at one of its entries: of that entry and everything before it.
    #[must_use]
    pub fn at(&self, entry: Id) -> Option<Self> {
        self.at_all(&[entry])
    }

    /// The document as of several of its entries and everything before them; none unless all are in it.
    #[must_use]
    pub fn at_all(&self, entries: &[Id]) -> Option<Self> {
        let mut keep = vec![false; self.graph.len()];
        if let Some(root) = keep.first_mut() {
            *root = true;
        }
        for entry in entries {
            let past = self.graph.past(self.number(*entry)?);
            for (keep, past) in keep.iter_mut().zip(past) {
                *keep |= past;
            }
        }
        Some(self.restricted(&keep))
    }

    /// The document as of some of its entries: an entry is left out when `keep` does not hold for it, or for anything
    /// before it. The root stays.
    #[must_use]
    pub fn as_of(&self, keep: impl Fn(&Outcome) -> bool) -> Self {
        let mut kept = vec![false; self.graph.len()];
        for (n, outcome) in self.outcomes.iter().enumerate() {
            let before = |p: &usize| kept.get(*p).copied().unwrap_or(false);
            let stays = n == 0 || (keep(outcome) && self.graph.parents(n).iter().all(before));
            if let Some(kept) = kept.get_mut(n) {
                *kept = stays;
            }
        }
        self.restricted(&kept)
    }

    /// The document of a causally closed subset of its entries that holds the root.
    pub(super) fn restricted(&self, keep: &[bool]) -> Self {
        let nodes = self.nodes.iter().zip(keep).filter(|(_, keep)| **keep);
        let nodes = nodes.map(|(node, _)| node.clone()).collect();
        let graph = self.graph.only(keep);
        Self::compute(self.kind_name.clone(), self.kind, self.owners.clone(), graph, nodes)
    }

    /// Its versions in canonical order, the root first.
    #[must_use]
    pub fn versions(&self) -> Vec<Edit> {
        let edits = self.outcomes.iter().enumerate().filter(|(n, outcome)| {
            (*n == 0 || outcome.kind == "edit") && outcome.effect == Effect::Effective && outcome.in_record
        });
        edits
            .map(|(_, outcome)| Edit {
                entry: outcome.id,
                by: outcome.by,
                fields: counted_fields(outcome),
            })
            .collect()
    }

    /// The fields that versions touch which an entry's author had not seen: what changed since a stance or an
    /// acceptance. None when the entry is not in the document, or when versions are too many to tell.
    #[must_use]
    pub fn changed_since(&self, entry: Id) -> Option<BTreeSet<&'static str>> {
        let node = self.number(entry)?;
        let mut out = BTreeSet::new();
        for version in self.versions() {
            if !self.clocks.saw(node, self.number(version.entry)?)? {
                out.extend(version.fields);
            }
        }
        // A body that is not here may have changed these.
        let fields = self.content.fields.iter().filter(|(_, register)| register.incomplete);
        let lists = self.content.lists.iter().filter(|(_, list)| list.incomplete);
        out.extend(fields.map(|(name, _)| *name).chain(lists.map(|(name, _)| *name)));
        Some(out)
    }

    /// The versions that no other version is after.
    pub(super) fn last_versions(&self) -> Vec<Id> {
        let versions = self.versions();
        let touched: Vec<_> = versions
            .iter()
            .filter_map(|v| Some((0, self.number(v.entry)?)))
            .collect();
        let covered = self.graph.covered(&touched, &touched);
        let last = versions.iter().zip(covered).filter(|(_, covered)| !covered);
        last.map(|(version, _)| version.entry).collect()
    }

    /// The last versions before an entry, by id.
    pub(super) fn versions_before(&self, number: usize) -> Option<Vec<Id>> {
        Some(self.ids(self.clocks.before(&self.graph, number)?))
    }

    /// Whether a change to an item counts in a version: an earlier version that counts added it.
    pub(super) fn may_change(&self, number: usize, list: &str, item: ItemId) -> bool {
        let Some(adding) = self.number(item.entry) else {
            return false;
        };
        let added = self.outcomes.get(adding).is_some_and(|outcome| {
            let items = outcome
                .change()
                .and_then(|change| change.add.get(list))
                .map_or(0, Vec::len);
            counted_fields(outcome).contains(list) && u64::try_from(items).is_ok_and(|items| item.n < items)
        });
        added && self.clocks.saw(number, adding).is_some_and(|saw| saw)
    }

    /// The last versions that an entry's author had seen, by id.
    pub(super) fn versions_seen(&self, number: usize) -> Option<Vec<Id>> {
        Some(self.ids(self.clocks.frontier(number)?))
    }

    fn ids(&self, numbers: Vec<usize>) -> Vec<Id> {
        let mut ids: Vec<Id> = numbers.into_iter().filter_map(|n| Some(self.node(n)?.id)).collect();
        ids.sort_unstable();
        ids
    }
}

fn counted_fields(outcome: &Outcome) -> BTreeSet<&'static str> {
    let mut fields = outcome.change().map(|change| change.fields()).unwrap_or_default();
    if let Some(Cause::Parts { fields: refused }) = &outcome.cause {
        fields.retain(|field| !refused.contains(field));
    }
    fields
}
