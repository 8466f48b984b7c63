//! The network: who is connected, who holds which record, what is still missing here, what this node does not keep.
//!
//! Bounds: [`PEERS`] peers and [`NOTICES`] decisions of each sort are listed; [`MISSING`] missing texts are counted.

use std::sync::Arc;

use althing_protocol::hash::{Hash, Id};
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::part::{person, refer, status, text, time};
use super::{Page, View, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::session::Reader;
use crate::store::withheld::{Act, Withheld};

/// Peers that are listed.
const PEERS: usize = 200;

/// Decisions to withhold that are listed, of each sort.
const NOTICES: usize = 100;

/// Missing texts that are counted.
const MISSING: usize = 10_000;

struct Held {
    id: Id,
    /// None until its root came.
    digest: Option<Hash>,
    entries: usize,
    floor: usize,
    waiting: usize,
}

/// `GET /network`
pub(super) async fn network(State(context): State<Arc<Context>>, reader: Reader) -> Response {
    page(context, reader, |view| {
        let held = held(view);
        let missing = view.context.ingest.wanted_bodies(MISSING).len();
        let main = html! {
            div hidden data-events="/api/v1/events" {}
            header.title { p.kicker { "This node" } h1 { "Network" } }
            section #records data-live="" { h2 { "Records and who holds them" } (records(view, &held, missing)) }
            section #peers data-live="" { h2 { "Connected peers" } (peers(view, &held)) }
            (withheld(view)?)
        };
        let mut page = Page::new("Network", main);
        page.side = Some(side(view));
        Ok(page)
    })
    .await
}

fn held(view: &View<'_>) -> Vec<Held> {
    view.context.ingest.read(|state| {
        let waiting = state.waiting();
        let one = |id: Id| {
            let committee = state.committee(&id);
            let own = |waiter: &&Id| {
                waiting
                    .entry(waiter)
                    .is_some_and(|entry| entry.header().space == Some(id))
            };
            Held {
                id,
                digest: committee.map(|committee| committee.record().tree().root()),
                entries: committee.map_or(0, |committee| committee.record().len()),
                floor: committee.map_or(0, |committee| state.floor_of(committee).len()),
                waiting: waiting.ids().iter().filter(own).count(),
            }
        };
        state.followed().map(one).collect()
    })
}

/// Bytes on disk, for people.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", text::grouped(bytes >> 10)),
        mebi => format!("{} MiB", text::grouped(mebi)),
    }
}

fn records(view: &View<'_>, held: &[Held], missing: usize) -> Markup {
    let all = (view.context.network.peers)();
    html! {
        @if held.is_empty() { p.quiet { "This node follows no committee yet." } }
        div.wide tabindex="0" {
            table {
                thead { tr { th scope="col" { "Committee" } th scope="col" { "Digest" } th.right scope="col" { "Entries" } th.right scope="col" { "Not taken up" } th scope="col" { "Held by" } } }
                tbody {
                    @for one in held {
                        @let follow = all.iter().filter(|peer| peer.committees.iter().any(|(id, _)| *id == one.id)).count();
                        @let same = all.iter().filter(|peer| one.digest.is_some() && peer.committees.contains(&(one.id, one.digest))).count();
                        tr {
                            td { a href={ "/c/" (one.id) } { bdi { (refer::committee(view, one.id)) } } }
                            td { @match one.digest { Some(digest) => code.id title=(digest) data-whole=(digest) { (digest.short().to_string()) }, None => "on its way" } }
                            td.right { (text::grouped(one.entries)) @if one.waiting > 0 { div.quiet { (text::grouped(one.waiting)) " wait for what they build on" } } }
                            td.right { a href={ "/c/" (one.id) "/floor" } { (text::grouped(one.floor)) } }
                            td {
                                @if follow == 0 { span.quiet { "no connected peer follows it" } }
                                @else if same == follow { (status::chip(status::Tone::Good, &format!("Same record at {}", text::count(same, "peer", "peers")))) }
                                @else { (status::chip(status::Tone::Info, &format!("Same record at {same} of {}", text::count(follow, "peer", "peers")))) }
                            }
                        }
                    }
                }
            }
        }
        @if missing > 0 {
            p.note {
                (status::chip(status::Tone::Info, "Catching up")) ": "
                @if missing == MISSING { "more than " }
                (text::count(missing, "text is", "texts are")) " still missing here; every peer that has them is asked."
            }
        }
    }
}

