//! A committee: what it is for, who holds which role, its documents by kind, and the facts of its record.
//!
//! Bounds: [`LOOKED_AT`] documents are looked at, the newest; [`FEW`] of a kind, and as many roles, are listed, [`PAGE`] where one kind or
//! state is asked for; [`ROLES`] roles.

use std::collections::BTreeMap;
use std::sync::Arc;

use althing_protocol::authority::{Does, Why};
use althing_protocol::document::{Effect, Outcome};
use althing_protocol::graph::Class;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::kind;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::press;
use super::part::{content, markdown, person, refer, status, text, time, words};
use super::{Asked, Page, View, acts, document, overview, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input;
use crate::http::load::Loaded;
use crate::http::query::lineage;
use crate::http::session::Reader;

/// Documents of a committee that are looked at.
const LOOKED_AT: usize = 5000;

/// Documents of one kind that are listed on the first page.
const FEW: usize = 8;

/// Documents on a page of one kind or state.
const PAGE: usize = 100;

/// Roles that are listed.
const ROLES: usize = 500;

/// Kinds of documents in the order in which people look for them.
const ORDER: [&str; 11] = [
    "nomination",
    "motion",
    "proposal",
    "statement",
    "evaluation",
    "research",
    "topic",
    "concern",
    "decision",
    "domain",
    "register",
];

/// What is asked for.
#[derive(Deserialize, Default)]
pub(super) struct Filter {
    kind: Option<String>,
    state: Option<String>,
    cursor: Option<String>,
}

/// What a committee amounts to, read under the lock.
struct Figures {
    digest: Hash,
    entries: usize,
    documents: usize,
    floor: usize,
    threshold: usize,
    founders: Vec<Id>,
    members: usize,
    roles: Vec<Role>,
    /// Acts of authority in the record that too few have signed.
    open: usize,
}

struct Role {
    grant: Id,
    name: String,
    to: Id,
    scope: Option<Id>,
    signers: Vec<Id>,
}

/// `GET /c/{id}`
pub(super) async fn committee(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path(id): Path<String>,
    Asked(filter): Asked<Filter>,
) -> Response {
    page(context, reader, move |view| {
        let id = known(view, &id)?;
        let name = refer::committee(view, id);
        let Some(figures) = Figures::read(view, id) else {
            return Ok(coming(id));
        };
        let loaded = view.context.cache.load(&view.context.ingest, id)?;
        let documents = documents(view, id);
        let filtered = filter.kind.is_some() || filter.state.is_some();
        let main = html! {
            div hidden data-events={ "/api/v1/events?committee=" (id) } {}
            header.title {
                p.kicker { "Committee" }
                h1 dir="auto" { a href={ "/c/" (id) } { (name) } }
                @if let Some(purpose) = loaded.text("purpose") { p.lead dir="auto" { (text::visible(purpose)) } }
                (lineage(view, id, &loaded))
                (frauds(&loaded))
            }
            @if filtered {
                (listing(view, id, &documents, &filter)?)
            } @else {
                (waiting(view, id, &figures))
                (overview::first(view, id))
                (roles(view, id, &figures))
                (kinds(view, id, &documents))
                (charter(&loaded))
            }
        };
        let mut page = Page::new(name.clone(), main);
        page.committee = Some((id, name));
        page.feed = Some(format!("/c/{id}/feed.atom"));
        page.side = Some(side(view, id, &figures));
        Ok(page)
    })
    .await
}

/// Nodes that were shown to tell two stories.
fn frauds(loaded: &Loaded) -> Markup {
    let convicted = |act: &&Outcome| act.kind == "fraud" && act.effect == Effect::Effective;
    let found = loaded.document.acts().filter(convicted).count();
    html! {
        @if found > 0 {
            p.warn role="note" {
                strong { (text::count(found, "node", "nodes")) " of this committee told two stories. " }
                "The proof is public: read it in " a href={ "/d/" (loaded.document.id()) "#thread" } { "the committee’s own document" } "."
            }
        }
    }
}

/// The committee that a path means: one that is here, or one that is followed and on its way.
pub(super) fn known(view: &View<'_>, text: &str) -> Result<Id, Problem> {
    view.context.ingest.read(|state| match ids::id(state, text)? {
        id if state.follows(&id) && state.committee(&id).is_none() => Ok(id),
        _ => ids::committee(state, text).map(|(_, id)| id),
    })
}

/// A committee that is followed, of which nothing came yet.
fn coming(id: Id) -> Page {
    let main = html! {
        div hidden data-events="/api/v1/events" {}
        header.title { p.kicker { "Committee" } h1 { "On its way" } }
        p { "This node follows the committee " (text::id(id)) ", but nothing of it has come yet. It is asked of every peer as soon as one is connected." }
        p { "If this lasts, check on " a href="/network" { "the network page" } " whether anybody is connected; an invitation from a member names addresses to try." }
    };
    Page::new("On its way", main)
}

impl Figures {
    fn read(view: &View<'_>, id: Id) -> Option<Self> {
        view.context.ingest.read(|state| {
            let committee = state.committee(&id)?;
            let (graph, authority, record) = (state.graph(), committee.authority(), committee.record());
            let signers = |grant| {
                let explained = authority.explain(grant, graph);
                let signatures = explained.map(|explained| explained.signatures).unwrap_or_default();
                signatures.into_iter().map(|signing| graph.id(signing.signer)).collect()
            };
            let waits =
                |(num, _): &(_, _)| authority.why(*num, graph) == Some(Why::Open) && record.contains(*num, graph);
            let roles = authority.roles(graph).into_iter().take(ROLES);
            Some(Self {
                digest: record.tree().root(),
                entries: record.len(),
                documents: record.documents().saturating_sub(1),
                floor: state.floor_of(committee).len(),
                threshold: authority.threshold(),
                founders: authority.founders().iter().map(|n| graph.id(*n)).collect(),
                members: committee.members().count(),
                roles: roles
                    .map(|role| Role {
                        grant: graph.id(role.grant),
                        name: role.role,
                        to: graph.id(role.to),
                        scope: role.scope.map(|n| graph.id(n)),
                        signers: signers(role.grant),
                    })
                    .collect(),
                open: authority
                    .acts()
                    .filter(waits)
                    .filter(|(_, act)| !matches!(act.does, Does::Set { .. }) || !act.made)
                    .count(),
            })
        })
    }
}

/// The gists of a committee's documents in the record, the newest first.
pub(super) fn documents(view: &View<'_>, id: Id) -> Vec<Arc<Loaded>> {
    let roots: Vec<Id> = view.context.ingest.read(|state| {
        let graph = state.graph();
        let Some(committee) = state.committee(&id) else {
            return Vec::new();
        };
        let sequence = committee.record().sequence().iter().rev().copied();
        let roots = sequence.filter(|num| {
            graph.contains(*num)
                && graph.node(*num).class == Class::Document
                && committee.record().contains(*num, graph)
        });
        roots.take(LOOKED_AT).map(|num| graph.id(num)).collect()
    });
    let loaded = roots
        .into_iter()
        .filter_map(|root| view.context.cache.gist(&view.context.ingest, root).ok());
    loaded.collect()
}

/// What it continues and what continues it.
fn lineage(view: &View<'_>, id: Id, loaded: &Loaded) -> Markup {
    let forks = lineage::forks(view.context, id);
    html! {
        @if let Some(old) = loaded.named("continues") {
            p.note { "It continues " (refer::link(view, old)) @if let Some(reason) = loaded.text("reason") { ": “" bdi { (text::gist(reason, 300)) } "”" } }
        }
        @if !forks.is_empty() {
            p.note { "Continued by " @for (n, fork) in forks.iter().enumerate() { @if n > 0 { ", " } (refer::link(view, *fork)) } }
        }
    }
}

/// What waits for members.
fn waiting(view: &View<'_>, id: Id, figures: &Figures) -> Markup {
    html! {
        section #waiting data-live="" {
            @if figures.open > 0 {
                p.note {
                    (status::chip(status::Tone::Warn, &format!("{} for signatures", text::count(figures.open, "act waits", "acts wait")))) " "
                    a href={ "/c/" (id) "/people" } { "See what each would change" }
                }
            }
            @if figures.floor > 0 {
                p.note {
                    (status::chip(status::Tone::Info, &text::count(figures.floor, "entry that nobody has taken up", "entries that nobody has taken up"))) " "
                    a href={ "/c/" (id) "/floor" } { "Look through them" }
                }
            }
            @if view.reader.owner && figures.entries < 2 {
                p.note { "It is new and empty. " a href={ "/c/" (id) "/invite" } { "Invite others" } ", or open its first " a href={ "/c/" (id) "/open/topic" } { "topic" } "." }
            }
        }
    }
}

