//! Somebody: who they say they are, how old their key is, what they hold, what they wrote.
//!
//! Nothing here judges: it lists what is signed. Bounds: [`DOCUMENTS`] documents, [`LISTED`] other things of each sort,
//! [`NAMES`] identities are compared by name.

use std::sync::Arc;

use althing_protocol::admit;
use althing_protocol::control::{Control, Use};
use althing_protocol::document::{Effect, Outcome};
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::identity::{Devices, Root};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::part::{content, entry, markdown, person, refer, status, text, time, words};
use super::{Page, View, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::load::{self, Loaded};
use crate::http::session::Reader;

/// Documents that are listed.
const DOCUMENTS: usize = 100;

/// Roles, vouches, disclosures and devices that are listed, of each.
const LISTED: usize = 200;

/// Identities whose names are compared.
const NAMES: usize = 2000;

/// Entries that are looked through for a fork of their key.
const FORKS: usize = 20_000;

/// What somebody has and did in one committee.
struct Part {
    committee: Id,
    founder: bool,
    member: bool,
    roles: Vec<(String, Option<Id>, Id, Vec<Id>)>,
    entries: usize,
    floor: usize,
    documents: Vec<Id>,
    vouches: Vec<Num>,
    forked: Option<u32>,
}

/// `GET /p/{id}`
pub(super) async fn person(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        let (num, id) = view.context.ingest.read(|state| ids::num(state, &id, "identity"))?;
        let devices = view
            .context
            .ingest
            .read(|state| state.identities().devices_of(num, state.graph()));
        let devices = devices.ok_or_else(|| Problem::WrongSort {
            id,
            found: "something else".to_owned(),
            wanted: "an identity",
        })?;
        let loaded = view.context.cache.load(&view.context.ingest, id)?;
        let mut parts = parts(view, num);
        parts.retain(|part| view.reader.copy.is_none_or(|of| of == part.committee));
        Ok(show(view, id, &loaded, &devices, &parts))
    })
    .await
}

fn show(view: &View<'_>, id: Id, loaded: &Loaded, devices: &Devices, parts: &[Part]) -> Page {
    let name = person::called(view, id);
    let own = view.reader.owner && view.context.ingest.home().identity() == id;
    let alike = alike(view, id);
    let main = html! {
        div hidden data-events={ "/api/v1/events?doc=" (id) } {}
        header.title {
            p.kicker { @if own { "You" } @else { "Person" } }
            h1 dir="auto" { (name) " " (text::id(id)) }
            (notices(view, id, devices, parts, &alike))
        }
        (profile(view, loaded))
        section { h2 { "Roles" } (roles(view, parts)) }
        section { h2 { "Documents" } (documents(view, parts)) }
        (disclosures(loaded))
        section { h2 { "Vouched for by" } (vouches(view, id, parts)) }
        section { h2 { "Devices and keys" } (keys(view, loaded, devices)) }
    };
    let mut page = Page::new(name, main);
    page.feed = Some(format!("/p/{id}/feed.atom"));
    page.side = Some(side(view, id, loaded, parts, own));
    page
}

fn parts(view: &View<'_>, num: Num) -> Vec<Part> {
    view.context.ingest.read(|state| {
        let graph = state.graph();
        let part = |committee: &althing_protocol::committee::Committee| {
            let (authority, record) = (committee.authority(), committee.record());
            let written = committee.written_by(num);
            let roles = authority
                .roles(graph)
                .into_iter()
                .filter(|role| role.to == num)
                .take(LISTED);
            let signers = |grant: Num| {
                let explained = authority.explain(grant, graph);
                let signatures = explained.map(|explained| explained.signatures).unwrap_or_default();
                signatures.into_iter().map(|signing| graph.id(signing.signer)).collect()
            };
            let roles = roles.map(|role| {
                let scope = role.scope.map(|scope| graph.id(scope));
                (role.role, scope, graph.id(role.grant), signers(role.grant))
            });
            let in_record = written.iter().filter(|n| record.contains(**n, graph)).count();
            let documents = written.iter().filter(|n| graph.node(**n).class == Class::Document);
            let vouches = graph.document(committee.root()).iter().copied();
            Part {
                committee: graph.id(committee.root()),
                founder: authority.founders().contains(&num),
                member: committee.is_member(num),
                roles: roles.collect(),
                entries: in_record,
                floor: written.len() - in_record,
                documents: documents.map(|n| graph.id(*n)).collect(),
                vouches: vouches
                    .filter(|n| graph.node(*n).class == Class::Vouch && graph.names(*n).contains(&num))
                    .take(LISTED)
                    .collect(),
                forked: written.iter().take(FORKS).find_map(|n| state.fork(committee, *n)),
            }
        };
        let here = |part: &Part| part.member || part.entries + part.floor > 0 || !part.vouches.is_empty();
        state.committees().map(part).filter(here).collect()
    })
}

