//! A file: what it is, who names it, whether it is here; and the button that fetches it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::html;

use super::form::Posted;
use super::part::{file as part, refer, text};
use super::write::go;
use super::{Page, page};
use crate::files;
use crate::http::api::file::{blocking, of, safe_name};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::session::Reader;

/// `GET /f/{hash}`
pub(super) async fn file(State(context): State<Arc<Context>>, reader: Reader, Path(hash): Path<String>) -> Response {
    page(context, reader, move |view| {
        let hash = of(&hash)?;
        let files = &view.context.files;
        let claims = files.claims(&hash);
        let opened = files.open_file(&hash).ok();
        // What nobody named yet is its owner's own business.
        let own = opened.as_ref().filter(|_| view.reader.owner);
        if claims.is_empty() && own.is_none() {
            return Err(Problem::File(files::Error::NotHere(hash)));
        }
        let named = claims.iter().find_map(|claim| claim.file.name.as_deref());
        let name = named.or(opened.as_ref().and_then(|file| file.name()));
        let title = text::visible(&name.map_or_else(|| hash.short(), str::to_owned)).into_owned();
        let said = claims.first().map_or("", |claim| claim.file.ty.as_str());
        let main = html! {
            header.title {
                p.kicker { "File" }
                h1 dir="auto" { (text::short(&title, 120)) }
                p.standing { (part::standing(view, &hash, opened.as_ref(), said)) }
            }
            @if let (files::State::Absent { why: Some(why) }, true) = (files.state(&hash), opened.is_none()) {
                p.note.warn role="note" { "⚠ It did not come when it was fetched: " (text::visible(&why)) }
            }
            dl.facts {
                dt { "SHA-256" }
                dd { code { (hash) } }
                @if let Some(file) = &opened {
                    dt { "Length" }
                    dd { (text::grouped(file.length())) " bytes" }
                    dt { "Looks like" }
                    dd { (text::visible(file.looks())) }
                    dt { "Is saved as" }
                    dd { bdi { (safe_name(name, &hash, file.looks())) } }
                }
            }
            @if claims.is_empty() {
                p.note { "No entry names this file yet, so nobody else sees it. If none does within a day of its being added, it goes." }
            } @else {
                section {
                    h2 { "Who names it" }
                    ul.plain {
                        @for claim in &claims {
                            li {
                                (refer::link(view, claim.entry))
                                " says: " bdi { (text::visible(claim.file.name.as_deref().unwrap_or("no name"))) }
                                ", " (part::size(claim.file.length)) ", " (text::visible(&claim.file.ty))
                                @if !claim.in_record { " (nobody has taken this entry up yet)" }
                                @if let Some(why) = opened.as_ref().and_then(|file| part::contradiction(&claim.file, file)) {
                                    p.warn { "⚠ " (why) "." }
                                }
                            }
                        }
                    }
                }
            }
            p.quiet { "Whoever has the file can check it: " code { "sha256sum FILE" } " prints the same 64 digits." }
        };
        Ok(Page::new(title, main))
    })
    .await
}

/// `POST /f/{hash}/fetch`
pub(super) async fn fetch(State(context): State<Arc<Context>>, Path(hash): Path<String>, posted: Posted) -> Response {
    let files = context.files.clone();
    let wanted = match of(&hash) {
        Ok(hash) => blocking(move || files.want(&hash)).await.map(|()| hash),
        Err(problem) => Err(problem),
    };
    match wanted {
        Ok(hash) => go(&format!("/f/{hash}")),
        Err(problem) => page(context, posted.reader, move |_| Err(problem)).await,
    }
}