/// All documents, by kind.
fn kinds(view: &View<'_>, id: Id, documents: &[Arc<Loaded>]) -> Markup {
    let mut by_kind: BTreeMap<&str, Vec<&Arc<Loaded>>> = BTreeMap::new();
    for loaded in documents {
        by_kind.entry(loaded.document.kind_name()).or_default().push(loaded);
    }
    let others: Vec<&str> = by_kind.keys().copied().filter(|kind| !ORDER.contains(kind)).collect();
    html! {
        section #documents data-live="" {
            @for name in ORDER.into_iter().chain(others) {
                @if let Some(all) = by_kind.get(name) {
                    section.kind {
                        h2 {
                            a href={ "/c/" (id) "?kind=" (name) } { (words::heading(name)) } span.count { " " (text::grouped(all.len())) }
                            (states(id, name, all))
                        }
                        ul.list { @for loaded in open_first(all).into_iter().take(FEW) { li { (content::line(view, loaded)) } } }
                        @if all.len() > FEW { p.tools { a href={ "/c/" (id) "?kind=" (name) } { "All " (text::grouped(all.len())) } } }
                    }
                }
            }
            @if documents.is_empty() {
                p.quiet { "Nothing has been opened here yet." }
            }
            @if documents.len() == LOOKED_AT { p.quiet { "Counted are the newest " (text::grouped(LOOKED_AT)) " documents." } }
        }
    }
}

