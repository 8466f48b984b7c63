//! Budget lines out of markdown tables. A number that stands in a signed record has to be the number that was
//! written, so a table is read only where nothing about it is left to choose; the others stay in the text.
//!
//! A table is read when exactly one of its columns holds amounts and nothing but amounts, its first column says what
//! for, and a total, where it has one, is what the other rows come to. A table that only sums up others is left out.

use serde_json::{Value as Json, json};

use super::markdown::Markdown;
use super::table::{self, Table};

/// Lines that are read from one proposal: what one body takes.
const LINES: usize = 1024;

/// Currencies that are read. Of those with cents a fraction is read too; others are whole units, because nobody says
/// what their smallest one is.
const CURRENCIES: &[(&str, bool)] = &[
    ("DAI", false),
    ("MKR", false),
    ("ETH", false),
    ("USDC", false),
    ("USD", true),
    ("EUR", true),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Amount {
    minor: u64,
    currency: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: String,
    amount: Amount,
    bold: bool,
}

/// The lines of one table, and what they come to.
struct Read<'a> {
    heading: Option<&'a str>,
    lines: Vec<Line>,
    total: Option<Amount>,
}

/// The lines of all tables that can be read, as items of a statement.
pub(super) fn lines(markdown: &Markdown<'_>) -> Vec<Json> {
    let tables = table::tables(&markdown.text);
    let read: Vec<Read<'_>> = tables.iter().filter_map(read).collect();
    let mut out = Vec::new();
    for (n, one) in read.iter().enumerate() {
        let others = read.iter().enumerate().filter(|(m, _)| *m != n);
        let totals: Vec<Amount> = others.filter_map(|(_, other)| other.total).collect();
        if one.lines.iter().all(|line| totals.contains(&line.amount)) {
            continue;
        }
        for Line { text, amount, .. } in &one.lines {
            let mut item = json!({ "text": text, "amount": { "amount": amount.minor, "currency": amount.currency } });
            if let (Some(heading), Some(item)) = (one.heading, item.as_object_mut()) {
                item.insert("group".to_owned(), json!(heading));
            }
            out.push(item);
        }
    }
    // More than that is no budget of a unit; the text has it all.
    if out.len() > LINES { Vec::new() } else { out }
}

fn read<'a>(table: &'a Table<'a>) -> Option<Read<'a>> {
    let amounts = |n: &usize| column(table, *n);
    let mut found = (0..table.head.len()).filter_map(|n| amounts(&n).map(|amounts| (n, amounts)));
    let (at, amounts) = found.next().filter(|(n, _)| *n > 0)?;
    if found.next().is_some() || another_number(table, at) {
        return None;
    }
    let mut lines = Vec::new();
    let mut totals = Vec::new();
    for (row, amount) in table.rows.iter().zip(amounts) {
        let (Some(label), Some(amount)) = (row.first(), amount) else {
            continue;
        };
        let text = plain(label);
        if text.is_empty() || text.len() > 300 {
            return None;
        }
        let words = text.to_ascii_lowercase();
        if words
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| word == "total" || word == "subtotal" || word == "sum")
        {
            totals.push(amount);
        } else {
            let bold = label.starts_with("**");
            lines.push(Line { text, amount, bold });
        }
    }
    let total = match totals.as_slice() {
        [] => None,
        [only] => Some(*only),
        _ => return None,
    };
    let heading = table.heading.filter(|heading| heading.len() <= 200);
    let lines = adding_up(lines, total)?;
    let total = total.or_else(|| sum(&lines));
    Some(Read { heading, lines, total })
}

/// The rows that are lines, once rows in bold that sum up others are told apart.
fn adding_up(lines: Vec<Line>, total: Option<Amount>) -> Option<Vec<Line>> {
    let (bold, fine): (Vec<Line>, Vec<Line>) = lines.iter().cloned().partition(|line| line.bold);
    let mixed = !bold.is_empty() && !fine.is_empty();
    if lines.is_empty() {
        return None;
    }
    match total {
        None if mixed => None,
        None => Some(lines),
        total if sum(&lines) == total => Some(lines),
        total if mixed && sum(&fine) == total => Some(fine),
        Some(_) => None,
    }
}

