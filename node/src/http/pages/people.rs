//! Who holds which role in a committee, by whose signatures, and what waits for more of them.
//!
//! Bound: [`SHOWN`] acts of each sort; the page says when there are more.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::authority::{Authority, Does, ROLES, STEWARD, Why};
use althing_protocol::document::Cause;
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::ruling::Rulings;
use althing_protocol::state::State as Node;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::part::{pending as waiting, person, refer};
use super::write;
use super::{Page, View, capital, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::query::pending::{Pending, pending};
use crate::http::session::Reader;

/// Acts of one sort on the page.
const SHOWN: usize = 300;

/// Members that are listed.
const MEMBERS: usize = 500;

/// A made grant, read under the lock; names are looked up after it.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) act: Id,
    role: String,
    to: Id,
    scope: Option<Id>,
    why: Why,
    signed: Vec<Signed>,
    revoked_by: Vec<Id>,
}

#[derive(Debug, Clone)]
struct Signed {
    entry: Id,
    by: Id,
    /// Why it does not count, if it does not.
    lost: Option<Cause>,
}

/// Everything that the page shows.
struct Roster {
    founders: Vec<Id>,
    threshold: usize,
    members: Vec<Id>,
    more_members: bool,
    held: Vec<Grant>,
    ended: Vec<Grant>,
    more: bool,
    parameters: Vec<(String, Option<u64>, Vec<Id>)>,
}

/// `GET /c/{id}/people`
pub(super) async fn people(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        let roster = view.context.ingest.read(|state| {
            let (_, id) = ids::committee(state, &id)?;
            roster(state, id).map(|roster| (id, roster))
        });
        let (id, roster) = roster?;
        // Without a signature that counts nobody with a say proposed it.
        let mut open = pending(view.context, id)?;
        open.retain(|act| act.record && !act.signed.is_empty());
        Ok(show(view, id, &roster, &open))
    })
    .await
}

/// A grant and how it stands; none if the entry is no grant, or not made.
pub(super) fn grant_of(context: &Context, entry: Id) -> Option<Grant> {
    context.ingest.read(|state| {
        let num = state.graph().num(&entry)?;
        let space = state.graph().id(state.graph().node(num).space);
        let committee = state.committee(&space)?;
        made(state, num, committee.authority(), &Rulings::new(state))
    })
}

fn roster(state: &Node, id: Id) -> Result<Roster, Problem> {
    let graph = state.graph();
    let committee = state.committee(&id).ok_or(Problem::NotHere { what: "committee", id })?;
    let authority = committee.authority();
    let rulings = Rulings::new(state);
    let grants = authority.acts().filter(|(num, act)| {
        act.made && matches!(act.does, Does::Grant { .. }) && committee.record().contains(*num, graph)
    });
    let mut grants: Vec<Num> = grants.map(|(num, _)| num).collect();
    grants.sort_unstable_by_key(|num| graph.rank(*num));
    let rows = |wanted: &dyn Fn(Why) -> bool| -> Vec<Grant> {
        let of_it = grants
            .iter()
            .filter(|num| authority.why(**num, graph).is_some_and(wanted));
        of_it
            .take(SHOWN)
            .filter_map(|num| made(state, *num, authority, &rulings))
            .collect()
    };
    let held = rows(&|why| why == Why::Standing);
    let ended = rows(&|why| why != Why::Standing);
    let mut members: Vec<Id> = committee.members().take(MEMBERS + 1).map(|num| graph.id(num)).collect();
    let more_members = members.len() > MEMBERS;
    members.truncate(MEMBERS);
    let ids = |nums: &[Num]| nums.iter().map(|num| graph.id(*num)).collect::<Vec<Id>>();
    let parameters = authority.parameters(graph).take(SHOWN);
    Ok(Roster {
        founders: ids(authority.founders()),
        threshold: authority.threshold(),
        members,
        more_members,
        more: grants.len() > held.len() + ended.len(),
        held,
        ended,
        parameters: parameters
            .map(|(name, found)| (name.to_owned(), found.value, ids(&found.last)))
            .collect(),
    })
}

fn made(state: &Node, num: Num, authority: &Authority, rulings: &Rulings<'_>) -> Option<Grant> {
    let graph = state.graph();
    let act = authority.act(num).filter(|act| act.made)?;
    let Does::Grant { to, role, scope } = &act.does else {
        return None;
    };
    let explained = authority.explain(num, graph)?;
    let signed = explained.signatures.into_iter().map(|s| Signed {
        entry: graph.id(s.entry),
        by: graph.id(s.signer),
        lost: s.lost.map(|lost| rulings.lost(Some(STEWARD), lost)),
    });
    Some(Grant {
        act: graph.id(num),
        role: role.clone(),
        to: graph.id(*to),
        scope: scope.map(|scope| graph.id(scope)),
        why: explained.why,
        signed: signed.collect(),
        revoked_by: explained.revoked_by.iter().map(|num| graph.id(*num)).collect(),
    })
}

impl Grant {
    /// Whether somebody holds a role by it.
    pub(super) fn is_held(&self) -> bool {
        self.why == Why::Standing
    }

