//! The versions of a document and what changed between two of them.
//!
//! Bounds: [`LISTED`] versions are listed, the last ones; unchanged text around a change is cut to [`AROUND`]
//! characters, and [`RUNS`] changes of a field are laid out.

use std::sync::Arc;

use althing_protocol::document::diff::{self, Run, Sign};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::part::{refer, text, versions, words};
use super::{Asked, Page, document, page};
use crate::http::context::Context;
use crate::http::ids;
use crate::http::session::Reader;

/// Versions that are listed.
const LISTED: usize = 500;

/// Characters of unchanged text that stay beside a change.
const AROUND: usize = 160;

/// Runs of one field that are laid out.
const RUNS: usize = 4000;

#[derive(Deserialize, Default)]
pub(super) struct Pair {
    a: Option<String>,
    b: Option<String>,
}

/// `GET /d/{id}/versions?a=ENTRY&b=ENTRY`: the last two where none are named.
pub(super) async fn versions(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path(id): Path<String>,
    Asked(pair): Asked<Pair>,
) -> Response {
    page(context, reader, move |view| {
        let loaded = document::load(view, &id)?;
        let doc = loaded.document.id();
        let all = loaded.document.versions();
        let given = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
        let last = all.last().map_or(doc, |version| version.entry);
        let b = given(&pair.b).unwrap_or_else(|| last.to_string());
        // The one before it, where only one is named.
        let at = all.iter().position(|version| version.entry.to_string().starts_with(&b));
        let before = at.and_then(|n| all.get(n.checked_sub(1)?)).map_or(doc, |version| version.entry);
        let a = given(&pair.a).unwrap_or_else(|| before.to_string());
        let (a, b) = view.context.ingest.read(|state| Ok::<_, crate::http::error::Problem>((ids::id(state, &a)?, ids::id(state, &b)?)))?;
        let (old, new) = (loaded.at(a)?, loaded.at(b)?);
        let fields = diff::documents(&old.document, &new.document);
        let number = |id| all.iter().position(|version| version.entry == id).map(|n| n + 1);
        let name = |id: althing_protocol::hash::Id| match number(id) {
            Some(n) => format!("version {n}"),
            None => format!("what entry {} saw", id.short()),
        };
        let title = refer::title(view, &loaded);
        let main = html! {
            header.title {
                p.kicker { a href={ "/d/" (doc) } { bdi { (title) } } }
                h1 { "Versions and differences" }
            }
            section {
                h2 { "From " (name(a)) " to " (name(b)) }
                @if fields.is_empty() {
                    p.quiet { @if all.len() < 2 { "Nobody has edited this document since it was opened." } @else { "Nothing differs between the two." } }
                }
                @for field in &fields {
                    section.diff {
                        h3 { (words::human(field.field)) }
                        (changes(&field.changes))
                    }
                }
            }
            section {
                h2 { "All versions" }
                form.versions method="get" action={ "/d/" (doc) "/versions" } {
                    (versions::table(view, &loaded, &all, all.len().saturating_sub(LISTED), (Some(a), Some(b))))
                    @if all.len() > LISTED { p.quiet { "and " (all.len() - LISTED) " before them" } }
                    p.tools { button type="submit" { "Compare the two" } }
                }
            }
        };
        let mut page = Page::new(format!("Versions of {title}"), main);
        page.committee = document::committee(view, loaded.space);
        Ok(page)
    })
    .await
}

/// Words that went and words that came, with long stretches that stayed cut short.
pub(super) fn changes(runs: &[Run]) -> Markup {
    let last = runs.len().saturating_sub(1);
    html! {
        div.changes dir="auto" {
            @for (n, run) in runs.iter().enumerate().take(RUNS) {
                @match run.sign {
                    Sign::Same => (kept(&run.text, n == 0, n == last)),
                    Sign::Gone => del { span.hidden { "taken out: " } (text::visible(&run.text)) },
                    Sign::New => ins { span.hidden { "added: " } (text::visible(&run.text)) },
                }
            }
            @if runs.len() > RUNS { p.quiet { "and " (runs.len() - RUNS) " more changes" } }
        }
    }
}

fn kept(same: &str, first: bool, last: bool) -> Markup {
    let count = same.chars().count();
    let room = AROUND * (2 - usize::from(first || last));
    if count <= room + 40 {
        return html! { span { (text::visible(same)) } };
    }
    let head: String = if first {
        String::new()
    } else {
        same.chars().take(AROUND).collect()
    };
    let tail: String = if last {
        String::new()
    } else {
        same.chars().skip(count - AROUND).collect()
    };
    let cut = count - head.chars().count() - tail.chars().count();
    html! {
        span { (text::visible(&head)) }
        span.cut { " … " (text::count(cut, "character", "characters")) " as before … " }
        span { (text::visible(&tail)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_marked_and_long_stretches_cut() {
        let markup = changes(&diff::text("one two <b> three", "one 2 <b> three")).into_string();
        assert!(
            markup.contains("<del><span class=\"hidden\">taken out: </span>two</del>"),
            "{markup}"
        );
        assert!(
            markup.contains("<ins><span class=\"hidden\">added: </span>2</ins>"),
            "{markup}"
        );
        assert!(markup.contains("&lt;b&gt;") && !markup.contains("<b>"));
        let long = "word ".repeat(2000);
        let markup = changes(&diff::text(&format!("{long}a {long}"), &format!("{long}b {long}"))).into_string();
        assert!(
            markup.len() < 2000 && markup.contains("characters as before"),
            "{} bytes",
            markup.len()
        );
    }
}
