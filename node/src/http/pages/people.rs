//! Who holds which role in a committee, by whose signatures, and what waits for more of them.
//!
//! Bound: [`SHOWN`] acts of each sort; the page says when there are more.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::authority::{Act, Authority, Does, ROLES, STEWARD, Why};
use althing_protocol::document::Cause;
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use althing_protocol::ruling::Rulings;
use althing_protocol::state::State as Node;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::form::button;
use super::part::person;
use super::write;
use super::{Page, View, capital, page};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::session::Reader;

/// Acts of one sort on the page.
const SHOWN: usize = 300;

/// Members that are listed.
const MEMBERS: usize = 500;

/// An act of authority, read under the lock; names are looked up after it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) act: Id,
    committee: Id,
    does: What,
    why: Why,
    signed: Vec<Signed>,
    revoked_by: Vec<Id>,
    need: usize,
    /// Who could sign it now and has not.
    could: Vec<Id>,
}

#[derive(Debug, Clone)]
enum What {
    Grant { role: String, to: Id, scope: Option<Id> },
    Revoke { role: String, from: Option<Id> },
    Set { name: String, value: u64, now: Option<u64> },
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
    held: Vec<Row>,
    ended: Vec<Row>,
    open: Vec<Row>,
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
        Ok(show(view, id, &roster))
    })
    .await
}

/// One act of authority and how it stands; none if the entry is none.
pub(super) fn row_of(context: &Context, entry: Id) -> Option<Row> {
    context.ingest.read(|state| {
        let num = state.graph().num(&entry)?;
        let space = state.graph().id(state.graph().node(num).space);
        let committee = state.committee(&space)?;
        row(state, space, num, committee.authority(), &Rulings::new(state))
    })
}

/// Acts that wait for signatures in a committee, oldest first.
pub(super) fn waiting(state: &Node, id: Id) -> Vec<Row> {
    let Some(committee) = state.committee(&id) else {
        return Vec::new();
    };
    let authority = committee.authority();
    let graph = state.graph();
    let rulings = Rulings::new(state);
    let open = |(num, act): &(Num, &Act)| !act.made && committee.record().contains(*num, graph);
    let mut nums: Vec<Num> = authority.acts().filter(open).map(|(num, _)| num).collect();
    nums.sort_unstable_by_key(|num| graph.rank(*num));
    let rows = nums
        .into_iter()
        .take(SHOWN)
        .filter_map(|num| row(state, id, num, authority, &rulings));
    // Without a valid signature nobody with a say proposed it.
    rows.filter(|row| !row.signed.is_empty()).collect()
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
    let rows = |wanted: &dyn Fn(Why) -> bool| -> Vec<Row> {
        let of_it = grants
            .iter()
            .filter(|num| authority.why(**num, graph).is_some_and(wanted));
        of_it
            .take(SHOWN)
            .filter_map(|num| row(state, id, *num, authority, &rulings))
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
        open: waiting(state, id),
        parameters: parameters
            .map(|(name, found)| (name.to_owned(), found.value, ids(&found.last)))
            .collect(),
    })
}

fn row(state: &Node, committee: Id, num: Num, authority: &Authority, rulings: &Rulings<'_>) -> Option<Row> {
    let graph = state.graph();
    let explained = authority.explain(num, graph)?;
    let does = match &authority.act(num)?.does {
        Does::Grant { to, role, scope } => What::Grant {
            role: role.clone(),
            to: graph.id(*to),
            scope: scope.map(|scope| graph.id(scope)),
        },
        Does::Revoke { grant } => {
            let (role, from) = match authority.act(*grant).map(|act| &act.does) {
                Some(Does::Grant { to, role, .. }) => (role.clone(), Some(graph.id(*to))),
                _ => ("a role".to_owned(), None),
            };
            What::Revoke { role, from }
        }
        Does::Set { name, value } => What::Set {
            name: name.clone(),
            value: *value,
            now: authority.parameter(name, graph).and_then(|found| found.value),
        },
    };
    let signed: Vec<Signed> = explained
        .signatures
        .into_iter()
        .map(|s| Signed {
            entry: graph.id(s.entry),
            by: graph.id(s.signer),
            lost: s.lost.map(|lost| rulings.lost(Some(STEWARD), lost)),
        })
        .collect();
    let mut could = signers(authority, graph);
    could.retain(|id| signed.iter().all(|s| s.by != *id));
    Some(Row {
        act: graph.id(num),
        committee,
        does,
        why: explained.why,
        signed,
        revoked_by: explained.revoked_by.iter().map(|num| graph.id(*num)).collect(),
        need: authority.threshold(),
        could: could.into_iter().collect(),
    })
}

