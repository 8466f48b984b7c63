//! What a motion's page says beside its state: whether it is voluntary (R21), of whom it is (R23), who would follow
//! (R24), how many signed a petition (R49), and what its timeline says.
//!
//! Bound: [`SAYS`] sentences of the timeline.

use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use maud::{Markup, html};

use super::{person, refer, status, text};
use crate::http::load::Loaded;
use crate::http::pages::View;
use crate::http::query;

/// Sentences of the timeline that are shown.
const SAYS: usize = 4;

pub(crate) fn facts(view: &View<'_>, loaded: &Loaded) -> Markup {
    let document = &loaded.document;
    let fact = |name: &str| document.state().and_then(|state| state.facts.get(name));
    let subjects = fact("subject").map_or(&[][..], Value::as_ids);
    let (signed, needed) = (fact("signatures").and_then(Value::as_int), number(loaded, "threshold"));
    html! {
        @if let Some(word) = fact("voluntary").and_then(Value::as_text) { p { (voluntary(word)) } }
        @if !subjects.is_empty() { p { "It is about " (person::links(view, subjects.get(..8).unwrap_or(subjects))) ", who may reply before everything else is shown." } }
        @if fact("effects").and_then(Value::as_text) == Some("none") { p { "It recommends, and has no effect by itself." } }
        @if let Some(signed) = signed { (petition(signed, needed)) }
        @if let Some(earlier) = fact("signatures_earlier").and_then(Value::as_int).filter(|n| *n > 0) {
            p.quiet { (text::grouped(earlier)) " more signed an earlier text of it, and not the one that stands." }
        }
        (replacement(view, loaded))
        (timeline(view, loaded))
    }
}

fn number(loaded: &Loaded, field: &str) -> Option<u64> {
    let register = loaded.document.content().fields.get(field)?;
    register.values.first()?.value.as_int()
}

/// R21: voluntary is what the subject signed.
fn voluntary(word: &str) -> Markup {
    match word {
        "yes" => html! { (status::chip(status::Tone::Good, "Voluntary")) ": whom it is about signed it." },
        "no" => {
            html! { (status::chip(status::Tone::Warn, "Involuntary")) ": it says itself that whom it is about does not ask for it." }
        }
        "not signed by the subject" => html! {
            (status::chip(status::Tone::Warn, "Not shown to be voluntary"))
            ": it says that it is, but whom it is about has not signed it."
        },
        _ => html! { (status::chip(status::Tone::Info, "Voluntary or not: nobody has said")) },
    }
}

/// R49: how far a petition has come, drawn and in words.
fn petition(signed: u64, needed: Option<u64>) -> Markup {
    let Some(needed) = needed.filter(|needed| *needed > 0) else {
        return html! { p { (text::grouped(signed)) " signed it. It names no number that it needs." } };
    };
    let width = signed.min(needed).saturating_mul(200).checked_div(needed).unwrap_or(0);
    let says = format!("{} of {} signatures", text::grouped(signed), text::grouped(needed));
    html! {
        svg.progress viewBox="0 0 200 12" preserveAspectRatio="none" role="img" aria-label=(says) focusable="false" {
            rect.track x="0" y="0" width="200" height="12" {}
            rect.mark x="0" y="0" width=(width) height="12" {}
        }
        p {
            strong { (says) }
            @match needed.checked_sub(signed) {
                None | Some(0) => ": as many as it needs.",
                Some(more) => { ", " (text::grouped(more)) " more are needed." },
            }
        }
    }
}

/// R24: whom the motion puts in the place, and whether they have spoken.
fn replacement(view: &View<'_>, loaded: &Loaded) -> Markup {
    let register = loaded.document.content().fields.get("replacement");
    let value = register.and_then(|register| register.values.first());
    let Some(version) = value else { return html! {} };
    html! {
        p {
            "Who would follow: "
            @match &*version.value {
                Value::Id(id) => { (refer::link(view, *id)) (spoken(view, *id)) },
                Value::Text(name) => { bdi { (text::visible(name)) } " " (status::chip(status::Tone::Info, "a name that nobody has claimed")) },
                _ => {},
            }
        }
    }
}

/// Whether somebody who was nominated has said anything to it.
fn spoken(view: &View<'_>, id: Id) -> Markup {
    let Ok(nomination) = view.context.cache.load(&view.context.ingest, id) else {
        return html! {};
    };
    let document = &nomination.document;
    let Some(state) = document.state().filter(|_| document.kind_name() == "nomination") else {
        return html! {};
    };
    let nominees = state.facts.get("nominee").map_or(&[][..], Value::as_ids);
    let own = nomination.author().is_some_and(|by| nominees.contains(&by));
    match (state.name, own) {
        ("open", false) => {
            html! { " " (status::chip(status::Tone::Warn, "nominated by someone else, has not spoken yet")) }
        }
        (name, _) => html! { " " (status::state(name)) },
    }
}

/// The first sentences of the view `timeline`.
fn timeline(view: &View<'_>, loaded: &Loaded) -> Markup {
    let Some(found) = althing_view::find("timeline").filter(|found| found.fits(loaded.document.kind_name())) else {
        return html! {};
    };
    let doc = loaded.document.id();
    let Ok(sheet) = query::view::sheet(view.context, found, loaded.space, Some(doc), None) else {
        return html! {};
    };
    // As of now, as the view is: the page may be that of an earlier moment.
    let now = view.context.cache.gist(&view.context.ingest, doc);
    let rests = now.is_ok_and(|now| now.rests());
    html! {
        @if rests {
            p { "Nobody has said anything on it here since it was brought from elsewhere. What its timeline counts, it counts from that day." }
        } @else {
            @for sentence in sheet.says.iter().take(SAYS) { p dir="auto" { (text::visible(sentence)) } }
        }
        p.tools { a href={ "/d/" (doc) "/views/timeline" } { "Its timeline" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_petition_says_how_many_more_it_needs() {
        let shown = petition(12, Some(20)).into_string();
        assert!(
            shown.contains("12 of 20 signatures") && shown.contains("8 more are needed"),
            "{shown}"
        );
        assert!(shown.contains(r#"class="mark" x="0" y="0" width="120""#), "{shown}");
        assert!(
            petition(30, Some(20))
                .into_string()
                .contains(r#"width="200" height="12""#)
        );
        assert!(petition(3, None).into_string().contains("names no number"));
    }

    #[test]
    fn only_the_subject_makes_it_voluntary() {
        assert!(voluntary("yes").into_string().contains("good"));
        assert!(
            voluntary("not signed by the subject")
                .into_string()
                .contains("has not signed it")
        );
    }
}
