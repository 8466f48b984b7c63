//! Where people stand: for each class a bar of support, abstention and opposition, with the table behind it.
//!
//! Invariant: classes are never added up; what one person says counts once in the class in which they say it.
//!
//! Bounds: [`CLASSES`] classes get a bar, [`ROWS`] stances a row.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::document::{Effect, Outcome};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use hashbrown::HashMap;
use maud::{Markup, html};

use super::{markdown, person, refer, text, words};
use crate::http::load::Loaded;
use crate::http::pages::View;

/// Classes that get a bar.
const CLASSES: usize = 24;

/// Stances that get a row of the table.
const ROWS: usize = 500;

/// The three positions, in the order in which they are drawn.
const POSITIONS: [&str; 3] = ["support", "abstain", "oppose"];

/// A class and who stands where in it.
struct Class<'a> {
    name: Option<&'a str>,
    stances: Vec<Stance<'a>>,
}

struct Stance<'a> {
    act: &'a Outcome,
    position: &'a str,
}

impl Class<'_> {
    fn count(&self, position: &str) -> usize {
        self.stances.iter().filter(|stance| stance.position == position).count()
    }
}

/// The section of a document's page; nothing for kinds that nobody takes stances on.
pub(crate) fn section(view: &View<'_>, loaded: &Loaded) -> Markup {
    let classes = classes(loaded);
    let doc = loaded.document.id();
    html! {
        section.stances #stances data-live="" {
            h2 { "Where people stand" }
            @if classes.is_empty() {
                p.quiet {
                    "Nobody has said yet where they stand. "
                    @if view.reader.owner { a href={ "/d/" (doc) "/act/stance" } { "Say where you stand" } "." }
                }
            } @else {
                @for class in classes.iter().take(CLASSES) { (figure(class)) }
                @if classes.len() > CLASSES { p.quiet { "and " (classes.len() - CLASSES) " more classes, in the table" } }
                (table(view, loaded, &classes))
                @if view.reader.owner { p.tools { a href={ "/d/" (doc) "/act/stance" } { "Say where you stand" } } }
            }
        }
    }
}

fn classes(loaded: &Loaded) -> Vec<Class<'_>> {
    let mut by_class: BTreeMap<Option<&str>, Vec<Stance<'_>>> = BTreeMap::new();
    let counting = loaded
        .document
        .acts()
        .filter(|act| act.kind == "stance" && act.effect == Effect::Effective && act.in_record);
    for act in counting {
        let text = |name: &str| act.fields().and_then(|fields| fields.get(name)?.as_text());
        if let Some(position) = text("position") {
            let class = text("class").filter(|class| !class.trim().is_empty());
            by_class.entry(class).or_default().push(Stance { act, position });
        }
    }
    by_class
        .into_iter()
        .map(|(name, stances)| Class { name, stances })
        .collect()
}

fn figure(class: &Class<'_>) -> Markup {
    let counts = POSITIONS.map(|position| class.count(position));
    let said = POSITIONS
        .iter()
        .zip(counts)
        .map(|(position, count)| format!("{count} {position}"));
    let said = said.collect::<Vec<_>>().join(", ");
    let name = class.name.map_or_else(
        || "No class given".to_owned(),
        |name| text::visible(&text::short(name, 64)).into_owned(),
    );
    html! {
        figure.plot {
            figcaption { bdi { (name) } span.counts { (said) } }
            (bar(counts, &format!("{name}: {said}")))
        }
    }
}

/// The bar, 600 units wide.
fn bar(counts: [usize; 3], label: &str) -> Markup {
    let all = counts.iter().sum::<usize>().max(1);
    let mut from = 0;
    let mut before = 0;
    let parts: Vec<(usize, usize, usize, usize)> = counts
        .iter()
        .enumerate()
        .map(|(n, count)| {
            before += count;
            let to = before.saturating_mul(600) / all;
            let part = (n, from, to - from, *count);
            from = to;
            part
        })
        .collect();
    html! {
        svg viewBox="0 0 600 28" width="600" height="28" preserveAspectRatio="none" role="img" aria-label=(label) focusable="false" {
            @for (n, x, width, count) in parts {
                @if count > 0 {
                    rect class={ "part " (POSITIONS.get(n).copied().unwrap_or_default()) } x=(x) y="0" width=(width) height="28" {}
                    @if n == 1 {
                        @for stripe in 0..(width / 12) { line.stripe x1=(x + stripe * 12 + 3) y1="28" x2=(x + stripe * 12 + 11) y2="0" {} }
                    }
                    @if n == 2 { line.edge x1=(x) y1="0" x2=(x) y2="28" {} }
                }
            }
        }
    }
}

