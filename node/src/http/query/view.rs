//! What views say of a committee: the world that they are computed from, and their sheets.
//!
//! Of the world this fills documents, their times and names; parameters, roles and what else is known of people are
//! empty, so that a view sees the defaults. A moment in the past leaves out documents that were opened later, not what
//! was done in older ones since.
//!
//! Bound: [`DOCUMENTS`] documents of a committee are read, the newest.

use std::collections::BTreeMap;
use std::sync::Arc;

use althing_protocol::graph::Class;
use althing_protocol::hash::Id;
use althing_protocol::view::{Doc, Person, Sheet, View, When, World};

use super::spans;
use crate::clock;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::Loaded;

/// Documents of one committee that are read.
const DOCUMENTS: usize = 5000;

/// What a view says of a committee, or of one of its documents, as of a moment in milliseconds since 1970.
pub(crate) fn sheet(
    context: &Context,
    view: &'static View,
    committee: Id,
    doc: Option<Id>,
    at: Option<u64>,
) -> Result<Arc<Sheet>, Problem> {
    let now = at.unwrap_or_else(clock::now_ms);
    let home = context.cache.load(&context.ingest, committee)?;
    let roots: Vec<Id> = context.ingest.read(|state| {
        let graph = state.graph();
        let Some(found) = state.committee(&committee) else {
            return Vec::new();
        };
        let sequence = found.record().sequence().iter().rev().copied();
        let roots = sequence.filter(|num| graph.contains(*num) && graph.node(*num).class == Class::Document);
        roots.take(DOCUMENTS).map(|num| graph.id(num)).collect()
    });
    let opened = |loaded: &Loaded| loaded.header(&loaded.document.id()).map_or(0, |header| header.time);
    let reads = |loaded: &Arc<Loaded>| {
        view.reads.contains(&loaded.document.kind_name()) && loaded.in_record && opened(loaded) <= now
    };
    let loaded = roots
        .into_iter()
        .filter_map(|root| context.cache.load(&context.ingest, root).ok());
    let mut documents: Vec<Arc<Loaded>> = loaded
        .filter(|loaded| reads(loaded) || doc == Some(loaded.document.id()))
        .collect();
    documents.sort_by_key(|loaded| (opened(loaded), loaded.document.id()));
    let all: Vec<(Arc<Loaded>, BTreeMap<Id, When>)> = std::iter::once(home)
        .chain(documents)
        .map(|loaded| {
            let times = times(context, &loaded);
            (loaded, times)
        })
        .collect();
    let mut docs = all.iter().map(|(loaded, times)| Doc {
        document: &loaded.document,
        times,
    });
    let home = docs.next().ok_or(Problem::Broken)?;
    let authors = all.iter().flat_map(|(loaded, _)| loaded.document.outcomes());
    let people = authors.map(|outcome| outcome.by).map(|by| {
        let name = context.cache.name(&context.ingest, by);
        (
            by,
            Person {
                name,
                ..Person::default()
            },
        )
    });
    let world = World {
        now,
        committee: home,
        people: people.collect(),
        documents: docs.collect(),
        parameters: BTreeMap::new(),
        tenures: Vec::new(),
    };
    let about = match doc {
        Some(id) if id == committee => Some(&world.committee),
        Some(id) => Some(world.doc(id).ok_or(Problem::NotHere { what: "document", id })?),
        None => None,
    };
    Ok(Arc::new((view.compute)(&world, about)))
}

fn times(context: &Context, loaded: &Loaded) -> BTreeMap<Id, When> {
    let spans = spans(context, loaded);
    let outcomes = loaded.document.outcomes().iter();
    let when = outcomes.filter_map(|outcome| {
        let span = spans.get(&outcome.id);
        let seconds = |time: u64| time.saturating_mul(1000);
        let when = When {
            claimed: loaded.header(&outcome.id)?.time,
            not_before: span.and_then(|span| Some(seconds(span.not_before?.time))),
            not_after: span.and_then(|span| Some(seconds(span.not_after?.time))),
        };
        Some((outcome.id, when))
    });
    when.collect()
}
