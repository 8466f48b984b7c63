//! The first page: what waits for me, then what changed since I last looked, then the committees.
//!
//! Bounds: [`DUTIES`] duties of a committee are listed, and [`CHANGED`] documents as changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::part::{person, refer, status, text, time, words};
use super::{Page, View, document, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::query::duty::{self, Duty, What};
use crate::http::session::{self, Reader};

/// Duties in one committee that are listed.
const DUTIES: usize = 50;

/// Documents of one committee that are listed as changed.
const CHANGED: usize = 20;

/// `GET /`
pub(super) async fn home(State(context): State<Arc<Context>>, reader: Reader) -> Response {
    if reader.owner && context.ingest.read(|state| state.followed().next().is_none()) {
        return Redirect::to("/start").into_response();
    }
    page(context, reader, |view| {
        let followed: Vec<Id> = view.context.ingest.read(|state| state.followed().collect());
        let main = html! {
            div hidden data-events="/api/v1/events" {}
            header.title { h1 { @if view.reader.owner { "What waits for you" } @else { "Committees on this node" } } }
            @if view.reader.owner { (waiting(view, &followed)?) }
            @if view.reader.owner && !followed.is_empty() { (changed(view, &followed)) }
            section #committees data-live="" {
                h2 { "Committees" }
                @if followed.is_empty() {
                    p { "This node follows no committee yet." }
                    p.quiet { "Whoever runs it can found one or follow an invitation." }
                }
                ul.list { @for id in &followed { li { (committee(view, *id)) } } }
                @if view.reader.owner && !followed.is_empty() {
                    p.tools { a href="/committees/new" { "Found a committee" } " " a href="/committees/follow" { "Follow another one" } }
                }
            }
        };
        Ok(Page::new("Home", main))
    })
    .await
}

/// What waits for the owner, the oldest first, by committee.
fn waiting(view: &View<'_>, followed: &[Id]) -> Result<Markup, Problem> {
    let mut lists = Vec::new();
    for id in followed {
        let here = view.context.ingest.read(|state| state.committee(id).is_some());
        if here {
            lists.push((*id, duty::duties(view.context, *id)?));
        }
    }
    lists.retain(|(_, list)| !list.is_empty());
    Ok(html! {
        section #waiting data-live="" {
            @if lists.is_empty() && !followed.is_empty() { p.quiet { "Nothing. Nobody has asked you anything that you have not answered." } }
            @for (id, list) in &lists {
                h2 { a href={ "/c/" (id) } { bdi { (refer::committee(view, *id)) } } span.count { " " (text::grouped(list.len())) } }
                ul.list { @for duty in list.iter().take(DUTIES) { li { (due(view, duty)) } } }
                @if list.len() > DUTIES { p.quiet { "and " (list.len() - DUTIES) " more, newer ones" } }
            }
        }
    })
}

/// One duty: what is to be done, with the step that does it.
fn due(view: &View<'_>, duty: &Duty) -> Markup {
    let (path, word) = match duty.what {
        What::Cosign => (format!("/e/{}/cosign", duty.entry), "Sign or leave"),
        What::Accept => (format!("/d/{}", duty.doc.id), "Accept or decline"),
        What::Reply => (format!("/d/{}/act/reply_right", duty.doc.id), "Reply"),
        What::Term => (format!("/d/{}", duty.doc.id), "Look"),
        What::Answer => (format!("/d/{}/act/answer?to={}", duty.doc.id, duty.entry), "Answer"),
        What::Merge => (format!("/d/{}/merge", duty.doc.id), "Settle"),
        What::TakeUp => (refer::href(duty.doc.id, duty.entry), "Read and take up"),
    };
    let title = match duty.what {
        What::Cosign => "Your signature is asked for".to_owned(),
        What::Accept => "You are nominated".to_owned(),
        What::Reply => format!(
            "A {} about you: you may reply first",
            duty.doc.kind.as_deref().unwrap_or("document")
        ),
        What::Term => "Your term ends soon".to_owned(),
        What::Answer => "A question to you".to_owned(),
        What::Merge => format!(
            "Versions contradict each other: {}",
            duty.fields.join(", ").replace('_', " ")
        ),
        What::TakeUp => format!("{} of a newcomer", text::count(duty.count, "entry", "entries")),
    };
    html! {
        a.title href=(path) { (title) }
        @if let Some(text) = &duty.text { span.purpose { bdi { (text::gist(text, 200)) } } }
        span.meta {
            (person::link(view, duty.by.identity)) " in " a href={ "/d/" (duty.doc.id) } { bdi { (refer::titled(view, duty.doc.id)) } }
            @if let Some(time) = duty.time { " · " (time::ago(view, time)) }
            " · " a href=(path) { (word) }
        }
    }
}

fn committee(view: &View<'_>, id: Id) -> Markup {
    let figures = view.context.ingest.read(|state| {
        let committee = state.committee(&id)?;
        Some((
            committee.record().len(),
            committee.record().documents().saturating_sub(1),
            state.floor_of(committee).len(),
        ))
    });
    let purpose = view.context.cache.load(&view.context.ingest, id).ok();
    let purpose = purpose.as_ref().and_then(|loaded| loaded.text("purpose"));
    html! {
        a.title href={ "/c/" (id) } { bdi { (refer::committee(view, id)) } }
        @if let Some(purpose) = purpose { span.purpose { bdi { (text::gist(purpose, 160)) } } }
        span.meta {
            @match figures {
                None => "nothing of it has come yet; it is asked of every peer",
                Some((entries, documents, floor)) => {
                    (text::count(documents, "document", "documents")) " · " (text::count(entries, "entry", "entries")) " · " (super::part::sync::line(view, Some(id)))
                    @if floor > 0 { " · " a href={ "/c/" (id) "/floor" } { (text::grouped(floor)) " not taken up" } }
                },
            }
        }
    }
}