fn table(view: &View<'_>, loaded: &Loaded, classes: &[Class<'_>]) -> Markup {
    let all = classes.iter().map(|class| class.stances.len()).sum::<usize>();
    let mut seen = Seen::new(loaded);
    let rows = classes
        .iter()
        .flat_map(|class| class.stances.iter().map(move |stance| (class.name, stance)));
    html! {
        details.behind {
            summary { "The table behind it: " (text::count(all, "stance", "stances")) ", each with the version that was seen" }
            div.wide tabindex="0" {
                table {
                    thead { tr { th scope="col" { "Who" } th scope="col" { "Position" } th scope="col" { "Class" } th scope="col" { "Version seen" } th scope="col" { "Why" } } }
                    tbody {
                        @for (class, stance) in rows.take(ROWS) {
                            tr {
                                td { (person::link(view, stance.act.by)) }
                                td {
                                    (words::human(stance.position))
                                    @if let Some(Value::Int(percent)) = stance.act.fields().and_then(|fields| fields.get("confidence")) { ", " (percent) " %" }
                                }
                                td { (class.map(|class| text::visible(class).into_owned()).unwrap_or_default()) }
                                td { (seen.words(stance.act)) }
                                td {
                                    @if let Some(reason) = stance.act.fields().and_then(|fields| fields.get("reason")?.as_text()) { bdi { (markdown::gist(reason, 90)) } " " }
                                    a href=(refer::href(loaded.document.id(), stance.act.id)) { "read" }
                                }
                            }
                        }
                    }
                }
            }
            @if all > ROWS { p.quiet { "and " (all - ROWS) " more in the thread" } }
        }
    }
}

/// Which version somebody had seen, and what changed since. Computed once for each set of versions.
pub(crate) struct Seen<'a> {
    loaded: &'a Loaded,
    numbers: HashMap<Id, usize>,
    changed: HashMap<Vec<Id>, Option<BTreeSet<&'static str>>>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(loaded: &'a Loaded) -> Self {
        let versions = loaded.document.versions();
        let numbers = versions.iter().enumerate().map(|(n, version)| (version.entry, n + 1));
        Self {
            loaded,
            numbers: numbers.collect(),
            changed: HashMap::new(),
        }
    }

    /// `on the version of now`, or `on version 2; 3 fields changed since: …`.
    pub(crate) fn words(&mut self, act: &Outcome) -> Markup {
        let Some(saw) = &act.saw else {
            return html! { "too many versions to tell" };
        };
        let document = &self.loaded.document;
        let changed = self
            .changed
            .entry(saw.clone())
            .or_insert_with(|| document.changed_since(act.id));
        let mut numbers: Vec<usize> = saw.iter().filter_map(|id| self.numbers.get(id).copied()).collect();
        numbers.sort_unstable();
        let numbers: Vec<String> = numbers.iter().take(4).map(ToString::to_string).collect();
        html! {
            @match changed {
                None => "too many versions to tell",
                Some(fields) if fields.is_empty() => "as it is now",
                Some(fields) => {
                    @let a = saw.first().copied().unwrap_or_else(|| document.id());
                    a.older href={ "/d/" (document.id()) "/versions?a=" (a) } {
                        "said on version " (numbers.join(" and ")) "; " (text::count(fields.len(), "field", "fields")) " changed since"
                    }
                    ": " (fields.iter().map(|name| words::human(name)).collect::<Vec<_>>().join(", "))
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_whole_and_never_without_words() {
        let plot = bar([2, 1, 1], "Users: 2 support, 1 abstain, 1 oppose").into_string();
        assert!(
            plot.contains(r#"class="part support" x="0" y="0" width="300""#),
            "{plot}"
        );
        assert!(
            plot.contains(r#"class="part abstain" x="300" y="0" width="150""#),
            "{plot}"
        );
        assert!(
            plot.contains(r#"class="part oppose" x="450" y="0" width="150""#),
            "{plot}"
        );
        assert!(plot.contains(r#"role="img" aria-label="Users: 2 support"#));
        assert!(!plot.contains("style="), "the policy forbids it");
        let none = bar([0, 0, 3], "x").into_string();
        assert!(!none.contains("support\"") && none.contains(r#"width="600""#));
        assert!(bar([0, 0, 0], "x").into_string().contains("</svg>"));
    }
}
