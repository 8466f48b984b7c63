//! Documents: lists, one document at any moment, differences, opening and editing.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use althing_protocol::author::Draft;
use althing_protocol::committee::Committee;
use althing_protocol::control::{self, Control, Owner};
use althing_protocol::document::diff as differences;
use althing_protocol::entry::Body;
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::kind::read::{self, Change};
use althing_protocol::kind::{self, Kind, Shape, Value};
use althing_protocol::limit;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value as Json_, json};
use utoipa::{IntoParams, ToSchema};

use super::{shape, show};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, List, OfId, Page, Params};
use crate::http::load::Loaded;

/// Documents on one page, unless asked for fewer or more.
const PAGE: usize = 100;
const PAGE_MOST: usize = 1000;

/// Documents that one request looks at; a page may end before it is full.
const LOOKED_AT: usize = 5000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    committee: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Documents
#[utoipa::path(get, path = "/documents", tag = "documents", params(Filter), responses((status = 200, body = List<shape::Item>)))]
pub(crate) async fn list(
    State(context): State<Arc<Context>>,
    Params(filter): Params<Filter>,
) -> Result<Json<Json_>, Problem> {
    let out = context.blocking(move |context| {
        let space = match &filter.committee {
            Some(text) => Some(context.ingest.read(|state| ids::committee(state, text))?.1),
            None => None,
        };
        let after = match &filter.cursor {
            Some(text) => Some(
                text.parse::<u32>()
                    .map_err(|_| Problem::Input(format!("{text:?} is no cursor")))?,
            ),
            None => None,
        };
        let most = filter.limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
        let (mut items, mut next) = (Vec::new(), None);
        let roots = roots(context, space, after);
        let more = roots.len() > LOOKED_AT;
        for (num, id) in roots.into_iter().take(LOOKED_AT) {
            if items.len() == most {
                return Ok(json!({ "items": items, "next": next }));
            }
            // It may have left the floor since.
            if let Ok(loaded) = context.cache.gist(&context.ingest, id)
                && fits(&filter, &loaded)
            {
                items.push(show::item(context, &loaded));
            }
            next = Some(num.0.to_string());
        }
        Ok(json!({ "items": items, "next": next.filter(|_| more) }))
    });
    Ok(Json(out.await?))
}

/// Roots of documents in the order of their numbers here, one more than are looked at.
fn roots(context: &Context, space: Option<Id>, after: Option<u32>) -> Vec<(Num, Id)> {
    context.ingest.read(|state| {
        let graph = state.graph();
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(Num(after)));
        let spaces: Vec<Num> = match space {
            Some(id) => graph.num(&id).into_iter().collect(),
            None => state.committees().map(Committee::root).collect(),
        };
        let of_one = |space| graph.roots(space).range((after, Bound::Unbounded)).take(LOOKED_AT + 1);
        let mut all: Vec<Num> = spaces.into_iter().flat_map(of_one).copied().collect();
        all.sort_unstable();
        all.truncate(LOOKED_AT + 1);
        all.into_iter().map(|num| (num, graph.id(num))).collect()
    })
}

fn fits(filter: &Filter, loaded: &Loaded) -> bool {
    let kind = filter
        .kind
        .as_deref()
        .is_none_or(|kind| loaded.document.kind_name() == kind);
    let state = loaded.document.state().map(|state| state.name);
    kind && filter.state.as_deref().is_none_or(|wanted| state == Some(wanted))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct At {
    at: Option<String>,
    /// Seconds since 1970: each act then says whether it came by that moment, as far as final blocks show.
    deadline: Option<u64>,
}

/// A document: content, acts, state
#[utoipa::path(get, path = "/documents/{id}", tag = "documents", params(OfId, At), responses((status = 200, body = shape::Document)))]
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(at): Params<At>,
) -> Result<Json<Json_>, Problem> {
    let out = context.blocking(move |context| {
        let loaded = load(context, &id)?;
        match at.at.clone() {
            Some(text) => Ok(show::document(context, &moment(context, &loaded, &text)?, at.deadline)),
            None => Ok(show::document(context, &loaded, at.deadline)),
        }
    });
    Ok(Json(out.await?))
}

