//! Search: words in, documents and entries out.
//!
//! Bounds: a query has [`QUERY`] characters; [`FOUND`] results are shown.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::part::{content, text, words};
use super::{Asked, Page, View, committee, page};
use crate::http::context::Context;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// Characters of a query that are read.
const QUERY: usize = 300;

/// Results that are shown.
const FOUND: usize = 50;

#[derive(Deserialize, Default)]
pub(super) struct Words {
    q: Option<String>,
}

/// `GET /search?q=WORDS`
pub(super) async fn search(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Asked(asked): Asked<Words>,
) -> Response {
    page(context, reader, move |view| {
        let query: String = asked.q.unwrap_or_default().chars().take(QUERY).collect();
        let main = html! {
            header.title { h1 { "Search" } }
            form.search role="search" aria-label="Search" action="/search" method="get" {
                label for="q" { "Words in titles and texts" }
                div.row {
                    input #q type="search" name="q" value=(query) maxlength=(QUERY) autocomplete="off" data-search="found";
                    button type="submit" { "Search" }
                }
            }
            div #found data-live="" aria-live="polite" { (results(view, query.trim())) }
        };
        Ok(Page::new(if query.is_empty() { "Search".to_owned() } else { format!("Search: {}", text::visible(&query)) }, main))
    })
    .await
}

fn results(view: &View<'_>, query: &str) -> Markup {
    if query.is_empty() {
        return html! { p.quiet { "Type a word or several; documents that hold all of them are found." } };
    }
    let wanted: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let followed: Vec<_> = view.context.ingest.read(|state| state.followed().collect());
    let all = followed.into_iter().flat_map(|id| committee::documents(view, id));
    let found: Vec<Arc<Loaded>> = all.filter(|loaded| holds(loaded, &wanted)).take(FOUND + 1).collect();
    html! {
        @if found.is_empty() {
            p { "Nothing here holds all of these words. Fewer words find more." }
        } @else {
            p.quiet { @if found.len() > FOUND { "The newest " (FOUND) } @else { (text::count(found.len(), "document", "documents")) } }
        }
        ul.list { @for loaded in found.iter().take(FOUND) { li { span.kicker { (words::human(loaded.document.kind_name())) } (content::line(view, loaded)) } } }
    }
}

fn holds(loaded: &Loaded, wanted: &[String]) -> bool {
    let values = loaded
        .document
        .content()
        .fields
        .values()
        .flat_map(|register| &register.values);
    let text: String = values
        .filter_map(|version| version.value.as_text())
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    wanted.iter().all(|word| text.contains(word.as_str()))
}
