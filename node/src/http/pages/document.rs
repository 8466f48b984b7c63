//! A document: the text as signed, then where people stand, then questions, then the thread.
//!
//! Bounds: [`PAGE`] entries of the thread on one page, fewer where their texts have more than [`BYTES`].

use std::sync::Arc;

use althing_protocol::document::Outcome;
use althing_protocol::hash::Id;
use althing_protocol::kind::Shape;
use axum::extract::{Path, State};
use axum::response::Response;
use hashbrown::HashSet;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::press;
use super::part::content::{self, Shown};
use super::part::entry::Thread;
use super::part::questions::Questions;
use super::part::{motion, person, plot, refer, status, text, time, versions, words};
use super::{Asked, Page, View, acts, page, pinned, views, worth};
use crate::clock;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::load::Loaded;
use crate::http::looked::Mark;
use crate::http::query;
use crate::http::session::Reader;

/// Entries on one page of the thread.
const PAGE: usize = 200;

/// The same where the page is to be kept: anybody may ask for one.
const COPIED: usize = 5000;
const COPIED_BYTES: usize = 4 << 20;

/// Bytes of texts on one page, about.
const BYTES: usize = 384 << 10;

/// Which part of the thread is asked for.
#[derive(Deserialize, Default)]
pub(super) struct Which {
    /// The page that holds this entry.
    entry: Option<String>,
    /// From this place on.
    from: Option<String>,
    /// A day: each entry then says whether it came by its end.
    by: Option<String>,
    /// Set by the script that brings a page up to date: nobody may be looking.
    live: Option<String>,
}

/// `GET /d/{id}`
pub(super) async fn document(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path(id): Path<String>,
    Asked(which): Asked<Which>,
) -> Response {
    page(context, reader, move |view| {
        let loaded = load(view, &id)?;
        let doc = loaded.document.id();
        let unread = unread(view, &loaded);
        let from = start(view, &loaded, &which)?;
        let day = which.by.as_deref().filter(|day| !day.is_empty());
        let bad = |day: &str| Problem::Input(format!("{day:?} is no day: write it as 2026-11-30"));
        let deadline = day
            .map(|day| clock::end_of_day(day).ok_or_else(|| bad(day)))
            .transpose()?;
        let shown = show(view, &loaded, Some((from, unread)), deadline);
        if which.live.is_none() {
            look(view, loaded.space, doc);
        }
        Ok(shown)
    })
    .await
}

/// The document that a path means.
pub(super) fn load(view: &View<'_>, text: &str) -> Result<Arc<Loaded>, Problem> {
    let context = view.context;
    let (_, id) = context.ingest.read(|state| ids::document(state, text))?;
    context.cache.load(&context.ingest, id)
}

/// The page of a document; with the thread from a place on, and what is new in it, if it is shown as it is now.
pub(super) fn show(
    view: &View<'_>,
    loaded: &Loaded,
    thread: Option<(usize, HashSet<Id>)>,
    deadline: Option<u64>,
) -> Page {
    let document = &loaded.document;
    let doc = document.id();
    let asked = Questions::of(document);
    let in_committee = document.kind().is_none_or(|kind| kind.shape == Shape::Document);
    let shown = Shown {
        now: thread.is_some(),
        questions: asked.by_field(),
    };
    let title = refer::title(view, loaded);
    let main = html! {
        div hidden data-events={ "/api/v1/events?doc=" (doc) } {}
        header.title {
            p.kicker { (words::human(document.kind_name())) @if in_committee { " · " (worth::word(document)) } }
            h1 dir="auto" { (title) }
            (standing(view, loaded))
            @if in_committee && shown.now { (views::fitting(view, doc, document.kind_name())) }
        }
        @if let Some(root) = document.outcomes().first() {
            @if let Some(gone) = status::body(view, loaded, root) { (gone) }
        }
        div.document #text data-live="" { (content::fields(view, loaded, &shown)) }
        @if in_committee { (plot::section(view, loaded)) }
        (asked.section(view, loaded))
        @match thread {
            Some((from, unread)) => (conversation(view, loaded, from, unread, deadline)),
            None => p { (text::count(document.acts().count(), "entry", "entries")) " had been written by then." },
        }
    };
    let mut page = Page::new(title, main);
    page.side = Some(side(view, loaded, shown.now));
    page.feed = Some(format!("/d/{doc}/feed.atom"));
    page.committee = committee(view, loaded.space);
    page
}

