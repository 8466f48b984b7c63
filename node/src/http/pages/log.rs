//! A committee's logs and anchors, and the page that checks proofs: what shows that nothing was dropped or re-dated.
//!
//! Bounds: [`SHOWN`] anchors, the newest, and as many logs of others are listed.

use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::committee::known;
use super::part::{person, refer, text, time};
use super::{Page, View, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::query::anchor::{self, Shown};
use crate::http::query::log::{self, Logs, Other};
use crate::http::query::proof;
use crate::http::session::Reader;

/// Anchors, and logs of others, that are listed.
const SHOWN: usize = 100;

/// What the page that checks proofs may do: run its own script, and nothing else. It has a policy of its own, because it is
/// also read from a file.
const ALONE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `GET /verify`: the page that checks proofs on the reader's own machine.
pub(super) async fn verify() -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, ALONE),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, proof::PAGE).into_response()
}

/// `GET /c/{id}/log`
pub(super) async fn log(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        let id = known(view, &id)?;
        let name = refer::committee(view, id);
        let logs = log::logs(view.context, id)?;
        let anchors = anchor::all(view.context, id)?;
        let main = html! {
            div hidden data-events={ "/api/v1/events?committee=" (id) } {}
            header.title {
                p.kicker { a href={ "/c/" (id) } { (name) } }
                h1 { "Log and anchors" }
                p.lead { "What this node signed about its record of this committee, who cosigned it, and which blocks of a chain hold it." }
            }
            (checkpoint(view, id, &logs)?)
            (dated(view, &anchors))
            (others(view, "Logs of other members’ nodes", "This node cosigned them: each only grew since it first saw it.", &logs.others))
            (others(view, "Logs that this node does not believe", "They do not go on from what it cosigned before. Both notes are in the API; two of one size and different roots are published as a proof of fraud.", &logs.doubted))
            section {
                h2 { "Check it yourself" }
                p {
                    "Each entry has a proof to download: one file that shows, without a network and without trust in this node, that it existed no later than a block. "
                    a href="/verify" { "The page that checks one" } " works on your own machine, and lies in every proof. "
                    code { "althing verify FILE" } " and " code { "verify.py" } " check the same."
                }
                p {
                    "The log itself: " a href={ "/log/" (id) "/checkpoint" } { "signed checkpoint" } ", tiles below "
                    code { "/log/" (id.short()) "…/tile/" } " (C2SP tlog-tiles)."
                }
            }
        };
        let mut page = Page::new(format!("Log of {name}"), main);
        page.committee = Some((id, name));
        Ok(page)
    })
    .await
}

fn checkpoint(view: &View<'_>, id: Id, logs: &Logs) -> Result<Markup, Problem> {
    let unsigned = logs
        .checkpoint
        .as_ref()
        .map_or(logs.size, |signed| logs.size.saturating_sub(signed.size));
    let threshold = view.context.ingest.read(|state| {
        state
            .committee(&id)
            .map_or(1, |committee| committee.authority().threshold())
    });
    Ok(html! {
        section {
            h2 { "This node’s log" }
            @match &logs.checkpoint {
                None => p { "Nothing is signed yet: a node signs a minute after something changed." },
                Some(signed) => {
                    dl.facts {
                        dt { "Signed" } dd { (time::at(signed.time)) }
                        dt { "Leaves" } dd { (text::grouped(signed.size)) @if unsigned > 0 { ", " (text::grouped(unsigned)) " more since" } }
                        dt { "Cosigned by" }
                        dd {
                            @if signed.cosigners.is_empty() { "nobody yet" }
                            @for (n, cosigner) in signed.cosigners.iter().enumerate() {
                                @if n > 0 { ", " }
                                (person::link(view, cosigner.by.identity))
                            }
                        }
                        dt { "Enough?" }
                        dd {
                            @if signed.satisfied { "Yes, by this node’s policy" } @else {
                                "Not yet: this node asks for more cosignatures"
                                @if threshold > 1 { " (the committee’s threshold is " (threshold) ", its own signature counts as one)" }
                            }
                        }
                    }
                    details { summary { "The signed note" } pre.wide tabindex="0" { (signed.note) } }
                }
            }
        }
    })
}

fn dated(view: &View<'_>, anchors: &[Shown]) -> Markup {
    html! {
        section {
            h2 { "Anchors" }
            @if anchors.is_empty() {
                p { "Nothing of this committee is anchored on a chain yet, so times are what authors claim. A bot does that: " code { "althing anchor run" } "." }
            } @else {
                div.wide tabindex="0" { table {
                    thead { tr { th scope="col" { "Block" } th scope="col" { "Made" } th scope="col" { "Logs" } th scope="col" { "Status" } th scope="col" { "Entry" } } }
                    tbody {
                        @for anchor in anchors.iter().rev().take(SHOWN) {
                            tr {
                                td { (text::grouped(anchor.height)) " of chain " (anchor.chain) }
                                td { (time::at(anchor.time.saturating_mul(1000))) }
                                td {
                                    @for (n, log) in anchor.logs.iter().enumerate() {
                                        @if n > 0 { ", " }
                                        @match &log.by { Some(by) => (person::link(view, by.identity)), None => "a node that is no member’s now" }
                                        " (" (text::grouped(log.size)) ")"
                                    }
                                }
                                td { @if anchor.is_final { "final" } @else { "not known to be final here" } }
                                td { (refer::link(view, anchor.entry)) }
                            }
                        }
                    }
                } }
                @if anchors.iter().any(|anchor| !anchor.is_final) {
                    p.note { "Entries are dated by blocks that the owner of this node believes to be final: " code { "althing anchor watch" } " tells it." }
                }
            }
        }
    }
}

fn others(view: &View<'_>, title: &str, about: &str, logs: &[Other]) -> Markup {
    html! {
        @if !logs.is_empty() {
            section {
                h2 { (title) }
                p { (about) }
                ul {
                    @for log in logs.iter().take(SHOWN) {
                        li {
                            @match &log.by { Some(by) => (person::link(view, by.identity)), None => "a node that is no member’s now" }
                            ": " (text::grouped(log.size)) " leaves, seen " (time::ago(view, log.time))
                        }
                    }
                }
            }
        }
    }
}
