//! A grid: each row's name above its cells, each cell filled as high as it says, with its number in it.
//!
//! Bounds: [`ROWS`] rows of [`COLUMNS`] columns.

use maud::{Markup, html};

use super::{Figure, NAME, label, listed, px, share};

/// Rows that are drawn.
const ROWS: usize = 80;

/// Columns that are drawn.
const COLUMNS: usize = 24;

/// The highest that a cell says.
const FULL: u64 = 4;

/// Pixels of the numbers of the columns, of a row, of a cell.
const HEAD: u64 = 20;
const ROW: u64 = 48;
const CELL: u64 = 20;

pub(super) fn figure(name: &str, title: &str, columns: &[String], rows: &[(String, Vec<u8>)]) -> Markup {
    let shown = rows.get(..ROWS).unwrap_or(rows);
    let heads = columns.get(..COLUMNS).unwrap_or(columns);
    let wide = px(heads.len()).max(1);
    let said = shown.iter().map(|(row, cells)| {
        let full: Vec<String> = heads
            .iter()
            .zip(cells)
            .filter(|(_, cell)| **cell > 0)
            .map(|(head, cell)| format!("{} {cell}", label(head, 32)))
            .take(6)
            .collect();
        let full = if full.is_empty() {
            "nothing".to_owned()
        } else {
            full.join(", ")
        };
        format!("{}: {full}", label(row, NAME))
    });
    let middle = |n: u64| share(n * 2 + 1, wide * 2);
    let marks = html! {
        @for n in 0..heads.len() {
            text.number text-anchor="middle" x=(middle(px(n))) y="13" { (n + 1) }
        }
        @for (row, (title, cells)) in shown.iter().enumerate() {
            @let top = HEAD + px(row) * ROW;
            text.name x="0" y=(top + 14) { (label(title, NAME)) }
            @for (n, cell) in cells.iter().take(heads.len()).enumerate() {
                @let level = u64::from(*cell).min(FULL);
                @let (x, width) = (share(px(n), wide), share(1, wide));
                @let high = CELL * level / FULL;
                @let y = top + 20;
                rect.track x=(x) y=(y) width=(width) height=(CELL) {}
                @if level > 0 { rect class={ "level level-" (level) } x=(x) y=(y + CELL - high) width=(width) height=(high) {} }
                rect.outline x=(x) y=(y) width=(width) height=(CELL) {}
                text class=(if level > 2 { "on number" } else { "number" }) text-anchor="middle" x=(middle(px(n))) y=(if level > 2 { y + 14 } else { top + 30 }) {
                    @if level == 0 { "·" } @else { (level) }
                }
            }
        }
    };
    let left = (rows.len() - shown.len()) + (columns.len() - heads.len());
    Figure {
        name,
        title,
        says: format!("A grid. {}. The table below holds the same.", listed(said, rows.len())),
        height: HEAD + px(shown.len()) * ROW,
        width: None,
        marks,
        legend: html! {
            ol.columns-of { @for head in heads { li { bdi { (label(head, 90)) } } } }
            p.quiet { "A dot is nothing, " (FULL) " is the most." }
        },
        left_out: left,
    }
    .render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_their_number_and_never_more_than_full() {
        let columns = ["First input".to_owned(), "Second input".to_owned()];
        let rows = [("Did it work?".to_owned(), vec![0, 9])];
        let drawn = figure("plot-0", "Coverage", &columns, &rows).into_string();
        assert!(
            drawn.contains(r#"class="level level-4" x="50.00%" y="40" width="50.00%" height="20""#),
            "{drawn}"
        );
        assert!(drawn.contains(">·<") && drawn.contains(">4<"));
        assert!(drawn.contains("Did it work?: Second input 9") && drawn.contains("<li><bdi>First input"));
    }

    #[test]
    fn great_grids_are_cut() {
        let columns: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let rows: Vec<_> = (0..1000).map(|n| (n.to_string(), vec![4; 100])).collect();
        let drawn = figure("plot-0", "x", &columns, &rows).into_string();
        assert_eq!(drawn.matches("level-4").count(), ROWS * COLUMNS);
        assert!(drawn.contains("more, in the table"));
        assert!(
            figure("plot-0", "x", &[], &[("a".to_owned(), vec![1])])
                .into_string()
                .contains("</svg>")
        );
    }
}
