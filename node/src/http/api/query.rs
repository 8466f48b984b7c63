//! What is computed for pages and API alike ([`crate::http::query`]), as JSON.

use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::document;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{List, OfId, Page, Params, cursor};
use crate::http::query::duty::{self, Duty};
use crate::http::query::floor::{self, Newcomer};
use crate::http::query::pending::{self, Pending};
use crate::http::query::person::{self, Profile};
use crate::http::query::question::{self, Question};
use crate::http::query::search::{self as found, Results};
use crate::http::query::version::{self, Conflict, Stances, Version};
use crate::search::{Ask, Sort};

/// Acts of authority that wait for signatures
///
/// Each with what it would change, who signed it, and who still can.
#[utoipa::path(get, path = "/committees/{id}/pending", tag = "authority", params(OfId, Page), responses((status = 200, body = List<Pending>)))]
pub(crate) async fn pending(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<List<Pending>>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        page.cut(pending::pending(context, id)?)
    });
    Ok(Json(out.await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Waits {
    /// Only in this committee.
    committee: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Items on a page.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// What waits for this node's owner
///
/// Acts to cosign, nominations to accept, questions, conflicts to settle, newcomers to take up; the oldest first.
#[utoipa::path(get, path = "/waits", tag = "node", params(Waits), responses((status = 200, body = List<Duty>)))]
pub(crate) async fn waits(
    State(context): State<Arc<Context>>,
    Params(given): Params<Waits>,
) -> Result<Json<List<Duty>>, Problem> {
    let out = context.blocking(move |context| {
        let committees: Vec<Id> = context.ingest.read(|state| match &given.committee {
            Some(text) => Ok::<_, Problem>(vec![ids::committee(state, text)?.1]),
            None => Ok(state.committees().map(|c| state.graph().id(c.root())).collect()),
        })?;
        let mut all = Vec::new();
        for committee in committees {
            all.extend(duty::duties(context, committee)?);
        }
        all.sort_by_key(|duty| (duty.time, duty.entry));
        let page = Page {
            cursor: given.cursor,
            limit: given.limit,
        };
        page.cut(all)
    });
    Ok(Json(out.await?))
}

/// The floor of a committee: entries that nobody has taken up yet
#[utoipa::path(get, path = "/committees/{id}/floor", tag = "entries", params(OfId, Page), responses((status = 200, body = List<Newcomer>)))]
pub(crate) async fn floor(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<List<Newcomer>>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let (skip, most) = page.window()?;
        let (items, total) = floor::floor(context, id, skip, most)?;
        let to = skip.saturating_add(most);
        let next = (to < total).then(|| to.to_string());
        Ok(List { items, next })
    });
    Ok(Json(out.await?))
}

/// Somebody: profile, roles, documents, disclosures, participation
#[utoipa::path(get, path = "/identities/{id}", tag = "identities", params(OfId), responses((status = 200, body = Profile)))]
pub(crate) async fn profile(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
) -> Result<Json<Profile>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::num(state, &id, "identity"))?;
        person::profile(context, id)
    });
    Ok(Json(out.await?))
}

/// The versions of a document, with the stances that saw each of them last
#[utoipa::path(get, path = "/documents/{id}/versions", tag = "documents", params(OfId, Page), responses((status = 200, body = List<Version>)))]
pub(crate) async fn versions(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<List<Version>>, Problem> {
    let out = context.blocking(move |context| page.cut(version::versions(context, &*document::load(context, &id)?)));
    Ok(Json(out.await?))
}

/// Fields whose versions contradict each other, with proposed merges
#[utoipa::path(get, path = "/documents/{id}/conflicts", tag = "documents", params(OfId, Page), responses((status = 200, body = List<Conflict>)))]
pub(crate) async fn conflicts(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<List<Conflict>>, Problem> {
    let out = context.blocking(move |context| page.cut(version::conflicts(context, &*document::load(context, &id)?)));
    Ok(Json(out.await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Only those that nobody answered.
    #[serde(default)]
    open: bool,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Items on a page.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Questions in a document, whom they are asked, and their answers
#[utoipa::path(get, path = "/documents/{id}/questions", tag = "documents", params(OfId, Asked), responses((status = 200, body = List<Question>)))]
pub(crate) async fn questions(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Json<List<Question>>, Problem> {
    let out = context.blocking(move |context| {
        let loaded = document::load(context, &id)?;
        let page = Page {
            cursor: asked.cursor,
            limit: asked.limit,
        };
        page.cut(question::questions(context, &loaded, asked.open))
    });
    Ok(Json(out.await?))
}

/// Where people stand on a document, counted by the version that they saw and by class
#[utoipa::path(get, path = "/documents/{id}/stances", tag = "documents", params(OfId), responses((status = 200, body = Stances)))]
pub(crate) async fn stances(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
) -> Result<Json<Stances>, Problem> {
    let out = context.blocking(move |context| Ok(version::stances(context, &*document::load(context, &id)?)));
    Ok(Json(out.await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Searched {
    /// Words, "phrases", and `field:value` with the fields title, kind, by, committee, doc, before, after and is.
    q: String,
    /// Only in this committee.
    committee: Option<String>,
    /// Only of this kind.
    kind: Option<String>,
    /// Whether the last word may go on: for answers while somebody types.
    #[serde(default)]
    typing: bool,
    /// `new` for the newest first; by default those that fit best.
    #[param(inline)]
    sort: Option<Sorting>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Items on a page.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sorting {
    Fit,
    New,
}

/// Finds entries by what they say
#[utoipa::path(get, path = "/search", tag = "search", params(Searched), responses((status = 200, body = Results)))]
pub(crate) async fn search(
    State(context): State<Arc<Context>>,
    Params(asked): Params<Searched>,
) -> Result<Json<Results>, Problem> {
    let out = context.blocking(move |context| {
        let committee = asked.committee.as_deref().filter(|text| !text.is_empty());
        let committee = committee
            .map(|text| context.ingest.read(|state| ids::committee(state, text)))
            .transpose()?;
        let ask = Ask {
            text: asked.q,
            typing: asked.typing,
            committee: committee.map(|(_, id)| id),
            kind: asked.kind.filter(|kind| !kind.is_empty()),
            sort: match asked.sort {
                Some(Sorting::New) => Sort::New,
                _ => Sort::Fit,
            },
            skip: cursor(asked.cursor.as_deref())?,
            most: asked.limit.unwrap_or(FOUND).clamp(1, FOUND_MOST),
        };
        found::search(context, &ask)
    });
    Ok(Json(out.await?))
}

/// Answers on one page, unless asked for fewer or more: each shows a part of its text.
const FOUND: usize = 20;
const FOUND_MOST: usize = 100;