/// Those in their first state before the others; else in the order given.
fn open_first<'a>(all: &[&'a Arc<Loaded>]) -> Vec<&'a Arc<Loaded>> {
    let mut sorted = all.to_vec();
    sorted.sort_by_key(|loaded| loaded.document.state().is_some_and(|state| state.name != "open"));
    sorted
}

/// How many are in which state, each a filter.
fn states(id: Id, kind: &str, all: &[&Arc<Loaded>]) -> Markup {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for state in all.iter().filter_map(|loaded| loaded.document.state()) {
        *counts.entry(state.name).or_default() += 1;
    }
    html! {
        @for (state, count) in counts {
            " " a.chip href={ "/c/" (id) "?kind=" (kind) "&state=" (state) } { (words::human(state).to_lowercase()) " " (count) }
        }
    }
}

/// One kind or state, by pages.
fn listing(view: &View<'_>, id: Id, documents: &[Arc<Loaded>], filter: &Filter) -> Result<Markup, Problem> {
    let from = input::cursor(filter.cursor.as_deref())?;
    let fits = |loaded: &&Arc<Loaded>| {
        let kind = filter
            .kind
            .as_deref()
            .is_none_or(|kind| kind == loaded.document.kind_name());
        let state = loaded.document.state().map(|state| state.name);
        kind && filter.state.as_deref().is_none_or(|wanted| state == Some(wanted))
    };
    let all: Vec<&Arc<Loaded>> = documents.iter().filter(fits).collect();
    let of_kind: Vec<&Arc<Loaded>> = documents
        .iter()
        .filter(|l| filter.kind.as_deref() == Some(l.document.kind_name()))
        .collect();
    let kind = filter.kind.as_deref().unwrap_or_default();
    let shown = kind::find(kind).map_or_else(|| "Documents".to_owned(), |kind| words::heading(kind.name));
    let path = |from: usize| {
        let state = filter
            .state
            .as_deref()
            .filter(|state| state.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let kind = kind::find(kind).map_or("", |kind| kind.name);
        format!(
            "/c/{id}?kind={kind}{}&cursor={from}",
            state.map(|state| format!("&state={state}")).unwrap_or_default()
        )
    };
    Ok(html! {
        section #documents data-live="" {
            h2 {
                (shown) @if let Some(state) = &filter.state { ", " (words::human(state).to_lowercase()) }
                span.count { " " (text::grouped(all.len())) }
            }
            p.tools {
                a href={ "/c/" (id) } { "Everything" }
                @if let Some(kind) = kind::find(kind) { " " a href={ "/c/" (id) "?kind=" (kind.name) } { "all " (words::heading(kind.name).to_lowercase()) } (states(id, kind.name, &of_kind)) }
            }
            @if all.is_empty() { p.quiet { "Nothing like that is in the record here." } }
            ul.list { @for loaded in all.iter().skip(from).take(PAGE) { li { (content::line(view, loaded)) } } }
            @if from > 0 || from + PAGE < all.len() {
                nav.pages aria-label="Pages" {
                    @if from > 0 { a rel="prev" href=(path(from.saturating_sub(PAGE))) { "← Newer" } }
                    span { (text::grouped(from + 1)) " to " (text::grouped((from + PAGE).min(all.len()))) " of " (text::grouped(all.len())) }
                    @if from + PAGE < all.len() { a rel="next" href=(path(from + PAGE)) { "Older →" } }
                }
            }
        }
    })
}

