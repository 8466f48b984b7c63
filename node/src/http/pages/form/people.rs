//! People that a form offers by name.
//!
//! Bound: [`MOST`] of them, those of the committee first.

use std::collections::{BTreeSet, HashMap};

use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use maud::{Markup, html};

use crate::http::context::Context;

/// People that one list of suggestions holds.
const MOST: usize = 400;

/// Known people with their names.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<Id, String>);

impl People {
    /// Those of a committee, and others as far as there is room.
    pub(crate) fn new(context: &Context, committee: Option<Id>) -> Self {
        let ids: Vec<Id> = context.ingest.read(|state| {
            let graph = state.graph();
            let committee = committee.and_then(|id| state.committee(&id));
            let mut seen = BTreeSet::new();
            let own = graph.num(&context.ingest.home().identity());
            let founders = committee.map(|c| c.authority().founders().to_vec()).unwrap_or_default();
            let members = committee.into_iter().flat_map(|c| c.members().take(MOST));
            let near = own.into_iter().chain(founders).chain(members);
            let near: Vec<Num> = near.filter(|num| seen.insert(num.0)).collect();
            let others = graph.iter().filter(|num| graph.node(*num).class == Class::Identity);
            let others = others.filter(|num| !seen.contains(&num.0));
            near.iter()
                .copied()
                .chain(others)
                .take(MOST)
                .map(|num| graph.id(num))
                .collect()
        });
        let name = |id: Id| Some((id, context.cache.name(&context.ingest, id)?));
        Self(ids.into_iter().filter_map(name).collect())
    }

    /// One person.
    pub(crate) fn of(context: &Context, id: Id) -> Self {
        let name = context.cache.name(&context.ingest, id);
        Self(name.map(|name| (id, name)).into_iter().collect())
    }

    /// `name · id8` of somebody who is known; else the whole id.
    pub(crate) fn label(&self, id: &Id) -> String {
        match self.0.get(id) {
            Some(name) => format!("{name} · {}", id.short()),
            None => id.to_string(),
        }
    }

    /// Suggestions for fields that take somebody.
    pub(crate) fn list(&self) -> Markup {
        let mut labels: Vec<String> = self.0.keys().map(|id| self.label(id)).collect();
        labels.sort_unstable();
        html! {
            datalist #people {
                @for label in &labels { option value=(label) {} }
            }
        }
    }
}
