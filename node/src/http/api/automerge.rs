//! A document as an Automerge document, and an edited copy back as a signed edit.
//!
//! Automerge bytes never come in here: whoever imports a copy reads it in a process of its own, under limits, and
//! sends what it holds as plain data.

use std::sync::Arc;

use althing_protocol::document::automerge::{self, Copy, Unfit, Unshown};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use thiserror::Error;

use super::document::{answer, edit_draft, load};
use super::shape;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input;
use crate::http::input::OfId;

/// Why a document does not go out, or a copy does not come in.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Unshown(#[from] Unshown),
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// A document as an Automerge file
#[utoipa::path(get, path = "/documents/{id}/automerge", tag = "documents", params(OfId), responses((status = 200, description = "Automerge", body = Vec<u8>, content_type = "application/vnd.automerge")))]
pub(crate) async fn export(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let bytes = context.blocking(move |context| {
        let loaded = load(context, &id)?;
        Ok(automerge::save(&loaded.document).map_err(Error::from)?)
    });
    Ok(([(header::CONTENT_TYPE, "application/vnd.automerge")], bytes.await?).into_response())
}

/// What an edited copy holds, as plain data, becomes an edit
#[utoipa::path(post, path = "/documents/{id}/automerge", tag = "documents", params(OfId), request_body = serde_json::Map<String, serde_json::Value>, responses((status = 200, body = shape::Written)))]
pub(crate) async fn import(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(copy): input::Json<Copy>,
) -> Result<Json<Value>, Problem> {
    let ready = context.blocking(move |context| {
        let loaded = load(context, &id)?;
        let change = automerge::change(&loaded.document, &copy).map_err(Error::from)?;
        Ok(change.map(|(change, after)| (loaded.space, edit_draft(&loaded, change.encode(), after))))
    });
    let Some((space, draft)) = ready.await? else {
        return Ok(Json(json!({ "id": null, "changed": false })));
    };
    let doc = draft.doc.unwrap_or(space);
    let id = context.ingest.write(move |author| author.write(space, draft)).await??;
    answer(&context, doc, id).await
}
