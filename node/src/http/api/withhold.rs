//! Erasing bodies, refusing identities, and what was erased and refused here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::shape;
use super::show::Names;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, List, Params};
use crate::store::withheld::Act;

/// Notices on one page.
const PAGE: usize = 500;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erase {
    entry: String,
    reason: String,
}

/// Erases the body of an entry on this node
#[utoipa::path(post, path = "/erasures", tag = "node", request_body = Erase, responses((status = 200, body = shape::Erased)))]
pub(crate) async fn erase(
    State(context): State<Arc<Context>>,
    input::Json(erase): input::Json<Erase>,
) -> Result<Json<Value>, Problem> {
    let (_, entry) = context.ingest.read(|state| ids::num(state, &erase.entry, "entry"))?;
    let notice = context.erase(entry, erase.reason).await?;
    Ok(Json(
        json!({ "id": entry, "body": "erased", "erased": Names(&context).notice(&notice) }),
    ))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refuse {
    identity: String,
    #[serde(default)]
    reason: Option<String>,
    /// Take the identity's bodies again.
    #[serde(default)]
    undo: bool,
}

/// Drops an identity's bodies on this node, or takes them again
#[utoipa::path(post, path = "/refusals", tag = "node", request_body = Refuse, responses((status = 200, body = shape::Refused)))]
pub(crate) async fn refuse(
    State(context): State<Arc<Context>>,
    input::Json(refuse): input::Json<Refuse>,
) -> Result<Json<Value>, Problem> {
    let identity = context.ingest.read(|state| ids::id(state, &refuse.identity))?;
    if refuse.undo {
        context.ingest.accept(identity).await?;
        return Ok(Json(json!({ "id": identity, "refused": false })));
    }
    let reason = refuse
        .reason
        .unwrap_or_else(|| "the owner of this node refuses it".to_owned());
    let notice = context.refuse(identity, reason).await?;
    Ok(Json(
        json!({ "id": identity, "refused": true, "notice": Names(&context).notice(&notice) }),
    ))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// What was erased here
#[utoipa::path(get, path = "/erasures", tag = "node", params(Page), responses((status = 200, body = List<shape::Notice>)))]
pub(crate) async fn erasures(context: State<Arc<Context>>, page: Params<Page>) -> Result<Json<Value>, Problem> {
    list(context, page, Act::Erase).await
}

/// Who is refused here
#[utoipa::path(get, path = "/refusals", tag = "node", params(Page), responses((status = 200, body = List<shape::Notice>)))]
pub(crate) async fn refusals(context: State<Arc<Context>>, page: Params<Page>) -> Result<Json<Value>, Problem> {
    list(context, page, Act::Refuse).await
}

async fn list(
    State(context): State<Arc<Context>>,
    Params(page): Params<Page>,
    act: Act,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let after = match &page.cursor {
            Some(text) => Some(
                text.parse()
                    .map_err(|_| Problem::Input(format!("{text:?} is no cursor")))?,
            ),
            None => None,
        };
        let most = page.limit.unwrap_or(PAGE).clamp(1, PAGE);
        let notices = context
            .ingest
            .read(|_| context.ingest.store().notices(act, after, most))?;
        let next = notices.last().filter(|_| notices.len() == most).map(|notice| notice.of);
        let item = |notice| {
            let mut item = Names(context).notice(notice);
            if let Some(map) = item.as_object_mut() {
                map.insert("id".to_owned(), json!(notice.of));
                if act == Act::Refuse {
                    map.insert("name".to_owned(), json!(context.cache.name(&context.ingest, notice.of)));
                }
            }
            item
        };
        Ok(json!({ "items": notices.iter().map(item).collect::<Vec<_>>(), "next": next }))
    });
    Ok(Json(out.await?))
}
