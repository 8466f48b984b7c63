//! Views: what the record of a committee says, computed; an index of all, and one page for each.
//!
//! Bound: [`CHOICES`] documents are offered where a view is about one of them.

use std::sync::Arc;

use althing_protocol::hash::Id;
use althing_view::{On, Plot, Table};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::part::{content, refer, sheet, text, words};
use super::{Asked, Page, View, committee, document, page};
use crate::clock;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::query;
use crate::http::session::Reader;

/// Documents that are offered where a view is about one of them.
const CHOICES: usize = 200;

/// What views are for, by the requirements that they meet (`docs/deliberation.md`): the first heading that has a view's
/// first requirement is its own.
const PURPOSES: &[(&str, &[std::ops::RangeInclusive<u8>])] = &[
    ("Seats and who stands for them", &[1..=6, 11..=11]),
    ("What facilitators do", &[7..=9]),
    ("Voters, classes and their load", &[10..=10, 18..=20]),
    ("Pledges, claims and credentials", &[13..=17]),
    ("Motions", &[21..=34]),
    (
        "Threads, concerns and objections",
        &[12..=12, 35..=36, 41..=41, 43..=46],
    ),
    ("Confidence and delegates", &[37..=40, 42..=42]),
    ("Promises, visions and petitions", &[47..=49]),
    ("Units and transparency", &[50..=63]),
    ("Programmes and their evaluation", &[64..=89]),
];

/// As of when.
#[derive(Deserialize, Default)]
pub(super) struct When {
    at: Option<String>,
}

/// `GET /c/{id}/views`
pub(super) async fn index(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        let id = committee::known(view, &id)?;
        let main = html! {
            header.title {
                p.kicker { a href={ "/c/" (id) } { bdi { (refer::committee(view, id)) } } }
                h1 { "Views" }
            }
            p.lead { "What the record says, computed on this node from entries that anybody can check. A view changes nothing." }
            @for (n, (purpose, views)) in grouped().into_iter().enumerate() {
                section aria-labelledby={ "purpose-" (n) } {
                    h2 #{ "purpose-" (n) } { (purpose) }
                    ul.list.views {
                        @for one in views {
                            li {
                                a.title href={ "/c/" (id) "/views/" (one.name) } { (one.title) }
                                span.purpose { (one.about) }
                                @if let On::Document(kinds) = one.on { span.meta { "for " (any_of(kinds)) } }
                            }
                        }
                    }
                }
            }
        };
        let mut page = Page::new("Views", main);
        page.committee = document::committee(view, id);
        page.side = Some(html! {
            section {
                h2 { "What they are for" }
                ul.plain { @for (n, (purpose, views)) in grouped().into_iter().enumerate() { li { a href={ "#purpose-" (n) } { (purpose) } span.count { " " (views.len()) } } } }
            }
        });
        Ok(page)
    })
    .await
}

/// All views by what they are for.
fn grouped() -> Vec<(&'static str, Vec<&'static althing_view::View>)> {
    let mut out: Vec<(&str, Vec<_>)> = PURPOSES.iter().map(|(purpose, _)| (*purpose, Vec::new())).collect();
    out.push(("Other", Vec::new()));
    for one in althing_view::all() {
        let first = one.requirements.first();
        let has =
            |ranges: &[std::ops::RangeInclusive<u8>]| first.is_some_and(|r| ranges.iter().any(|all| all.contains(r)));
        let place = PURPOSES
            .iter()
            .position(|(_, ranges)| has(ranges))
            .unwrap_or(PURPOSES.len());
        if let Some((_, views)) = out.get_mut(place) {
            views.push(*one);
        }
    }
    out.retain(|(_, views)| !views.is_empty());
    out
}