/// The committee of a space, if it is one.
pub(super) fn committee(view: &View<'_>, space: Id) -> Option<(Id, String)> {
    (refer::sort(view, space) == refer::Sort::Committee).then(|| (space, refer::committee(view, space)))
}

/// The state, and what made it so.
fn standing(view: &View<'_>, loaded: &Loaded) -> Markup {
    let document = &loaded.document;
    html! {
        p.standing #standing data-live="" {
            @if let Some(state) = document.state() {
                (status::state(state.name))
                @for entry in state.by.iter().take(4) {
                    @if let Some(act) = document.outcome(*entry) {
                        " " (words::did(&act.kind)) " by " (person::link(view, act.by))
                        @if let Some(header) = loaded.header(entry) { ", " a href=(refer::href(document.id(), *entry)) { (time::at(header.time)) } }
                    }
                }
            }
            @if !loaded.in_record {
                " " (status::chip(status::Tone::Info, "Nobody has taken this up yet"))
                @if view.reader.owner { " " (press(&format!("/e/{}/take-up", document.id()), "Take it up")) }
            }
            @if document.outcomes().first().is_some_and(|root| root.cause.is_some() && root.in_record) {
                @if let Some(root) = document.outcomes().first() { " " (status::effect(view, document.id(), root)) }
            }
        }
        @if document.kind_name() == "motion" { div #motion data-live="" { (motion::facts(view, loaded)) } }
    }
}

/// Where the thread's page begins.
fn start(view: &View<'_>, loaded: &Loaded, which: &Which) -> Result<usize, Problem> {
    let all = loaded.document.outcomes();
    if let Some(text) = &which.entry {
        let entry = view.context.ingest.read(|state| ids::id(state, text))?;
        let place = all.iter().position(|outcome| outcome.id == entry);
        let place = place
            .ok_or(Problem::NotInDocument {
                entry,
                doc: loaded.document.id(),
            })?
            .saturating_sub(1);
        let from = place - place % PAGE;
        // Where long texts make pages shorter, it is the first one.
        return Ok(if from + fitting(view, loaded, from) > place {
            from
        } else {
            place
        });
    }
    Ok(crate::http::input::cursor(which.from.as_deref())?.min(all.len().saturating_sub(1)))
}

/// How many entries from a place on fit on one page.
fn fitting(view: &View<'_>, loaded: &Loaded, from: usize) -> usize {
    // Links to an entry do not say on which page it is: nobody looks that up for whoever reads a copy.
    let (entries, most) = match view.reader.copy {
        Some(_) => (COPIED, COPIED_BYTES),
        None => (PAGE, BYTES),
    };
    let mut bytes = 0_u64;
    let acts = loaded.document.outcomes().iter().skip(1 + from).take(entries);
    let fit = acts.take_while(|act| {
        let before = bytes;
        bytes = bytes.saturating_add(loaded.header(&act.id).map_or(0, |header| header.len));
        before < u64::try_from(most).unwrap_or(u64::MAX)
    });
    fit.count()
}

