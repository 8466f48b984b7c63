//! Pages that ask once before one thing is done to one entry or person: take up, cosign, revoke, erase, refuse.

use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::act::entry as shown;
use super::form::{CONSENT, Fault, People, Posted, Sheet, Values};
use super::part::pending as waiting;
use super::people::{Grant, grant_of};
use super::write::{self, owner};
use super::{Page, View, capital, page, part};
use crate::http::api::{act as api, withhold};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::query::pending::{self, Pending};
use crate::http::session::Reader;
use crate::ingest::Unwritten;
use crate::store::withheld::Act as Withhold;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    TakeUp,
    Cosign,
    Revoke,
    Erase,
    Refuse,
}

macro_rules! deed {
    ($form:ident, $send:ident, $deed:expr, $path:literal) => {
        #[doc = concat!("`GET ", $path, "`")]
        pub(super) async fn $form(context: State<Arc<Context>>, reader: Reader, id: Path<String>) -> Response {
            ask(context, reader, id, $deed).await
        }

        #[doc = concat!("`POST ", $path, "`")]
        pub(super) async fn $send(context: State<Arc<Context>>, id: Path<String>, posted: Posted) -> Response {
            send(context, id, posted, $deed).await
        }
    };
}

deed!(take_up, take_up_send, Deed::TakeUp, "/e/{id}/take-up");
deed!(cosign, cosign_send, Deed::Cosign, "/e/{id}/cosign");
deed!(revoke, revoke_send, Deed::Revoke, "/e/{id}/revoke");
deed!(erase, erase_send, Deed::Erase, "/e/{id}/erase");
deed!(refuse, refuse_send, Deed::Refuse, "/p/{id}/refuse");

async fn ask(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>, deed: Deed) -> Response {
    page(context, reader, move |view| {
        owner(view)?;
        let id = deed.find(view.context, &id)?;
        deed.page(view, id, &Values::default(), None)
    })
    .await
}

async fn send(State(context): State<Arc<Context>>, Path(id): Path<String>, posted: Posted, deed: Deed) -> Response {
    let Posted { reader, values, .. } = posted;
    let id = match deed.find(&context, &id) {
        Ok(id) => id,
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
    };
    match deed.perform(&context, id, &values).await {
        Ok(to) => write::go(&to),
        Err(problem) => {
            page(context, reader, move |view| {
                let mut page = deed.page(view, id, &values, Some(&problem))?;
                page.status = problem.status().0;
                Ok(page)
            })
            .await
        }
    }
}

/// What is known of the act of authority that is signed or ended.
enum Act {
    Waits(Box<Pending>),
    Grant(Grant),
    None,
}

impl Act {
    fn find(deed: Deed, context: &Context, id: Id) -> Result<Self, Problem> {
        Ok(match deed {
            Deed::Cosign => {
                let committee = context.ingest.read(|state| {
                    let graph = state.graph();
                    let space = graph.id(graph.node(graph.num(&id)?).space);
                    state.committee(&space).map(|_| space)
                });
                let found = committee
                    .map(|committee| pending::one(context, committee, id))
                    .transpose()?;
                found.flatten().map_or(Self::None, |act| Self::Waits(Box::new(act)))
            }
            Deed::Revoke => grant_of(context, id).map_or(Self::None, Self::Grant),
            _ => Self::None,
        })
    }
}

impl Deed {
    fn find(self, context: &Context, text: &str) -> Result<Id, Problem> {
        match self {
            // Somebody may be refused before anything of theirs came.
            Self::Refuse => context.ingest.read(|state| ids::id(state, text)),
            _ => context
                .ingest
                .read(|state| ids::num(state, text, "entry"))
                .map(|(_, id)| id),
        }
    }

    fn path(self, id: Id) -> String {
        match self {
            Self::TakeUp => format!("/e/{id}/take-up"),
            Self::Cosign => format!("/e/{id}/cosign"),
            Self::Revoke => format!("/e/{id}/revoke"),
            Self::Erase => format!("/e/{id}/erase"),
            Self::Refuse => format!("/p/{id}/refuse"),
        }
    }

