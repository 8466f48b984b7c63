//! The rows of a list, with the lines where they stand.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{HOLDERS, Wrong};

/// A row as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) holder: String,
    pub(super) class: Option<String>,
    pub(super) weight: String,
}

const HOLDER: &[&str] = &["holder", "address"];
const WEIGHT: &[&str] = &["weight", "balance", "amount"];

/// CSV with a head.
pub(super) fn csv(text: &str) -> Result<Vec<Row>, Wrong> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let wrong = |why: &csv::Error| {
        let line = why.position().map_or(1, |at| line_of(text, at));
        let why = match why.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("it has {len} fields where the head has {expected_len}")
            }
            _ => why.to_string(),
        };
        Wrong::Line { line, why }
    };
    let head = reader.headers().map_err(|why| wrong(&why))?.clone();
    let column = |names: &[&str]| {
        let mut found = head
            .iter()
            .enumerate()
            .filter(|(_, name)| names.iter().any(|n| name.eq_ignore_ascii_case(n)));
        let first = found.next().map(|(n, _)| n);
        first.filter(|_| found.next().is_none())
    };
    let (Some(holder), Some(weight)) = (column(HOLDER), column(WEIGHT)) else {
        let what = "its first line has to name one column `holder` (or `address`) and one `weight` (or `balance`, `amount`), \
                    and may name a column `class`";
        return Err(Wrong::Form(what.to_owned()));
    };
    let class = column(&["class"]);
    let (mut line, mut at) = (1, 0);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|why| wrong(&why))?;
        let field = |n: usize| record.get(n).unwrap_or_default().to_owned();
        if rows.len() == HOLDERS {
            return Err(Wrong::TooMany);
        }
        if let Some(place) = record.position() {
            let start = start_of(text, place);
            line += feeds(text.get(at..start).unwrap_or_default());
            at = start;
        }
        rows.push(Row {
            line,
            holder: field(holder),
            class: class.map(field),
            weight: field(weight),
        });
    }
    Ok(rows)
}

/// Where a row begins: the reader counts the empty lines before it as its own.
fn start_of(text: &str, place: &csv::Position) -> usize {
    let from = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let empty = text
        .as_bytes()
        .iter()
        .skip(from)
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    from.saturating_add(empty)
}

fn line_of(text: &str, place: &csv::Position) -> u64 {
    1 + feeds(text.get(..start_of(text, place)).unwrap_or_default())
}

fn feeds(text: &str) -> u64 {
    u64::try_from(text.bytes().filter(|b| *b == b'\n').count()).unwrap_or(0)
}

/// A JSON array of objects.
pub(super) fn json(text: &str) -> Result<Vec<Row>, Wrong> {
    let form = |why: String| {
        Wrong::Form(format!(
            "it must be a JSON array of {{\"holder\", \"class\", \"weight\"}}: {why}"
        ))
    };
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|why| form(why.to_string()))?;
    if elements.len() > HOLDERS {
        return Err(Wrong::TooMany);
    }
    let (mut line, mut at) = (1, 0);
    let mut rows = Vec::new();
    for element in elements {
        // The element is a part of the text, so its place there says its line.
        let start = element.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
        let passed = text.get(at..start).unwrap_or_default();
        line += feeds(passed);
        at = start;
        let one: One<'_> = serde_json::from_str(element.get()).map_err(|why| {
            let why = format!("it must be an object with `holder`, `weight` and perhaps `class`: {why}");
            Wrong::Line { line, why }
        })?;
        rows.push(Row {
            line,
            holder: one.holder,
            class: one.class,
            weight: plain(one.weight.get()),
        });
    }
    Ok(rows)
}

/// A number stays as it is written: as a float, 0.1 would be another one.
#[derive(Deserialize)]
struct One<'a> {
    #[serde(alias = "address")]
    holder: String,
    class: Option<String>,
    #[serde(borrow, alias = "balance", alias = "amount")]
    weight: &'a RawValue,
}

/// `12.5` and `"12.5"` alike.
fn plain(written: &str) -> String {
    serde_json::from_str::<String>(written).unwrap_or_else(|_| written.to_owned())
}