fn conversation(view: &View<'_>, loaded: &Loaded, from: usize, unread: HashSet<Id>, deadline: Option<u64>) -> Markup {
    let doc = loaded.document.id();
    let all = loaded.document.outcomes().len().saturating_sub(1);
    let count = fitting(view, loaded, from);
    let acts: Vec<&Outcome> = loaded.document.outcomes().iter().skip(1 + from).take(count).collect();
    let mut thread = Thread::new(view, loaded);
    thread.here = acts.iter().map(|act| act.id).collect();
    let first = loaded
        .document
        .outcomes()
        .iter()
        .find(|act| unread.contains(&act.id))
        .map(|act| act.id);
    let fresh = unread.len();
    thread.unread = unread;
    thread.deadline = deadline;
    let pages = html! {
        @if from > 0 || from + count < all {
            nav.pages aria-label="Pages of the thread" {
                @if from > 0 { a rel="prev" href={ "/d/" (doc) "?from=" (from.saturating_sub(PAGE)) "#thread" } { "← Earlier entries" } }
                @if count > 0 { span { "Entries " (text::grouped(from + 1)) " to " (text::grouped(from + count)) " of " (text::grouped(all)) } }
                @if from + count < all { a rel="next" href={ "/d/" (doc) "?from=" (from + count) "#thread" } { "Later entries →" } }
            }
        }
    };
    html! {
        (pinned::replies(view, loaded))
        section #thread data-live="" data-from=(from) data-all=(all) {
            h2 { "Thread" span.count { " " (text::count(all, "entry", "entries")) } }
            @if loaded.document.kind().is_none_or(|kind| kind.shape == Shape::Document) { (worth::line(&loaded.document)) }
            @if let Some(first) = first {
                p.note { (text::count(fresh, "entry", "entries")) " came since you last looked: " a href=(refer::href(doc, first)) { "go to the first one" } "." }
            }
            (pages)
            @if all == 0 {
                p.quiet { "Nobody has said anything here yet." }
            }
            @for act in acts { (thread.entry(act)) }
            (pages)
            @if view.reader.owner { p.tools { a.button href={ "/d/" (doc) "/act/post" } { "Write in this thread" } } }
            @else if view.reader.copy.is_none() { p.quiet { "You are reading only. Whoever runs this node can write here: " code { "althing page" } " gives a link for a browser." } }
        }
    }
}

/// Facts beside the text.
fn side(view: &View<'_>, loaded: &Loaded, now: bool) -> Markup {
    let document = &loaded.document;
    let doc = document.id();
    let header = loaded.header(&doc);
    let spans = query::spans(view.context, loaded);
    html! {
        section {
            h2 { "Facts" }
            dl.facts {
                dt { "Opened" }
                dd {
                    @if let Some(by) = loaded.author() { (person::link(view, by)) }
                    @if let Some(header) = header { div { (time::range(view, header, spans.get(&doc))) } }
                }
                dt { "Owned by" }
                dd { (content::owners(view, document)) }
                dt { "Record" }
                dd { @if loaded.in_record { "in the record" } @else { "nobody has taken this up yet" } }
                dt { "Id" }
                dd { (text::id(doc)) " " a href={ "/e/" (doc) } { "raw" } }
            }
        }
        @if now && view.reader.owner { (acts::section(view, loaded)) }
        section #versions data-live="" { h2 { "Versions" } (versions::bar(view, loaded)) }
        section {
            h2 { "In time?" }
            form method="get" action={ "/d/" (doc) } {
                p {
                    label for="by" { "Say of each entry whether it came by the end of" }
                    " " input id="by" type="date" name="by";
                    " " button type="submit" { "Show" }
                }
            }
        }
        section {
            h2 { "Elsewhere" }
            ul.plain {
                li { a href={ "/d/" (doc) "/feed.atom" } { "Feed of what happens here" } }
                li { a href={ "/api/v1/documents/" (doc) } { "As JSON" } }
            }
        }
    }
}

/// Entries that joined the record since the owner last looked here, without their own.
fn unread(view: &View<'_>, loaded: &Loaded) -> HashSet<Id> {
    let doc = loaded.document.id();
    let mark = view.context.looked.mark(doc).filter(|_| view.reader.owner);
    let Some(Mark { place, .. }) = mark else {
        return HashSet::new();
    };
    let me = view.context.ingest.home().identity();
    view.context.ingest.read(|state| {
        let graph = state.graph();
        let (Some(committee), Some(num)) = (state.committee(&loaded.space), graph.num(&doc)) else {
            return HashSet::new();
        };
        let since = committee.record().sequence().iter().skip(place);
        let here = since.filter(|n| graph.contains(**n) && graph.node(**n).doc == num && **n != num);
        here.filter(|n| graph.id(graph.author(**n)) != me)
            .map(|n| graph.id(*n))
            .collect()
    })
}

/// Notes that the owner looked at a document, or at the list of a committee, as the record is now.
pub(super) fn look(view: &View<'_>, committee: Id, what: Id) {
    if !view.reader.owner {
        return;
    }
    let place = view
        .context
        .ingest
        .read(|state| state.committee(&committee).map(|c| c.record().sequence().len()));
    if let Some(place) = place {
        view.context.looked.look(what, Mark { place, time: view.now });
    }
}
