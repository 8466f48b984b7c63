//! Spans of days on lanes, one below the other, with a line for now. Spans that clash are hatched and say so.
//!
//! Bounds: [`SPANS`] spans are drawn, [`TICKS`] days are marked below them.

use std::collections::BTreeMap;

use althing_view::Day;
use althing_view::sheet::Span;
use maud::{Markup, html};

use super::{Figure, NAME, days, label, legend, listed, mark, patterns, px, share};
use crate::http::pages::part::text;

/// Spans that are drawn.
const SPANS: usize = 160;

/// Days that are marked.
const TICKS: u64 = 4;

/// The pattern of what clashes.
const HATCHED: usize = 1;

/// Pixels of the name of a lane, of a span with its words, of the days at the top.
const LANE: u64 = 22;
const ROW: u64 = 34;
const HEAD: u64 = 22;

/// How many letters are taken to fit beside each other: about as many as on a telephone.
const ACROSS: u64 = 54;

/// A lane and its rows: neither spans nor their words overlap in one row.
struct Lane<'a> {
    name: &'a str,
    rows: Vec<Vec<&'a Span>>,
}

pub(super) fn figure(name: &str, title: &str, now: Option<Day>, spans: &[Span]) -> Markup {
    let shown = spans.get(..SPANS).unwrap_or(spans);
    let from = shown
        .iter()
        .map(|span| span.from)
        .chain(now)
        .min()
        .unwrap_or(Day::of(0));
    let until = shown.iter().map(|span| span.until).chain(now).max().unwrap_or(from);
    let axis = Axis {
        from,
        // The last day is over when the next one begins.
        length: days(from, until).saturating_add(1),
    };
    let lanes = lanes(shown, &axis);
    let mut height = HEAD;
    let placed: Vec<(u64, &Lane<'_>)> = lanes
        .iter()
        .map(|lane| {
            let top = height;
            height += LANE + px(lane.rows.len()) * ROW;
            (top, lane)
        })
        .collect();
    let said = shown.iter().map(|span| {
        let clash = if span.clash { ", clashes with another" } else { "" };
        format!(
            "{}, {}: {} to {}{clash}",
            label(&span.lane, NAME),
            label(&span.label, NAME),
            span.from,
            span.until
        )
    });
    let clashes = shown.iter().any(|span| span.clash);
    let marks = html! {
        (patterns(name, |n| clashes && n == HATCHED))
        (axis.ticks(height))
        @if let Some(now) = now {
            @let x = axis.at(now);
            line.now x1=(x) y1="14" x2=(x) y2=(height) {}
        }
        @for (top, lane) in &placed {
            line.rule x1="0" y1=(top) x2="100%" y2=(top) {}
            text.name x="0" y=(top + 16) { (label(lane.name, NAME)) }
            @for (row, spans) in lane.rows.iter().enumerate() {
                @for span in spans { (one(name, &axis, span, top + LANE + px(row) * ROW)) }
            }
        }
    };
    let mut kinds = vec![("open".to_owned(), "tone-0".to_owned(), 0)];
    if clashes {
        kinds.push(("clashes with another".to_owned(), "tone-1".to_owned(), HATCHED));
    }
    Figure {
        name,
        title,
        says: format!(
            "Spans of time. {}. The table below holds the same.",
            listed(said, shown.len())
        ),
        height,
        width: None,
        marks,
        legend: html! {
            @if clashes { (legend(name, &kinds)) }
            @if let Some(now) = now { p.quiet { "The dashed line is " (now) "." } }
        },
        left_out: spans.len() - shown.len(),
    }
    .render()
}

/// Lanes in the order in which their names come first; each span in the first row that is free for it and its words.
fn lanes<'a>(spans: &'a [Span], axis: &Axis) -> Vec<Lane<'a>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out: Vec<Lane<'_>> = Vec::new();
    for span in spans {
        let place = *places.entry(&span.lane).or_insert_with(|| {
            let rows = Vec::new();
            out.push(Lane { name: &span.lane, rows });
            out.len() - 1
        });
        let Some(lane) = out.get_mut(place) else { continue };
        let (from, until) = axis.takes(span);
        let free = |row: &&mut Vec<&Span>| {
            row.iter()
                .map(|other| axis.takes(other))
                .all(|(a, b)| b < from || until < a)
        };
        match lane.rows.iter_mut().find(free) {
            Some(row) => row.push(span),
            None => lane.rows.push(vec![span]),
        }
    }
    out
}

