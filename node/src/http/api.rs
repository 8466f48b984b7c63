//! JSON under `/api/v1`, for the command line and bots.
//!
//! A handler says itself what it is for the OpenAPI document (`utoipa::path`), and `routes!` registers both at once.

pub(crate) mod act;
pub(crate) mod anchor;
pub(crate) mod archive;
pub(crate) mod authority;
pub(crate) mod automerge;
pub(crate) mod committee;
pub(crate) mod document;
pub(crate) mod entry;
pub(crate) mod file;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod log;
pub(crate) mod query;
pub(crate) mod shape;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod view;
pub(crate) mod withhold;

use std::sync::Arc;

use axum::{Router, middleware};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::context::Context;
use super::{events, guard, openapi};

/// Schemas that no handler names.
#[derive(OpenApi)]
#[openapi(components(schemas(shape::Problem)))]
struct Common;

/// Everything under `/api/v1`, and its OpenAPI document. Reads are open, writes need the token or the owner's cookie,
/// entries that are signed may come from anyone.
pub(crate) fn router(context: &Arc<Context>) -> Router<Arc<Context>> {
    let (router, api) = paths(context).split_for_parts();
    // Set once: a router is made once for each context.
    drop(context.openapi.set(openapi::finished(&api)));
    router
        .fallback(guard::no_such_path)
        .method_not_allowed_fallback(guard::no_such_method)
}

fn paths(context: &Arc<Context>) -> OpenApiRouter<Arc<Context>> {
    let reads = OpenApiRouter::<Arc<Context>>::new()
        .routes(routes!(openapi::document))
        .routes(routes!(status::status))
        .routes(routes!(status::id))
        .routes(routes!(status::peers))
        .routes(routes!(query::waits))
        .routes(routes!(query::search))
        .routes(routes!(committee::list))
        .routes(routes!(committee::show))
        .routes(routes!(committee::digest))
        .routes(routes!(committee::invitation))
        .routes(routes!(authority::roles))
        .routes(routes!(authority::parameters))
        .routes(routes!(query::pending))
        .routes(routes!(query::floor))
        .routes(routes!(entry::of_committee))
        .routes(routes!(document::list))
        .routes(routes!(document::show))
        .routes(routes!(document::log))
        .routes(routes!(document::diff))
        .routes(routes!(query::versions))
        .routes(routes!(query::conflicts))
        .routes(routes!(query::questions))
        .routes(routes!(query::stances))
        .routes(routes!(automerge::export))
        .routes(routes!(entry::show))
        .routes(routes!(log::show))
        .routes(routes!(anchor::list))
        .routes(routes!(anchor::facts))
        .routes(routes!(anchor::prove))
        .routes(routes!(log::receipt))
        .routes(routes!(withhold::erasures))
        .routes(routes!(withhold::refusals))
        .routes(routes!(identity::own_devices))
        .routes(routes!(identity::entries))
        .routes(routes!(identity::link))
        .routes(routes!(identity::devices))
        .routes(routes!(query::profile))
        .routes(routes!(view::list))
        .routes(routes!(view::of_committee))
        .routes(routes!(view::of_document))
        .routes(routes!(view::facts))
        .routes(routes!(file::status))
        .route_layer(middleware::from_fn(guard::tagged));
    let writes = OpenApiRouter::<Arc<Context>>::new()
        .routes(routes!(committee::create))
        .routes(routes!(committee::follow))
        .routes(routes!(document::open))
        .routes(routes!(import::documents))
        .routes(routes!(status::page))
        .routes(routes!(act::grant))
        .routes(routes!(act::revoke))
        .routes(routes!(authority::set))
        .routes(routes!(act::cosign))
        .routes(routes!(act::vouch))
        .routes(routes!(act::take_up))
        .routes(routes!(withhold::erase))
        .routes(routes!(withhold::refuse))
        .routes(routes!(entry::identity))
        .routes(routes!(identity::draft))
        .routes(routes!(identity::adopt))
        .routes(routes!(document::edit))
        .routes(routes!(act::act))
        .routes(routes!(automerge::import))
        .routes(routes!(log::checkpoint))
        .routes(routes!(anchor::batch))
        .routes(routes!(anchor::record))
        .routes(routes!(anchor::believe))
        .routes(routes!(file::add))
        .routes(routes!(file::fetch))
        .routes(routes!(file::remove))
        // They sign nothing. Whoever reads all that is here, or brings as much, keeps the node busy.
        .routes(routes!(archive::read))
        .routes(routes!(archive::take))
        .route_layer(middleware::from_fn_with_state(Arc::clone(context), guard::token));
    let open = OpenApiRouter::<Arc<Context>>::new()
        .routes(routes!(entry::submit))
        // Too large to be read twice, once for a tag: its hash is one.
        .routes(routes!(file::read))
        .routes(routes!(events::events));
    OpenApiRouter::with_openapi(Common::openapi())
        .merge(reads)
        .merge(writes)
        .merge(open)
}
