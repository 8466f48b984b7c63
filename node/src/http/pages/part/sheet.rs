//! What a view says: its sentences first, then its plots, then its tables, each cell as what it is.
//!
//! Bounds: [`ROWS`] rows of a table and [`TABLES`] tables are laid out, [`MANY`] things of one cell and [`LETTERS`]
//! characters of one text; the files beside the tables hold all.

use althing_protocol::hash::Id;
use althing_view::{Cell, Sheet, Table};
use maud::{Markup, html};

use super::{chart, person, refer, status, text, time, value};
use crate::http::pages::View;

/// Rows of a table that are laid out.
const ROWS: usize = 1000;

/// Tables that are laid out.
const TABLES: usize = 24;

/// Things of one cell that are laid out.
const MANY: usize = 40;

/// Characters of one text that are laid out.
const LETTERS: usize = 600;

/// Characters from which a word without a space is shown by its beginning.
const UNBROKEN: usize = 40;

/// Rows from which a table scrolls in a window of its own.
const LONG: usize = 40;

/// A sheet whole; `csv` is where the file of a table is.
pub(crate) fn whole(view: &View<'_>, sheet: &Sheet, csv: &dyn Fn(&Table) -> String) -> Markup {
    html! {
        @if !sheet.says.is_empty() {
            div.says { @for sentence in &sheet.says { p dir="auto" { (text::visible(sentence)) } } }
        }
        (chart::all(view, &sheet.plots))
        @for found in sheet.tables.iter().take(TABLES) {
            (table(view, found, ROWS, "table"))
            @if !found.rows.is_empty() {
                p.tools { a href=(csv(found)) download="" { "This table as CSV" } }
            }
        }
        @if sheet.tables.len() > TABLES { p.quiet { "and " (sheet.tables.len() - TABLES) " more tables, in the JSON" } }
    }
}

/// A table with at most so many rows; in a sentence what to do where it has none, or where the others are. Its id begins
/// with `prefix`.
fn table(view: &View<'_>, table: &Table, most: usize, prefix: &str) -> Markup {
    let all = table.rows.len();
    html! {
        (rows(view, table, most, prefix))
        @if all > most { p.quiet { "and " (text::grouped(all - most)) " more rows, which the files hold" } }
    }
}