fn one(name: &str, axis: &Axis, span: &Span, top: u64) -> Markup {
    let x = axis.at(span.from);
    let width = share(days(span.from, span.until) + 1, axis.length);
    let (class, pattern) = if span.clash { ("tone-1", HATCHED) } else { ("tone-0", 0) };
    let late = axis.is_late(span);
    let end = share(days(axis.from, span.until) + 1, axis.length);
    html! {
        (mark(name, class, pattern, [&x, &top.to_string(), &width, "12"]))
        text.number text-anchor=(if late { "end" } else { "start" }) x=(if late { &end } else { &x }) y=(top + 25) {
            @if span.clash { "⚠ " }
            (label(&span.label, NAME))
        }
    }
}

struct Axis {
    from: Day,
    length: u64,
}

impl Axis {
    /// Where a day begins.
    fn at(&self, day: Day) -> String {
        share(days(self.from, day), self.length)
    }

    /// Words that begin in the second half end with their span, so that they stay on the page.
    fn is_late(&self, span: &Span) -> bool {
        days(self.from, span.from) * 2 > self.length
    }

    /// The first and the last day across which a span reaches with its words.
    fn takes(&self, span: &Span) -> (u64, u64) {
        let (from, until) = (days(self.from, span.from), days(self.from, span.until));
        let letters = px(label(&span.label, NAME).chars().count() + if span.clash { 3 } else { 0 });
        let words = self.length.saturating_mul(letters) / ACROSS;
        if self.is_late(span) {
            (from.min(until.saturating_sub(words)), until)
        } else {
            (from, until.max(from.saturating_add(words)))
        }
    }

    /// Some days, evenly spread.
    fn ticks(&self, height: u64) -> Markup {
        let every = (self.length / TICKS).max(1);
        let ticks = (0..TICKS.min(self.length)).map(|n| self.from.after(n * every));
        html! {
            @for day in ticks {
                @let x = self.at(day);
                line.tick x1=(x) y1="16" x2=(x) y2=(height) {}
                text.number x=(x) y="11" { (text::short(&day.to_string(), 10)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(lane: &str, from: &str, until: &str, clash: bool) -> Span {
        Span {
            lane: lane.to_owned(),
            label: format!("{lane} {from}"),
            from: Day::read(from).unwrap(),
            until: Day::read(until).unwrap(),
            clash,
        }
    }

    #[test]
    fn overlapping_spans_stand_below_each_other_and_clashes_are_hatched() {
        let spans = [
            span("votes", "2026-01-01", "2026-01-10", true),
            span("votes", "2026-01-05", "2026-01-12", true),
            span("votes", "2026-01-11", "2026-01-20", false),
            span("reviews", "2026-01-02", "2026-01-03", false),
        ];
        let axis = Axis {
            from: Day::read("2026-01-01").unwrap(),
            length: 20,
        };
        let found = lanes(&spans, &axis);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].rows.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let far = Axis { length: 2000, ..axis };
        let found = lanes(&spans, &far);
        assert_eq!(
            found[0].rows.len(),
            3,
            "where days are narrow, words need rows of their own"
        );
        let drawn = figure("plot-0", "Calendar", Day::read("2026-01-06"), &spans).into_string();
        assert_eq!(
            drawn.matches("url(#plot-0-pattern-1)").count(),
            3,
            "two spans and the legend"
        );
        assert!(drawn.contains(r#"class="now" x1="25.00%""#), "{drawn}");
        assert!(drawn.contains("⚠ votes 2026-01-05") && drawn.contains("clashes with another"));
        assert!(
            drawn.contains(r#"x="0.00%" y="44" width="50.00%" height="12""#),
            "{drawn}"
        );
    }

    #[test]
    fn one_day_and_ten_thousand_spans_are_drawn() {
        let drawn = figure("plot-0", "x", None, &[span("a", "2026-01-01", "2026-01-01", false)]).into_string();
        assert!(drawn.contains(r#"width="100.00%""#));
        let many: Vec<Span> = (0..10_000)
            .map(|_| span("a", "1970-01-01", "9999-12-31", false))
            .collect();
        assert!(
            figure("plot-0", "x", None, &many)
                .into_string()
                .contains("more, in the table")
        );
        // A view that hands in a span the wrong way round is drawn short, not beyond the page.
        let wrong = figure("plot-0", "x", None, &[span("a", "2026-02-01", "2026-01-01", false)]).into_string();
        assert!(wrong.contains("</svg>"));
        assert!(figure("plot-0", "x", None, &[]).into_string().contains("</svg>"));
    }
}
