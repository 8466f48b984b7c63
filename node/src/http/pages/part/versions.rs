//! The version bar: who signed which version of a document, and two of them to compare.
//!
//! Bound: [`SHOWN`] versions are marked, the last ones; the page of versions has more.

use althing_protocol::document::Edit;
use althing_protocol::hash::Id;
use maud::{Markup, html};

use super::{person, text, time, words};
use crate::http::load::Loaded;
use crate::http::pages::View;

/// Versions that are marked beside a document.
const SHOWN: usize = 8;

/// The last versions, newest first, with two to pick.
pub(crate) fn bar(view: &View<'_>, loaded: &Loaded) -> Markup {
    let versions = loaded.document.versions();
    let doc = loaded.document.id();
    if versions.len() < 2 {
        return html! { p.quiet { "One version: nobody has edited it since it was opened." } };
    }
    let last = versions.len();
    let (a, b) = (
        versions.get(last - 2).map(|v| v.entry),
        versions.last().map(|v| v.entry),
    );
    html! {
        form.versions method="get" action={ "/d/" (doc) "/versions" } {
            (table(view, loaded, &versions, last.saturating_sub(SHOWN), (a, b)))
            p.tools {
                button type="submit" { "Compare the two" }
                @if last > SHOWN { " " a href={ "/d/" (doc) "/versions" } { "All " (last) " versions" } }
            }
        }
    }
}

/// Versions from this place on, newest first.
pub(crate) fn table(
    view: &View<'_>,
    loaded: &Loaded,
    versions: &[Edit],
    from: usize,
    picked: (Option<Id>, Option<Id>),
) -> Markup {
    html! {
        ol.bar reversed start=(versions.len()) {
            @for (n, version) in versions.iter().enumerate().skip(from).rev() {
                li {
                    span.picks {
                        label { input type="radio" name="a" value=(version.entry) checked[picked.0 == Some(version.entry)]; "from" span.hidden { " version " (n + 1) } }
                        label { input type="radio" name="b" value=(version.entry) checked[picked.1 == Some(version.entry)]; "to" span.hidden { " version " (n + 1) } }
                    }
                    span.what {
                        strong { "Version " (n + 1) } " by " (person::link(view, version.by))
                        @if let Some(header) = loaded.header(&version.entry) { ", " (time::ago(view, header.time)) }
                        @if n > 0 { span.quiet { ": " (fields(version)) } }
                        " " a href={ "/d/" (loaded.document.id()) "/at/" (version.entry) } { "as it was" }
                    }
                }
            }
        }
    }
}

/// The fields that a version changed, in words.
fn fields(version: &Edit) -> String {
    let names: Vec<String> = version
        .fields
        .iter()
        .take(5)
        .map(|name| words::human(name).to_lowercase())
        .collect();
    match version.fields.len() {
        0 => "its text is not here".to_owned(),
        n if n > names.len() => format!(
            "{} and {}",
            names.join(", "),
            text::count(n - names.len(), "more", "more")
        ),
        _ => names.join(", "),
    }
}
