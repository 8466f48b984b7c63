//! A document as it was at one of its entries.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::html;

use super::part::{person, refer, text, time};
use super::{View, document, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// `GET /d/{id}/at/{entry}`
pub(super) async fn at(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path((id, entry)): Path<(String, String)>,
) -> Response {
    page(context, reader, move |view| {
        let loaded = document::load(view, &id)?;
        let then = moment(view, &loaded, &entry)?;
        let doc = loaded.document.id();
        let entry = view.context.ingest.read(|state| ids::id(state, &entry))?;
        let outcome = loaded.document.outcome(entry);
        let header = loaded.headers.get(&entry);
        let mut page = document::show(view, &then, None);
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

/// The document of an entry and everything before it.
pub(super) fn moment(view: &View<'_>, loaded: &Loaded, entry: &str) -> Result<Loaded, Problem> {
    let entry = view.context.ingest.read(|state| ids::id(state, entry))?;
    let doc = loaded.document.id();
    let document = loaded.document.at(entry).ok_or(Problem::NotInDocument { entry, doc })?;
    Ok(Loaded {
        document,
        space: loaded.space,
        in_record: loaded.in_record,
        headers: Arc::clone(&loaded.headers),
        withheld: Arc::clone(&loaded.withheld),
    })
}
