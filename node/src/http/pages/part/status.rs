//! What an entry counts for and why, in words; four tones that differ by icon and word as well.

use althing_protocol::document::{Cause, Effect, Outcome, Status};
use althing_protocol::hash::Id;
use maud::{Markup, html};

use super::{person, refer, text, time};
use crate::http::load::Loaded;
use crate::http::pages::View;
use crate::http::pages::form::press;

/// Entries that a cause names, of which each gets a link.
const NAMED: usize = 4;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Info,
    Warn,
    Bad,
}

/// A word with its icon.
pub(crate) fn chip(tone: Tone, word: &str) -> Markup {
    let (class, icon) = match tone {
        Tone::Good => ("good", "✓"),
        Tone::Info => ("info", "i"),
        Tone::Warn => ("warn", "!"),
        Tone::Bad => ("bad", "✕"),
    };
    html! { span class={ "status " (class) } { span.icon aria-hidden="true" { (icon) } (word) } }
}

/// The effect of an entry and its cause.
pub(crate) fn effect(view: &View<'_>, doc: Id, outcome: &Outcome) -> Markup {
    let (tone, word) = word(outcome.effect, outcome.cause.as_ref());
    html! {
        (chip(tone, word))
        @if let Some(cause) = &outcome.cause {
            @match cause {
                Cause::Parts { fields } if outcome.effect == Effect::Effective => {
                    ", but not for what belongs to others: " (fields.join(", ").replace('_', " "))
                },
                _ => {
                    ": " (text::visible(&cause.to_string())) (who(view, doc, cause))
                },
            }
        }
    }
}

/// Links to who and when.
fn who(view: &View<'_>, doc: Id, cause: &Cause) -> Markup {
    let named = cause.entries();
    let more = named.len().saturating_sub(NAMED);
    html! {
        @match (cause, named.as_slice()) {
            (_, []) => {},
            (Cause::Author { .. }, people) => { " (" (person::links(view, people.get(..NAMED).unwrap_or(people))) ")" },
            (_, entries) => {
                " ("
                @for (n, entry) in entries.iter().take(NAMED).enumerate() {
                    @if n > 0 { ", " }
                    a href=(path(view, doc, *entry)) title=(entry) {
                        @if n == 0 { "see who and when" } @else { (entry.short().to_string()) }
                    }
                }
                @if more > 0 { " and " (more) " more" }
                ")"
            },
        }
    }
}

/// Where an entry is shown: in this document or in its own.
fn path(view: &View<'_>, doc: Id, entry: Id) -> String {
    match refer::sort(view, entry) {
        refer::Sort::Entry(of) => refer::href(of, entry),
        refer::Sort::Absent => refer::href(doc, entry),
        _ => format!("/e/{entry}"),
    }
}

/// The tone and the word for an effect.
pub(crate) fn word(effect: Effect, cause: Option<&Cause>) -> (Tone, &'static str) {
    match (effect, cause) {
        (Effect::Effective, _) => (Tone::Good, "Counts"),
        (Effect::Unauthorised, Some(Cause::Floor)) => (Tone::Info, "Not counted yet"),
        (Effect::Unauthorised, Some(Cause::Open { .. })) => (Tone::Info, "Waits for signatures"),
        (Effect::Unauthorised, _) => (Tone::Warn, "Not counted"),
        (Effect::Disputed, _) => (Tone::Bad, "Disputed"),
        (Effect::Conflict, _) => (Tone::Warn, "In conflict"),
        (Effect::Superseded, Some(Cause::Retracted { .. })) => (Tone::Info, "Taken back"),
        (Effect::Superseded, Some(Cause::Revoked { .. })) => (Tone::Info, "Ended"),
        (Effect::Superseded, _) => (Tone::Info, "Replaced"),
        (Effect::Void, _) => (Tone::Bad, "Void"),
        (Effect::Unknown, _) => (Tone::Info, "Not understood here"),
    }
}

/// Whether it is in the record, with the step that takes it there.
pub(crate) fn record(view: &View<'_>, outcome: &Outcome) -> Markup {
    html! {
        @if outcome.in_record {
            span.recorded { "in the record" }
        } @else {
            span.floor {
                // The effect says it already where that is why it does not count.
                @if outcome.cause != Some(Cause::Floor) { "nobody has taken this up yet" }
                @if view.reader.owner { " " (press(&format!("/e/{}/take-up", outcome.id), "Take it up")) }
            }
        }
    }
}

/// What became of a body that is not here, in a sentence; nothing where it is here or there is none.
pub(crate) fn body(view: &View<'_>, loaded: &Loaded, outcome: &Outcome) -> Option<Markup> {
    let notice = loaded.withheld.get(&outcome.id);
    match (outcome.body, notice) {
        (Status::None | Status::Here, _) => None,
        (_, Some(notice)) => Some(html! {
            p.gone {
                @match notice.act {
                    crate::store::withheld::Act::Erase => "Its text was erased on this node by ",
                    crate::store::withheld::Act::Refuse => "This node keeps no texts of its author; so decided ",
                }
                (person::link(view, notice.by)) ", " (time::at(notice.time)) ": “"
                bdi { (text::visible(&text::short(&notice.reason, 1000))) }
                "” Who signed it and when stays on record."
            }
        }),
        (Status::Erased, None) => {
            Some(html! { p.gone { "Its text was erased on this node. Who signed it and when stays on record." } })
        }
        (Status::Absent, None) => Some(html! {
            p.gone { "Its text is not here: it is still on its way, or this node does not keep texts of this document. " a href="/network" { "See who is connected" } "." }
        }),
    }
}

/// A word for the state of a document.
pub(crate) fn state(name: &str) -> Markup {
    let tone = match name {
        "accepted" | "passed" | "settled" => Tone::Good,
        "declined" | "withdrawn" | "rejected" => Tone::Warn,
        _ => Tone::Info,
    };
    chip(tone, &super::words::human(name))
}
