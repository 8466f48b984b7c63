//! The first page: what waits for me, then what changed.

use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::{Page, page};
use crate::http::context::Context;
use crate::http::session::Reader;

/// `GET /`
pub(super) async fn home(State(context): State<Arc<Context>>, reader: Reader) -> Response {
    page(context, reader, |view| {
        let ingest = &view.context.ingest;
        let followed: Vec<Id> = ingest.read(|state| state.followed().collect());
        let main = html! {
            h1 { "Committees" }
            @if followed.is_empty() {
                p { "This node follows no committee yet." }
            }
            ul.list {
                @for id in &followed {
                    li { a href={ "/c/" (id) } { (view.context.cache.name(ingest, *id).unwrap_or_else(|| id.short().to_string())) } }
                }
            }
        };
        Ok(Page::new("Home", main))
    })
    .await
}
