//! Plots of views as inline SVG, each with a title, a sentence for those who cannot see it, and a legend.
//!
//! Widths are shares of the page, heights and letters are pixels: so a plot is as legible on a telephone as on a desk.
//! What colour tells, a pattern and a word tell as well. The tables of the sheet are the text alternative.
//!
//! Bounds: each plot says in its module how many marks it draws; [`PLOTS`] plots of one sheet are drawn. What is left out
//! is said below the plot, and is in the tables.

mod bars;
mod graph;
mod grid;
mod lines;
mod spans;

use althing_view::{Day, Plot};
use maud::{Markup, PreEscaped, html};

use super::text;
use crate::http::pages::View;

/// Plots of one sheet that are drawn.
const PLOTS: usize = 12;

/// Colours, and patterns that go with them; one more of something begins again with another pattern.
const TONES: usize = 6;

/// Things that the sentence for those who cannot see a plot names.
const SAID: usize = 12;

/// Characters of a name beside a mark.
const NAME: usize = 48;

/// All plots of a sheet.
pub(crate) fn all(view: &View<'_>, plots: &[Plot]) -> Markup {
    // What shows nothing has a table that says so, and what could be done.
    let plots: Vec<&Plot> = plots.iter().filter(|plot| !plot.is_empty()).collect();
    html! {
        @for (n, plot) in plots.iter().take(PLOTS).enumerate() { (one(view, n, plot)) }
        @if plots.len() > PLOTS { p.quiet { "and " (plots.len() - PLOTS) " more plots, which the tables hold" } }
    }
}

fn one(view: &View<'_>, n: usize, plot: &Plot) -> Markup {
    let name = format!("plot-{n}");
    match plot {
        Plot::Bars { title, parts, bars } => bars::figure(&name, title, parts, bars),
        Plot::Spans { title, now, spans } => spans::figure(&name, title, *now, spans),
        Plot::Lines { title, lines } => lines::figure(&name, title, lines),
        Plot::Grid { title, columns, rows } => grid::figure(&name, title, columns, rows),
        Plot::Graph { title, nodes, edges } => graph::figure(view, &name, title, nodes, edges),
    }
}

/// A plot with what stands around it.
struct Figure<'a> {
    name: &'a str,
    title: &'a str,
    /// What it shows, in a sentence.
    says: String,
    /// Its height in pixels, and its width where that is not the page's.
    height: u64,
    width: Option<u64>,
    marks: Markup,
    legend: Markup,
    /// Marks that were left out.
    left_out: usize,
}

impl Figure<'_> {
    fn render(self) -> Markup {
        let (title, says) = (format!("{}-title", self.name), format!("{}-says", self.name));
        let shown = text::visible(&text::short(self.title, 200)).into_owned();
        let width = self.width.map_or_else(|| "100%".to_owned(), |width| width.to_string());
        html! {
            figure.chart {
                figcaption { bdi { (shown) } }
                (self.legend)
                div.canvas role=[self.width.map(|_| "region")] aria-label=[self.width.map(|_| &shown)] tabindex=[self.width.map(|_| "0")] {
                    svg width=(width) height=(self.height) role="img" aria-labelledby={ (title) " " (says) } focusable="false" {
                        title id=(title) { (shown) }
                        desc id=(says) { (self.says) }
                        (self.marks)
                    }
                }
                @if self.left_out > 0 { p.quiet { "and " (text::grouped(self.left_out)) " more, in the table" } }
            }
        }
    }
}

/// A name as a mark shows it: visible, on one line, cut.
fn label(name: &str, most: usize) -> String {
    let line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    text::visible(&text::short(&line, most)).into_owned()
}

