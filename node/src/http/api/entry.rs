//! Entries as bytes: in from whoever signed them, out for whoever checks them.

use std::sync::Arc;

use althing_protocol::hash::Id;
use althing_protocol::state::Outcome;
use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::{self, Params};
use crate::http::listen::Remote;
use crate::http::{ids, load};
use crate::ingest::{Accepted, Origin, Reject};

/// Entries on one page, unless asked for fewer or more, and their bytes.
const PAGE: usize = 250;
const PAGE_MOST: usize = 1000;
const PAGE_BYTES: usize = 2 << 20;

/// Entries of an identity that are taken at once: more than one may have.
const IDENTITY: usize = 1024;

/// `POST /entries`: one entry in wire form, signed by anybody.
pub(crate) async fn submit(
    State(context): State<Arc<Context>>,
    ConnectInfo(Remote(address)): ConnectInfo<Remote>,
    input::Bytes(wire): input::Bytes,
) -> Result<Json<Value>, Problem> {
    let source = context.admit(address.ip())?;
    let results = context.ingest.submit(Origin::Peer(source), vec![wire]).await?;
    match results.into_iter().next() {
        Some(result) => Ok(Json(outcome(result)?)),
        None => Err(Problem::Broken),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entries {
    /// Wire forms, hexadecimal.
    entries: Vec<String>,
}

/// `POST /identities`: what `althing id export` wrote on another node.
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

/// `GET /entries/{id}`: an entry in wire form, with its body if that is here.
pub(crate) async fn raw(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let wire = context.blocking(move |context| {
        context.ingest.read(|state| {
            let (num, id) = ids::num(state, &id, "entry")?;
            load::wire(&context.ingest, num, id)
        })
    });
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], wire.await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /committees/{id}/entries`: everything that ever was in the record here, parents first, with the bodies that
/// are here. Positions never change, so a cursor stays good.
pub(crate) async fn of_committee(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let from = match &page.cursor {
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| Problem::Input(format!("{text:?} is no cursor")))?,
            None => 0,
        };
        let most = page.limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
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