    /// What ends with it, in a sentence.
    pub(super) fn ends(&self, view: &View<'_>) -> String {
        format!("{} is {} by this grant.", person::called(view, self.to), self.role)
    }
}

fn show(view: &View<'_>, id: Id, roster: &Roster, open: &[Pending]) -> Page {
    let committee = write::committee_of(view, id);
    let name = committee.as_ref().map_or_else(|| id.short(), |(_, name)| name.clone());
    let roles: BTreeSet<&str> = roster.held.iter().map(|grant| grant.role.as_str()).collect();
    let main = html! {
        h1 { "People of " (name) }
        div hidden data-events={ "/api/v1/events?doc=" (id) } {}
        section #waiting data-live="" {
            @if !open.is_empty() {
                h2 { "Waiting for signatures" }
                @for act in open { (waiting::article(view, act)) }
            }
        }
        section {
            h2 { "Founders" }
            p { (person::links(view, &roster.founders)) }
            p.hint {
                "Founders sign like stewards and cannot be revoked. "
                @match roster.threshold {
                    1 => "One signature of a founder or steward makes a grant, a revocation or a parameter.",
                    n => { (n) " signatures of different founders or stewards make a grant, a revocation or a parameter." },
                }
            }
        }
        section #roles data-live="" {
            h2 { "Roles" }
            @if roles.is_empty() { p.quiet { "Nobody has been granted a role yet." } }
            @for role in roles {
                h3 { (role) }
                @if let Some((_, about)) = ROLES.iter().find(|(known, _)| *known == role) { p.hint { (capital(about)) "." } }
                ul.grants { @for held in roster.held.iter().filter(|held| held.role == role) { li { (grant(view, held)) } } }
            }
        }
        @if view.reader.owner {
            p.actions {
                a.button href={ "/d/" (id) "/act/grant" } { "Grant a role" } " "
                a.button href={ "/d/" (id) "/act/vouch" } { "Vouch for a newcomer" } " "
                a.button href={ "/d/" (id) "/act/set_parameter" } { "Set a parameter" } " "
                a.button href={ "/c/" (id) "/invite" } { "Invite somebody" }
            }
        }
        section {
            h2 { "Parameters" }
            @if roster.parameters.is_empty() { p.quiet { "None was ever set." } } @else {
                table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Value" } th scope="col" { "Set by" } } }
                    tbody {
                        @for (name, value, by) in &roster.parameters {
                            tr {
                                th scope="row" { (name) }
                                td {
                                    @match value { Some(value) => (value), None => "contested" }
                                    @if by.len() > 1 { " (set differently at the same time; set it once more to settle it)" }
                                }
                                td { @for entry in by { a href={ "/e/" (entry) } title=(entry) { (entry.short()) } " " } }
                            }
                        }
                    }
                }
            }
        }
        section {
            h2 { "Members" }
            p { (person::links(view, &roster.members)) }
            @if roster.more_members { p.hint { "And more than " (MEMBERS) " in all." } }
            @if roster.members.is_empty() { p.quiet { "Only the founders." } }
        }
        @if !roster.ended.is_empty() {
            details {
                summary { "Roles that ended or do not count (" (roster.ended.len()) ")" }
                ul.grants { @for ended in &roster.ended { li { (grant(view, ended)) } } }
            }
        }
        @if roster.more { p.hint { "There are more grants than are shown here; " code { "althing roles --all" } " lists them." } }
    };
    Page {
        committee,
        ..Page::new(format!("People of {name}"), main)
    }
}

/// A made grant: who holds it, by whose signatures, and how to end it.
fn grant(view: &View<'_>, grant: &Grant) -> Markup {
    let state = match grant.why {
        Why::Standing | Why::Open => None,
        Why::Revoked => Some("revoked"),
        Why::Shaky => Some("does not count: too few of its signers still held their role"),
        Why::Overtaken | Why::Contested => Some("not in force"),
    };
    html! {
        div.grant {
            (person::link(view, grant.to))
            @if state.is_some() { " as " (grant.role) }
            @if let Some(scope) = grant.scope {
                " for " a href=(write::home_of(view.context, scope)) { (refer::titled(view, scope)) }
            }
            @if let Some(state) = state { " · " span.bad { (state) } }
            @for by in &grant.revoked_by { " " a href={ "/e/" (by) } title=(by) { (by.short()) } }
            details {
                summary { "Signatures (" (grant.signed.len()) ")" }
                ul.signatures {
                    @for s in &grant.signed {
                        @match &s.lost {
                            None => (waiting::counts(view, s.by, s.entry)),
                            Some(cause) => (waiting::lapsed(view, s.by, s.entry, &cause.to_string())),
                        }
                    }
                }
                p.facts {
                    a href={ "/e/" (grant.act) } title=(grant.act) { "Grant " (grant.act.short()) }
                    @if view.reader.owner && grant.is_held() {
                        " · " a href={ "/e/" (grant.act) "/revoke" } { "Revoke it" }
                    }
                }
            }
        }
    }
}
