//! What can be done in a document, and what can be opened in a committee: by purpose, the most used first. Acts that are
//! about one entry are in the menu of that entry.
//!
//! Bound: there are as many acts and documents as there are kinds.

use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Kind, Shape};
use maud::{Markup, html};

use super::View;
use super::act;
use super::may::May;
use super::part::words;
use crate::http::load::Loaded;

/// Acts by purpose, each list with the most used first.
const ACTS: &[(&str, &[&str])] = &[
    (
        "Say and ask",
        &["post", "question", "objection", "cite", "disclose", "counter_budget"],
    ),
    (
        "Take a stand",
        &[
            "stance",
            "endorse",
            "join",
            "sponsor",
            "accept",
            "decline",
            "withdraw",
            "reply_right",
        ],
    ),
    (
        "Promise and entrust",
        &[
            "promise",
            "pledge",
            "claim",
            "instruct",
            "delegate",
            "agreement",
            "handover",
        ],
    ),
    (
        "Judge and decide",
        &[
            "recommend",
            "value",
            "audit",
            "rerun",
            "decide",
            "conclude",
            "resolve",
            "escalate",
            "publish",
            "supersede",
            "correct",
        ],
    ),
    (
        "Put on record",
        &[
            "poll",
            "execute",
            "measure",
            "incident",
            "credential",
            "holding",
            "draw",
            "commit",
            "fork",
            "link",
        ],
    ),
    ("Change who may do what", &["grant", "revoke", "set_parameter", "vouch"]),
];

/// Acts that are always shown at once, as far as they fit.
const FIRST: [&str; 4] = ["post", "question", "stance", "objection"];

/// Documents by purpose, the most used first.
const DOCUMENTS: &[(&str, &[&str])] = &[
    ("Discuss", &["topic", "statement", "concern"]),
    ("People and seats", &["nomination", "domain", "register"]),
    ("Decide", &["motion", "proposal", "decision"]),
    ("Evaluate", &["evaluation", "research"]),
];

/// Documents that are always shown at once.
const OPENED: [&str; 4] = ["topic", "nomination", "motion", "statement"];

/// What follows from a document of a kind: another one that names it in a field.
const NEXT: &[(&str, &str, &str, &str)] = &[
    ("domain", "nomination", "domain", "Nominate somebody for it"),
    ("domain", "proposal", "domain", "Propose something for it"),
    ("proposal", "evaluation", "programme", "Open its evaluation"),
    ("evaluation", "research", "evaluation", "Contribute research"),
    ("concern", "motion", "concerns", "Open a motion about it"),
    ("motion", "decision", "about", "Write down the decision"),
    ("nomination", "decision", "about", "Write down the decision"),
    ("proposal", "decision", "about", "Write down the decision"),
];

/// The acts that fit a document's kind, with the reasons why some will not count.
pub(super) fn section(view: &View<'_>, loaded: &Loaded) -> Markup {
    let document = &loaded.document;
    let doc = document.id();
    let may = May::new(view, loaded);
    let here = |kind: &&'static Kind| {
        kind.shape == Shape::Act && kind.fits(document.kind_name()) && fits_space(document.kind_name(), kind)
    };
    let fitting: Vec<&'static Kind> = kind::all().iter().copied().filter(here).collect();
    let find = |name: &str| fitting.iter().copied().find(|kind| kind.name == name);
    let all = ACTS.iter().flat_map(|(_, names)| names.iter());
    let own = all.filter_map(|name| find(name)).filter(|kind| may.by_right(kind));
    let first: Vec<&Kind> = own.chain(FIRST.iter().filter_map(|name| find(name))).collect();
    let groups = ACTS.iter().filter_map(|(purpose, names)| {
        let rest = names.iter().filter_map(|name| find(name));
        let rest = rest.filter(|kind| !first.iter().any(|one| one.name == kind.name));
        let mut rest: Vec<(&Kind, Option<String>)> = rest.map(|kind| (kind, may.not(kind))).collect();
        rest.sort_by_key(|(_, not)| not.is_some());
        (!rest.is_empty()).then_some((*purpose, rest))
    });
    let next = NEXT.iter().filter(|(of, ..)| *of == document.kind_name());
    html! {
        section.actions.acts {
            h2 { "What you can do" }
            ul.plain {
                @if may.owns() { li { a href={ "/d/" (doc) "/edit" } { "Edit the text" } } }
                @for kind in &first { li { a href={ "/d/" (doc) "/act/" (kind.name) } title=(kind.about) { (act::title(kind)) } } }
                @for (_, kind, field, says) in next { li { a href={ "/c/" (loaded.space) "/open/" (kind) "?" (field) "=" (doc) } { (says) } } }
            }
            @for (purpose, acts) in groups {
                details {
                    summary { (purpose) span.count { " " (acts.len()) } }
                    ul.plain {
                        @for (kind, not) in acts {
                            li {
                                a href={ "/d/" (doc) "/act/" (kind.name) } title=(kind.about) { (act::title(kind)) }
                                @if let Some(not) = not { span.hidden { " (" (not) ")" } span.quiet aria-hidden="true" title=(not) { " · will not count from you" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// In an identity only its own devices write, and nobody stands for or against a committee.
fn fits_space(document: &str, kind: &Kind) -> bool {
    match document {
        "identity" => matches!(kind.name, "post" | "question"),
        "committee" => kind.name != "stance",
        _ => !matches!(kind.name, "link"),
    }
}

/// The documents that can be opened in a committee.
pub(super) fn open(committee: Id) -> Markup {
    let link = |name: &str| {
        let kind = kind::find(name);
        html! {
            a href={ "/c/" (committee) "/open/" (name) } title=[kind.map(|kind| kind.about)] {
                @if name == "research" { "A research report" } @else { (super::capital(&words::a(name))) }
            }
        }
    };
    html! {
        section.actions.acts {
            h2 { "Open something" }
            ul.plain { @for name in OPENED { li { (link(name)) } } }
            @for (purpose, names) in DOCUMENTS {
                @let rest: Vec<&str> = names.iter().copied().filter(|name| !OPENED.contains(name)).collect();
                @if !rest.is_empty() {
                    details {
                        summary { (purpose) span.count { " " (rest.len()) } }
                        ul.plain { @for name in rest { li { (link(name)) } } }
                    }
                }
            }
            p { a href={ "/c/" (committee) "/invite" } { "Invite others" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Acts that begin at an entry, in its menu: they need to know which.
    const AT_AN_ENTRY: [&str; 6] = ["answer", "dispose", "amend", "retract", "label", "reveal"];

    #[test]
    fn every_act_and_every_document_is_offered_once() {
        for kind in kind::all().iter().filter(|kind| kind.shape == Shape::Act) {
            let listed = ACTS.iter().filter(|(_, names)| names.contains(&kind.name)).count();
            let elsewhere = act::ELSEWHERE.contains(&kind.name) || AT_AN_ENTRY.contains(&kind.name);
            assert_eq!(listed, usize::from(!elsewhere), "{}", kind.name);
        }
        for kind in kind::all().iter().filter(|kind| kind.shape == Shape::Document) {
            let listed = DOCUMENTS.iter().filter(|(_, names)| names.contains(&kind.name)).count();
            assert_eq!(listed, 1, "{}", kind.name);
        }
    }

    #[test]
    fn what_follows_names_fields_that_exist() {
        for (of, kind, field, _) in NEXT {
            assert!(kind::find(of).is_some_and(Kind::is_document));
            assert!(
                kind::find(kind).is_some_and(|kind| kind.field(field).is_some()),
                "{kind}.{field}"
            );
        }
    }
}