fn roles(view: &View<'_>, id: Id, figures: &Figures) -> Markup {
    html! {
        section #roles data-live="" {
            h2 { "Roles and who holds them" }
            div.wide tabindex="0" {
                table {
                    thead { tr { th scope="col" { "Role" } th scope="col" { "Held by" } th scope="col" { "For" } th scope="col" { "Given by" } } }
                    tbody {
                        @for founder in &figures.founders {
                            tr { td { "Founder" } td { (person::link(view, *founder)) } td { "the committee" } td { "its founding" } }
                        }
                        @for role in figures.roles.iter().take(FEW) {
                            tr {
                                td { (words::human(&role.name)) }
                                td { (person::link(view, role.to)) }
                                td { @match role.scope { Some(scope) => (refer::link(view, scope)), None => "the committee" } }
                                td { (person::links(view, role.signers.get(..4).unwrap_or(&role.signers))) " " a href={ "/e/" (role.grant) } { "grant" } }
                            }
                        }
                    }
                }
            }
            p.tools {
                a href={ "/c/" (id) "/people" } {
                    @if figures.roles.len() > FEW { "All " (text::grouped(figures.roles.len())) " roles, grants and revocations" }
                    @else { "People, grants and revocations" }
                }
            }
        }
    }
}

fn charter(loaded: &Loaded) -> Markup {
    html! {
        @if let Some(charter) = loaded.text("charter") {
            section { h2 { "Charter" } div.prose dir="auto" { (markdown::html(charter)) } }
        }
    }
}

fn side(view: &View<'_>, id: Id, figures: &Figures) -> Markup {
    let peers = (view.context.network.peers)();
    let follow = |peer: &&crate::http::Peer| peer.committees.iter().any(|(of, _)| *of == id);
    let same = |peer: &&crate::http::Peer| peer.committees.contains(&(id, Some(figures.digest)));
    let (following, holding) = (peers.iter().filter(follow).count(), peers.iter().filter(same).count());
    html! {
        @if view.reader.owner {
            (acts::open(id))
        }
        section #record data-live="" {
            h2 { "Record" }
            dl.facts {
                dt { "Digest" } dd { code.id title=(figures.digest) data-whole=(figures.digest) { (figures.digest.short().to_string()) } }
                dt { "Holds" } dd { (text::count(figures.entries, "entry", "entries")) ", " (text::count(figures.documents, "document", "documents")) }
                @if view.reader.copy.is_none() {
                    dt { "Who holds the same" }
                    dd {
                        @match (following, holding) {
                            (0, _) => "no connected peer follows it",
                            (n, same) => { (same) " of " (text::count(n, "connected peer", "connected peers")) },
                        }
                        " " a href="/network" { "see" }
                    }
                }
                dt { "Not taken up" } dd { @if figures.floor == 0 { "nothing" } @else { a href={ "/c/" (id) "/floor" } { (text::count(figures.floor, "entry", "entries")) } } }
                dt { "Members" } dd { a href={ "/c/" (id) "/people" } { (text::count(figures.members, "person", "people")) } }
                dt { "An act takes" } dd { (text::count(figures.threshold, "signature", "signatures")) " of founders and stewards" }
                dt { "Id" } dd { (text::id(id)) }
            }
        }
        section {
            h2 { "Elsewhere" }
            ul.plain {
                li { a href={ "/c/" (id) "/views" } { "Views: what the record says, computed" } }
                li { a href={ "/d/" (id) } { "Its own document: charter, acts of authority" } }
                li { a href={ "/c/" (id) "/log" } { "Log and anchors: what shows that nothing was dropped or re-dated" } }
                li { a href={ "/c/" (id) "/feed.atom" } { "Feed of all that is said" } }
                li { a href={ "/c/" (id) "/decisions.atom" } { "Feed of windows and decisions" } }
                li { a href={ "/c/" (id) "/calendar.ics" } { "Calendar of windows" } }
                li { a href={ "/api/v1/committees/" (id) } { "As JSON" } }
                @if view.reader.owner {
                    li { a href={ "/api/v1/committees/" (id) "/archive" } download="" title="Entries and attachments, to be checked or taken in elsewhere; althing export site makes web pages of it" { "Everything, in one file" } }
                }
            }
        }
    }
}

