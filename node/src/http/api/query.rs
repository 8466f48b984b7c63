//! What is computed for pages and API alike ([`crate::http::query`]), as JSON.

use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{List, OfId, Page, Params};
use crate::http::query::duty::{self, Duty};
use crate::http::query::pending::{self, Pending};

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
