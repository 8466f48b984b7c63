//! JSON under `/api/v1`, for the command line and bots.

pub(crate) mod act;
pub(crate) mod authority;
pub(crate) mod automerge;
pub(crate) mod committee;
pub(crate) mod document;
pub(crate) mod entry;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod query;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod withhold;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Router, middleware};

use super::context::Context;
use super::guard;

/// Everything under `/api/v1`. Reads are open, writes need the token, entries that are signed may come from anyone.
pub(crate) fn router(context: &Arc<Context>) -> Router<Arc<Context>> {
    let reads = Router::new()
        .route("/status", get(status::status))
        .route("/id", get(status::id))
        .route("/peers", get(status::peers))
        .route("/committees", get(committee::list))
        .route("/committees/{id}", get(committee::show))
        .route("/committees/{id}/digest", get(committee::digest))
        .route("/committees/{id}/invitation", get(committee::invitation))
        .route("/committees/{id}/roles", get(authority::roles))
        .route("/committees/{id}/parameters", get(authority::parameters))
        .route("/committees/{id}/entries", get(entry::of_committee))
        .route("/committees/{id}/pending", get(query::pending))
        .route("/waits", get(query::waits))
        .route("/events", get(super::events::events))
        .route("/documents", get(document::list))
        .route("/documents/{id}", get(document::show))
        .route("/documents/{id}/log", get(document::log))
        .route("/documents/{id}/diff", get(document::diff))
        .route("/documents/{id}/automerge", get(automerge::export))
        .route("/entries/{id}", get(entry::raw))
        .route("/erasures", get(withhold::erasures))
        .route("/refusals", get(withhold::refusals))
        .route("/identity/devices", get(identity::own_devices))
        .route("/identity/entries", get(identity::entries))
        .route("/identity/link", get(identity::link))
        .route("/identities/{id}/devices", get(identity::devices));
    let writes = Router::new()
        .route("/committees", post(committee::create))
        .route("/committees/follow", post(committee::follow))
        .route("/committees/{id}/documents", post(document::open))
        .route("/committees/{id}/import", post(import::documents))
        .route("/pages", post(status::page))
        .route("/grants", post(act::grant))
        .route("/revocations", post(act::revoke))
        .route("/parameters", post(authority::set))
        .route("/cosignatures", post(act::cosign))
        .route("/vouches", post(act::vouch))
        .route("/take-ups", post(act::take_up))
        .route("/erasures", post(withhold::erase))
        .route("/refusals", post(withhold::refuse))
        .route("/identities", post(entry::identity))
        .route("/identity/drafts", post(identity::draft))
        .route("/identity/adoption", post(identity::adopt))
        .route("/documents/{id}/edits", post(document::edit))
        .route("/documents/{id}/acts", post(act::act))
        .route("/documents/{id}/automerge", post(automerge::import))
        .route_layer(middleware::from_fn_with_state(Arc::clone(context), guard::token));
    let open = Router::new().route("/entries", post(entry::submit));
    reads
        .merge(writes)
        .merge(open)
        .fallback(guard::no_such_path)
        .method_not_allowed_fallback(guard::no_such_method)
}