/// The entries of a document in canonical order
#[utoipa::path(get, path = "/documents/{id}/log", tag = "documents", params(OfId, Page), responses((status = 200, body = List<shape::Line>)))]
pub(crate) async fn log(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<Json_>, Problem> {
    let out = context.blocking(move |context| {
        let (skip, most) = page.window()?;
        Ok(show::log(context, &*load(context, &id)?, skip, most))
    });
    Ok(Json(out.await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Between {
    a: String,
    b: String,
}

/// What changed between two entries of a document
#[utoipa::path(get, path = "/documents/{id}/diff", tag = "documents", params(OfId, Between), responses((status = 200, body = shape::Differences)))]
pub(crate) async fn diff(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(between): Params<Between>,
) -> Result<Json<Json_>, Problem> {
    let out = context.blocking(move |context| {
        let loaded = load(context, &id)?;
        let old = moment(context, &loaded, &between.a)?;
        let new = moment(context, &loaded, &between.b)?;
        Ok(differences::to_json(&differences::documents(
            &old.document,
            &new.document,
        )))
    });
    Ok(Json(out.await?))
}

pub(crate) fn load(context: &Context, text: &str) -> Result<Arc<Loaded>, Problem> {
    let (_, id) = context.ingest.read(|state| ids::document(state, text))?;
    context.cache.load(&context.ingest, id)
}

/// The document as it was at one of its entries.
fn moment(context: &Context, loaded: &Loaded, at: &str) -> Result<Loaded, Problem> {
    loaded.at(context.ingest.read(|state| ids::id(state, at))?)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) content: Json_,
    /// Who owns it; by default the author, and whoever the content names for a part of their own.
    #[serde(default)]
    pub(crate) owners: Vec<OwnerInput>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerInput {
    identity: String,
    #[serde(default)]
    part: Option<String>,
}

/// Opens a document
#[utoipa::path(post, path = "/committees/{id}/documents", tag = "documents", params(OfId), request_body = Open, responses((status = 200, body = shape::Written)))]
pub(crate) async fn open(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(open): input::Json<Open>,
) -> Result<Json<Json_>, Problem> {
    opened(&context, id, open).await
}

/// Opens a document in a committee.
pub(crate) async fn opened(context: &Arc<Context>, id: String, mut open: Open) -> Result<Json<Json_>, Problem> {
    let kind = document_kind(&open.kind)?;
    let own = context.ingest.home().identity();
    let (committee, given) = context.ingest.read(|state| {
        let (_, committee) = ids::committee(state, &id)?;
        ids::complete(state, kind, &mut open.content)?;
        let given = open.owners.iter().map(|owner| {
            Ok(Owner {
                identity: ids::id(state, &owner.identity)?,
                part: owner.part.clone(),
            })
        });
        Ok::<_, Problem>((committee, given.collect::<Result<Vec<_>, Problem>>()?))
    })?;
    let body = kind::json::body(kind, &open.content)?;
    let draft = root(kind, body, given, own)?;
    let id = context
        .ingest
        .write(move |author| author.write(committee, draft))
        .await??;
    answer(context, id, id).await
}

/// The kind of a document in a committee.
pub(crate) fn document_kind(name: &str) -> Result<&'static Kind, Problem> {
    let found = kind::find(name).filter(|kind| kind.shape == Shape::Document);
    found.ok_or_else(|| Problem::UnknownKind {
        what: "kind of document",
        name: name.chars().take(80).collect(),
        known: names(|kind| kind.shape == Shape::Document),
    })
}

/// Names of kinds, for people.
pub(crate) fn names(wanted: impl Fn(&Kind) -> bool) -> String {
    let all: Vec<&str> = kind::all()
        .iter()
        .filter(|kind| wanted(kind))
        .map(|kind| kind.name)
        .collect();
    all.join(", ")
}

/// The draft of a document's root.
pub(crate) fn root(kind: &'static Kind, body: Vec<u8>, given: Vec<Owner>, own: Id) -> Result<Draft, Problem> {
    let change = read::root(kind, Some(&body)).map_err(|e| kind::json::Error::Breach(e, kind.name))?;
    let owners: BTreeSet<Owner> = if given.is_empty() {
        handed(kind, &change, own)
    } else {
        given.into_iter().collect()
    };
    let author_alone = BTreeSet::from([Owner {
        identity: own,
        part: None,
    }]);
    let control = (owners != author_alone).then(|| {
        Control::Document(control::Document {
            owners: owners.into_iter().collect(),
        })
    });
    Ok(Draft {
        kind: kind.name.to_owned(),
        control: control.and_then(|c| c.value()),
        body: Some(unsalted(body)),
        ..Draft::default()
    })
}

/// The author owns what the kind does not hand to somebody named in the content.
fn handed(kind: &Kind, change: &Change, own: Id) -> BTreeSet<Owner> {
    let handed = kind
        .hands
        .iter()
        .filter_map(|(field, part)| match change.set.get(field).map(|v| &**v) {
            Some(Value::Id(identity)) if *identity != own => Some(Owner {
                identity: *identity,
                part: Some((*part).to_owned()),
            }),
            _ => None,
        });
    let mut owners: BTreeSet<Owner> = handed.collect();
    if owners.is_empty() {
        return BTreeSet::from([Owner {
            identity: own,
            part: None,
        }]);
    }
    let taken: BTreeSet<String> = owners.iter().filter_map(|owner| owner.part.clone()).collect();
    let left = kind
        .parts
        .iter()
        .map(|part| part.name.to_owned())
        .filter(|part| !taken.contains(part));
    owners.extend(left.map(|part| Owner {
        identity: own,
        part: Some(part),
    }));
    owners
}

/// Edits a document: fields, flat or as `{ set, add, replace, remove }`
#[utoipa::path(post, path = "/documents/{id}/edits", tag = "documents", params(OfId), request_body = serde_json::Map<String, serde_json::Value>, responses((status = 200, body = shape::Written)))]
pub(crate) async fn edit(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(content): input::Json<Json_>,
) -> Result<Json<Json_>, Problem> {
    edited(&context, id, content, None, false).await
}

/// Writes an edit as whoever saw these entries of the document, or all that is here now.
pub(crate) async fn edited(
    context: &Arc<Context>,
    id: String,
    mut content: Json_,
    seen: Option<Vec<Id>>,
    consent: bool,
) -> Result<Json<Json_>, Problem> {
    let ready = context.blocking(move |context| {
        let loaded = load(context, &id)?;
        let kind = known(&loaded)?;
        context.ingest.read(|state| ids::complete(state, kind, &mut content))?;
        let body = kind::json::edit(kind, &content)?;
        let after = seen.unwrap_or_else(|| loaded.document.after(&[]));
        let mut draft = edit_draft(&loaded, body, after);
        draft.consent = consent;
        Ok((loaded.space, draft))
    });
    let (space, draft) = ready.await?;
    let doc = draft.doc.unwrap_or(space);
    let id = context.ingest.write(move |author| author.write(space, draft)).await??;
    answer(context, doc, id).await
}

/// The kind of a document, if this release knows it.
pub(crate) fn known(loaded: &Loaded) -> Result<&'static Kind, Problem> {
    let unknown = || Problem::UnknownDocument {
        kind: loaded.document.kind_name().to_owned(),
    };
    loaded.document.kind().ok_or_else(unknown)
}

pub(crate) fn edit_draft(loaded: &Loaded, body: Vec<u8>, after: Vec<Id>) -> Draft {
    Draft {
        doc: Some(loaded.document.id()),
        kind: "edit".to_owned(),
        after: after.into_iter().take(limit::AFTER).collect(),
        body: Some(unsalted(body)),
        ..Draft::default()
    }
}

/// A body whose salt the writer draws.
pub(crate) fn unsalted(bytes: Vec<u8>) -> Body {
    Body {
        salt: [0; limit::SALT],
        bytes,
    }
}

/// `{ id, effect, cause }` of an entry that was written.
pub(crate) async fn answer(context: &Arc<Context>, doc: Id, entry: Id) -> Result<Json<Json_>, Problem> {
    Ok(Json(
        context
            .blocking(move |context| show::written(context, doc, entry))
            .await?,
    ))
}