/// Founders, and stewards of the whole committee.
fn signers(authority: &Authority, graph: &Graph) -> BTreeSet<Id> {
    let stewards = authority
        .roles(graph)
        .into_iter()
        .filter(|role| role.role == STEWARD && role.scope.is_none());
    let founders = authority.founders().iter().copied();
    founders
        .chain(stewards.map(|role| role.to))
        .map(|num| graph.id(num))
        .collect()
}

impl Row {
    /// Whether somebody could add a signature that counts.
    pub(super) fn could(&self, identity: Id) -> bool {
        self.why == Why::Open && self.could.contains(&identity)
    }

    /// What it changes once it is made, in a sentence.
    pub(super) fn change(&self, view: &View<'_>) -> String {
        match &self.does {
            What::Grant { role, to, scope } => {
                let who = person::called(view, *to);
                let known = ROLES.iter().find(|(name, _)| name == role);
                let bound = scope
                    .map(|scope| format!(" for {} only", called(view, scope)))
                    .unwrap_or_default();
                match known {
                    Some((name, _)) if *name == STEWARD && scope.is_none() => {
                        format!("{who} becomes {name}: they could then sign grants, revocations and parameters.")
                    }
                    Some((name, about)) => format!("{who} becomes {name}{bound}, who {about}."),
                    None => format!(
                        "{who} becomes “{role}”{bound}, a role that this release does not know: it makes them a member."
                    ),
                }
            }
            What::Revoke { role, from, .. } => {
                let who = from.map_or_else(|| "Somebody".to_owned(), |from| person::called(view, from));
                format!(
                    "{who} is no longer {role}, for ever; what they did as such before stays counted as far as the revocation saw it."
                )
            }
            What::Set { name, value, now } => match now {
                Some(now) => format!("The parameter {name} becomes {value}; it is {now} now."),
                None => format!("The parameter {name} becomes {value}; it was never set."),
            },
        }
    }

    /// How many have signed, who could, and what one more would do.
    pub(super) fn missing(&self, view: &View<'_>) -> String {
        let have = self.signed.len();
        let who: Vec<String> = self.could.iter().take(12).map(|id| person::called(view, *id)).collect();
        let left = self.need.saturating_sub(have);
        let rest = match (left, who.is_empty()) {
            (_, true) => "nobody who could sign it is left".to_owned(),
            (0 | 1, false) => format!("{} can complete it", either(&who, "or")),
            (n, false) => format!("it takes {n} more of {}", either(&who, "and")),
        };
        format!("{have} of {} signatures: {rest}.", self.need)
    }

    /// Everything about an act that waits.
    pub(super) fn waiting(&self, view: &View<'_>) -> Markup {
        let own = view.context.ingest.home().identity();
        html! {
            article.waiting #{ "e-" (self.act.short()) } {
                p.change { strong { (self.change(view)) } }
                @if let Some(note) = note(view, self.act) { blockquote { (note) } }
                p { (self.missing(view)) }
                (self.signatures(view))
                p.facts { a href={ "/e/" (self.act) } title=(self.act) { "Entry " (self.act.short()) } }
                @if view.reader.owner && self.could(own) {
                    (button(view, &format!("/e/{}/cosign", self.act), &[], "Cosign"))
                } @else if view.reader.owner && self.signed.iter().any(|s| s.by == own) {
                    p.hint { "You have signed it." }
                }
            }
        }
    }

    fn signatures(&self, view: &View<'_>) -> Markup {
        html! {
            ul.signatures {
                @for s in &self.signed {
                    li {
                        @match &s.lost {
                            None => { span.good { "✓ counts" } ": " (person::link(view, s.by)) },
                            Some(cause) => { span.bad { "✗ does not count" } ": " (person::link(view, s.by)) ", because " (cause) },
                        }
                        " " a href={ "/e/" (s.entry) } title=(s.entry) { (s.entry.short()) }
                    }
                }
            }
        }
    }
}

