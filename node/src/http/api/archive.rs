//! A committee in files: out as a tar file, in as sequences of entries.
//!
//! Bounds: one archive is written at a time, through a pipe of [`PIPE`] bytes; whoever reads too slowly is cut off like
//! anybody's connection. What comes in is bounded like every request.

use std::io;
use std::sync::Arc;

use althing_protocol::archive;
use althing_protocol::state::Outcome;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, future, stream};
use serde::Serialize;
use tokio::io::duplex;
use tokio_util::io::{ReaderStream, SyncIoBridge};
use utoipa::ToSchema;

use crate::archive::Plan;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, OfId};
use crate::ingest::{Landed, Origin};

/// Bytes that were written and nobody has read yet.
const PIPE: usize = 256 << 10;

/// Entries of one request that are told one by one because they are not kept.
const NAMED: usize = 100;

/// Everything that this node holds of a committee, as a tar file
///
/// the manifest, all entries with the texts that are here, and attachments: `docs/spec/archive.md`.
#[utoipa::path(get, path = "/committees/{id}/archive", tag = "entries", params(OfId), responses((status = 200, description = "A tar file", body = Vec<u8>, content_type = "application/x-tar")))]
pub(crate) async fn read(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let place = Arc::clone(&context.archiving)
        .try_acquire_owned()
        .map_err(|_| Problem::Archiving)?;
    let held = Arc::clone(&context);
    let planned = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        Ok((id, Plan::new(&context.ingest, id)?))
    });
    let (id, plan) = planned.await?;
    let (reader, writer) = duplex(PIPE);
    let writer = SyncIoBridge::new(writer);
    let written = tokio::task::spawn_blocking(move || {
        let _place = place;
        plan.write(&held.ingest, &held.files, writer)
    });
    // An archive that ends early is no shorter archive: the connection breaks, and whoever reads notices.
    let end = stream::once(async move {
        match written.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::warn!(committee = %id, %error, "an archive was not written to its end");
                Some(Err(io::Error::other(error)))
            }
            Err(panicked) => Some(Err(io::Error::other(panicked))),
        }
    });
    let body = ReaderStream::new(reader).chain(end.filter_map(future::ready));
    let name = format!("attachment; filename=\"althing-{}.tar\"", id.short());
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// What became of entries from an archive.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// New here.
    added: usize,
    /// Here from before.
    already: usize,
    /// Those among them whose text was not here yet.
    completed: usize,
    /// Held until what they build on comes.
    waiting: usize,
    /// Not kept.
    refused: usize,
    /// The first of those, and why.
    why: Vec<Refused>,
}

/// An entry that is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refused {
    /// Which one of the request, from 0.
    place: usize,
    why: String,
}

/// Takes entries out of an archive, each in wire form, one behind the other
///
/// one file of entries of an archive. The same twice adds nothing.
#[utoipa::path(post, path = "/archive", tag = "entries", request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "An RFC 8742 CBOR sequence of wire forms"), responses((status = 200, body = Taken)))]
pub(crate) async fn take(
    State(context): State<Arc<Context>>,
    input::Bytes(body): input::Bytes,
) -> Result<Json<Taken>, Problem> {
    let wires = archive::split(&body).map_err(|why| Problem::Input(format!("this is no file of entries: {why}")))?;
    let wires = wires.into_iter().map(<[u8]>::to_vec).collect();
    let results = context.ingest.submit(Origin::Import, wires).await?;
    let mut taken = Taken::default();
    for (place, result) in results.into_iter().enumerate() {
        let why = match result {
            Err(why) => why.to_string(),
            Ok(accepted) => match accepted.outcome {
                Outcome::Admitted(_) => {
                    taken.added += 1;
                    continue;
                }
                Outcome::Known(_) => {
                    taken.already += 1;
                    taken.completed += usize::from(accepted.body == Landed::Stored);
                    continue;
                }
                Outcome::Waiting(_) => {
                    taken.waiting += 1;
                    continue;
                }
                Outcome::Rejected(fault) => fault.to_string(),
                Outcome::Refused(why) => why.to_string(),
            },
        };
        taken.refused += 1;
        if taken.why.len() < NAMED {
            taken.why.push(Refused { place, why });
        }
    }
    Ok(Json(taken))
}
