//! Values over days, line by line; lines differ by colour, by dashes and by the shape of their points.
//!
//! Bounds: [`LINES`] lines of [`POINTS`] points, the last ones.

use althing_view::Day;
use maud::{Markup, html};

use super::{Figure, NAME, TONES, days, label, listed, share};
use crate::http::pages::part::text;

/// Lines that are drawn.
const LINES: usize = 8;

/// Points of a line that are drawn.
const POINTS: usize = 240;

/// Points up to which each is marked.
const MARKED: usize = 40;

/// Pixels of the plot, and of the days below it.
const HEIGHT: u64 = 220;
const FOOT: u64 = 24;
const HEAD: u64 = 14;

/// A line as it is drawn: its place among the others, its name, its points.
type Cut<'a> = (usize, &'a str, &'a [(Day, u64)]);

pub(super) fn figure(name: &str, title: &str, lines: &[(String, Vec<(Day, u64)>)]) -> Markup {
    let shown = lines.get(..LINES).unwrap_or(lines);
    let last = |points: &'_ [(Day, u64)]| points.len().saturating_sub(POINTS);
    let cut: Vec<Cut<'_>> = shown
        .iter()
        .enumerate()
        .map(|(n, (name, points))| (n, name.as_str(), points.get(last(points)..).unwrap_or_default()))
        .collect();
    let all = || cut.iter().flat_map(|(_, _, points)| points.iter());
    let from = all().map(|(day, _)| *day).min().unwrap_or(Day::of(0));
    let until = all().map(|(day, _)| *day).max().unwrap_or(from);
    let scale = Scale {
        from,
        length: days(from, until).max(1),
        most: all().map(|(_, value)| *value).max().unwrap_or(0).max(1),
    };
    let said = cut
        .iter()
        .map(|(_, name, points)| match (points.first(), points.last()) {
            (Some((first, a)), Some((last, b))) => {
                let (a, b) = (text::grouped(a), text::grouped(b));
                format!("{}: {a} on {first}, {b} on {last}", label(name, NAME))
            }
            _ => format!("{}: no value", label(name, NAME)),
        });
    let left = shown.iter().map(|(_, points)| last(points)).sum::<usize>();
    let marks = html! {
        @for n in 0..=2_u64 {
            @let y = HEAD + HEIGHT - HEIGHT * n / 2;
            line.tick x1="0" y1=(y) x2="100%" y2=(y) {}
            text.number x="0" y=(y - 3) { (text::grouped(u128::from(scale.most) * u128::from(n) / 2)) }
        }
        text.number x="0" y=(HEAD + HEIGHT + 18) { (from) }
        @if until > from { text.number text-anchor="end" x="100%" y=(HEAD + HEIGHT + 18) { (until) } }
        @for (n, _, points) in &cut { (line(&scale, *n, points)) }
    };
    Figure {
        name,
        title,
        says: format!(
            "Lines over days. {}. The table below holds the same.",
            listed(said, lines.len())
        ),
        height: HEAD + HEIGHT + FOOT,
        width: None,
        marks,
        legend: html! {
            ul.legend {
                @for (n, name, _) in &cut {
                    li {
                        svg width="30" height="14" aria-hidden="true" focusable="false" {
                            line class={ "line " (style(*n)) } x1="0" y1="7" x2="30" y2="7" {}
                            (point(*n, "15", 7))
                        }
                        " " bdi { (label(name, NAME)) }
                    }
                }
            }
        },
        left_out: left + lines.iter().skip(LINES).map(|(_, points)| points.len()).sum::<usize>(),
    }
    .render()
}

struct Scale {
    from: Day,
    length: u64,
    most: u64,
}

impl Scale {
    fn place(&self, (day, value): &(Day, u64)) -> (String, u64) {
        let up = u128::from(*value) * u128::from(HEIGHT) / u128::from(self.most);
        let up = u64::try_from(up).unwrap_or(HEIGHT);
        // A little room at both ends, so that no point is cut.
        let across = days(self.from, *day)
            .saturating_mul(194)
            .saturating_add(self.length.saturating_mul(3));
        (share(across, self.length.saturating_mul(200)), HEAD + HEIGHT - up)
    }
}

fn line(scale: &Scale, n: usize, points: &[(Day, u64)]) -> Markup {
    let places: Vec<(String, u64)> = points.iter().map(|point| scale.place(point)).collect();
    html! {
        @for ((a, b), (c, d)) in places.iter().zip(places.iter().skip(1)) {
            line class={ "line " (style(n)) } x1=(a) y1=(b) x2=(c) y2=(d) {}
        }
        @if places.len() <= MARKED { @for (x, y) in &places { (point(n, x, *y)) } }
    }
}

fn style(n: usize) -> String {
    format!("tone-{} dash-{}", n % TONES, (n + n / TONES) % 4)
}

/// A point: a disk, a square, a ring or a bar. Its place across is a share, so it is no path.
fn point(n: usize, x: &str, y: u64) -> Markup {
    let class = format!("point tone-{}", n % TONES);
    html! {
        @match n % 4 {
            0 => circle class=(class) cx=(x) cy=(y) r="3.5" {},
            1 => rect class=(class) x=(x) y=(y.saturating_sub(3)) width="6" height="6" transform="translate(-3 0)" {},
            2 => circle class={ (class) " ring" } cx=(x) cy=(y) r="3.5" {},
            _ => rect class=(class) x=(x) y=(y.saturating_sub(6)) width="2.5" height="12" transform="translate(-1.25 0)" {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::read(text).unwrap()
    }

    #[test]
    fn points_stand_where_their_days_and_values_are() {
        let lines = [(
            "minted".to_owned(),
            vec![
                (day("2026-01-01"), 0),
                (day("2026-01-06"), 50),
                (day("2026-01-11"), 100),
            ],
        )];
        let drawn = figure("plot-0", "Minted", &lines).into_string();
        assert!(drawn.contains(r#"x1="1.50%" y1="234" x2="50.00%" y2="124""#), "{drawn}");
        assert!(drawn.contains(r#"x2="98.50%" y2="14""#), "{drawn}");
        assert!(drawn.contains("minted: 0 on 2026-01-01, 100 on 2026-01-11"));
    }

    #[test]
    fn long_lines_keep_their_end_and_none_is_no_plot() {
        let long: Vec<(Day, u64)> = (0..5000).map(|n| (Day::of(0).after(n), n)).collect();
        let lines: Vec<_> = (0..20).map(|n| (format!("line {n}"), long.clone())).collect();
        let drawn = figure("plot-0", "x", &lines).into_string();
        assert_eq!(drawn.matches(r#"class="line "#).count(), LINES * (POINTS - 1) + LINES);
        assert!(drawn.contains("on 1983-09-09"), "{}", &drawn[..2000]);
        assert!(
            figure("plot-0", "x", &[("a".to_owned(), vec![])])
                .into_string()
                .contains("no value")
        );
    }
}