fn show(view: &View<'_>, id: Id, roster: &Roster) -> Page {
    let committee = write::committee_of(view, id);
    let name = committee.as_ref().map_or_else(|| id.short(), |(_, name)| name.clone());
    let is = |row: &&Row, role: &str| matches!(&row.does, What::Grant { role: of, .. } if of == role);
    let roles: BTreeSet<&str> = roster
        .held
        .iter()
        .filter_map(|row| match &row.does {
            What::Grant { role, .. } => Some(role.as_str()),
            _ => None,
        })
        .collect();
    let main = html! {
        h1 { "People of " (name) }
        @if !roster.open.is_empty() {
            section #waiting {
                h2 { "Waiting for signatures" }
                @for row in &roster.open { (row.waiting(view)) }
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
        section {
            h2 { "Roles" }
            @if roles.is_empty() { p.quiet { "Nobody has been granted a role yet." } }
            @for role in roles {
                h3 { (role) }
                @if let Some((_, about)) = ROLES.iter().find(|(known, _)| *known == role) { p.hint { (capital(about)) "." } }
                ul.grants { @for row in roster.held.iter().filter(|row| is(row, role)) { li { (grant(view, row)) } } }
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
                ul.grants { @for row in &roster.ended { li { (grant(view, row)) } } }
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
fn grant(view: &View<'_>, row: &Row) -> Markup {
    let What::Grant { role, to, scope } = &row.does else {
        return html! {};
    };
    let state = match row.why {
        Why::Standing | Why::Open => None,
        Why::Revoked => Some("revoked"),
        Why::Shaky => Some("does not count: too few of its signers still held their role"),
        Why::Overtaken | Why::Contested => Some("not in force"),
    };
    html! {
        div.grant {
            (person::link(view, *to))
            @if state.is_some() { " as " (role) }
            @if let Some(scope) = scope { " for " a href=(write::home_of(view.context, *scope)) { (called(view, *scope)) } }
            @if let Some(state) = state { " · " span.bad { (state) } }
            @for by in &row.revoked_by { " " a href={ "/e/" (by) } title=(by) { (by.short()) } }
            details {
                summary { "Signatures (" (row.signed.len()) ")" }
                (row.signatures(view))
                p.facts {
                    a href={ "/e/" (row.act) } title=(row.act) { "Grant " (row.act.short()) }
                    @if view.reader.owner && row.why == Why::Standing {
                        " · " a href={ "/e/" (row.act) "/revoke" } { "Revoke it" }
                    }
                }
            }
        }
    }
}

/// Why an act was proposed, as its author noted.
fn note(view: &View<'_>, act: Id) -> Option<String> {
    let (_, outcome) = write::outcome_of(view.context, act)?;
    let note = outcome.fields()?.get("note").and_then(Value::as_text)?;
    Some(super::part::text::visible(note).into_owned())
}

/// What a document is called in a sentence.
fn called(view: &View<'_>, doc: Id) -> String {
    match view.context.cache.load(&view.context.ingest, doc) {
        Ok(loaded) => write::title_of(view, &loaded),
        Err(_) => doc.short(),
    }
}

/// `Ada, Bob or Carol`.
fn either(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} {word} {last}", all.join(", ")),
    }
}

impl Row {
    /// The committee in which it stands.
    pub(super) fn committee(&self) -> Id {
        self.committee
    }

    /// Whether it is a grant that somebody holds.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.does, What::Grant { .. }) && self.why == Why::Standing
    }

    /// What ends with it, in a sentence; none if it is no grant.
    pub(super) fn ends(&self, view: &View<'_>) -> Option<String> {
        let What::Grant { role, to, .. } = &self.does else {
            return None;
        };
        Some(format!("{} is {role} by this grant.", person::called(view, *to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_sentence() {
        let names: Vec<String> = ["Ada", "Bob", "Carol"].map(str::to_owned).to_vec();
        assert_eq!(either(&names, "or"), "Ada, Bob or Carol");
        assert_eq!(either(&names[..1], "or"), "Ada");
        assert_eq!(either(&[], "or"), "");
    }
}
