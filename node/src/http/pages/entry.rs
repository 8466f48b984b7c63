//! One entry: everything that its header says, what became of it, who builds on it, its bytes.
//!
//! Bounds: [`NAMERS`] entries that name it are listed, [`SHOWN`] bytes written out; the rest is in the file.

use std::sync::Arc;

use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::part::entry::Thread;
use super::part::{control, person, refer, status, text, time, words};
use super::{Page, View, document, page};
use crate::http::context::Context;
use crate::http::ids;
use crate::http::load::{self, Loaded};
use crate::http::query;
use crate::http::session::Reader;

/// Entries that name this one, of which each gets a link.
const NAMERS: usize = 100;

/// Bytes that are written out.
const SHOWN: usize = 4096;

/// What is read of an entry under the lock.
struct Found {
    id: Id,
    doc: Id,
    author: Id,
    cert: Option<Id>,
    namers: Vec<Id>,
    named: u32,
    position: Option<usize>,
    wire: Vec<u8>,
}

/// `GET /e/{id}`
pub(super) async fn entry(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        let found = view.context.ingest.read(|state| {
            let (num, id) = ids::num(state, &id, "entry")?;
            let graph = state.graph();
            let node = graph.node(num);
            let committee = state.committee(&graph.id(node.space));
            let around = std::iter::once(node.doc).chain(graph.document(node.doc).iter().copied());
            let space = std::iter::once(node.space).chain(graph.document(node.space).iter().copied());
            let naming = |n: &Num| graph.names(*n).contains(&num);
            let mut namers: Vec<Num> = around.chain(space).filter(naming).collect();
            namers.sort_unstable_by_key(|n| graph.rank(*n));
            namers.dedup();
            Ok::<_, crate::http::error::Problem>(Found {
                id,
                doc: graph.id(node.doc),
                author: graph.id(graph.author(num)),
                cert: node.cert().map(|cert| graph.id(cert)),
                namers: namers.into_iter().take(NAMERS).map(|n| graph.id(n)).collect(),
                named: node.namers,
                position: committee.and_then(|c| c.record().sequence().iter().position(|n| *n == num)),
                wire: load::wire(&view.context.ingest, num, id)?,
            })
        })?;
        let loaded = view.context.cache.load(&view.context.ingest, found.doc)?;
        Ok(show(view, &found, &loaded))
    })
    .await
}

fn show(view: &View<'_>, found: &Found, loaded: &Loaded) -> Page {
    let outcome = loaded.document.outcome(found.id);
    let header = loaded.header(&found.id);
    let spans = query::spans(view.context, loaded);
    let root = found.id == found.doc;
    let kind = header.map(|header| words::human(&header.kind)).unwrap_or_default();
    let main = html! {
        header.title {
            p.kicker { a href=(refer::href(found.doc, found.id)) { bdi { (refer::title(view, loaded)) } } }
            h1 { (kind) " " (text::id(found.id)) }
        }
        @if let Some(outcome) = outcome {
            @if root {
                p { "This entry opened the document. " a href={ "/d/" (found.doc) } { "Read it" } "." }
                p.facts { span { (status::effect(view, found.doc, outcome)) } span { (status::record(view, outcome)) } }
                @if let Some(gone) = status::body(view, loaded, outcome) { (gone) }
            } @else {
                section { h2.hidden { "The entry" } (Thread::new(view, loaded).entry(outcome)) }
            }
        }
        section {
            h2 { "What was signed" }
            @if let Some(header) = header {
                div.wide tabindex="0" { table.header {
                    tbody {
                        (row("Id", html! { code { (found.id) } }))
                        (row("Author", html! { (person::link(view, found.author)) }))
                        (row("Signed by key", html! { code { (header.by) } }))
                        (row("Under certificate", html! { @match found.cert { Some(cert) => (refer::link(view, cert)), None => "the identity’s root key" } }))
                        (row("Kind", html! { code { (text::visible(&header.kind)) } }))
                        @if let Some(line) = control::line(view, header) { (row("Does", line)) }
                        (row("Space", html! { @match header.space { Some(space) => (refer::link(view, space)), None => "its own" } }))
                        (row("Document", html! { (refer::link(view, found.doc)) }))
                        (row("Place in the log of its key", html! { (text::grouped(header.seq)) @if let Some(prev) = header.prev { ", after " (refer::link(view, prev)) } }))
                        (row("Builds on", links(view, &header.after)))
                        (row("Cites as authority", links(view, &header.auth)))
                        (row("Time", time::range(view, header, spans.get(&found.id))))
                        (row("Claimed", time::claimed(view, header)))
                        (row("Body", html! { (text::grouped(header.len)) " bytes, hash " code { (header.body_hash) } }))
                        (row("Place in this node’s record", html! { @match found.position { Some(n) => (text::grouped(n + 1)), None => "not in the record" } }))
                    }
                } }
            }
        }
        section {
            h2 { "Who builds on it" }
            @if found.namers.is_empty() && found.named == 0 { p.quiet { "No entry here names it yet." } }
            @else {
                p { (text::count(usize::try_from(found.named).unwrap_or(usize::MAX), "entry names it", "entries name it")) @if !found.namers.is_empty() { ":" } }
                ul.plain { @for id in &found.namers { li { (refer::link(view, *id)) @if let Some(by) = loaded.document.outcome(*id) { ", " (words::human(&by.kind).to_lowercase()) " by " (person::link(view, by.by)) } } } }
            }
        }
        section {
            h2 { "Raw" }
            @if let Some(outcome) = outcome {
                details open { summary { "As JSON" } pre.raw tabindex="0" { code { (text::visible(&json(outcome))) } } }
            }
            details { summary { "As bytes, " (text::grouped(found.wire.len())) " of them" } pre.raw tabindex="0" { code { (hex(&found.wire)) } } }
            p { a href={ "/api/v1/entries/" (found.id) } { "Download the signed bytes" } }
        }
        @if view.reader.owner && outcome.is_some_and(|outcome| outcome.body == althing_protocol::document::Status::Here) && !root {
            section {
                h2 { "On this node" }
                p { a href={ "/e/" (found.id) "/erase" } { "Erase its text on this node" } ". Who signed it and when stays on record; other nodes decide for themselves." }
            }
        }
    };
    let mut page = Page::new(format!("{kind} {}", found.id.short()), main);
    page.committee = document::committee(view, loaded.space);
    page
}

fn row(name: &str, value: Markup) -> Markup {
    html! { tr { th scope="row" { (name) } td { (value) } } }
}

fn links(view: &View<'_>, ids: &[Id]) -> Markup {
    html! {
        @if ids.is_empty() { span.quiet { "nothing" } }
        @for (n, id) in ids.iter().enumerate() { @if n > 0 { ", " } (refer::link(view, *id)) }
    }
}

fn json(outcome: &althing_protocol::document::Outcome) -> String {
    let mut json = althing_protocol::document::json::outcome(outcome);
    if let (Some(change), Some(map)) = (outcome.change(), json.as_object_mut()) {
        map.insert("change".to_owned(), althing_protocol::kind::json::change(change));
    }
    let text = serde_json::to_string_pretty(&json).unwrap_or_default();
    text::short(&text, 4 * SHOWN).into_owned()
}

/// Thirty-two bytes to a line.
fn hex(bytes: &[u8]) -> String {
    let lines = bytes
        .chunks(32)
        .take(SHOWN / 32)
        .map(|line| data_encoding::HEXLOWER.encode(line));
    let mut out = lines.collect::<Vec<_>>().join("\n");
    if bytes.len() > SHOWN {
        out.push_str("\n…");
    }
    out
}