fn peers(view: &View<'_>, held: &[Held]) -> Markup {
    let all = (view.context.network.peers)();
    html! {
        @if all.is_empty() {
            p { "Nobody is connected. What you write is kept here and goes out as soon as somebody is." }
            p.quiet { "To reach a committee, follow an invitation from one of its members; to be reached, give them yours." }
        } @else {
            div.wide tabindex="0" {
                table {
                    thead { tr { th scope="col" { "Peer" } th scope="col" { "Address" } th scope="col" { "Since" } th scope="col" { "Follows" } } }
                    tbody {
                        @for peer in all.iter().take(PEERS) {
                            tr {
                                td { code.id title=(peer.peer) data-whole=(peer.peer) { (tail(&peer.peer)) } }
                                td { bdi { (text::visible(&text::short(&peer.address, 80))) } }
                                td { (time::ago(view, peer.since)) }
                                td {
                                    @for (id, digest) in peer.committees.iter().take(32) {
                                        @if let Some(own) = held.iter().find(|one| one.id == *id) {
                                            div {
                                                a href={ "/c/" (id) } { bdi { (refer::committee(view, *id)) } } " "
                                                @match digest {
                                                    Some(digest) if own.digest == Some(*digest) => (status::chip(status::Tone::Good, "same record")),
                                                    Some(digest) => { (status::chip(status::Tone::Info, "other digest")) " " code.id title=(digest) { (digest.short().to_string()) } },
                                                    None => span.quiet { "has not said yet" },
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if all.len() > PEERS { p.quiet { "and " (all.len() - PEERS) " more" } }
        }
    }
}

/// The last digits: all peer ids begin alike.
fn tail(peer: &str) -> String {
    let skip = peer.chars().count().saturating_sub(8);
    peer.chars().skip(skip).collect()
}

fn withheld(view: &View<'_>) -> Result<Markup, Problem> {
    let read = |act| {
        view.context
            .ingest
            .read(|_| view.context.ingest.store().notices(act, None, NOTICES))
    };
    let (erased, refused): (Vec<Withheld>, Vec<Withheld>) = (read(Act::Erase)?, read(Act::Refuse)?);
    Ok(html! {
        section #withheld {
            h2 { "What this node does not keep" }
            @if erased.is_empty() && refused.is_empty() {
                p.quiet { "It keeps every text of what it follows: nothing was erased, nobody is refused." }
            }
            @for (title, notices) in [("Erased texts", &erased), ("Refused people", &refused)] {
                @if !notices.is_empty() {
                    h3 { (title) }
                    ul.plain {
                        @for notice in notices {
                            li {
                                (refer::link(view, notice.of)) ": “" bdi { (text::visible(&text::short(&notice.reason, 1000))) } "” – "
                                (person::link(view, notice.by)) ", " (time::at(notice.time))
                            }
                        }
                    }
                    @if notices.len() == NOTICES { p.quiet { "and more, in the API" } }
                }
            }
        }
    })
}

fn side(view: &View<'_>) -> Markup {
    let network = &view.context.network;
    let entries = view.context.ingest.read(|state| state.graph().len());
    html! {
        section {
            h2 { "Facts" }
            dl.facts {
                dt { "Peer id" } dd { code.id title=(network.peer) data-whole=(network.peer) { (tail(&network.peer)) } }
                dt { "Reached at" }
                dd { @for address in (network.addresses)().iter().take(8) { div { code.address { (address.to_string()) } } } }
                dt { "Holds" } dd { (text::count(entries, "entry", "entries")) " of all spaces" }
                dt { "On disk" } dd { (size(view.context.ingest.store().size())) }
                dt { "Version" } dd { (env!("CARGO_PKG_VERSION")) }
            }
        }
        section { h2 { "Elsewhere" } ul.plain { li { a href="/api/v1/status" { "As JSON" } } li { a href="/api/v1/peers" { "Peers as JSON" } } } }
    }
}
