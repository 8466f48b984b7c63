//! This node's logs as everybody reads them (C2SP tlog-tiles), and its service as a witness (C2SP tlog-witness).

use std::sync::Arc;

use althing_protocol::log::tile::{self, Tile};
use althing_protocol::log::witness;
use axum::Router;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::context::Context;
use super::error::Problem;
use super::listen::Remote;
use super::{ids, input};

/// What never changes may be kept for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What grows.
const FOR_NOW: &str = "no-cache";

pub(super) fn router() -> Router<Arc<Context>> {
    Router::new()
        .route("/log/{committee}/checkpoint", get(checkpoint))
        .route("/log/{committee}/tile/{*path}", get(tile))
        .route("/add-checkpoint", post(add_checkpoint))
}

/// The latest signed checkpoint with its cosignatures.
async fn checkpoint(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let note = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let signed = context.ingest.signed(&id)?;
        signed.map(|signed| signed.note).ok_or(Problem::NoCheckpoint(id))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, FOR_NOW),
    ];
    Ok((headers, note.await?).into_response())
}

/// A tile of what that checkpoint covers.
async fn tile(
    State(context): State<Arc<Context>>,
    Path((id, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let tile: Tile = path
        .parse()
        .map_err(|why: tile::BadPath| Problem::Input(why.to_string()))?;
    let bytes = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let size = context.ingest.signed(&id)?.map_or(0, |signed| signed.size);
        if !tile.is_in(size) {
            return Err(Problem::NoTile { size });
        }
        let read = context.ingest.look_at_log(&id, |log| match tile.level {
            Some(_) => Ok(tile.bytes(|level, index| log.hash(level, index))),
            None => {
                let first = tile.first().unwrap_or(0);
                let leaves = (first..first.saturating_add(tile.width)).map(|index| log.leaf(index));
                let leaves = leaves.collect::<Result<Option<Vec<_>>, _>>()?;
                Ok(leaves.map(|leaves| tile::leaves(&leaves)))
            }
        });
        let read = read
            .transpose()
            .map_err(|why: crate::store::Error| Problem::from(why))?;
        read.flatten().ok_or(Problem::NoTile { size })
    });
    let kept = if tile.width == tile::WIDTH { FOR_EVER } else { FOR_NOW };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, kept),
    ];
    Ok((headers, bytes.await?).into_response())
}

/// Cosigns a checkpoint of another member's node.
async fn add_checkpoint(
    State(context): State<Arc<Context>>,
    ConnectInfo(Remote(address)): ConnectInfo<Remote>,
    input::Bytes(body): input::Bytes,
) -> Result<Response, Problem> {
    context.admit(address.ip())?;
    let text = String::from_utf8(body)
        .ok()
        .filter(|text| text.len() <= witness::LONGEST);
    let (status, answer) = match text {
        Some(text) => {
            let answer = crate::witness::answer(&context.ingest, &text).await;
            (answer.status, answer.text)
        }
        None => (
            400,
            format!("a request is text of at most {} bytes\n", witness::LONGEST),
        ),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match status {
        StatusCode::CONFLICT => "text/x.tlog.size",
        _ => "text/plain; charset=utf-8",
    };
    Ok((status, [(header::CONTENT_TYPE, kind)], answer).into_response())
}
