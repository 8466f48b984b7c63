//! Founding a committee, following one, inviting others.

use std::sync::Arc;

use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Field, Type};
use althing_protocol::limit;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::form::{Do, Fault, People, Posted, Turn, Values, content};
use super::write::{self, Query, owner};
use super::{Page, View, page, part};
use crate::http::api::committee::{self, Create, Follow};
use crate::http::context::Context;
use crate::http::ids;
use crate::http::session::Reader;
use crate::invitation::Invitation;

const NEW: &str = "/committees/new";
const FOLLOW: &str = "/committees/follow";

/// Seconds between two looks at a committee whose root has not come.
const LOOK: &str = "3";

const FOUNDERS: Field = Field::new(
    "founders",
    Type::Ids {
        max: limit::FOUNDERS - 1,
    },
    "Who founds it with you. They must be known to this node: follow a committee of theirs first, or take in the file that `althing id export` writes for them. Leave it empty to found it alone.",
);
const THRESHOLD: Field = Field::new(
    "threshold",
    // 24, as the limit of founders.
    Type::Int { max: 24 },
    "How many founders or stewards must sign a grant, a revocation or a parameter. Empty means two, or one if you found it alone. With one, every steward decides alone, for ever.",
);
static OWN: [Field; 2] = [FOUNDERS, THRESHOLD];

/// Fields of the form that founds a committee.
fn fields() -> Vec<&'static Field> {
    let named = ["name", "purpose", "charter", "continues", "reason"];
    let declared = kind::find("committee").into_iter().flat_map(|kind| kind.fields);
    let declared = declared.filter(|field| named.contains(&field.name));
    declared.chain(&OWN).collect()
}

/// `GET /committees/new`
pub(super) async fn form(State(context): State<Arc<Context>>, reader: Reader, Query(given): Query) -> Response {
    page(context, reader, move |view| {
        owner(view)?;
        let given = given
            .into_iter()
            .filter(|(name, _)| fields().iter().any(|field| field.name == name));
        let turn = Turn::opened(view.context, NEW, given.collect());
        Ok(sheet(view, &turn))
    })
    .await
}

/// `POST /committees/new`
pub(super) async fn send(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let Posted { reader, button, values } = posted;
    if button != Do::Write {
        return page(context, reader, move |view| {
            let turn = Turn::pressed(view.context, NEW, &fields(), button, values)?;
            Ok(sheet(view, &turn))
        })
        .await;
    }
    let read = match kind::find("committee") {
        Some(kind) => context.ingest.read(|state| content(state, kind, &fields(), &values)),
        None => Ok(serde_json::Map::new()),
    };
    let content = match read {
        Ok(content) => content,
        Err(faults) => {
            return page(context, reader, move |view| {
                let turn = Turn::wrong(view.context, NEW, values, faults);
                Ok(sheet(view, &turn))
            })
            .await;
        }
    };
    let text = |name: &str| content.get(name).and_then(Json::as_str).map(str::to_owned);
    let founders = content
        .get("founders")
        .and_then(Json::as_array)
        .cloned()
        .unwrap_or_default();
    let create = Create {
        name: text("name").unwrap_or_default(),
        purpose: text("purpose"),
        charter: text("charter"),
        founders: founders.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        threshold: text("threshold").and_then(|number| number.parse().ok()),
        continues: text("continues"),
        reason: text("reason"),
    };
    match committee::found(&context, create).await {
        Ok(id) => write::written(context, reader, NEW.to_owned(), format!("/c/{id}")).await,
        Err(problem) => {
            page(context, reader, move |view| {
                let turn = Turn::refused(view.context, NEW, values, &problem);
                Ok(sheet(view, &turn))
            })
            .await
        }
    }
}

fn sheet(view: &View<'_>, turn: &Turn) -> Page {
    let people = People::new(view.context, None);
    let show = turn.show();
    let (fork, plain): (Vec<&Field>, Vec<&Field>) = fields()
        .into_iter()
        .partition(|field| matches!(field.name, "continues" | "reason"));
    let open = fork.iter().any(|field| show.has(field));
    let body = html! {
        @for field in plain { (show.field(field)) }
        details.imported open[open] {
            summary { "It goes on with the work of another committee" }
            @for field in fork { (show.field(field)) }
        }
    };
    let main = html! {
        h1 { "Found a committee" }
        p.lead { "A committee is a group that keeps one record. Its founders cannot be removed; everybody else gets a role by a grant." }
        (turn.sheet(view, NEW, &people, "Sign and found it", body))
    };
    Page {
        status: turn.status,
        ..Page::new("Found a committee", main)
    }
}

/// `GET /committees/follow`, with `?id=` once a committee is being asked for.
pub(super) async fn follow(State(context): State<Arc<Context>>, reader: Reader, query: Query) -> Response {
    let wanted = query.get("id").and_then(|id| id.parse::<Id>().ok());
    let here = wanted.is_some_and(|id| context.ingest.read(|state| state.committee(&id).is_some()));
    if let Some(id) = wanted.filter(|_| here) {
        return write::go(&format!("/c/{id}"));
    }
    let mut response = page(Arc::clone(&context), reader, move |view| {
        owner(view)?;
        match wanted {
            Some(id) if view.context.ingest.read(|state| state.follows(&id)) => Ok(waiting(view, id)),
            _ => Ok(follow_sheet(view, &Values::default(), &[])),
        }
    })
    .await;
    if wanted.is_some() {
        response.headers_mut().insert("refresh", HeaderValue::from_static(LOOK));
    }
    response
}

