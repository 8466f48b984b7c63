//! For each row a bar made of parts, its name and its numbers above it.
//!
//! A bar of one part is as long as its number against the greatest. A bar of several parts is a whole of its own where
//! the parts are positions, since what one class says is never held against what another one says.
//!
//! Bounds: [`BARS`] bars of [`PARTS`] parts.

use maud::{Markup, html};

use super::{Figure, NAME, label, legend, listed, mark, pattern, patterns, px, share, tone};
use crate::http::pages::part::text;

/// Bars that are drawn.
const BARS: usize = 60;

/// Parts of a bar that are drawn.
const PARTS: usize = 12;

/// Pixels that one bar takes with the two lines above it; a bar of one part has one line.
const ROW: (u64, u64) = (58, 42);

/// Pixels from the top of a row to its bar.
const ABOVE: (u64, u64) = (34, 19);

/// Pixels of a bar.
const BAR: u64 = 14;

pub(super) fn figure(name: &str, title: &str, parts: &[String], bars: &[(String, Vec<u64>)]) -> Markup {
    let shown = bars.get(..BARS).unwrap_or(bars);
    let parts = parts.get(..PARTS).unwrap_or(parts);
    let words: Vec<(String, String, usize)> = parts
        .iter()
        .enumerate()
        .map(|(n, part)| (label(part, NAME), tone(n, part), pattern(n, part)))
        .collect();
    let alone = parts.iter().any(|part| part == "support" || part == "oppose");
    let greatest = bars.iter().map(|(_, sizes)| sum(sizes)).max().unwrap_or(0);
    let single = words.len() <= 1;
    let (row_height, above) = if single { (ROW.1, ABOVE.1) } else { (ROW.0, ABOVE.0) };
    let told = |sizes: &[u64]| -> String {
        let each = words
            .iter()
            .zip(sizes)
            .map(|((word, ..), size)| format!("{word} {}", text::grouped(size)));
        match sizes.first().filter(|_| single) {
            Some(only) => text::grouped(only),
            None => each.collect::<Vec<_>>().join(" · "),
        }
    };
    let said = shown
        .iter()
        .map(|(bar, sizes)| format!("{}: {}", label(bar, NAME), told(sizes)));
    let used = |n: usize| words.iter().any(|(_, _, pattern)| *pattern == n);
    let marks = html! {
        (patterns(name, used))
        @for (row, (bar, sizes)) in shown.iter().enumerate() {
            @let top = px(row) * row_height;
            text.name x="0" y=(top + 14) { (label(bar, if single { NAME - 12 } else { NAME })) }
            @if single { text.number text-anchor="end" x="100%" y=(top + 14) { (told(sizes)) } }
            @else { text.number x="0" y=(top + 29) { (label(&told(sizes), 90)) } }
            (parted(name, &words, sizes, if alone { sum(sizes) } else { greatest }, top + above))
        }
    };
    Figure {
        name,
        title,
        says: format!("Bars. {}. The table below holds the same.", listed(said, bars.len())),
        height: px(shown.len()) * row_height,
        width: None,
        marks,
        legend: html! {
            @if !single { (legend(name, &words)) }
            @if alone { p.quiet { "Each bar is a whole of its own; bars are not to be added up." } }
            @else { p.quiet { "One scale for all bars: the longest is " (text::grouped(greatest)) "." } }
        },
        left_out: bars.len() - shown.len(),
    }
    .render()
}

fn sum(sizes: &[u64]) -> u64 {
    sizes.iter().take(PARTS).fold(0, |all, size| all.saturating_add(*size))
}

/// The parts one after the other.
fn parted(name: &str, words: &[(String, String, usize)], sizes: &[u64], whole: u64, y: u64) -> Markup {
    let (y, height) = (y.to_string(), BAR.to_string());
    let mut from = 0_u64;
    let placed: Vec<_> = words
        .iter()
        .zip(sizes)
        .map(|((_, class, pattern), size)| {
            let x = share(from, whole);
            from = from.saturating_add(*size);
            (class, *pattern, x, share(*size, whole), *size)
        })
        .collect();
    html! {
        rect.track x="0" y=(y) width="100%" height=(height) {}
        @for (class, pattern, x, width, size) in &placed {
            @if *size > 0 { (mark(name, class, *pattern, [x, &y, width, &height])) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_wholes_and_counts_share_a_scale() {
        let parts = ["support", "abstain", "oppose"].map(str::to_owned);
        let bars = vec![
            ("Holders".to_owned(), vec![3, 0, 1]),
            ("Workers".to_owned(), vec![0, 0, 2]),
        ];
        let drawn = figure("plot-0", "Stances", &parts, &bars).into_string();
        assert!(
            drawn.contains(r#"class="mark support" x="0.00%" y="34" width="75.00%""#),
            "{drawn}"
        );
        assert!(
            drawn.contains(r#"class="mark oppose" x="0.00%" y="92" width="100.00%""#),
            "{drawn}"
        );
        assert!(drawn.contains("Holders: support 3 · abstain 0 · oppose 1; Workers:"));
        let bars = vec![("W1".to_owned(), vec![2]), ("W2".to_owned(), vec![8])];
        let drawn = figure("plot-0", "Load", &["asked".to_owned()], &bars).into_string();
        assert!(
            drawn.contains(r#"width="25.00%""#) && drawn.contains("the longest is 8"),
            "{drawn}"
        );
    }

    #[test]
    fn many_bars_and_great_numbers_are_bounded() {
        let bars: Vec<_> = (0..500).map(|n| (format!("bar {n}"), vec![u64::MAX; 40])).collect();
        let parts: Vec<String> = (0..40).map(|n| format!("part {n}")).collect();
        let drawn = figure("plot-0", "x", &parts, &bars).into_string();
        assert!(drawn.contains("and 440 more, in the table"));
        assert_eq!(drawn.matches(r#"class="track""#).count(), BARS);
        assert!(figure("plot-0", "x", &[], &[]).into_string().contains("</svg>"));
    }
}
