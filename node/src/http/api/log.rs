//! Logs: what this node promises about its records. The logs themselves are served below `/log`, see [`crate::http::log`].

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, OfId};
use crate::http::query::log::{self, Logs, Shown};

/// This node's log of a committee with its latest checkpoint, and those of others that it cosigned
#[utoipa::path(get, path = "/committees/{id}/log", tag = "logs", params(OfId), responses((status = 200, body = Logs)))]
pub(crate) async fn show(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Json<Logs>, Problem> {
    let logs = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        log::logs(context, id)
    });
    Ok(Json(logs.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cut {
    /// Whether its last leaf is to be the record's digest, as for a checkpoint that will be anchored.
    #[serde(default)]
    cut: bool,
}

/// Signs the log as it is now and asks the nodes of other members for cosignatures
#[utoipa::path(post, path = "/committees/{id}/checkpoint", tag = "logs", params(OfId), request_body = Cut, responses((status = 200, body = Shown)))]
pub(crate) async fn checkpoint(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(wanted): input::Json<Cut>,
) -> Result<Json<Shown>, Problem> {
    let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
    let signed = (context.network.checkpoint)(context.ingest.clone(), id, wanted.cut).await?;
    let shown = context.blocking(move |context| log::shown(context, id, signed));
    Ok(Json(shown.await?))
}

/// A receipt.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// A signed note: whoever holds it can prove it if the entry is gone from this node's log one day.
    receipt: String,
}

/// This node's signed word that an entry is in its log
#[utoipa::path(get, path = "/entries/{id}/receipt", tag = "logs", params(OfId), responses((status = 200, body = Receipt)))]
pub(crate) async fn receipt(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
) -> Result<Json<Receipt>, Problem> {
    let receipt = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::num(state, &id, "entry"))?;
        log::receipt(context, id)?.ok_or(Problem::NotInRecord(id))
    });
    Ok(Json(Receipt {
        receipt: receipt.await?,
    }))
}