/// What joined the records since the owner last said that they had seen all.
fn changed(view: &View<'_>, followed: &[Id]) -> Markup {
    html! {
        section #changed data-live="" {
            h2 { "What changed since you last looked" }
            @let lists: Vec<_> = followed.iter().map(|id| (*id, since(view, *id))).filter(|(_, list)| !list.is_empty()).collect();
            @if lists.is_empty() { p.quiet { "Nothing that you have not seen." } }
            @for (id, list) in &lists {
                h3 { a href={ "/c/" (id) } { bdi { (refer::committee(view, *id)) } } }
                ul.list { @for change in list.iter().take(CHANGED) { li { (change.show(view)) } } }
                @if list.len() > CHANGED { p.quiet { "and " (text::count(list.len() - CHANGED, "more document", "more documents")) } }
            }
            @if !lists.is_empty() {
                form.inline method="post" action="/looked" {
                    input type="hidden" name="_secret" value=(view.context.session.form());
                    button type="submit" { "I have seen all this" }
                }
            }
        }
    }
}

/// What came into one document.
struct Change {
    doc: Id,
    entries: Vec<Id>,
}

impl Change {
    fn show(&self, view: &View<'_>) -> Markup {
        let loaded = view.context.cache.load(&view.context.ingest, self.doc).ok();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut last = None;
        let opened = self.entries.contains(&self.doc);
        for entry in self.entries.iter().filter(|entry| **entry != self.doc) {
            let outcome = loaded.as_ref().and_then(|loaded| loaded.document.outcome(*entry));
            let kind = outcome.map_or_else(|| "entry".to_owned(), |outcome| outcome.kind.to_string());
            *kinds.entry(kind).or_default() += 1;
            last = last.max(
                loaded
                    .as_ref()
                    .and_then(|loaded| loaded.header(entry))
                    .map(|header| header.time),
            );
        }
        let counts: Vec<String> = kinds
            .into_iter()
            .map(|(kind, count)| words::counted(count, &kind))
            .collect();
        let first = self.entries.first().copied().unwrap_or(self.doc);
        html! {
            a.title href=(refer::href(self.doc, first)) { bdi { (refer::titled(view, self.doc)) } }
            span.meta {
                @if opened { (status::chip(status::Tone::Info, "New")) " " }
                (counts.join(", "))
                @if let Some(last) = last { " · last " (time::ago(view, last)) }
            }
        }
    }
}

/// Documents of a committee that changed since the mark, the last one first, without what the owner wrote or saw.
fn since(view: &View<'_>, id: Id) -> Vec<Change> {
    let Some(mark) = view.context.looked.mark(id) else {
        // The first look: from now on there is something to compare with.
        document::look(view, id, id);
        return Vec::new();
    };
    let me = view.context.ingest.home().identity();
    let found: Vec<(usize, Id, Id)> = view.context.ingest.read(|state| {
        let (graph, Some(committee)) = (state.graph(), state.committee(&id)) else {
            return Vec::new();
        };
        let sequence = committee.record().sequence().iter().enumerate().skip(mark.place);
        let others = sequence.filter(|(_, n)| graph.contains(**n) && graph.id(graph.author(**n)) != me);
        others
            .map(|(place, n)| (place, graph.id(graph.node(*n).doc), graph.id(*n)))
            .collect()
    });
    let mut docs: BTreeMap<Id, (usize, Vec<Id>)> = BTreeMap::new();
    for (place, doc, entry) in found {
        // Keys of people are part of the record too; nobody reads them as news.
        let seen = view.context.looked.mark(doc).is_some_and(|seen| seen.place > place);
        if !seen && refer::sort(view, doc) != refer::Sort::Identity {
            let (last, entries) = docs.entry(doc).or_default();
            *last = place;
            entries.push(entry);
        }
    }
    let mut list: Vec<(usize, Change)> = docs
        .into_iter()
        .map(|(doc, (last, entries))| (last, Change { doc, entries }))
        .collect();
    list.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
    list.into_iter().map(|(_, change)| change).collect()
}

#[derive(Deserialize)]
pub(super) struct Seen {
    _secret: String,
}

/// `POST /looked`: the owner has seen everything that the first page lists.
pub(super) async fn looked(
    State(context): State<Arc<Context>>,
    reader: Reader,
    headers: HeaderMap,
    form: Result<Form<Seen>, axum::extract::rejection::FormRejection>,
) -> Response {
    let own = form.is_ok_and(|Form(seen)| context.session.is_own_form(&seen._secret));
    let may = reader.owner && own && !session::is_foreign(&headers);
    page_or(context, reader, may, |view| {
        let followed: Vec<Id> = view.context.ingest.read(|state| state.followed().collect());
        followed.into_iter().for_each(|id| document::look(view, id, id));
    })
    .await
}

async fn page_or(
    context: Arc<Context>,
    reader: Reader,
    may: bool,
    act: impl FnOnce(&View<'_>) + Send + 'static,
) -> Response {
    if !may {
        return page(context, reader, |_| Err(Problem::Link)).await;
    }
    let done = context.blocking(move |context| {
        act(&View {
            context,
            reader,
            now: crate::clock::now_ms(),
        });
        Ok(())
    });
    match done.await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(problem) => problem.into_response(),
    }
}
