//! What pages that write share: who may, where one goes next, what somebody should know before signing.

use std::sync::Arc;

use althing_protocol::document::Outcome;
use althing_protocol::graph::Class;
use althing_protocol::hash::Id;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Query as Pairs};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::{View, act, compose, confirm, draft, edit, file, found, merge, page, people, preview, settings, start};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// The pages that write.
pub(super) fn router() -> Router<Arc<Context>> {
    Router::new()
        .route("/start", get(start::start))
        .route("/preview", post(preview::preview))
        .route("/drafts", get(draft::list).post(draft::keep))
        .route("/drafts/drop", post(draft::drop))
        .route("/settings", get(settings::settings))
        .route("/settings/bodies", post(settings::bodies))
        .route("/settings/filters", post(settings::filters))
        .route("/settings/accept", post(settings::accept))
        .route("/d/{id}/merge", get(merge::form).post(merge::send))
        .route("/committees/new", get(found::form).post(found::send))
        .route("/committees/follow", get(found::follow).post(found::follow_send))
        .route("/c/{id}/invite", get(found::invite))
        .route("/c/{id}/open/{kind}", get(compose::form).post(compose::send))
        .route("/c/{id}/people", get(people::people))
        .route("/e/{id}/take-up", get(confirm::take_up).post(confirm::take_up_send))
        .route("/e/{id}/cosign", get(confirm::cosign).post(confirm::cosign_send))
        .route("/e/{id}/revoke", get(confirm::revoke).post(confirm::revoke_send))
        .route("/e/{id}/erase", get(confirm::erase).post(confirm::erase_send))
        .route("/p/{id}/refuse", get(confirm::refuse).post(confirm::refuse_send))
        .route("/d/{id}/edit", get(edit::form).post(edit::send))
        .route("/d/{id}/act/{kind}", get(act::form).post(act::send))
        .route("/f/{hash}/fetch", post(file::fetch))
        // A form may bring files; all that reads forms has bounds of its own.
        .layer(DefaultBodyLimit::disable())
}

/// What stands behind the `?` of an address. What is not understood is as if it were not there.
#[derive(Debug, Default)]
pub(super) struct Query(pub(super) Vec<(String, String)>);

impl FromRequestParts<Arc<Context>> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Arc<Context>) -> Result<Self, Self::Rejection> {
        let read = Pairs::<Vec<(String, String)>>::from_request_parts(parts, context).await;
        Ok(Self(read.map(|Pairs(pairs)| pairs).unwrap_or_default()))
    }
}

impl Query {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Only the owner sees forms.
pub(super) fn owner(view: &View<'_>) -> Result<(), Problem> {
    if view.reader.owner {
        Ok(())
    } else {
        Err(Problem::Stranger)
    }
}

/// The entry is written: its draft goes, its author sees it where it stands.
pub(super) async fn written(context: Arc<Context>, reader: Reader, form: String, to: String) -> Response {
    let dropped = context.blocking(move |context| Ok(context.drafts.drop(&form)?)).await;
    match dropped {
        Ok(()) => go(&to),
        Err(problem) => page(context, reader, move |_| Err(problem)).await,
    }
}

/// Sends a browser on after a form.
pub(super) fn go(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// What the root of a document or space is.
pub(super) fn class_of(context: &Context, id: Id) -> Option<Class> {
    context.ingest.read(|state| {
        let graph = state.graph();
        Some(graph.node(graph.num(&id)?).class)
    })
}

/// The page of a document, a committee or a person.
pub(super) fn home_of(context: &Context, id: Id) -> String {
    match class_of(context, id) {
        Some(Class::Committee) => format!("/c/{id}"),
        Some(Class::Identity) => format!("/p/{id}"),
        _ => format!("/d/{id}"),
    }
}

/// Id and name of a committee, for the frame; none for identities.
pub(super) fn committee_of(view: &View<'_>, space: Id) -> Option<(Id, String)> {
    if class_of(view.context, space) != Some(Class::Committee) {
        return None;
    }
    let name = view.context.cache.name(&view.context.ingest, space);
    Some((space, name.unwrap_or_else(|| space.short())))
}

/// An entry with the document in which it stands.
pub(super) fn outcome_of(context: &Context, id: Id) -> Option<(Arc<Loaded>, Outcome)> {
    let doc = context.ingest.read(|state| {
        let graph = state.graph();
        Some(graph.id(graph.node(graph.num(&id)?).doc))
    })?;
    let loaded = context.cache.load(&context.ingest, doc).ok()?;
    let outcome = loaded.document.outcome(id)?.clone();
    Some((loaded, outcome))
}

/// Says to somebody who is no member where their words will stand.
pub(super) fn standing(view: &View<'_>, space: Id) -> Markup {
    let home = view.context.ingest.home();
    let own = home.identity();
    let member = view.context.ingest.read(|state| {
        let committee = state.committee(&space)?;
        Some(state.graph().num(&own).is_some_and(|own| committee.is_member(own)))
    });
    html! {
        @if home.device_cert().is_none() {
            p.note.warn role="note" {
                "⚠ This machine has no device of your identity yet, so it cannot sign. Once its peers have the same record, "
                "run " code { "althing id enroll --here --keys FILE" } "."
            }
        }
        @if member == Some(false) {
            p.note role="note" {
                "You are not a member of this committee yet. What you write reaches its members and waits there until one of "
                "them takes it up into the record."
            }
        }
    }
}
