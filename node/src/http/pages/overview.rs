//! What a committee's page answers first: seats and their holders, who stands, motions, programmes, and the next two
//! weeks. Each is the view of that name, cut to what is not over; a view that this release does not have is left out.
//!
//! What was brought from elsewhere rests until somebody here speaks on it. Bound: [`ROWS`] rows of each.

use std::collections::BTreeSet;

use althing_protocol::hash::Id;
use althing_view::{Cell, Day, Sheet, Table};
use maud::{Markup, html};

use super::View;
use super::part::{sheet, text};
#[cfg(doc)]
use crate::http::load::Loaded;
use crate::http::query;

/// Rows of each that are shown.
const ROWS: usize = 8;

/// Days that count as soon.
const SOON: u64 = 14;

/// A view on the first page.
struct First {
    name: &'static str,
    /// The column that names what a row is about; none where rows are about no document.
    about: &'static str,
    title: &'static str,
    cut: Cut,
    /// Columns of its main table that are shown here.
    columns: &'static [&'static str],
}

const FIRST: [First; 5] = [
    First {
        name: "seats",
        about: "",
        title: "Seats and their holders",
        cut: Cut::No,
        columns: &["domain", "seat", "holders", "free"],
    },
    First {
        name: "ballot",
        about: "nomination",
        title: "Who stands",
        cut: Cut::Open,
        columns: &["nomination", "seat", "nominee", "standing", "until"],
    },
    First {
        name: "motions",
        about: "motion",
        title: "Motions",
        cut: Cut::Open,
        columns: &[
            "motion",
            "form",
            "subject",
            "state",
            "outcome",
            "notice_until",
            "advances",
        ],
    },
    First {
        name: "programmes",
        about: "programme",
        title: "Programmes",
        cut: Cut::Open,
        columns: &["programme", "state", "start", "end", "paid", "cap"],
    },
    First {
        name: "calendar",
        about: "doc",
        title: "The next two weeks",
        cut: Cut::Soon,
        columns: &["doc", "kind", "from", "until", "clash"],
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    No,
    /// Without what is over.
    Open,
    /// What lies within [`SOON`] days, in the order of its days.
    Soon,
}

/// Words of our own for what is over.
const OVER: [&str; 14] = [
    "declined",
    "withdrawn",
    "retained",
    "removed",
    "resigned",
    "onboarded",
    "carried",
    "rejected",
    "lapsed",
    "ended",
    "over",
    "stopped",
    "obsolete",
    "concluded",
];

pub(super) fn first(view: &View<'_>, committee: Id) -> Markup {
    let found = FIRST
        .iter()
        .filter_map(|first| Some((first, althing_view::find(first.name)?)));
    let found: Vec<(&First, &'static althing_view::View)> = found.collect();
    let views: Vec<&'static althing_view::View> = found.iter().map(|(_, view)| *view).collect();
    let Ok(sheets) = query::view::sheets(view.context, &views, committee) else {
        return html! { section #first data-live="" { p.quiet { "This could not be computed. The log of this node says why." } } };
    };
    html! {
        section #first data-live="" {
            @for ((first, found), computed) in found.iter().zip(&sheets) { (one(view, committee, found, first, computed)) }
        }
    }
}

fn one(view: &View<'_>, committee: Id, found: &'static althing_view::View, first: &First, computed: &Sheet) -> Markup {
    let cut = first.cut;
    let all = html! { a href={ "/c/" (committee) "/views/" (found.name) } { (first.title) } };
    let main = computed.tables.first();
    // What nobody has begun needs no heading on the first page.
    if main.is_none_or(|table| table.rows.is_empty()) {
        return html! {};
    }
    let shown = main.map(|table| shortened(table, first, Day::of(view.now), &|doc| rests(view, doc)));
    let path = format!("/c/{committee}/views/{}", found.name);
    html! {
        section.first #{ "first-" (found.name) } {
            h2 { (all) }
            @if cut != Cut::Soon { @for sentence in computed.says.iter().take(1) { p.says dir="auto" { (text::visible(sentence)) } } }
            @if let Some((table, elsewhere)) = shown {
                @if !table.rows.is_empty() {
                    (sheet::rows(view, &table, ROWS, found.name))
                } @else if cut == Cut::Soon {
                    p.quiet { "Nothing in the next two weeks." }
                } @else if elsewhere == 0 {
                    p.quiet { "Nothing that is not over." }
                }
                @if table.rows.len() > ROWS { p.tools { a href=(path) { "All " (text::grouped(table.rows.len())) } } }
                @if elsewhere > 0 {
                    p.quiet { a href=(path) { (text::grouped(elsewhere)) " brought from elsewhere" } ", on which nobody has said anything here." }
                }
            }
        }
    }
}

/// See [`Loaded::rests`].
fn rests(view: &View<'_>, doc: Id) -> bool {
    let loaded = view.context.cache.gist(&view.context.ingest, doc);
    loaded.is_ok_and(|loaded| loaded.rests())
}

/// The rows and columns that a first page needs, and how many documents were left out because they rest. Of a table that
/// has none of these columns, all that say something stay.
fn shortened(table: &Table, first: &First, today: Day, rests: &dyn Fn(Id) -> bool) -> (Table, usize) {
    let cut = first.cut;
    let at = |name: &str| table.columns.iter().position(|column| column.name == name);
    let known = first.columns.iter().any(|name| at(name).is_some());
    let wanted = |n: &usize| {
        let column = table.columns.get(*n);
        column.is_some_and(|column| first.columns.contains(&column.name.as_str()))
    };
    let about = at(first.about);
    let mut resting = BTreeSet::new();
    let mut stands = |row: &&Vec<Cell>| match about.and_then(|at| row.get(at)) {
        // A day that its source names is a day to come, whoever brought it; a notice counts from the import.
        Some(Cell::Doc(doc)) if (cut != Cut::Soon || row.contains(&Cell::Word("notice"))) && rests(*doc) => {
            resting.insert(*doc);
            false
        }
        _ => true,
    };
    let rows = table.rows.iter().filter(|row| stays(row, cut, today));
    let mut rows: Vec<Vec<Cell>> = rows.filter(|row| stands(row)).cloned().collect();
    if cut == Cut::Soon {
        rows.sort_by_key(|row| days(row).min());
    }
    let kept: Vec<usize> = (0..table.columns.len())
        .filter(|n| !known || wanted(n))
        .filter(|n| rows.iter().any(|row| !matches!(row.get(*n), None | Some(Cell::Empty))))
        .collect();
    let table = Table {
        name: table.name,
        title: table.title.clone(),
        columns: kept.iter().filter_map(|n| table.columns.get(*n).cloned()).collect(),
        rows: rows
            .into_iter()
            .map(|row| kept.iter().filter_map(|n| row.get(*n).cloned()).collect())
            .collect(),
        empty: table.empty,
    };
    (table, resting.len())
}

fn stays(row: &[Cell], cut: Cut, today: Day) -> bool {
    match cut {
        Cut::No => true,
        Cut::Open => !row
            .iter()
            .any(|cell| matches!(cell, Cell::Word(word) if OVER.contains(word))),
        Cut::Soon => match (days(row).min(), days(row).max()) {
            (Some(from), Some(until)) => from <= today.after(SOON) && until >= today,
            _ => false,
        },
    }
}

fn days(row: &[Cell]) -> impl Iterator<Item = Day> {
    row.iter().filter_map(|cell| match cell {
        Cell::Day(day) => Some(*day),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Cell {
        Cell::Day(Day::read(text).unwrap())
    }

    #[test]
    fn the_first_page_shows_what_is_not_over_and_what_is_soon() {
        let columns = [
            ("what", "What"),
            ("state", "State"),
            ("from", "From"),
            ("until", "Until"),
            ("note", "Note"),
        ];
        let mut table = Table::new("t", "T", &columns, "");
        let mut row = |what: &str, state, from, until| {
            table.row(vec![
                Cell::Text(what.to_owned()),
                Cell::Word(state),
                day(from),
                day(until),
                Cell::Empty,
            ]);
        };
        row("long ago", "open", "2026-01-01", "2026-01-02");
        row("later", "open", "2026-11-10", "2026-11-20");
        row("under way", "carried", "2026-01-01", "2026-12-01");
        row("far", "open", "2027-01-01", "2027-01-02");
        let today = Day::read("2026-11-01").unwrap();
        let with = |cut, columns| First {
            name: "",
            about: "",
            title: "",
            cut,
            columns,
        };
        let none = |_| false;
        let (soon, _) = shortened(&table, &with(Cut::Soon, &[]), today, &none);
        let first = |table: &Table| table.rows.iter().map(|row| row[0].to_string()).collect::<Vec<_>>();
        assert_eq!(first(&soon), ["under way", "later"]);
        assert_eq!(soon.columns.len(), 4, "a column without a word is left out");
        assert_eq!(
            first(&shortened(&table, &with(Cut::Open, &[]), today, &none).0),
            ["long ago", "later", "far"]
        );
        let (all, _) = shortened(&table, &with(Cut::No, &["what", "note", "gone"]), today, &none);
        assert_eq!((all.rows.len(), all.columns.len()), (4, 1));
    }

    #[test]
    fn what_rests_is_counted_by_documents_and_only_where_its_days_are_those_of_its_import() {
        let columns = [
            ("doc", "Document"),
            ("kind", "Kind"),
            ("from", "From"),
            ("until", "Until"),
        ];
        let mut table = Table::new("t", "T", &columns, "");
        for (doc, kind, from) in [
            (1, "notice", "2026-11-02"),
            (1, "notice", "2026-11-03"),
            (1, "vote", "2026-11-04"),
        ] {
            table.row(vec![Cell::Doc(Id([doc; 32])), Cell::Word(kind), day(from), day(from)]);
        }
        table.row(vec![
            Cell::Doc(Id([2; 32])),
            Cell::Word("notice"),
            day("2026-11-02"),
            day("2026-11-02"),
        ]);
        table.row(vec![
            Cell::Doc(Id([3; 32])),
            Cell::Word("notice"),
            day("2020-11-02"),
            day("2020-11-02"),
        ]);
        let first = First {
            name: "calendar",
            about: "doc",
            title: "",
            cut: Cut::Soon,
            columns: &["doc", "kind"],
        };
        let today = Day::read("2026-11-01").unwrap();
        let (soon, resting) = shortened(&table, &first, today, &|doc| doc != Id([2; 32]));
        let kinds: Vec<(&Cell, &Cell)> = soon.rows.iter().map(|row| (&row[0], &row[1])).collect();
        let expected = [
            (&Cell::Doc(Id([2; 32])), &Cell::Word("notice")),
            (&Cell::Doc(Id([1; 32])), &Cell::Word("vote")),
        ];
        assert_eq!(
            (kinds.as_slice(), resting),
            (&expected[..], 1),
            "what is over is not counted"
        );
    }
}
