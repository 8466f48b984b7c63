//! Atom feeds (RFC 4287): what a committee, a document or somebody said last; what a committee decides and when.
//!
//! An entry is dated by its author's claim, but never later than now: nobody pins theirs on top by a date to come.
//!
//! Bound: [`ENTRIES`] entries each.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use althing_protocol::document::{Effect, Outcome};
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_view::calendar::{self, Window};
use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::context::Context;
use super::error::Problem;
use super::query::view::Material;
use super::query::{self, Named, words};
use super::{guard, ids};
use crate::clock;

/// Entries of a feed.
const ENTRIES: usize = 50;

/// Places of a sequence, or of what somebody wrote, that are looked at for them.
const LOOK: usize = 500;

/// What decides something: documents and acts.
const DECIDES: [&str; 3] = ["decision", "decide", "conclude"];

/// Characters of a title.
const TITLE: usize = 100;

/// The end of the year 9999 in milliseconds: later ones are no dates of RFC 3339.
const END: u64 = 253_402_300_799_000;

pub(crate) fn router() -> Router<Arc<Context>> {
    Router::new()
        .route("/c/{id}/feed.atom", get(committee))
        .route("/c/{id}/decisions.atom", get(decisions))
        .route("/d/{id}/feed.atom", get(document))
        .route("/p/{id}/feed.atom", get(person))
        .route_layer(middleware::from_fn(guard::tagged))
}

/// `GET /c/{id}/feed.atom`
async fn committee(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let text = context.blocking(move |context| {
        let (id, found) = context.ingest.read(|state| {
            let (_, id) = ids::committee(state, &id)?;
            let graph = state.graph();
            let sequence = state.committee(&id).map_or(&[][..], |c| c.record().sequence());
            // What founding or a device says of itself is no news.
            let said = |n: &&Num| graph.id(graph.node(**n).space) == id;
            let found = sequence.iter().rev().take(LOOK).filter(said).take(ENTRIES);
            let found: Vec<(Id, Id)> = found.map(|n| (graph.id(graph.node(*n).doc), graph.id(*n))).collect();
            Ok::<_, Problem>((id, found))
        })?;
        let title = context.cache.name(&context.ingest, id).unwrap_or_else(|| id.short());
        Ok(feed(context, &format!("/c/{id}"), id, title, found))
    });
    Ok(atom(text.await?))
}

/// `GET /c/{id}/decisions.atom`: votes, evaluations and programmes when they are announced, when they begin and when they
/// are over; and what was decided.
async fn decisions(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let text = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let reads = althing_view::find("calendar").map_or(&[][..], |view| view.reads);
        let reads: Vec<&str> = reads.iter().copied().chain(["decision"]).collect();
        let material = Material::gather(context, id, &reads, None)?;
        let now = clock::now_ms();
        let world = material.world(now);
        let windows = calendar::windows(&world);
        let mut moments = Vec::new();
        for window in &windows {
            let opened = world.doc(window.doc).map_or(0, |doc| doc.opened().claimed);
            let all = [
                ("announced", opened),
                ("begins", window.from.begins()),
                ("is over", window.until.ends()),
            ];
            // What is still to come is announced, and no news yet.
            let past = all.into_iter().filter(|(_, moment)| *moment <= now);
            moments.extend(past.map(|(what, moment)| (Reverse(moment), &window.uid, what, window)));
        }
        moments.sort_unstable_by_key(|(moment, uid, what, _)| (*moment, *uid, *what));
        let newest = moments.into_iter().take(ENTRIES);
        let mut entries: Vec<Entry> = newest
            .map(|(Reverse(moment), _, what, window)| told(context, window, what, moment))
            .collect();
        let said = material.loaded.iter().flat_map(|loaded| {
            let doc = loaded.document.id();
            let decides = |outcome: &&Outcome| {
                outcome.in_record && outcome.effect == Effect::Effective && DECIDES.contains(&&*outcome.kind)
            };
            loaded
                .document
                .outcomes()
                .iter()
                .filter(decides)
                .map(move |outcome| (doc, outcome.id))
        });
        let mut said: Vec<(Id, Id)> = said.collect();
        said.sort_by_cached_key(|(doc, entry)| Reverse(world.doc(*doc).map_or(0, |doc| doc.when(*entry).claimed)));
        entries.extend(
            said.into_iter()
                .take(ENTRIES)
                .filter_map(|(doc, entry)| one(context, doc, entry, now)),
        );
        entries.sort_by(|a, b| (Reverse(a.updated), &a.id).cmp(&(Reverse(b.updated), &b.id)));
        entries.truncate(ENTRIES);
        let title = format!("{}: windows and decisions", world.committee.title());
        Ok(of(
            context,
            &format!("/c/{id}"),
            "decisions.atom",
            format!("urn:althing:{id}:decisions"),
            &title,
            entries,
        ))
    });
    Ok(atom(text.await?))
}