    /// Does it; answers where one goes next.
    async fn perform(self, context: &Arc<Context>, id: Id, values: &Values) -> Result<String, Problem> {
        let note = Some(values.get("note").trim())
            .filter(|note| !note.is_empty())
            .map(str::to_owned);
        let consent = values.get(CONSENT) == "yes";
        let write = async |kind: &str, body: serde_json::Value| {
            let committee = api::committee_of(context, &id.to_string())?;
            let act = api::Act {
                consent,
                ..api::Act::of(kind, body, note.clone())
            };
            drop(api::write(context, committee.clone(), act).await?);
            Ok(format!("/c/{committee}/people"))
        };
        match self {
            Self::TakeUp => {
                let doc = context.ingest.read(|state| {
                    let graph = state.graph();
                    Some(graph.id(graph.node(graph.num(&id)?).doc))
                });
                let entries = vec![id.to_string()];
                drop(api::taken_up(context, api::TakeUp { entries, consent, note }).await?);
                // Back to where it stands.
                Ok(doc.map_or_else(|| format!("/e/{id}"), |doc| part::refer::href(doc, id)))
            }
            Self::Cosign => write("cosign", json!({ "entry": id })).await,
            Self::Revoke => write("revoke", json!({ "grant": id })).await,
            Self::Erase => {
                withhold::erased(context, id, note.unwrap_or_default()).await?;
                Ok(format!("/e/{id}"))
            }
            Self::Refuse if values.get("undo") == "yes" => {
                context.ingest.accept(id).await?;
                Ok(format!("/p/{id}"))
            }
            Self::Refuse => {
                let why = note.unwrap_or_else(|| "the owner of this node refuses it".to_owned());
                withhold::refused(context, id, why).await?;
                Ok(format!("/p/{id}"))
            }
        }
    }

    fn page(self, view: &View<'_>, id: Id, values: &Values, problem: Option<&Problem>) -> Result<Page, Problem> {
        let act = Act::find(self, view.context, id)?;
        let refused = self == Self::Refuse && view.context.ingest.store().withheld().is_refused(&id);
        let (title, verb) = match self {
            Self::TakeUp => ("Take this up into the record", "Sign and take it up"),
            Self::Cosign => ("Cosign", "Cosign"),
            Self::Revoke => ("Revoke a grant", "Sign the revocation"),
            Self::Erase => ("Erase this text here", "Erase it on this node"),
            Self::Refuse if refused => ("Take their texts again", "Take their texts again"),
            Self::Refuse => ("Refuse somebody's texts", "Refuse their texts"),
        };
        let space = view.context.ingest.read(|state| {
            let graph = state.graph();
            Some(graph.id(graph.node(graph.num(&id)?).space))
        });
        let takes = problem.and_then(|problem| match problem {
            Problem::Unwritten(Unwritten::Refused(althing_protocol::author::Refused::TakesUp { count })) => {
                Some(*count)
            }
            _ => None,
        });
        let faults: Vec<Fault> = problem.map(Fault::whole).into_iter().collect();
        let fields = html! {
            @if refused { input type="hidden" name="undo" value="yes"; } @else { (self.note(values)) }
            @if let Some(count) = takes {
                div.field.flag {
                    label { input type="checkbox" name=(CONSENT) value="yes"; " Yes, take all " (count) " entries into the record, for ever" }
                }
            }
        };
        let people = People::default();
        let sheet = Sheet {
            action: &self.path(id),
            faults: &faults,
            fields,
            verb,
            text: false,
            drafts: false,
            kept: false,
            draft: None,
            people: &people,
        };
        let possible = match &act {
            Act::Waits(act) => act.can_sign,
            Act::Grant(grant) => grant.is_held(),
            Act::None => !matches!(self, Self::Cosign | Self::Revoke),
        };
        let main = html! {
            h1 { (title) }
            (self.about(view, id, &act, refused))
            @if self != Self::Refuse && matches!(act, Act::None) { (shown(view, id)) }
            @if possible {
                (sheet.render(view))
            } @else {
                @for fault in &faults { p.fault { "⚠ " (fault.say) } }
                p.note { (self.impossible(&act)) }
            }
        };
        let status = problem.map_or(StatusCode::OK, |problem| problem.status().0);
        Ok(Page {
            status,
            committee: space.and_then(|space| write::committee_of(view, space)),
            ..Page::new(title, main)
        })
    }

