//! Where the documents of a committee were imported from, remembered between the requests of one import: without it
//! each request would compute every document of the committee anew.
//!
//! Bound: one committee at a time, and of each of its documents an id, a stamp and its source.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use althing_protocol::hash::Id;

use crate::http::context::Context;
use crate::http::error::Problem;

/// The sources of one committee's documents.
#[derive(Debug, Default)]
pub(crate) struct Sources(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    committee: Option<Id>,
    /// Under the stamp of what the document was computed from.
    documents: HashMap<Id, (u64, Option<Box<str>>)>,
}

impl Sources {
    /// Those of these documents that came from one of the wanted sources, in the same order.
    pub(super) fn of(
        &self,
        context: &Context,
        committee: Id,
        roots: &[Id],
        wanted: &BTreeSet<&str>,
    ) -> Result<Vec<Id>, Problem> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.committee != Some(committee) {
            *known = Known {
                committee: Some(committee),
                documents: HashMap::new(),
            };
        }
        let mut found = Vec::new();
        for root in roots {
            let Some(stamp) = context.cache.stamp(&context.ingest, root) else {
                continue;
            };
            let fresh = known.documents.get(root).is_some_and(|(of, _)| *of == stamp);
            if !fresh {
                let loaded = context.cache.load(&context.ingest, *root)?;
                let source = loaded.text("source").map(Box::from);
                known.documents.insert(*root, (stamp, source));
            }
            let source = known.documents.get(root).and_then(|(_, source)| source.as_deref());
            if source.is_some_and(|source| wanted.contains(source)) {
                found.push(*root);
            }
        }
        Ok(found)
    }

    /// Forgets everything: a body was erased, and what it said is not to stay in memory.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }
}