/// A window at one of its moments, in milliseconds since 1970.
fn told(context: &Context, window: &Window, what: &str, moment: u64) -> Entry {
    let Window {
        uid,
        title,
        from,
        until,
        kind,
        doc,
        voters,
    } = window;
    let asked = voters
        .as_ref()
        .map(|class| format!(", for {class}"))
        .unwrap_or_default();
    let days = format!("{kind}, {from} to {until}{asked}");
    let title = match what {
        "announced" => format!("{kind} from {from} to {until}: {title}"),
        what => format!("{kind} {what}: {title}"),
    };
    Entry {
        title: Text::plain(plain(&title).chars().take(TITLE).collect::<String>()),
        // With its days: a window that is moved is news.
        id: format!("urn:althing:{uid}:{from}:{until}:{}", what.replace(' ', "-")),
        updated: date(moment),
        categories: vec![Category {
            term: (*kind).to_owned(),
            ..Category::default()
        }],
        links: vec![Link {
            href: format!("{}/d/{doc}", context.url),
            rel: "alternate".to_owned(),
            ..Link::default()
        }],
        content: Some(Content {
            value: Some(plain(&days)),
            content_type: Some("text".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// `GET /d/{id}/feed.atom`
async fn document(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let text = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::document(state, &id))?;
        let loaded = context.cache.load(&context.ingest, id)?;
        let said = loaded
            .document
            .outcomes()
            .iter()
            .rev()
            .filter(|outcome| outcome.in_record);
        let found = said.take(ENTRIES).map(|outcome| (id, outcome.id)).collect();
        Ok(feed(
            context,
            &format!("/d/{id}"),
            id,
            query::title(&loaded.document),
            found,
        ))
    });
    Ok(atom(text.await?))
}

/// `GET /p/{id}/feed.atom`
async fn person(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let text = context.blocking(move |context| {
        let (id, found) = context.ingest.read(|state| {
            let (num, id) = ids::num(state, &id, "identity")?;
            let graph = state.graph();
            let written = state
                .committees()
                .flat_map(|c| c.written_by(num).iter().rev().take(LOOK).map(move |n| (c, *n)));
            let mut found: Vec<Num> = written
                .filter(|(c, n)| c.record().contains(*n, graph))
                .map(|(_, n)| n)
                .collect();
            found.sort_unstable_by_key(|n| Reverse(graph.rank(*n)));
            let found = found.into_iter().take(ENTRIES);
            let found: Vec<(Id, Id)> = found.map(|n| (graph.id(graph.node(n).doc), graph.id(n))).collect();
            Ok::<_, Problem>((id, found))
        })?;
        let loaded = context.cache.identity(&context.ingest, id)?;
        Ok(feed(
            context,
            &format!("/p/{id}"),
            id,
            query::title(&loaded.document),
            found,
        ))
    });
    Ok(atom(text.await?))
}

fn atom(feed: Feed) -> Response {
    (
        [(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")],
        feed.to_string(),
    )
        .into_response()
}

/// A feed of these entries, each with its document.
fn feed(context: &Context, page: &str, id: Id, title: String, found: Vec<(Id, Id)>) -> Feed {
    let now = clock::now_ms();
    let mut entries: Vec<Entry> = found
        .into_iter()
        .filter_map(|(doc, entry)| one(context, doc, entry, now))
        .collect();
    entries.sort_by_key(|entry| Reverse(entry.updated));
    of(context, page, "feed.atom", urn(id), &title, entries)
}

/// A feed of these entries, which belongs to a page and lies below it.
fn of(context: &Context, page: &str, name: &str, id: String, title: &str, entries: Vec<Entry>) -> Feed {
    let link = |rel: &str, path: &str| Link {
        href: format!("{}{path}", context.url),
        rel: rel.to_owned(),
        ..Link::default()
    };
    Feed {
        title: Text::plain(plain(title)),
        id,
        updated: entries
            .iter()
            .map(|entry| entry.updated)
            .max()
            .unwrap_or_else(|| date(0)),
        generator: Some(Generator {
            value: "Althing".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            ..Generator::default()
        }),
        links: vec![link("self", &format!("{page}/{name}")), link("alternate", page)],
        entries,
        ..Feed::default()
    }
}

/// None for what cannot be read.
fn one(context: &Context, doc: Id, entry: Id, now: u64) -> Option<Entry> {
    let loaded = context.cache.load(&context.ingest, doc).ok()?;
    let outcome = loaded.document.outcome(entry)?;
    let said = words(&loaded.document, outcome);
    let named = Named::of(&loaded).title.unwrap_or_default();
    let root = doc == entry;
    let summary: Option<String> =
        said.and_then(|text| text.lines().find(|line| !line.trim().is_empty()).map(str::to_owned));
    let title = match summary {
        _ if root => format!("{}: {named}", outcome.kind),
        Some(line) => format!("{} in {named}: {line}", outcome.kind),
        None => format!("{} in {named}", outcome.kind),
    };
    let text = if root {
        loaded.document.kind().and_then(|k| loaded.text(k.text?))
    } else {
        said
    };
    let updated = date(query::time(&loaded, entry)?.min(now));
    let person = query::Person::new(context, outcome.by);
    Some(Entry {
        title: Text::plain(plain(&title).chars().take(TITLE).collect::<String>()),
        id: urn(entry),
        updated,
        published: Some(updated),
        authors: vec![Person {
            name: plain(&person.name.unwrap_or_else(|| person.identity.short())),
            uri: Some(format!("{}/p/{}", context.url, person.identity)),
            ..Person::default()
        }],
        categories: vec![Category {
            term: outcome.kind.to_string(),
            ..Category::default()
        }],
        links: vec![Link {
            href: format!("{}/e/{entry}", context.url),
            rel: "alternate".to_owned(),
            ..Link::default()
        }],
        content: text.map(|text| Content {
            value: Some(plain(text)),
            // Markdown as it was written: nothing in it is markup to a reader.
            content_type: Some("text".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    })
}

fn urn(id: Id) -> String {
    format!("urn:althing:{id}")
}

fn date(ms: u64) -> FixedDateTime {
    FixedDateTime::default() + Duration::from_millis(ms.min(END))
}

/// Without characters that no XML may hold.
fn plain(text: &str) -> String {
    let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(fits).collect()
}