    /// What it does, before it is done.
    fn about(self, view: &View<'_>, id: Id, act: &Act, refused: bool) -> Markup {
        match self {
            Self::TakeUp => {
                let count = view.context.ingest.read(|state| {
                    let num = state.graph().num(&id)?;
                    let committee = state.committee(&state.graph().id(state.graph().node(num).space))?;
                    Some(state.would_take_up(committee, &[num]))
                });
                html! {
                    p.lead { "You put this into the record of the committee, under your name and for ever. It says nothing about whether you agree." }
                    @match count {
                        Some(0) => p.note { "It is in the record already." },
                        Some(1) | None => {},
                        Some(n) => p.note { "It builds on others of newcomers: " (n) " entries would enter the record." },
                    }
                }
            }
            Self::Cosign => html! {
                @if let Act::Waits(act) = act {
                    p.lead { "With your signature: " strong { (waiting::change(act)) } }
                    p { (waiting::missing(act)) }
                    p { a href={ "/c/" (act.committee) "/people" } { "All roles and what waits" } }
                }
            },
            Self::Revoke => html! {
                @if let Act::Grant(grant) = act {
                    p.lead { (grant.ends(view)) " A revocation ends it for ever; the same role can be granted anew." }
                    p { "What they wrote before stays counted as far as your node has it now. It takes as many signatures as a grant." }
                    @if let Ok(Some(warning)) = api::warning(view.context, &id.to_string()) { p.note.warn { "⚠ " (capital(&warning)) "." } }
                }
            },
            Self::Erase => html! {
                p.lead { "The text goes from every file of this node, with drafts that may hold it, and comes back from nobody. The header stays: it is part of the record." }
                p { "Other nodes keep what they have. Ask their owners if they should erase it too. This cannot be undone." }
            },
            Self::Refuse => html! {
                p.lead {
                    (part::person::link(view, id)) ": "
                    @if refused { "this node keeps none of their texts now. It would ask its peers for them again; what was erased one by one stays away." }
                    @else { "this node drops all of their texts and takes no new ones. Their entries stay in the record with their headers. You can undo this." }
                }
                @if let Some(notice) = view.context.ingest.store().notice(Withhold::Refuse, &id).ok().flatten() {
                    p.note { "Refused " (part::time::ago(view, notice.time)) ": " (part::text::visible(&notice.reason)) }
                }
            },
        }
    }

    fn impossible(self, act: &Act) -> &'static str {
        match (self, act) {
            (Self::Cosign, Act::Waits(_)) => {
                "There is nothing for you to sign here: you have signed it, or you are neither founder nor steward."
            }
            (Self::Cosign, _) => {
                "There is nothing for you to sign here: it is made already, or it is no grant, revocation or parameter."
            }
            (_, Act::Grant(_)) => "Nobody holds this grant now, so there is nothing to revoke.",
            (_, _) => "This is no grant that was made, so there is nothing to revoke.",
        }
    }

    fn note(self, values: &Values) -> Markup {
        let needed = self == Self::Erase;
        let hint = match self {
            Self::Erase => {
                "Why, for whoever asks later. It is kept on this node with the date, and shown in place of the text. Do not repeat the text here."
            }
            Self::Refuse => "Why, for your own memory. It stays on this node.",
            _ => "Why, for others. It is signed with your act; leave it empty if there is nothing to say.",
        };
        html! {
            div.field {
                label for="f-note" { @if needed { "Reason" span.needed { " (needed)" } } @else { "Note" } }
                p.hint #f-note-hint { (hint) " Up to " (if needed || self == Self::Refuse { "1,000" } else { "4,096" }) " characters." }
                textarea #f-note name="note" rows="3" maxlength="4096" required[needed] aria-describedby="f-note-hint" { "\n" (values.get("note")) }
            }
        }
    }
}