/// `GET /c/{id}/floor`: entries that nobody has taken up.
pub(super) async fn floor(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path(id): Path<String>,
    Asked(filter): Asked<Filter>,
) -> Response {
    let cursor = filter.cursor;
    page(context, reader, move |view| {
        let id = known(view, &id)?;
        let from = input::cursor(cursor.as_deref())?;
        let (all, entries) = view.context.ingest.read(|state| {
            let graph = state.graph();
            let mut all = state.committee(&id).map(|committee| state.floor_of(committee)).unwrap_or_default();
            all.sort_unstable_by_key(|num| graph.rank(*num));
            let page = all.iter().skip(from).take(PAGE);
            let page = page.map(|num| (graph.id(*num), graph.id(graph.node(*num).doc), graph.id(graph.author(*num))));
            (all.len(), page.collect::<Vec<_>>())
        });
        let name = refer::committee(view, id);
        let main = html! {
            div hidden data-events={ "/api/v1/events?committee=" (id) } {}
            header.title { p.kicker { a href={ "/c/" (id) } { bdi { (name) } } } h1 { "What nobody has taken up yet" } }
            p.lead {
                "Anybody may write to a committee. What a newcomer writes stays beside the record, on this node alone, until a member builds on it or takes it up. "
                "Taking up says only that others should hold it too."
            }
            section #floor data-live="" {
                @if all == 0 { p.quiet { "Nothing waits here. Whatever came is in the record." } }
                ul.list { @for (entry, doc, author) in &entries { li { (waiting_entry(view, *entry, *doc, *author)) } } }
                @if from > 0 || from + PAGE < all {
                    nav.pages aria-label="Pages" {
                        @if from > 0 { a rel="prev" href={ "/c/" (id) "/floor?cursor=" (from.saturating_sub(PAGE)) } { "← Earlier" } }
                        span { (text::grouped(from + 1)) " to " (text::grouped((from + PAGE).min(all))) " of " (text::grouped(all)) }
                        @if from + PAGE < all { a rel="next" href={ "/c/" (id) "/floor?cursor=" (from + PAGE) } { "Later →" } }
                    }
                }
            }
        };
        let mut page = Page::new("Not taken up yet", main);
        page.committee = document::committee(view, id);
        Ok(page)
    })
    .await
}

fn waiting_entry(view: &View<'_>, entry: Id, doc: Id, author: Id) -> Markup {
    let loaded = view.context.cache.load(&view.context.ingest, doc).ok();
    let header = loaded.as_ref().and_then(|loaded| loaded.header(&entry));
    let said = loaded
        .as_ref()
        .and_then(|loaded| super::part::entry::said(loaded, loaded.document.outcome(entry)?));
    let what = header.map(|header| words::human(&header.kind)).unwrap_or_default();
    html! {
        a.title href=(refer::href(doc, entry)) {
            (what) @if let Some(said) = said { ": " bdi { (markdown::gist(said, 140)) } }
        }
        span.meta {
            (person::link(view, author)) " in " bdi { (refer::titled(view, doc)) }
            @if let Some(header) = header { " · " (time::ago(view, header.time)) }
            @if view.reader.owner { " · " (press(&format!("/e/{entry}/take-up"), "Take it up")) " · " a href={ "/p/" (author) } { "who is this?" } }
        }
    }
}