/// The same without a word on what is left out.
pub(crate) fn rows(view: &View<'_>, table: &Table, most: usize, prefix: &str) -> Markup {
    let id = format!("{prefix}-{}", table.name);
    let right: Vec<bool> = (0..table.columns.len()).map(|n| is_number(table, n)).collect();
    let rows = table.rows.len();
    let title = text::visible(&table.title);
    html! {
        @if rows == 0 {
            section.empty aria-labelledby=(id) {
                h2 #(id) { (title) }
                p.quiet { (table.empty) }
            }
        } @else {
            div.wide.sheet-table .long[rows.min(most) > LONG] role="region" aria-labelledby=(id) tabindex="0" {
                table {
                    caption #(id) { bdi { (title) } span.count { " " (text::grouped(rows)) } }
                    thead {
                        tr {
                            @for (column, right) in table.columns.iter().zip(&right) {
                                th scope="col" .right[*right] { (text::visible(&text::short(&column.title, 80))) }
                            }
                        }
                    }
                    tbody {
                        @for row in table.rows.iter().take(most) {
                            tr {
                                @for (n, (found, right)) in row.iter().zip(&right).enumerate() {
                                    @if n == 0 && !matches!(found, Cell::Empty) { th scope="row" .right[*right] { (cell(view, found)) } }
                                    @else { td .right[*right] { (cell(view, found)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether all that a column holds are amounts.
fn is_number(table: &Table, column: usize) -> bool {
    let number = |cell: &Cell| {
        matches!(
            cell,
            Cell::Int(_) | Cell::Signed(_) | Cell::Ppm(_) | Cell::Money { .. } | Cell::Empty
        )
    };
    let mut cells = table.rows.iter().filter_map(|row| row.get(column)).peekable();
    let some = table
        .rows
        .iter()
        .any(|row| !matches!(row.get(column), None | Some(Cell::Empty)));
    some && cells.all(number)
}

/// One value.
pub(crate) fn cell(view: &View<'_>, found: &Cell) -> Markup {
    match found {
        Cell::Empty => html! {},
        Cell::Text(said) => words(said),
        Cell::Word(word) => word_of(word),
        Cell::Int(n) => html! { (text::grouped(n)) },
        Cell::Signed(n) => html! { (signed(i128::from(*n))) },
        Cell::Ppm(n) => html! { span title={ (n) " parts per million" } { (value::per_cent(*n)) } },
        Cell::Money { amount, currency } => html! {
            @if *amount < 0 { "−" }
            (value::money(u64::try_from(amount.unsigned_abs()).unwrap_or(u64::MAX), currency))
        },
        Cell::Doc(id) => refer::link(view, *id),
        Cell::Entry(id) => entry(view, *id),
        Cell::Person(id) => person::link(view, *id),
        Cell::Day(day) => time::day(&day.to_string()),
        Cell::Time(ms) => time::at(*ms),
        Cell::Flag(yes) => html! { @if *yes { "yes" } @else { "no" } },
        Cell::List(cells) => html! {
            @match cells.as_slice() {
                [] => {},
                [only] => (cell(view, only)),
                several => {
                    ul.plain {
                        @for one in several.iter().take(MANY) { li { (cell(view, one)) } }
                        @if several.len() > MANY { li.quiet { "and " (several.len() - MANY) " more" } }
                    }
                },
            }
        },
    }
}

fn words(said: &str) -> Markup {
    html! {
        @if said.starts_with("https://") || said.starts_with("http://") { (value::line(said)) }
        @else if said.len() > UNBROKEN && said.bytes().all(|b| b.is_ascii_graphic()) {
            // Hashes and names for programs: whole on copy, as ids are.
            code.id title=(said) data-whole=(said) { (text::short(said, 10)) }
        }
        @else { bdi { (text::visible(&text::short(said, LETTERS))) } }
    }
}

/// An entry where it stands; what roots something under its own name.
fn entry(view: &View<'_>, id: Id) -> Markup {
    match refer::sort(view, id) {
        refer::Sort::Entry(doc) => html! { a href=(refer::href(doc, id)) { (text::id(id)) } },
        _ => refer::link(view, id),
    }
}

fn signed(n: i128) -> String {
    match n {
        0 => "0".to_owned(),
        1.. => format!("+{}", text::grouped(n)),
        _ => format!("−{}", text::grouped(n.unsigned_abs())),
    }
}

/// One of our own words; those that say how something stands have a tone, with its icon.
fn word_of(word: &str) -> Markup {
    let tone = match word {
        "on the ballot" | "accepted" | "met" | "on time" | "in time" | "holds" | "kept" | "answered" | "reached"
        | "carried" | "covered" | "revealed" | "same" => Some(status::Tone::Good),
        "waiting" | "waits for a reply" | "due soon" | "unproven" | "partly" | "deferred" | "in conflict"
        | "not yet" => Some(status::Tone::Info),
        "late"
        | "revealed late"
        | "overdue"
        | "missing"
        | "unanswered"
        | "silent past the term"
        | "past the term"
        | "nobody holds it"
        | "without evidence"
        | "no evidence"
        | "gap" => Some(status::Tone::Warn),
        "clash" | "failed" | "fails" | "broken" | "over cap" | "over the cap" | "different" => Some(status::Tone::Bad),
        _ => None,
    };
    match tone {
        Some(tone) => status::chip(tone, word),
        None => html! { (word) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(
            (signed(0), signed(1200), signed(-7)),
            ("0".into(), "+1\u{202f}200".into(), "−7".into())
        );
    }

    #[test]
    fn a_column_is_of_numbers_where_nothing_else_is_in_it() {
        let mut table = Table::new("t", "T", &[("a", "A"), ("b", "B"), ("c", "C")], "");
        table.row(vec![Cell::Int(1), Cell::Empty, Cell::Int(3)]);
        table.row(vec![Cell::Ppm(1), Cell::Empty, Cell::Text("x".into())]);
        assert_eq!(
            (is_number(&table, 0), is_number(&table, 1), is_number(&table, 2)),
            (true, false, false)
        );
    }

    #[test]
    fn words_that_warn_have_an_icon() {
        assert!(word_of("overdue").into_string().contains("status warn"));
        assert_eq!(word_of("no thread").into_string(), "no thread");
    }
}
