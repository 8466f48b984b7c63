//! The pages: HTML rendered here, usable without script.
//!
//! A page is made of parts (`pages/part/`), each a function from what it shows to markup; the same part answers a
//! request and a live update. Everything is escaped by the template language; text in markdown goes through
//! [`part::markdown`], which alone may produce markup from what people wrote.
//!
//! Bounds: as for every request, see [`super`]; lists have pages, threads too.

mod act;
mod acts;
mod asset;
mod at;
mod committee;
mod compose;
mod confirm;
mod document;
mod draft;
mod edit;
mod entry;
mod file;
pub(crate) mod form;
mod found;
mod frame;
mod home;
mod log;
mod may;
mod merge;
mod network;
mod overview;
pub(crate) mod part;
mod people;
mod person;
mod pinned;
mod preview;
mod search;
mod settings;
mod start;
mod versions;
mod views;
mod worth;
mod write;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::de::DeserializeOwned;

use super::context::Context;
use super::error::Problem;
use super::session::Reader;
use crate::clock;

pub(crate) fn router() -> Router<Arc<Context>> {
    Router::new()
        .route("/", get(home::home))
        .route("/c/{id}", get(committee::committee))
        .route("/c/{id}/floor", get(committee::floor))
        .route("/c/{id}/log", get(log::log))
        .route("/c/{id}/views", get(views::index))
        .route("/c/{id}/views/{name}", get(views::of_committee))
        .route("/verify", get(log::verify))
        .route("/d/{id}", get(document::document))
        .route("/d/{id}/at/{entry}", get(at::at))
        .route("/d/{id}/versions", get(versions::versions))
        .route("/d/{id}/views/{name}", get(views::of_document))
        .route("/e/{id}", get(entry::entry))
        .route("/enter/{key}", get(enter))
        .route("/f/{hash}", get(file::file))
        .route("/looked", post(home::looked))
        .route("/network", get(network::network))
        .route("/p/{id}", get(person::person))
        .route("/search", get(search::search))
        .route("/web/{name}", get(asset::asset))
        .merge(write::router())
}

/// What every part may look at.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) context: &'a Context,
    pub(crate) reader: Reader,
    /// Milliseconds since 1970, once for the whole page.
    pub(crate) now: u64,
}

/// What a page shows inside the frame.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    /// The committee that it belongs to: id and name.
    pub(crate) committee: Option<(althing_protocol::hash::Id, String)>,
    /// The path of its Atom feed.
    pub(crate) feed: Option<String>,
    pub(crate) main: Markup,
    /// Facts beside the text; below it on a phone.
    pub(crate) side: Option<Markup>,
    /// The text takes all the width there is, and the facts come below: for tables.
    pub(crate) broad: bool,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>, main: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            committee: None,
            feed: None,
            main,
            side: None,
            broad: false,
        }
    }

    fn problem(problem: &Problem) -> Self {
        let (status, title) = problem.status();
        let main = html! {
            h1 { (capital(title)) }
            p { (capital(&problem.say())) "." }
            p { a href="/" { "Go to the first page" } }
        };
        Self {
            status,
            ..Self::new(capital(title), main)
        }
    }
}

/// Renders a page where reading and computing may take a while. A problem becomes a page too.
pub(crate) async fn page(
    context: Arc<Context>,
    reader: Reader,
    make: impl FnOnce(&View<'_>) -> Result<Page, Problem> + Send + 'static,
) -> Response {
    let rendered = context.blocking(move |context| {
        let view = View {
            context,
            reader,
            now: clock::now_ms(),
        };
        let page = make(&view).unwrap_or_else(|problem| Page::problem(&problem));
        Ok((page.status, frame::frame(&view, page)))
    });
    match rendered.await {
        Ok((status, markup)) => (status, markup).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// What stands behind the `?` of a page's address; what is not understood there counts as not said.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequestParts<Arc<Context>> for Asked<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Arc<Context>) -> Result<Self, Infallible> {
        let query = Query::<T>::from_request_parts(parts, context).await;
        Ok(Self(query.map(|Query(asked)| asked).unwrap_or_default()))
    }
}

/// `GET /enter/{key}`: the link that `run` prints.
async fn enter(State(context): State<Arc<Context>>, reader: Reader, Path(key): Path<String>) -> Response {
    let cookie = context.session.enter(&key).and_then(|c| HeaderValue::from_str(&c).ok());
    match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        // Whoever is in already opened the link twice.
        None if reader.owner => Redirect::to("/").into_response(),
        None => page(context, reader, |_| Err(Problem::Link)).await,
    }
}

/// With a capital letter at its beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + chars.as_str()
    })
}