/// `POST /committees/follow`
pub(super) async fn follow_send(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let Posted { reader, values, .. } = posted;
    let given = values.get("invitation").trim().to_owned();
    let bodies = serde_json::from_value(serde_json::json!(if values.get("bodies") == "none" {
        "none"
    } else {
        "all"
    }));
    let follow = Follow {
        committee: given,
        bodies: bodies.unwrap_or_default(),
        peers: Vec::new(),
    };
    match committee::join(&context, follow).await {
        Ok(id) => write::go(&format!("{FOLLOW}?id={id}")),
        Err(problem) => {
            page(context, reader, move |view| {
                let fault = Fault::new("invitation", super::capital(&problem.say()) + ".");
                let mut page = follow_sheet(view, &values, &[fault]);
                page.status = problem.status().0;
                Ok(page)
            })
            .await
        }
    }
}

fn follow_sheet(view: &View<'_>, values: &Values, faults: &[Fault]) -> Page {
    let people = People::default();
    let fault = faults.first();
    let fields = html! {
        div.field {
            label for="f-invitation" { "Invitation" span.needed { " (needed)" } }
            p.hint #f-invitation-hint {
                "Paste the link that a member gave you. It looks like " code { (Invitation::EXAMPLE) } "."
            }
            @if let Some(fault) = fault { p.fault #f-invitation-fault { "⚠ " (fault.say) } }
            textarea #f-invitation name="invitation" rows="4" required spellcheck="false" aria-describedby="f-invitation-hint"
                aria-invalid=[fault.map(|_| "true")] { "\n" (values.get("invitation")) }
        }
        fieldset.field.choice {
            legend { "What to keep" }
            p.hint { "Headers of all entries are kept in any case: they make the record. This can be changed under Settings." }
            div.options {
                label { input type="radio" name="bodies" value="all" checked[values.get("bodies") != "none"]; " All texts" }
                label { input type="radio" name="bodies" value="none" checked[values.get("bodies") == "none"]; " No texts, only the record" }
            }
        }
    };
    let sheet = super::form::Sheet {
        action: FOLLOW,
        faults,
        fields,
        verb: "Follow it",
        text: false,
        drafts: false,
        kept: false,
        draft: None,
        people: &people,
    };
    let main = html! {
        h1 { "Follow a committee" }
        p.lead { "Your node then keeps a copy of its record, checks every signature in it itself, and shares it with others." }
        (sheet.render(view))
    };
    Page::new("Follow a committee", main)
}

/// A committee of which nothing came yet.
fn waiting(view: &View<'_>, id: Id) -> Page {
    let peers = (view.context.network.peers)();
    let of_it = peers
        .iter()
        .filter(|peer| peer.committees.iter().any(|(other, _)| *other == id))
        .count();
    let main = html! {
        h1 { "Asking for the committee " span title=(id) { (id.short()) } }
        p.live data-live="follow" {
            progress aria-label="Waiting for the committee's first entry" {}
            " "
            @match (peers.len(), of_it) {
                (0, _) => "No peer has answered yet. The node goes on trying by itself.",
                (n, 0) => { (n) " connected, none of them has told that it follows this committee." },
                (_, n) => { (n) " connected peers follow it; its entries are on their way." },
            }
        }
        p { "This page looks again every " (LOOK) " seconds and opens the committee when its first entry is here. You can close it: the node goes on." }
        @if peers.is_empty() {
            p.note {
                "If nothing comes for minutes: the node of whoever invited you may be off, or on another network. Ask them to "
                "start it and for a new invitation, and look at " a href="/network" { "the network" } "."
            }
        }
        p { a href=(FOLLOW) { "Paste another invitation" } }
    };
    Page::new("Asking for a committee", main)
}

/// `GET /c/{id}/invite`
pub(super) async fn invite(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        let (_, id) = view.context.ingest.read(|state| ids::committee(state, &id))?;
        let invitation = committee::invitation_to(view.context, id);
        let committee = write::committee_of(view, id);
        let name = committee.as_ref().map_or_else(|| id.short(), |(_, name)| name.clone());
        let main = html! {
            h1 { "Invite somebody to " (name) }
            p.lead { "Send them this link any way you like. It holds nothing secret: it says which committee, and where your node is." }
            label for="invitation" { "The invitation" }
            textarea.copy #invitation readonly rows="4" spellcheck="false" data-copy { (invitation) }
            (reach(&invitation))
            ol {
                li { "They run " code { "make run" } " and open the page that it prints." }
                li { "On their first page they choose “Follow an invitation” and paste the link." }
                li {
                    "To make them a member, " a href={ "/d/" (id) "/act/grant" } { "grant them a role" } " once they wrote something or your nodes met: "
                    "until then their words wait until a member takes them up."
                }
            }
        };
        Ok(Page { committee, ..Page::new(format!("Invite to {name}"), main) })
    })
    .await
}

/// Says when a link cannot be followed from elsewhere.
fn reach(invitation: &Invitation) -> Markup {
    let text = invitation.to_string();
    let local = invitation.peers.iter().all(|peer| {
        let peer = peer.to_string();
        peer.starts_with("/ip4/127.") || peer.starts_with("/ip6/::1")
    });
    html! {
        @if invitation.peers.is_empty() {
            p.note.warn { "⚠ Your node tells no address at which others reach it, so whoever gets this link must be connected to somebody who follows the committee." }
        } @else if local {
            p.note.warn {
                "⚠ All addresses in it are of this machine alone. Others reach your node when it listens elsewhere: start it with "
                code { "althing run --listen /ip4/0.0.0.0/tcp/4001" } "."
            }
        }
        p.hint { (text.len()) " characters, " (part::text::count(invitation.peers.len(), "address", "addresses")) "." }
    }
}
