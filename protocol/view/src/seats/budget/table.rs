//! Tables and plots of budgets.

use std::collections::BTreeSet;

use super::{Counter, Line, Money, Total};
use crate::seats::lookup::cash;
use crate::{Cell, Column, Plot, Table};

fn cell(money: Option<&Money>) -> Cell {
    Cell::of(money, |(amount, currency)| cash(*amount, currency))
}

/// Theirs less one's own, where both are known and of one currency.
fn difference(own: Option<&Money>, theirs: Option<&Money>) -> Cell {
    match (own, theirs) {
        (Some((own, a)), Some((theirs, b))) if a == b => cash(theirs - own, a),
        _ => Cell::Empty,
    }
}

/// A column for each counter-budget: names are cut so that they fit.
pub(super) fn side_by_side(own: &[Line], counters: &[Counter]) -> Table {
    let mut table = Table::new(
        "lines",
        "Line by line",
        &[
            ("line", "Line"),
            ("item", "What for"),
            ("period", "For how long"),
            ("amount", "Amount"),
        ],
        "There is no budget line. Its author adds them with an edit.",
    );
    for counter in counters {
        let name: String = counter.id.to_string().chars().take(32).collect();
        for (column, title) in [("amount", "Instead"), ("difference", "Difference")] {
            table.columns.push(Column {
                name: format!("{column}_{name}"),
                title: format!("{title}, by {}", counter.called),
            });
        }
    }
    for line in own {
        let mut row = vec![
            Cell::Text(line.item.to_string()),
            Cell::Text(line.name.clone()),
            Cell::text(line.period.as_deref()),
            cell(line.amount.as_ref()),
        ];
        for counter in counters {
            let theirs = counter.amount(line);
            row.push(cell(theirs.as_ref()));
            row.push(difference(line.amount.as_ref(), theirs.as_ref()));
        }
        table.row(row);
    }
    for (n, counter) in counters.iter().enumerate() {
        for extra in counter.beyond() {
            let line = Cell::of(extra.line, |item| Cell::Text(item.to_string()));
            let mut row = vec![line, Cell::Text(extra.name.clone()), Cell::Empty, Cell::Empty];
            for at in 0..counters.len() {
                let theirs = extra.amount.as_ref().filter(|_| at == n);
                row.push(cell(theirs));
                row.push(cell(theirs));
            }
            table.row(row);
        }
    }
    table
}

/// The same for programs: one row for each line of each counter-budget, and for each own line that it leaves alone.
pub(super) fn differences(own: &[Line], counters: &[Counter]) -> Table {
    let mut table = Table::new(
        "differences",
        "Differences",
        &[
            ("budget", "Other budget"),
            ("by", "By"),
            ("line", "Line"),
            ("item", "What for"),
            ("state", "What becomes of it"),
            ("own", "In the document"),
            ("theirs", "Instead"),
            ("difference", "Difference"),
        ],
        "Nobody has put another budget beside this one. Anybody may, with `counter_budget`.",
    );
    for counter in counters {
        for row in &counter.rows {
            let named = own.iter().find(|line| Some(line.item) == row.line);
            let counts = row.state == "replaces";
            let theirs = match named.filter(|_| counts) {
                Some(line) => counter.amount(line),
                None => row.amount.clone(),
            };
            let of = named.and_then(|line| line.amount.as_ref());
            table.row(vec![
                Cell::Entry(counter.id),
                Cell::Person(counter.by),
                Cell::of(row.line, |item| Cell::Text(item.to_string())),
                Cell::Text(row.name.clone()),
                Cell::Word(row.state),
                cell(of),
                cell(theirs.as_ref()),
                match row.state {
                    "replaces" => difference(of, theirs.as_ref()),
                    "repeated" => Cell::Empty,
                    _ => cell(theirs.as_ref()),
                },
            ]);
        }
        for line in own.iter().filter(|line| !counter.replaced.contains_key(&line.item)) {
            let amount = line.amount.as_ref();
            table.row(vec![
                Cell::Entry(counter.id),
                Cell::Person(counter.by),
                Cell::Text(line.item.to_string()),
                Cell::Text(line.name.clone()),
                Cell::Word("kept"),
                cell(amount),
                cell(amount),
                difference(amount, amount),
            ]);
        }
    }
    table
}

pub(super) fn total_table(totals: &[Total]) -> Table {
    let mut table = Table::new(
        "totals",
        "Totals, currency by currency",
        &[
            ("budget", "Other budget"),
            ("by", "By"),
            ("currency", "Currency"),
            ("total", "Total"),
            ("difference", "Difference"),
        ],
        "No line has an amount.",
    );
    for (who, currency, total, own) in totals {
        table.row(vec![
            Cell::of(*who, |(id, _)| Cell::Entry(id)),
            Cell::of(*who, |(_, by)| Cell::Person(by)),
            Cell::Text(currency.clone()),
            cash(*total, currency),
            Cell::of(*who, |_| cash(total - own, currency)),
        ]);
    }
    table
}

/// For each currency, a bar for each budget. Currencies are never added up.
pub(super) fn plots(own: &[Line], counters: &[Counter], totals: &[Total]) -> Vec<Plot> {
    let currencies: BTreeSet<&String> = totals.iter().map(|(_, currency, ..)| currency).collect();
    let parts: Vec<String> = own
        .iter()
        .map(|line| line.name.clone())
        .chain(["other lines".to_owned()])
        .collect();
    let size = |money: Option<Money>, of: &str| {
        let amount = money
            .filter(|(_, currency)| currency == of)
            .map_or(0, |(amount, _)| amount);
        u64::try_from(amount).unwrap_or(0)
    };
    let plots = currencies.into_iter().map(|of| {
        let mut bars = vec![(
            "this budget".to_owned(),
            own.iter().map(|l| size(l.amount.clone(), of)).chain([0]).collect(),
        )];
        bars.extend(counters.iter().map(|counter| {
            let beyond = counter
                .beyond()
                .map(|row| size(row.amount.clone(), of))
                .fold(0, u64::saturating_add);
            let kept = own.iter().map(|line| size(counter.amount(line), of));
            (format!("by {}", counter.called), kept.chain([beyond]).collect())
        }));
        Plot::Bars {
            title: format!("Budgets in {of}"),
            parts: parts.clone(),
            bars,
        }
    });
    plots.collect()
}
