//! A document as it was at one of its entries.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::html;

use super::part::{person, refer, text, time};
use super::{document, page};
use crate::http::context::Context;
use crate::http::ids;
use crate::http::session::Reader;

/// `GET /d/{id}/at/{entry}`
pub(super) async fn at(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path((id, entry)): Path<(String, String)>,
) -> Response {
    page(context, reader, move |view| {
        let loaded = document::load(view, &id)?;
        let entry = view.context.ingest.read(|state| ids::id(state, &entry))?;
        let then = loaded.at(entry)?;
        let doc = loaded.document.id();
        let outcome = loaded.document.outcome(entry);
        let header = loaded.header(&entry);
        let mut page = document::show(view, &then, None, None);
        page.title = format!("{} (as it was)", page.title);
        let text = page.main;
        page.main = html! {
            p.note.then role="note" {
                "This is the document as whoever wrote entry " (text::id(entry)) " saw it"
                @if let Some(outcome) = outcome { " (" (person::link(view, outcome.by)) @if let Some(header) = header { ", " (time::at(header.time)) } ")" }
                ". " a href=(refer::href(doc, entry)) { "See it in the thread" } ", "
                a href={ "/d/" (doc) "/versions?a=" (entry) } { "see what changed since" } ", or "
                a href={ "/d/" (doc) } { "go to how it is now" } "."
            }
            (text)
        };
        Ok(page)
    })
    .await
}
