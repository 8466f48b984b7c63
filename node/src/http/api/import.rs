//! Imported documents: found again by their source, added, edited or left alone.
//!
//! Invariant: importing the same files twice writes nothing the second time, however the first time ended: whatever
//! a batch added is on disk with its `source` and `source_hash`, and the next import looks there. A document too long
//! for one entry comes in parts, and its hash with the last.

mod change;
mod keyed;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use althing_protocol::author::Draft;
use althing_protocol::hash::Id;
use althing_protocol::kind;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value as Json_, json};

pub(crate) use self::sources::Sources;
use super::document::{document_kind, edit_draft, root};
use super::shape;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::OfId;
use crate::http::load::Loaded;
use crate::http::{ids, input};
use crate::import::Document;

/// Documents that one request may hold.
pub const BATCH: usize = 64;

/// Bytes of JSON that a client puts into one request, if that is more than one document.
pub const BATCH_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    documents: Vec<Document>,
}

/// What is to be done with one document, and how many items its keyed list has then.
struct Planned {
    source: String,
    plan: Plan,
    items: Option<usize>,
}

enum Plan {
    Already(Id),
    Add(Draft),
    Change(Draft),
    Skip(String),
}

/// Imports documents; the same twice adds nothing
#[utoipa::path(post, path = "/committees/{id}/import", tag = "documents", params(OfId), request_body = shape::Batch, responses((status = 200, body = shape::Imported)))]
pub(crate) async fn documents(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(batch): input::Json<Batch>,
) -> Result<Json<Json_>, Problem> {
    if batch.documents.len() > BATCH {
        return Err(Problem::Input(format!("one request imports at most {BATCH} documents")));
    }
    let _alone = context.importing.lock().await;
    let planned = context.blocking(move |context| {
        let (_, committee) = context.ingest.read(|state| ids::committee(state, &id))?;
        let found = find(context, committee, &batch.documents)?;
        let mut seen = BTreeSet::new();
        let plans = batch
            .documents
            .iter()
            .map(|document| match seen.insert(document.source.as_str()) {
                true => plan(context, document, found.get(document.source.as_str())),
                false => skip(document, "it came twice in one request".to_owned()),
            });
        Ok((committee, plans.collect::<Vec<_>>()))
    });
    let (committee, plans) = planned.await?;
    let results = context.ingest.write(move |author| {
        let mut write = |draft| author.write(committee, draft);
        let done = plans.into_iter().map(|Planned { source, plan, items }| {
            let mut result = match plan {
                Plan::Already(id) => json!({ "source": source, "outcome": "already", "id": id }),
                Plan::Skip(why) => json!({ "source": source, "outcome": "skipped", "why": why }),
                Plan::Add(draft) => written(&source, "added", write(draft)),
                Plan::Change(draft) => {
                    let doc = draft.doc;
                    written(&source, "changed", write(draft).map(|edit| doc.unwrap_or(edit)))
                }
            };
            if let (Some(items), Some(result)) = (items, result.as_object_mut()) {
                result.insert("items".to_owned(), json!(items));
            }
            result
        });
        done.collect::<Vec<_>>()
    });
    Ok(Json(json!({ "results": results.await? })))
}

fn written(source: &str, outcome: &str, id: Result<Id, crate::ingest::Unwritten>) -> Json_ {
    match id {
        Ok(id) => json!({ "source": source, "outcome": outcome, "id": id }),
        Err(why) => json!({ "source": source, "outcome": "skipped", "why": why.to_string() }),
    }
}

/// Documents of the committee that were imported from these sources: this node's own first, then members'. What
/// others claim to have imported does not keep anybody from importing.
fn find(context: &Context, committee: Id, wanted: &[Document]) -> Result<BTreeMap<String, Arc<Loaded>>, Problem> {
    let own = context.ingest.home().identity();
    let wanted: BTreeSet<&str> = wanted.iter().map(|document| document.source.as_str()).collect();
    let roots: Vec<Id> = context.ingest.read(|state| {
        let graph = state.graph();
        let (Some(space), Some(members)) = (graph.num(&committee), state.committee(&committee)) else {
            return Vec::new();
        };
        let counts = |num| members.is_member(graph.author(num)) || graph.id(graph.author(num)) == own;
        let roots = graph.roots(space).iter().filter(|num| counts(**num));
        roots.map(|num| graph.id(*num)).collect()
    });
    let mut found = BTreeMap::<String, Arc<Loaded>>::new();
    for root in context.sources.of(context, committee, &roots, &wanted)? {
        let loaded = context.cache.load(&context.ingest, root)?;
        let Some(source) = loaded.text("source").filter(|source| wanted.contains(source)) else {
            continue;
        };
        let better = loaded.author() == Some(own) && found.get(source).is_none_or(|other| other.author() != Some(own));
        if better || !found.contains_key(source) {
            found.insert(source.to_owned(), Arc::clone(&loaded));
        }
    }
    Ok(found)
}

fn skip(document: &Document, why: String) -> Planned {
    Planned {
        source: document.source.clone(),
        plan: Plan::Skip(why),
        items: None,
    }
}

fn plan(context: &Context, document: &Document, found: Option<&Arc<Loaded>>) -> Planned {
    match attempt(context, document, found) {
        Ok((plan, items)) => Planned {
            source: document.source.clone(),
            plan,
            items,
        },
        Err(why) => skip(document, why.to_string()),
    }
}

fn attempt(
    context: &Context,
    document: &Document,
    found: Option<&Arc<Loaded>>,
) -> Result<(Plan, Option<usize>), Problem> {
    let own = context.ingest.home().identity();
    let kind = document_kind(&document.kind)?;
    let mut content = document.content.clone();
    content.insert("source".to_owned(), json!(document.source));
    // A document that is not here whole is not the one that was read, so only its last part brings the hash.
    if !document.more {
        content.insert("source_hash".to_owned(), json!(document.source_hash));
    }
    let body = kind::json::body(kind, &Json_::Object(content))?;
    let new = kind::read::root(kind, Some(&body)).map_err(|e| kind::json::Error::Breach(e, kind.name))?;
    let Some(loaded) = found else {
        let items = keyed::list(kind).map(|(list, _)| new.add.get(list).map_or(0, Vec::len));
        return Ok((Plan::Add(root(kind, body, Vec::new(), own)?), items));
    };
    let id = loaded.document.id();
    let here = loaded.document.content();
    let items = keyed::list(kind).map(|(list, _)| here.lists.get(list).map_or(0, |list| list.items.len()));
    if change::came_from(here, document.source_hash) {
        return Ok((Plan::Already(id), items));
    }
    if loaded.author() != Some(own) {
        let why = format!(
            "somebody else imported an earlier version as {}; only its owner can change it",
            id.short()
        );
        return Ok((Plan::Skip(why), None));
    }
    if loaded.document.kind_name() != kind.name {
        let why = format!(
            "it was imported before as a {} ({}) and is a {} now",
            loaded.document.kind_name(),
            id.short(),
            kind.name
        );
        return Ok((Plan::Skip(why), None));
    }
    let change = change::to(kind, loaded, &new);
    let added = keyed::list(kind).map_or(0, |(list, _)| change.add.get(list).map_or(0, Vec::len));
    let items = items.map(|here| here + added);
    if change::says_nothing(&change, here) {
        return Ok((Plan::Already(id), items));
    }
    let draft = edit_draft(loaded, change.encode(), loaded.document.after(&[]));
    Ok((Plan::Change(draft), items))
}