/// What lines come to, if they are of one currency.
fn sum(lines: &[Line]) -> Option<Amount> {
    let currency = lines.first()?.amount.currency;
    let minor = lines.iter().try_fold(0_u64, |sum, line| {
        (line.amount.currency == currency).then_some(())?;
        sum.checked_add(line.amount.minor)
    })?;
    Some(Amount { minor, currency })
}

/// The amounts of a column, row by row; none unless every cell is one or is empty.
fn column(table: &Table<'_>, at: usize) -> Option<Vec<Option<Amount>>> {
    let currency = table.head.get(at).map(|head| named(head)).unwrap_or_default();
    let cells = table.rows.iter().map(|row| row.get(at).map_or("", |cell| bare(cell)));
    let read = cells.map(|cell| {
        if matches!(cell, "" | "-" | "–") {
            Some(None)
        } else {
            amount(cell, &currency).map(Some)
        }
    });
    let all: Vec<Option<Amount>> = read.collect::<Option<_>>()?;
    all.iter().any(Option::is_some).then_some(all)
}

/// Whether a second column looks like money all the same: then nobody knows which of them is the budget.
fn another_number(table: &Table<'_>, at: usize) -> bool {
    let moneyed = |cell: &str| {
        let cell = bare(cell);
        cell.bytes().any(|b| b.is_ascii_digit()) && (cell.starts_with('$') || !named(cell).is_empty())
    };
    table.rows.iter().any(|row| {
        row.iter()
            .enumerate()
            .any(|(n, cell)| n != at && n > 0 && moneyed(cell))
    })
}

/// The currencies that a text names.
fn named(text: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| {
            CURRENCIES
                .iter()
                .map(|(name, _)| *name)
                .find(|name| name.eq_ignore_ascii_case(word))
        })
        .collect();
    if text.contains('$') {
        found.push("USD");
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// An amount as it stands in a cell: a number with its currency beside it, or in the column's head.
fn amount(cell: &str, head: &[&'static str]) -> Option<Amount> {
    let own = named(cell);
    let currency = match (own.as_slice(), head) {
        ([own], []) => own,
        ([own], [head]) if own == head => own,
        ([], [head]) => head,
        _ => return None,
    };
    let mut number = cell.trim_start_matches('$').trim();
    if let Some(rest) = strip_word(number, currency) {
        number = rest;
    }
    let (_, cents) = CURRENCIES.iter().find(|(name, _)| name == currency)?;
    Some(Amount {
        minor: minor(number, *cents)?,
        currency,
    })
}

/// A text without this word at one of its ends.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let cut = text.len().checked_sub(word.len())?;
    let (head, tail) = (text.get(..word.len()), text.get(cut..));
    if head.is_some_and(|head| head.eq_ignore_ascii_case(word)) {
        return text.get(word.len()..).map(str::trim);
    }
    tail.filter(|tail| tail.eq_ignore_ascii_case(word))?;
    text.get(..cut).map(str::trim)
}

/// `39,500.00` in whole units, or in cents. Groups are of three digits, and nothing is rounded.
fn minor(number: &str, cents: bool) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let grouped = !rest.is_empty();
    if !all_digits(first) || (grouped && first.len() > 3) || !rest.iter().all(|g| g.len() == 3 && all_digits(g)) {
        return None;
    }
    let whole: u64 = format!("{first}{}", rest.concat()).parse().ok()?;
    let hundredths: u64 = match fraction {
        None => 0,
        Some(f) if f.len() == 2 && all_digits(f) => f.parse().ok()?,
        Some(_) => return None,
    };
    let minor = match (cents, hundredths) {
        (true, _) => whole.checked_mul(100)?.checked_add(hundredths)?,
        (false, 0) => whole,
        (false, _) => return None,
    };
    (minor <= althing_protocol::limit::INT).then_some(minor)
}

/// A cell without emphasis.
fn bare(cell: &str) -> &str {
    cell.trim_matches(['*', '_', '`', ' '])
}

/// A label without emphasis, the dash of a list, and the targets of links.
fn plain(label: &str) -> String {
    let label = bare(label).trim_start_matches(['-', '•', ' ']).replace("**", "");
    super::people::plain(&label)
}

#[cfg(test)]
mod tests;