/// `a motion or a proposal`
fn any_of(kinds: &[&str]) -> String {
    let each: Vec<String> = kinds.iter().map(|kind| words::a(kind)).collect();
    match each.as_slice() {
        [] => "any document".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// `GET /c/{id}/views/{name}?at=2026-11-30`
pub(super) async fn of_committee(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path((id, name)): Path<(String, String)>,
    Asked(when): Asked<When>,
) -> Response {
    page(context, reader, move |view| {
        let id = committee::known(view, &id)?;
        let found = named(&name)?;
        match found.on {
            On::Committee => Shown::new(id, None, found, &when)?.page(view),
            On::Document(kinds) => Ok(choose(view, id, found, kinds)),
        }
    })
    .await
}

/// `GET /d/{id}/views/{name}?at=2026-11-30`
pub(super) async fn of_document(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path((id, name)): Path<(String, String)>,
    Asked(when): Asked<When>,
) -> Response {
    page(context, reader, move |view| {
        let loaded = document::load(view, &id)?;
        let found = named(&name)?;
        let kind = loaded.document.kind_name();
        if !found.fits(kind) {
            let fits = match found.on {
                On::Committee => any_of(found.reads),
                On::Document(kinds) => any_of(kinds),
            };
            return Err(Problem::Input(format!(
                "the view {name} is not about {}; it is about {fits}",
                words::a(kind)
            )));
        }
        Shown::new(loaded.space, Some(loaded.document.id()), found, &when)?.page(view)
    })
    .await
}

fn named(name: &str) -> Result<&'static althing_view::View, Problem> {
    althing_view::find(name).ok_or_else(|| Problem::UnknownKind {
        what: "view",
        name: name.chars().take(80).collect(),
        known: althing_view::all()
            .iter()
            .map(|one| one.name)
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// A view of a committee or of a document, as of a day.
struct Shown {
    committee: Id,
    doc: Option<Id>,
    found: &'static althing_view::View,
    day: Option<String>,
    at: Option<u64>,
}

impl Shown {
    fn new(committee: Id, doc: Option<Id>, found: &'static althing_view::View, when: &When) -> Result<Self, Problem> {
        let day = when.at.clone().filter(|day| !day.is_empty());
        let bad = |day: &str| Problem::Input(format!("{day:?} is no day: write it as 2026-11-30"));
        let seconds = day.as_deref().map(|day| clock::end_of_day(day).ok_or_else(|| bad(day)));
        let at = seconds
            .transpose()?
            .map(|seconds| seconds.saturating_mul(1000).saturating_add(999));
        Ok(Self {
            committee,
            doc,
            found,
            day,
            at,
        })
    }

    fn page(&self, view: &View<'_>) -> Result<Page, Problem> {
        let computed = query::view::sheet(view.context, self.found, self.committee, self.doc, self.at)?;
        let (committee, name) = (self.committee, self.found.name);
        let title = text::visible(&text::short(&computed.title, 200)).into_owned();
        let csv = |table: &Table| self.file(&format!("format=csv&table={}", table.name));
        let main = html! {
            @if self.day.is_none() { div hidden data-events={ "/api/v1/events?committee=" (committee) } {} }
            header.title {
                p.kicker {
                    a href={ "/c/" (committee) } { bdi { (refer::committee(view, committee)) } }
                    " · " a href={ "/c/" (committee) "/views" } { "Views" }
                    @if let Some(doc) = self.doc { " · " (refer::link(view, doc)) }
                }
                h1 { (title) }
                p.lead { (self.found.about) }
            }
            @if let Some(day) = &self.day {
                p.note.then { "This is how it stood at the end of " (super::part::time::day(day)) ", UTC. " a href=(self.path()) { "See it as it is now" } }
            }
            div #view data-live="" { (sheet::whole(view, &computed, &csv)) }
        };
        let mut page = Page::new(title, main);
        page.committee = document::committee(view, committee);
        page.broad = true;
        page.side = Some(html! {
            @if view.reader.copy.is_none() {
                section {
                    h2 { "As of" }
                    form method="get" action=(self.path()) {
                        p {
                            label for="at" { "Show it as it stood at the end of" }
                            " " input #at type="date" name="at" value=[self.day.as_deref()];
                            " " button type="submit" { "Show" }
                        }
                    }
                }
            }
            section {
                h2 { "Take it with you" }
                ul.plain {
                    li { a href=(self.file("")) { "As JSON" } }
                    li { a href=(self.file("format=csv")) download="" { "As CSV" } }
                    @if computed.plots.iter().any(|plot| matches!(plot, Plot::Graph { .. })) {
                        li { a href=(self.file("format=dot")) download="" { "For GraphViz" } }
                    }
                    li { code { "althing view " (name) @if let Some(doc) = self.doc { " " (doc.short()) } } }
                }
            }
            (self.others())
        });
        Ok(page)
    }

    fn path(&self) -> String {
        match self.doc {
            Some(doc) => format!("/d/{doc}/views/{}", self.found.name),
            None => format!("/c/{}/views/{}", self.committee, self.found.name),
        }
    }

    /// Where programs read the same.
    fn file(&self, more: &str) -> String {
        let mut out = format!("/api/v1/committees/{}/views/{}", self.committee, self.found.name);
        let doc = self.doc.map(|doc| format!("doc={doc}"));
        let at = self.day.as_ref().map(|day| format!("at={day}"));
        let more = Some(more).filter(|more| !more.is_empty()).map(str::to_owned);
        let asked: Vec<String> = [doc, at, more].into_iter().flatten().collect();
        if !asked.is_empty() {
            out.push('?');
            out.push_str(&asked.join("&"));
        }
        out
    }

    /// The views that stand under the same heading.
    fn others(&self) -> Markup {
        let group = grouped()
            .into_iter()
            .find(|(_, views)| views.iter().any(|one| one.name == self.found.name));
        html! {
            @if let Some((purpose, views)) = group.filter(|(_, views)| views.len() > 1) {
                section {
                    h2 { (purpose) }
                    ul.plain {
                        @for one in views {
                            li { @if one.name == self.found.name { strong { (one.title) } } @else { a href={ "/c/" (self.committee) "/views/" (one.name) } { (one.title) } } }
                        }
                    }
                }
            }
        }
    }
}

/// A view that is about one document: which one?
fn choose(view: &View<'_>, committee: Id, found: &'static althing_view::View, kinds: &[&str]) -> Page {
    let all = committee::documents(view, committee);
    let fitting: Vec<_> = all
        .iter()
        .filter(|loaded| found.fits(loaded.document.kind_name()))
        .collect();
    let main = html! {
        header.title {
            p.kicker {
                a href={ "/c/" (committee) } { bdi { (refer::committee(view, committee)) } }
                " · " a href={ "/c/" (committee) "/views" } { "Views" }
            }
            h1 { (found.title) }
            p.lead { (found.about) }
        }
        section {
            h2 { "Of which?" }
            @if fitting.is_empty() {
                p.quiet { "This is about " (any_of(kinds)) ", and there is none yet. Open one on the page of the committee." }
            }
            ul.list {
                @for loaded in fitting.iter().take(CHOICES) {
                    li { (content::led(view, loaded, &format!("/d/{}/views/{}", loaded.document.id(), found.name))) }
                }
            }
            @if fitting.len() > CHOICES { p.quiet { "and " (fitting.len() - CHOICES) " older ones: go to the document first, its page links here" } }
        }
    };
    let mut page = Page::new(found.title, main);
    page.committee = document::committee(view, committee);
    page
}

/// Links to the views that fit a document, for the head of its page: those about it, those that read its kind first, and
/// folded away the others that read it too.
pub(super) fn fitting(view: &View<'_>, doc: Id, kind: &str) -> Markup {
    let near = |one: &althing_view::View| match one.on {
        On::Document(_) => 0,
        On::Committee if one.reads.first() == Some(&kind) => 1,
        On::Committee => 2,
    };
    let mut found: Vec<&althing_view::View> = althing_view::all()
        .iter()
        .copied()
        .filter(|one| one.fits(kind))
        // A copy has the others of the committee as a whole: all of all documents would be most of it.
        .filter(|one| view.reader.copy.is_none() || near(one) == 0)
        .collect();
    found.sort_by_key(|one| near(one));
    let shown = found.iter().take(SHOWN).filter(|one| near(one) < 2).count();
    let (first, rest) = found.split_at(shown);
    let link = |one: &althing_view::View| {
        html! { li { a.chip href={ "/d/" (doc) "/views/" (one.name) } title=(one.about) { (one.title) } } }
    };
    html! {
        @if !found.is_empty() {
            nav.views aria-label="Views of this document" {
                @if !first.is_empty() { ul { @for one in first { (link(one)) } } }
                @if !rest.is_empty() {
                    details {
                        summary { (text::count(rest.len(), "more view", "more views")) }
                        ul { @for one in rest { (link(one)) } }
                    }
                }
            }
        }
    }
}

/// Views that the head of a document's page shows at once.
const SHOWN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_and_every_requirement_has_a_heading() {
        let listed: usize = grouped().iter().map(|(_, views)| views.len()).sum();
        assert_eq!(listed, althing_view::all().len());
        let under = |r: u8| {
            PURPOSES
                .iter()
                .filter(|(_, all)| all.iter().any(|range| range.contains(&r)))
                .count()
        };
        for r in 1..=89 {
            assert_eq!(under(r), 1, "R{r}");
        }
    }

    #[test]
    fn kinds_are_told_in_words() {
        assert_eq!(
            any_of(&["motion", "evaluation", "research"]),
            "a motion, an evaluation or a piece of research"
        );
        assert_eq!(any_of(&[]), "any document");
    }
}