/// A part of a whole, for an attribute: `12.50%`.
fn share(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// A number of pixels, or of marks.
fn px(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Days from one to a later one.
fn days(from: Day, until: Day) -> u64 {
    u64::try_from(from.until(until)).unwrap_or(0)
}

/// The class that gives a mark its colour. The three positions of a stance have their own.
fn tone(n: usize, name: &str) -> String {
    match name {
        "support" => "support".to_owned(),
        "abstain" => "abstain".to_owned(),
        "oppose" => "oppose".to_owned(),
        _ => format!("tone-{}", n % TONES),
    }
}

/// A rectangle in a colour, with its pattern above it.
fn mark(name: &str, class: &str, pattern: usize, place: [&str; 4]) -> Markup {
    let [x, y, width, height] = place;
    html! {
        rect class={ "mark " (class) } x=(x) y=(y) width=(width) height=(height) {}
        @if pattern > 0 { rect x=(x) y=(y) width=(width) height=(height) fill={ "url(#" (name) "-pattern-" (pattern) ")" } {} }
        rect.outline x=(x) y=(y) width=(width) height=(height) {}
    }
}

/// The pattern of the n-th part: none for the first, another for each that follows.
fn pattern(n: usize, name: &str) -> usize {
    match name {
        "support" => 0,
        "abstain" => 1,
        "oppose" => 2,
        _ => (n + n / TONES) % PATTERNS.len(),
    }
}

/// What is drawn in a square of eight pixels, again and again. The first is nothing.
const PATTERNS: [&str; 6] = [
    "",
    r#"<path d="M-2 6l4 4M-2-2l12 12M6-2l4 4"/>"#,
    r#"<path d="M-2 2l4-4M-2 10l12-12M6 10l4-4"/>"#,
    r#"<circle class="dot" cx="4" cy="4" r="1.6"/>"#,
    r#"<path d="M0 4h8"/>"#,
    r#"<path d="M4 0v8M0 4h8"/>"#,
];

/// The patterns that a plot uses, under names of its own.
fn patterns(name: &str, used: impl Fn(usize) -> bool) -> Markup {
    html! {
        defs {
            @for (n, drawn) in PATTERNS.iter().enumerate().skip(1) {
                @if used(n) {
                    pattern.over id={ (name) "-pattern-" (n) } width="8" height="8" patternUnits="userSpaceOnUse" { (PreEscaped(*drawn)) }
                }
            }
        }
    }
}

/// What colours and patterns stand for.
fn legend(name: &str, parts: &[(String, String, usize)]) -> Markup {
    html! {
        ul.legend {
            @for (word, class, pattern) in parts {
                li {
                    svg width="18" height="14" aria-hidden="true" focusable="false" { (mark(name, class, *pattern, ["1", "1", "16", "12"])) }
                    " " bdi { (word) }
                }
            }
        }
    }
}

/// Several things in a sentence; how many more there are.
fn listed(things: impl Iterator<Item = String>, all: usize) -> String {
    let mut said: Vec<String> = things.take(SAID).collect();
    if all > SAID {
        said.push(format!("and {} more", all - SAID));
    }
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_leave_the_page() {
        assert_eq!(share(1, 3), "33.33%");
        assert_eq!(share(u64::MAX, u64::MAX), "100.00%");
        assert_eq!((share(0, 0), share(5, 5)), ("0.00%".to_owned(), "100.00%".to_owned()));
    }

    #[test]
    fn what_people_wrote_stays_text_and_on_one_line() {
        assert_eq!(label("a\n b\u{202e}c", 9), "a b⟨U+202E⟩c");
        let figure = Figure {
            name: "plot-0",
            title: "</title><script>",
            says: "<b>".to_owned(),
            height: 10,
            width: None,
            marks: html! {},
            legend: html! {},
            left_out: 3,
        };
        let drawn = figure.render().into_string();
        assert!(!drawn.contains("<script") && !drawn.contains("<b>"), "{drawn}");
        assert!(drawn.contains(r#"role="img" aria-labelledby="plot-0-title plot-0-says""#));
        assert!(drawn.contains("and 3 more, in the table") && !drawn.contains("style="));
    }

    #[test]
    fn neighbours_differ_by_colour_and_by_pattern() {
        let marks: Vec<(String, usize)> = (0..12).map(|n| (tone(n, "x"), pattern(n, "x"))).collect();
        for (n, one) in marks.iter().enumerate() {
            assert!(marks.iter().skip(n + 1).all(|other| other != one), "{n}");
        }
        for pair in marks.windows(2) {
            assert!(pair[0].0 != pair[1].0 && pair[0].1 != pair[1].1);
        }
    }
}