/// Other identities whose names are easily taken for this one's.
fn alike(view: &View<'_>, id: Id) -> Vec<Id> {
    let Some(own) = person::name(view, id)
        .map(|name| person::skeleton(&name))
        .filter(|own| !own.is_empty())
    else {
        return Vec::new();
    };
    let others: Vec<Id> = view.context.ingest.read(|state| {
        let graph = state.graph();
        let all = graph
            .iter()
            .filter(|n| graph.node(*n).class == Class::Identity)
            .map(|n| graph.id(n));
        all.filter(|other| *other != id).take(NAMES).collect()
    });
    let same = |other: &Id| person::name(view, *other).is_some_and(|name| person::skeleton(&name) == own);
    others.into_iter().filter(same).take(8).collect()
}

/// What a reader should know before anything else.
fn notices(view: &View<'_>, id: Id, devices: &Devices, parts: &[Part], alike: &[Id]) -> Markup {
    let refused = view.context.ingest.store().withheld().is_refused(&id);
    html! {
        @if let Root::Dead { .. } = devices.root {
            p.note { (status::chip(status::Tone::Bad, "Dead identity")) ": its root key was replaced twice, so nobody can say who speaks for it." }
        }
        @for part in parts {
            @if let Some(seq) = part.forked {
                p.note {
                    (status::chip(status::Tone::Bad, "Forked key")) ": one of its keys signed two different entries in place " (seq) " of its log in "
                    (refer::link(view, part.committee)) ". What it signed from there on is disputed."
                }
            }
        }
        @if !alike.is_empty() {
            p.note {
                (status::chip(status::Tone::Warn, "Look-alike name")) ": others here have a name that looks the same: "
                (person::links(view, alike)) ". The eight digits tell them apart."
            }
        }
        @if refused {
            p.note {
                (status::chip(status::Tone::Info, "Refused here")) ": this node keeps no texts of theirs. "
                a href="/network#withheld" { "See by whose decision" }
            }
        }
    }
}

fn profile(view: &View<'_>, loaded: &Loaded) -> Markup {
    let shown = content::Shown::default();
    html! { div.document { (content::fields(view, loaded, &shown)) } }
}

fn roles(view: &View<'_>, parts: &[Part]) -> Markup {
    let none = parts.iter().all(|part| !part.founder && part.roles.is_empty());
    html! {
        @if none { p.quiet { "None in the committees that this node follows." } }
        ul.plain {
            @for part in parts {
                @if part.founder { li { "Founder of " (refer::link(view, part.committee)) } }
                @for (role, scope, grant, signers) in &part.roles {
                    li {
                        (words::human(role)) " in " (refer::link(view, part.committee))
                        @if let Some(scope) = scope { ", for " (refer::link(view, *scope)) }
                        ", given by " (person::links(view, signers.get(..4).unwrap_or(signers))) " " a href={ "/e/" (grant) } { "grant" }
                        @if let Some(time) = time_of(view, part.committee, *grant) { " " (time::ago(view, time)) }
                    }
                }
            }
        }
    }
}

fn time_of(view: &View<'_>, doc: Id, entry: Id) -> Option<u64> {
    let loaded = view.context.cache.load(&view.context.ingest, doc).ok()?;
    loaded.header(&entry).map(|header| header.time)
}

fn documents(view: &View<'_>, parts: &[Part]) -> Markup {
    let all: Vec<Id> = parts
        .iter()
        .flat_map(|part| part.documents.iter().rev().copied())
        .collect();
    let loaded = all
        .iter()
        .take(DOCUMENTS)
        .filter_map(|id| view.context.cache.load(&view.context.ingest, *id).ok());
    let mut loaded: Vec<Arc<Loaded>> = loaded.collect();
    loaded.sort_by_key(|loaded| loaded.document.kind_name() != "statement");
    html! {
        @if loaded.is_empty() { p.quiet { "They have opened none here." } }
        ul.list { @for one in &loaded { li { span.kicker { (words::human(one.document.kind_name())) } (content::own_line(view, one)) } } }
        @if all.len() > DOCUMENTS { p.quiet { "and " (all.len() - DOCUMENTS) " more" } }
    }
}

fn disclosures(loaded: &Loaded) -> Markup {
    let counts = |act: &&Outcome| act.kind == "disclose" && act.effect == Effect::Effective;
    let all: Vec<&Outcome> = loaded.document.acts().filter(counts).collect();
    html! {
        section {
            h2 { "Disclosures" }
            @if all.is_empty() { p.quiet { "They have disclosed nothing." } }
            @for act in all.iter().rev().take(LISTED) {
                div.disclosure {
                    @if let Some(header) = loaded.header(&act.id) { p.by { (time::at(header.time)) " " a href={ "/e/" (act.id) } { "entry" } } }
                    @if let Some(said) = entry::said(loaded, act) { div.prose dir="auto" { (markdown::html(said)) } }
                }
            }
        }
    }
}

