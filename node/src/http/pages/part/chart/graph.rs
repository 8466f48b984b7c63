//! Things and what follows from what, left to right: boxes in columns, and a line of its own for each sort of step.
//!
//! A picture holds no links that a keyboard reaches, so the same stands below it as a list, with links.
//!
//! Bounds: [`NODES`] boxes and [`EDGES`] steps; a box's name has [`LETTERS`] characters on each of two lines.

use althing_view::Cell;
use maud::{Markup, html};

use super::{Figure, NAME, label, listed, px};
use crate::http::pages::View;
use crate::http::pages::part::{sheet, words};

/// Boxes that are drawn.
const NODES: usize = 120;

/// Steps that are drawn.
const EDGES: usize = 240;

/// Characters on one line of a box.
const LETTERS: usize = 22;

/// Columns at most: a graph that is deeper ends in its last one.
const LAYERS: usize = 16;

/// Pixels: a box, and what is between two of them.
const BOX: (u64, u64) = (172, 44);
const GAP: (u64, u64) = (72, 14);

/// The styles that sorts of steps are drawn in.
const DASHES: usize = 4;

type Node = (String, usize, Cell);
type Edge = (usize, usize, &'static str);

pub(super) fn figure(view: &View<'_>, name: &str, title: &str, nodes: &[Node], edges: &[Edge]) -> Markup {
    let shown = nodes.get(..NODES).unwrap_or(nodes);
    let places = places(shown);
    let drawn: Vec<&Edge> = edges
        .iter()
        .filter(|(a, b, _)| *a < shown.len() && *b < shown.len())
        .take(EDGES)
        .collect();
    let mut sorts: Vec<&str> = drawn.iter().map(|(_, _, word)| *word).collect();
    sorts.sort_unstable();
    sorts.dedup();
    let sort = |word: &str| sorts.iter().position(|one| *one == word).unwrap_or(0) % DASHES;
    let right = places.iter().map(|(x, _)| x + BOX.0).max().unwrap_or(BOX.0);
    let bottom = places.iter().map(|(_, y)| y + BOX.1).max().unwrap_or(BOX.1);
    let called = |n: usize| shown.get(n).map(|(name, ..)| label(name, NAME)).unwrap_or_default();
    let said = drawn
        .iter()
        .map(|(a, b, word)| format!("{} {word} {}", called(*a), called(*b)));
    let marks = html! {
        defs {
            marker.arrow id={ (name) "-arrow" } viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto" {
                path d="M0 0l8 4l-8 4z" {}
            }
        }
        @for (a, b, word) in &drawn {
            @if let (Some(from), Some(to)) = (places.get(*a), places.get(*b)) {
                path class={ "step dash-" (sort(word)) } d=(curve(*from, *to)) marker-end={ "url(#" (name) "-arrow)" } {}
            }
        }
        @for ((title, ..), (x, y)) in shown.iter().zip(&places) {
            @let (first, second) = halves(title);
            rect.node x=(x) y=(y) width=(BOX.0) height=(BOX.1) rx="3" {}
            text x=(x + 8) y=(y + 18) { (first) }
            text x=(x + 8) y=(y + 34) { (second) }
        }
    };
    let picture = Figure {
        name,
        title,
        says: format!(
            "What leads to what. {}. The list below holds the same.",
            listed(said, edges.len())
        ),
        height: bottom + 4,
        width: Some(right + 4),
        marks,
        legend: html! {
            ul.legend {
                @for word in &sorts {
                    li {
                        svg width="30" height="14" aria-hidden="true" focusable="false" { path class={ "step dash-" (sort(word)) } d="M0 7H30" {} }
                        " " (words::human(word).to_lowercase())
                    }
                }
            }
        },
        left_out: (nodes.len() - shown.len()) + (edges.len() - drawn.len()),
    };
    html! { (picture.render()) (list(view, shown, &drawn)) }
}

/// Columns by layer, in the order given, each in the middle of the highest.
fn places(nodes: &[Node]) -> Vec<(u64, u64)> {
    let mut taken = [0_u64; LAYERS];
    let rows: Vec<(usize, u64)> = nodes
        .iter()
        .map(|(_, layer, _)| {
            let layer = (*layer).min(LAYERS - 1);
            let row = taken.get(layer).copied().unwrap_or(0);
            if let Some(taken) = taken.get_mut(layer) {
                *taken += 1;
            }
            (layer, row)
        })
        .collect();
    let highest = taken.iter().copied().max().unwrap_or(0);
    let place = |(layer, row): (usize, u64)| {
        let free = highest - taken.get(layer).copied().unwrap_or(0);
        let y = free * (BOX.1 + GAP.1) / 2 + row * (BOX.1 + GAP.1);
        (2 + px(layer) * (BOX.0 + GAP.0), 2 + y)
    };
    rows.into_iter().map(place).collect()
}

/// From the right side of one box to the left side of another.
fn curve((x, y): (u64, u64), (to_x, to_y): (u64, u64)) -> String {
    let (x, y, to_y) = (x + BOX.0, y + BOX.1 / 2, to_y + BOX.1 / 2);
    let (out, into) = (x + GAP.0 / 2, to_x.saturating_sub(GAP.0 / 2));
    format!("M{x} {y}C{out} {y} {into} {to_y} {to_x} {to_y}")
}

/// A name on two lines.
fn halves(name: &str) -> (String, String) {
    let name = label(name, LETTERS * 2);
    let mut first = String::new();
    let mut rest = name.as_str();
    while let Some((word, after)) = rest.split_once(' ') {
        if !first.is_empty() && first.chars().count() + word.chars().count() >= LETTERS {
            break;
        }
        if !first.is_empty() {
            first.push(' ');
        }
        first.push_str(word);
        rest = after;
    }
    if first.is_empty() || first.chars().count() + rest.chars().count() < LETTERS {
        if !first.is_empty() {
            first.push(' ');
        }
        first.push_str(rest);
        rest = "";
    }
    (label(&first, LETTERS + 2), label(rest, LETTERS + 2))
}

/// The same for a keyboard and for a voice.
fn list(view: &View<'_>, nodes: &[Node], edges: &[&Edge]) -> Markup {
    html! {
        details.behind {
            summary { "The same as a list, with links" }
            ul {
                @for (n, (name, _, cell)) in nodes.iter().enumerate() {
                    li {
                        @if matches!(cell, Cell::Empty) { bdi { (label(name, 120)) } } @else { (sheet::cell(view, cell)) }
                        @for (_, to, word) in edges.iter().filter(|(from, ..)| *from == n) {
                            ", " (words::human(word).to_lowercase()) " "
                            @if let Some((name, ..)) = nodes.get(*to) { bdi { (label(name, NAME)) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_stand_left_to_right_in_the_middle() {
        let node = |layer| ("x".to_owned(), layer, Cell::Empty);
        let found = places(&[node(0), node(0), node(0), node(1), node(99)]);
        assert_eq!(found, [(2, 2), (2, 60), (2, 118), (246, 60), (2 + 15 * 244, 60)]);
    }

    #[test]
    fn names_take_two_lines_at_most() {
        assert_eq!(halves("Short"), ("Short".to_owned(), String::new()));
        let (first, second) = halves("A decision about the second crane and the pier behind it");
        assert!(
            first.chars().count() <= LETTERS + 2 && second.chars().count() <= LETTERS + 3,
            "{first}|{second}"
        );
        assert!(first.starts_with("A decision") && second.ends_with('…'));
        let long = halves(&"x".repeat(200));
        assert!(long.0.chars().count() <= LETTERS + 3, "{long:?}");
    }
}
