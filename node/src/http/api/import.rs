//! Imported documents: found again by their source, added, edited or left alone.
//!
//! Invariant: importing the same files twice writes nothing the second time, however the first time ended: whatever
//! a batch added is on disk with its `source` and `source_hash`, and the next import looks there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use althing_protocol::author::Draft;
use althing_protocol::document::Content;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::kind::read::Change;
use althing_protocol::kind::{self, Field, Kind, Record, Type, Value};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value as Json_, json};

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

/// What is to be done with one document.
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
        let plans = batch.documents.iter().map(|document| {
            let plan = match seen.insert(document.source.as_str()) {
                true => plan(context, document, found.get(document.source.as_str())),
                false => Plan::Skip("it came twice in one request".to_owned()),
            };
            (document.source.clone(), plan)
        });
        Ok((committee, plans.collect::<Vec<_>>()))
    });
    let (committee, plans) = planned.await?;
    let results = context.ingest.write(move |author| {
        let mut write = |draft| author.write(committee, draft);
        let done = plans.into_iter().map(|(source, plan)| match plan {
            Plan::Already(id) => json!({ "source": source, "outcome": "already", "id": id }),
            Plan::Skip(why) => json!({ "source": source, "outcome": "skipped", "why": why }),
            Plan::Add(draft) => written(&source, "added", write(draft)),
            Plan::Change(draft) => {
                let doc = draft.doc;
                written(&source, "changed", write(draft).map(|edit| doc.unwrap_or(edit)))
            }
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
    let sources: BTreeSet<&str> = wanted.iter().map(|document| document.source.as_str()).collect();
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
    for root in roots {
        let loaded = context.cache.load(&context.ingest, root)?;
        let Some(source) = loaded
            .text("source")
            .filter(|source| sources.contains(source))
            .map(str::to_owned)
        else {
            continue;
        };
        let better = loaded.author() == Some(own) && found.get(&source).is_none_or(|other| other.author() != Some(own));
        if better || !found.contains_key(&source) {
            found.insert(source, loaded);
        }
    }
    Ok(found)
}

fn plan(context: &Context, document: &Document, found: Option<&Arc<Loaded>>) -> Plan {
    match attempt(context, document, found) {
        Ok(plan) => plan,
        Err(why) => Plan::Skip(why.to_string()),
    }
}

fn attempt(context: &Context, document: &Document, found: Option<&Arc<Loaded>>) -> Result<Plan, Problem> {
    let own = context.ingest.home().identity();
    let kind = document_kind(&document.kind)?;
    let mut content = document.content.clone();
    content.insert("source".to_owned(), json!(document.source));
    content.insert("source_hash".to_owned(), json!(document.source_hash));
    let body = kind::json::body(kind, &Json_::Object(content))?;
    let Some(loaded) = found else {
        return Ok(Plan::Add(root(kind, body, Vec::new(), own)?));
    };
    let id = loaded.document.id();
    if came_from(&loaded.document.content().fields, document.source_hash) {
        return Ok(Plan::Already(id));
    }
    if loaded.author() != Some(own) {
        return Ok(Plan::Skip(format!(
            "somebody else imported an earlier version as {}; only its owner can change it",
            id.short()
        )));
    }
    if loaded.document.kind_name() != kind.name {
        return Ok(Plan::Skip(format!(
            "it was imported before as a {} ({}) and is a {} now",
            loaded.document.kind_name(),
            id.short(),
            kind.name
        )));
    }
    let change = change(kind, loaded, &body)?;
    Ok(Plan::Change(edit_draft(
        loaded,
        change.encode(),
        loaded.document.after(&[]),
    )))
}

fn came_from(fields: &BTreeMap<&'static str, althing_protocol::document::Register>, hash: Hash) -> bool {
    let values = fields
        .get("source_hash")
        .map(|register| register.values.as_slice())
        .unwrap_or_default();
    values.iter().any(|version| *version.value == Value::Hash(hash))
}

/// What turns the document as it is into what was read now. Fields that no import wrote are left alone.
fn change(kind: &'static Kind, loaded: &Loaded, body: &[u8]) -> Result<Change, Problem> {
    let new = kind::read::root(kind, Some(body)).map_err(|e| kind::json::Error::Breach(e, kind.name))?;
    let content = loaded.document.content();
    let imported: BTreeSet<&'static str> = loaded
        .document
        .outcomes()
        .iter()
        .filter_map(|outcome| outcome.change())
        .filter(|change| change.set.contains_key("source_hash"))
        .flat_map(Change::fields)
        .collect();
    let mut out = Change::default();
    for field in kind
        .all_fields()
        .filter(|f| imported.contains(f.name) || new.fields().contains(f.name))
    {
        if field.is_list() {
            change_list(field, content, &new, &mut out);
        } else {
            change_field(field, content, &new, &mut out);
        }
    }
    Ok(out)
}

fn change_field(field: &Field, content: &Content, new: &Change, out: &mut Change) {
    let old = content.fields.get(field.name).and_then(|register| register.single());
    match new.set.get(field.name) {
        Some(value) if old != Some(&**value) => {
            out.set.insert(field.name, Arc::clone(value));
        }
        // A field cannot be unset; a text can be empty. Others keep their value, and the preamble shows what is true.
        None if matches!(field.ty, Type::Line { .. } | Type::Text { .. }) && !field.required && old.is_some() => {
            out.set.insert(field.name, Arc::new(Value::Text(String::new())));
        }
        _ => {}
    }
}

fn change_list(field: &Field, content: &Content, new: &Change, out: &mut Change) {
    let items = content
        .lists
        .get(field.name)
        .map(|list| list.items.as_slice())
        .unwrap_or_default();
    let now: Vec<Option<&Record>> = items
        .iter()
        .map(|item| match item.values.as_slice() {
            [one] if !item.conflict() => Some(&*one.value),
            _ => None,
        })
        .collect();
    let read: &[Arc<Record>] = new.add.get(field.name).map(Vec::as_slice).unwrap_or_default();
    if now.len() == read.len() && now.iter().zip(read).all(|(old, new)| *old == Some(&**new)) {
        return;
    }
    if !items.is_empty() {
        out.remove
            .insert(field.name, items.iter().map(|item| item.id).collect());
    }
    if !read.is_empty() {
        out.add.insert(field.name, read.to_vec());
    }
}