fn vouches(view: &View<'_>, id: Id, parts: &[Part]) -> Markup {
    let named: Vec<(Id, Id, u64)> = view.context.ingest.read(|state| {
        let graph = state.graph();
        let all = parts
            .iter()
            .flat_map(|part| &part.vouches)
            .filter(|n| graph.contains(**n));
        all.filter_map(|n| {
            let entry = graph.id(*n);
            let header = load::header(&view.context.ingest, *n, &entry).ok()?.header;
            match admit::read(&header) {
                Ok((_, Control::Vouch(vouch))) if vouch.identity == id => {
                    Some((entry, graph.id(graph.author(*n)), vouch.quota))
                }
                _ => None,
            }
        })
        .collect()
    });
    html! {
        @if named.is_empty() { p.quiet { "Nobody, in the committees that this node follows." } }
        ul.plain {
            @for (entry, by, quota) in named {
                li { (person::link(view, by)) " for up to " (text::count(usize::try_from(quota).unwrap_or(usize::MAX), "entry", "entries")) " " a href={ "/e/" (entry) } { "vouch" } }
            }
        }
    }
}

fn keys(view: &View<'_>, loaded: &Loaded, devices: &Devices) -> Markup {
    let rows: Vec<(Id, String, &'static str)> = view.context.ingest.read(|state| {
        let graph = state.graph();
        let rows = devices.devices.iter().take(LISTED);
        rows.map(|device| (graph.id(device.enroll), device.key.to_string(), device.status()))
            .collect()
    });
    let note = |id: &Id| loaded.document.outcome(*id)?.fields()?.get("note")?.as_text();
    let usage = |id: &Id| match loaded.header(id).map(admit::read) {
        Some(Ok((_, Control::Enroll(enroll)))) => {
            if enroll.usage == Use::Node {
                "node"
            } else {
                "person"
            }
        }
        _ => "",
    };
    html! {
        div.wide tabindex="0" {
            table {
                thead { tr { th scope="col" { "Device" } th scope="col" { "Key" } th scope="col" { "Signs for" } th scope="col" { "Since" } th scope="col" { "Stands" } } }
                tbody {
                    @for (enroll, key, stands) in &rows {
                        tr {
                            td { bdi { (note(enroll).map_or_else(|| "unnamed".to_owned(), |note| text::gist(note, 60))) } }
                            td { code.id title=(key) data-whole=(key) { (text::short(key, 8).trim_end_matches('…')) } }
                            td { (usage(enroll)) }
                            td { @if let Some(header) = loaded.header(enroll) { (time::at(header.time)) } }
                            td {
                                @match *stands {
                                    "living" => (status::chip(status::Tone::Good, "Signs")),
                                    "retired" => (status::chip(status::Tone::Info, "Retired")),
                                    "dropped" => (status::chip(status::Tone::Info, "Dropped at a change of root")),
                                    _ => (status::chip(status::Tone::Bad, "Nobody can say")),
                                }
                                " " a href={ "/e/" (enroll) } { "entry" }
                            }
                        }
                    }
                }
            }
        }
        @if !devices.rotations.is_empty() { p.quiet { "The root key was changed " (text::count(devices.rotations.len(), "time", "times")) "." } }
    }
}

fn side(view: &View<'_>, id: Id, loaded: &Loaded, parts: &[Part], own: bool) -> Markup {
    html! {
        section {
            h2 { "Facts" }
            dl.facts {
                dt { "Key made" } dd { @if let Some(header) = loaded.header(&id) { "claimed " (time::at(header.time)) } }
                dt { "Id" } dd { (text::id(id)) " " a href={ "/e/" (id) } { "raw" } }
            }
        }
        section {
            h2 { "Took part in" }
            @if parts.is_empty() { p.quiet { "Nothing that this node follows." } }
            ul.plain {
                @for part in parts {
                    li {
                        (refer::link(view, part.committee)) ": " (text::count(part.entries, "entry", "entries")) ", " (text::count(part.documents.len(), "document", "documents"))
                        @if part.floor > 0 { ", " (part.floor) " not taken up" }
                        @if !part.member { " (no member)" }
                    }
                }
            }
        }
        section {
            h2 { "Elsewhere" }
            ul.plain {
                li { a href={ "/d/" (id) } { "Their own document, with every key act" } }
                li { a href={ "/p/" (id) "/feed.atom" } { "Feed" } }
                @if view.reader.owner && !own { li { a href={ "/p/" (id) "/refuse" } { "Keep no texts of theirs on this node" } } }
            }
        }
    }
}
