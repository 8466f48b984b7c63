//! Erasing bodies, refusing identities, and what was erased and refused here.

use std::sync::Arc;

use althing_protocol::document::Outcome;
use althing_protocol::hash::Id;
use althing_protocol::kind;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::show::Names;
use super::{file, shape};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, List, Page, Params};
use crate::search::Forget;
use crate::store::withheld::{Act, Withheld};

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
    let notice = erased(&context, entry, erase.reason).await?;
    Ok(Json(
        json!({ "id": entry, "body": "erased", "erased": Names(&context).notice(&notice) }),
    ))
}

/// Erases a body here, with every draft that may hold its text.
pub(crate) async fn erased(context: &Arc<Context>, entry: Id, reason: String) -> Result<Withheld, Problem> {
    // Whoever asked may go away, or run out of time: what was begun is finished all the same.
    let held = Arc::clone(context);
    let done = tokio::spawn(async move {
        // Read before it is gone; a draft goes last, so that a crash between leaves one that the next erasure finds.
        let traces = Traces::of(&held, entry);
        // Files go before the text that names them: without it nobody could tell any more that they should.
        let files = held.files.clone();
        let named = file::blocking(move || files.let_go(&entry)).await?;
        let notice = held.ingest.erase(entry, reason).await;
        held.cache.forget();
        held.sources.forget();
        let notice = notice?;
        // One may have come again meanwhile.
        let files = held.files.clone();
        file::blocking(move || files.drop_unnamed(&named)).await?;
        held.search.forget(Forget::Entry(entry)).await?;
        traces.remove(&held).await?;
        Ok::<_, Problem>(notice)
    });
    done.await.map_err(|_| Problem::Broken)?
}

/// Where a text may also be: in drafts of forms about its entry or document, and in those that hold a line of it.
struct Traces {
    ids: Vec<Id>,
    texts: Vec<String>,
}

impl Traces {
    fn of(context: &Context, entry: Id) -> Self {
        let doc = context.ingest.read(|state| {
            let graph = state.graph();
            Some(graph.id(graph.node(graph.num(&entry)?).doc))
        });
        let loaded = doc.and_then(|doc| context.cache.load(&context.ingest, doc).ok());
        let texts = loaded.and_then(|loaded| loaded.document.outcome(entry).map(said));
        Self {
            // An erased root took the text of the whole document with it; any other entry may have been copied into
            // a form of that document, so all of these go.
            ids: doc.into_iter().chain([entry]).collect(),
            texts: texts.unwrap_or_default(),
        }
    }

    async fn remove(self, context: &Arc<Context>) -> Result<(), Problem> {
        let held = Arc::clone(context);
        let removed = tokio::task::spawn_blocking(move || held.drafts.erase(&self.ids, &self.texts)).await;
        Ok(removed.map_err(|_| Problem::Broken)??)
    }
}

/// Every text that an entry's body holds.
fn said(outcome: &Outcome) -> Vec<String> {
    let mut all = Vec::new();
    let fields = outcome.fields().map(kind::json::fields);
    let change = outcome.change().map(kind::json::change);
    let mut left: Vec<Value> = fields.into_iter().chain(change).collect();
    while let Some(next) = left.pop() {
        match next {
            Value::String(text) => all.push(text),
            Value::Array(items) => left.extend(items),
            Value::Object(map) => left.extend(map.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    all
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
    let notice = refused(&context, identity, reason).await?;
    Ok(Json(
        json!({ "id": identity, "refused": true, "notice": Names(&context).notice(&notice) }),
    ))
}

/// Drops an identity's bodies here, and keeps them out.
pub(crate) async fn refused(context: &Arc<Context>, identity: Id, reason: String) -> Result<Withheld, Problem> {
    let held = Arc::clone(context);
    let done = tokio::spawn(async move {
        let files = held.files.clone();
        let named = file::blocking(move || Ok(files.named_only_by(&identity))).await?;
        let notice = held.ingest.refuse(identity, reason).await;
        held.cache.forget();
        held.sources.forget();
        let notice = notice?;
        let files = held.files.clone();
        file::blocking(move || files.drop_unnamed(&named)).await?;
        held.search.forget(Forget::Author(identity)).await?;
        Ok::<_, Problem>(notice)
    });
    done.await.map_err(|_| Problem::Broken)?
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
        let most = page.most();
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
