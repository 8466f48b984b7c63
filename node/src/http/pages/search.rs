//! Search: words in, entries out, by what fits best or by time; results while typing where the script runs.
//!
//! Bounds: a question has [`QUERY`] characters; [`FOUND`] results are on a page.

use std::sync::Arc;

use althing_protocol::kind;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::part::{person, refer, status, text, time, words};
use super::{Asked, Page, View, asset, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input;
use crate::http::query::search::{self as found, Hit, Results};
use crate::http::session::Reader;
use crate::search::{Ask, Sort};

/// Characters of a question that are read.
const QUERY: usize = 300;

/// Results on a page.
const FOUND: usize = 30;

#[derive(Deserialize, Default)]
pub(super) struct Words {
    q: Option<String>,
    kind: Option<String>,
    sort: Option<String>,
    committee: Option<String>,
    cursor: Option<String>,
    /// Set by the script while somebody types: the last word may go on.
    typing: Option<String>,
}

/// `GET /search?q=WORDS`
pub(super) async fn search(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Asked(asked): Asked<Words>,
) -> Response {
    if reader.copy.is_some() {
        return page(context, reader, |_| Ok(copied())).await;
    }
    page(context, reader, move |view| {
        let typed = asked.q.clone().unwrap_or_default();
        let query: String = typed.chars().filter(|c| !turns(*c)).take(QUERY).collect();
        let kind = asked.kind.as_deref().and_then(kind::find).map(|kind| kind.name);
        let newest = asked.sort.as_deref() == Some("new");
        let results = results(view, &asked, &query, kind, newest);
        let main = html! {
            header.title { h1 { "Search" } }
            form.search role="search" aria-label="Search" action="/search" method="get" {
                label for="q" { "Words, “a phrase”, or " code { "field:value" } }
                div.row {
                    input #q type="search" name="q" value=(query) maxlength=(QUERY) autocomplete="off" data-search="found" aria-describedby="how";
                    button type="submit" { "Search" }
                }
                div.row.narrow {
                    label { "Kind " select name="kind" {
                        option value="" { "everything" }
                        @for one in kind::all() { option value=(one.name) selected[kind == Some(one.name)] { (words::human(one.name)) } }
                    } }
                    label { "First " select name="sort" {
                        option value="fit" selected[!newest] { "what fits best" }
                        option value="new" selected[newest] { "the newest" }
                    } }
                    @if let Some(committee) = &asked.committee { input type="hidden" name="committee" value=(committee); }
                }
                p #how .quiet {
                    code { "by:ada" } " whose, " code { "title:water" } " in titles, " code { "after:2026-05-01" } " and " code { "before:" } " by claimed day, "
                    code { "-word" } " without it."
                }
            }
            div #found data-live="" role="region" aria-label="Results" aria-live="polite" { (results) }
        };
        let title = match query.trim() {
            "" => "Search".to_owned(),
            query => format!("Search: {}", text::visible(query)),
        };
        Ok(Page::new(title, main))
    })
    .await
}

/// The same in a copy, where a script searches and nobody is asked.
fn copied() -> Page {
    let main = html! {
        header.title { h1 { "Search" } }
        div.search role="search" aria-label="Search" {
            label.hidden for="q" { "Words" }
            div.row { input #q type="search" maxlength=(QUERY) autocomplete="off" autofocus placeholder="Words, or how they begin"; }
        }
        noscript { p.note { "Search needs scripts. The committee’s own page leads to everything without." } }
        div #found role="region" aria-label="Results" aria-live="polite" {}
        script defer src=(asset::find()) {}
    };
    Page::new("Search", main)
}

/// Whether it turns the direction of text; it would turn the field in which the question is shown again.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What was found, or why nothing could be.
fn results(view: &View<'_>, asked: &Words, query: &str, kind: Option<&str>, newest: bool) -> Markup {
    if query.trim().is_empty() {
        return html! { p.quiet { "Type a word or several; entries that hold all of them are found, in every committee that this node follows." } };
    }
    let look = || -> Result<(usize, Results), Problem> {
        let committee = asked.committee.as_deref().filter(|text| !text.is_empty());
        let committee = committee
            .map(|text| view.context.ingest.read(|state| ids::committee(state, text)))
            .transpose()?;
        let skip = input::cursor(asked.cursor.as_deref())?;
        let ask = Ask {
            text: query.to_owned(),
            typing: asked.typing.is_some(),
            committee: committee.map(|(_, id)| id),
            kind: kind.map(str::to_owned),
            sort: if newest { Sort::New } else { Sort::Fit },
            skip,
            most: FOUND,
        };
        Ok((skip, found::search(view.context, &ask)?))
    };
    match look() {
        Ok((skip, results)) => shown(view, asked, query, skip, &results),
        Err(problem) => html! { p.note { (super::capital(&problem.say())) "." } },
    }
}

fn shown(view: &View<'_>, asked: &Words, query: &str, skip: usize, results: &Results) -> Markup {
    let progress = &results.progress;
    html! {
        @if !progress.complete {
            p.note { "The index is still being made (" (text::grouped(progress.done)) " of " (text::grouped(progress.total)) " entries); more may be found in a moment." }
        }
        @if results.items.is_empty() {
            p { "Nothing here holds all of that. Fewer words find more; texts that are not on this node cannot be found." }
        } @else {
            p.quiet { (text::count(results.total, "entry", "entries")) }
        }
        ul.list.results { @for hit in &results.items { li { (one(view, hit)) } } }
        @if skip > 0 || results.next.is_some() {
            nav.pages aria-label="Pages of results" {
                @if skip > 0 { (turn(asked, query, &skip.saturating_sub(FOUND).to_string(), "← Before")) }
                @if let Some(next) = &results.next { (turn(asked, query, next, "More →")) }
            }
        }
    }
}

fn one(view: &View<'_>, hit: &Hit) -> Markup {
    let root = hit.id == hit.doc.id;
    let title = hit.title.clone().unwrap_or_default();
    html! {
        span.kicker { (words::human(&hit.kind)) @if !root { " in" } }
        a.title href=(refer::href(hit.doc.id, hit.id)) { bdi { (text::visible(&text::short(&title, 160))) } }
        @if !hit.snippet.is_empty() {
            p.snippet dir="auto" {
                @for piece in &hit.snippet {
                    @if piece.hit { mark { (text::visible(&piece.text)) } } @else { (text::visible(&piece.text)) }
                }
            }
        }
        span.meta {
            @if let Some(state) = &hit.state { (status::state(state)) " " }
            @if !hit.record { (status::chip(status::Tone::Info, "Not taken up yet")) " " }
            @else if hit.effect != "effective" { (status::chip(status::Tone::Warn, &words::human(hit.effect))) " " }
            (person::link(view, hit.by.identity)) " · " (refer::link(view, hit.committee.id))
            @if let Some(time) = hit.time { " · " (time::ago(view, time)) }
        }
    }
}

/// A page of the same question, as a form: what was asked needs no encoding by hand.
fn turn(asked: &Words, query: &str, cursor: &str, words: &str) -> Markup {
    let kept = [
        ("kind", &asked.kind),
        ("sort", &asked.sort),
        ("committee", &asked.committee),
    ];
    html! {
        form.inline action="/search" method="get" {
            input type="hidden" name="q" value=(query);
            @for (name, value) in kept { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
            input type="hidden" name="cursor" value=(cursor);
            button type="submit" { (words) }
        }
    }
}
