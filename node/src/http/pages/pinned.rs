//! The reply of whom a document is about (R23), pinned above the thread.
//!
//! Bound: [`PINNED`] replies; the thread has all.

use althing_protocol::document::Outcome;
use maud::{Markup, html};

use super::View;
use super::part::{entry, markdown, person, refer, time};
use crate::http::load::Loaded;
use crate::http::query::question::counting;

/// Replies that are pinned, the first ones.
const PINNED: usize = 8;

pub(super) fn replies(view: &View<'_>, loaded: &Loaded) -> Markup {
    let doc = loaded.document.id();
    let all: Vec<&Outcome> = counting(&loaded.document, "reply_right")
        .filter(|act| act.retracted.is_none())
        .collect();
    html! {
        section #pinned data-live="" {
            @for act in all.iter().take(PINNED) {
                article.pinned aria-labelledby={ "pinned-" (act.id.short()) } {
                    h3 #{ "pinned-" (act.id.short()) } { "Reply of whom this is about" }
                    p.by {
                        (person::link(view, act.by))
                        @if let Some(header) = loaded.header(&act.id) { ", " (time::at(header.time)) }
                        " · " a href=(refer::href(doc, act.id)) { "see it in the thread" }
                    }
                    @match entry::said(loaded, act) {
                        Some(said) => div.prose dir="auto" { (markdown::html(said)) },
                        None => p.gone { "Its text is not here." },
                    }
                }
            }
            @if all.len() > PINNED { p.quiet { "and " (all.len() - PINNED) " more in the thread" } }
        }
    }
}
