//! Entries as bytes: in from whoever signed them, out for whoever checks them.

use std::sync::Arc;

use althing_protocol::hash::Id;
use althing_protocol::state::Outcome;
use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::shape;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::{self, List, OfId, Page, Params};
use crate::http::listen::Remote;
use crate::http::query::entry::{Facts, facts};
use crate::http::query::log;
use crate::http::{ids, load};
use crate::ingest::{Accepted, Origin, Reject};

/// Bytes of entries on one page.
const PAGE_BYTES: usize = 2 << 20;

/// Entries of an identity that are taken at once: more than one may have.
const IDENTITY: usize = 1024;

/// Takes one entry that somebody signed already, in wire form
///
/// one entry in wire form, signed by anybody.
#[utoipa::path(post, path = "/entries", tag = "entries", request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Wire form"), responses((status = 200, body = shape::Outcome)))]
pub(crate) async fn submit(
    State(context): State<Arc<Context>>,
    ConnectInfo(Remote(address)): ConnectInfo<Remote>,
    input::Bytes(wire): input::Bytes,
) -> Result<Json<Value>, Problem> {
    let source = context.admit(address.ip())?;
    let results = context.ingest.submit(Origin::Peer(source), vec![wire]).await?;
    let accepted = results.into_iter().next().ok_or(Problem::Broken)?;
    let entry = accepted.as_ref().ok().map(|accepted| accepted.id);
    let mut answer = outcome(accepted)?;
    let receipt = context.blocking(move |context| entry.map_or(Ok(None), |entry| log::receipt(context, entry)));
    if let (Some(receipt), Some(answer)) = (receipt.await?, answer.as_object_mut()) {
        answer.insert("receipt".to_owned(), receipt.into());
    }
    Ok(Json(answer))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entries {
    /// Wire forms, hexadecimal.
    entries: Vec<String>,
}

/// Takes somebody's identity, as `althing id export` writes it
///
/// what `althing id export` wrote on another node.
#[utoipa::path(post, path = "/identities", tag = "identities", request_body = Entries, responses((status = 200, body = shape::Identity)))]
pub(crate) async fn identity(
    State(context): State<Arc<Context>>,
    input::Json(given): input::Json<Entries>,
) -> Result<Json<Value>, Problem> {
    if given.entries.is_empty() || given.entries.len() > IDENTITY {
        return Err(Problem::Input(format!("the file holds 1 to {IDENTITY} entries")));
    }
    let wires = given
        .entries
        .iter()
        .map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()));
    let wires: Vec<Vec<u8>> = wires
        .collect::<Result<_, _>>()
        .map_err(|why| Problem::Input(format!("an entry in the file is not hexadecimal: {why}")))?;
    let results = context.ingest.submit(Origin::Import, wires).await?;
    let mut ids = Vec::new();
    for result in results {
        ids.push(outcome(result)?);
    }
    let identity = ids.first().and_then(|first| first.get("id")).cloned();
    Ok(Json(json!({ "id": identity, "entries": ids })))
}

fn outcome(result: Result<Accepted, Reject>) -> Result<Value, Problem> {
    let Accepted { id, outcome, .. } = result?;
    match outcome {
        Outcome::Admitted(_) => Ok(json!({ "id": id, "outcome": "admitted" })),
        Outcome::Known(_) => Ok(json!({ "id": id, "outcome": "known" })),
        Outcome::Waiting(missing) => Ok(json!({ "id": id, "outcome": "waiting", "missing": missing })),
        Outcome::Rejected(fault) => Err(Problem::Inadmissible {
            id,
            why: fault.to_string(),
        }),
        Outcome::Refused(why) => Err(Problem::NotKept {
            id,
            why: why.to_string(),
        }),
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Shown {
    /// `json` or `wire`; by default what `Accept` asks for, else `wire`.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Json,
    Wire,
}

/// An entry, in detail as JSON, or in wire form with its body if that is here
#[utoipa::path(get, path = "/entries/{id}", tag = "entries", params(OfId, Shown), responses(
    (status = 200, content((Facts = "application/json"), (Vec<u8> = "application/octet-stream")))
))]
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(shown): Params<Shown>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let asks = accept.is_some_and(|accept| accept.contains("application/json"));
    let json = shown.format.map_or(asks, |format| format == Format::Json);
    let answer = context.blocking(move |context| {
        if json {
            let (_, id) = context.ingest.read(|state| ids::num(state, &id, "entry"))?;
            return Ok(Json(facts(context, id)?).into_response());
        }
        let wire = context.ingest.read(|state| {
            let (num, id) = ids::num(state, &id, "entry")?;
            load::wire(&context.ingest, num, id)
        })?;
        Ok(([(header::CONTENT_TYPE, "application/octet-stream")], wire).into_response())
    });
    let mut answer = answer.await?;
    answer
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(answer)
}

/// Every entry that was in the record here, parents first
///
/// everything that ever was in the record here, parents first, with the bodies that
/// are here. Positions never change, so a cursor stays good.
#[utoipa::path(get, path = "/committees/{id}/entries", tag = "entries", params(OfId, Page), responses((status = 200, body = List<shape::Exported>)))]
pub(crate) async fn of_committee(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let (from, most) = page.window()?;
        context.ingest.read(|state| {
            let (_, committee) = ids::committee(state, &id)?;
            let sequence = state.committee(&committee).map_or(&[][..], |c| c.record().sequence());
            let (mut items, mut bytes) = (Vec::new(), 0);
            for num in sequence.iter().skip(from).take(most) {
                let id: Id = state.graph().id(*num);
                let wire = load::wire(&context.ingest, *num, id)?;
                bytes += wire.len();
                items.push(json!({ "id": id, "wire": data_encoding::HEXLOWER.encode(&wire) }));
                if bytes >= PAGE_BYTES {
                    break;
                }
            }
            let next = from.saturating_add(items.len());
            let next = (next < sequence.len()).then(|| next.to_string());
            Ok(json!({ "items": items, "next": next }))
        })
    });
    Ok(Json(out.await?))
}
