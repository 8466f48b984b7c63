//! People and documents that a form offers by name.
//!
//! Bounds: [`MOST`] people, those of the committee first; [`DOCUMENTS`] documents, the newest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use maud::{Markup, html};

use crate::http::context::Context;
use crate::http::query;

/// People that one list of suggestions holds.
const MOST: usize = 400;

/// Documents that all lists of suggestions hold.
const DOCUMENTS: usize = 400;

/// Characters of a title in a suggestion.
const TITLE: usize = 80;

/// Kinds of documents that have a list of their own: some fields take nothing else.
pub(super) const LISTS: [&str; 8] = [
    "domain",
    "evaluation",
    "proposal",
    "research",
    "nomination",
    "concern",
    "motion",
    "decision",
];

/// Known people with their names, and documents by kind with their titles.
#[derive(Debug, Default)]
pub(crate) struct People {
    names: HashMap<Id, String>,
    documents: BTreeMap<String, Vec<(Id, String)>>,
}

impl People {
    /// Those of a committee, and other people as far as there is room.
    pub(crate) fn new(context: &Context, committee: Option<Id>) -> Self {
        let (ids, roots): (Vec<Id>, Vec<Id>) = context.ingest.read(|state| {
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
            let ids = near.iter().copied().chain(others).take(MOST).map(|num| graph.id(num));
            let sequence = committee.map_or(&[][..], |c| c.record().sequence());
            let is_document = |num: &Num| graph.contains(*num) && graph.node(*num).class == Class::Document;
            let roots = sequence.iter().rev().copied().filter(is_document).take(DOCUMENTS);
            (ids.collect(), roots.map(|num| graph.id(num)).collect())
        });
        let name = |id: Id| Some((id, context.cache.name(&context.ingest, id)?));
        let names = ids.into_iter().filter_map(name).collect();
        let mut documents: BTreeMap<String, Vec<(Id, String)>> = BTreeMap::new();
        for id in roots {
            // One that is damaged says so itself, on its page.
            if let Ok(loaded) = context.cache.gist(&context.ingest, id) {
                let title = query::title(&loaded.document);
                let kind = loaded.document.kind_name().to_owned();
                documents.entry(kind).or_default().push((id, cut(&title)));
            }
        }
        Self { names, documents }
    }

    /// One person.
    pub(crate) fn of(context: &Context, id: Id) -> Self {
        let name = context.cache.name(&context.ingest, id);
        Self {
            names: name.map(|name| (id, name)).into_iter().collect(),
            documents: BTreeMap::new(),
        }
    }

    /// `name · id8` of somebody or something that is known; else the whole id.
    pub(crate) fn label(&self, id: &Id) -> String {
        let title = || {
            let mut all = self.documents.values().flatten();
            all.find(|(known, _)| known == id).map(|(_, title)| title)
        };
        match self.names.get(id).or_else(title) {
            Some(name) => labelled(name, id),
            None => id.to_string(),
        }
    }

    /// Suggestions for fields that take somebody, or some document.
    pub(crate) fn list(&self) -> Markup {
        let mut labels: Vec<String> = self.names.iter().map(|(id, name)| labelled(name, id)).collect();
        labels.sort_unstable();
        let of = |kind: &str| self.documents.get(kind).into_iter().flatten();
        html! {
            datalist #people {
                @for label in &labels { option value=(label) {} }
            }
            @for kind in LISTS {
                datalist #{ "docs-" (kind) } { @for (id, title) in of(kind) { option value=(labelled(title, id)) {} } }
            }
            datalist #docs {
                @for (kind, all) in &self.documents {
                    @for (id, title) in all { option value=(labelled(title, id)) { (kind.replace('_', " ")) } }
                }
            }
        }
    }
}

fn labelled(name: &str, id: &Id) -> String {
    format!("{name} · {}", id.short())
}

/// A title on one line, without the sign that ends it in a suggestion.
fn cut(title: &str) -> String {
    let line: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('·', "-").chars().take(TITLE).collect()
}
