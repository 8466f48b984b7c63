//! What people and programs get to see.

use std::io::{self, IsTerminal, Write as _};
use std::process::ExitCode;

use serde_json::Value;

use super::failure::Failure;
use crate::clock;

/// What a command answers: for programs and for people.
#[derive(Debug)]
pub(super) struct Answer {
    json: Option<Value>,
    text: String,
    /// The answer is a bad one: what to say on standard error.
    bad: Option<Failure>,
}

impl Answer {
    /// An answer in both forms; people see nothing where the text is empty.
    pub(super) fn new(json: Value, text: impl Into<String>) -> Self {
        Self {
            json: Some(json),
            text: text.into(),
            bad: None,
        }
    }

    /// Everything was printed already.
    pub(super) fn said() -> Self {
        Self {
            json: None,
            text: String::new(),
            bad: None,
        }
    }

    /// The same answer as a bad one.
    pub(super) fn bad(mut self, failure: Failure) -> Self {
        self.bad = Some(failure);
        self
    }

    /// The answer of whatever makes an entry.
    pub(super) fn written(json: Value) -> Self {
        let id = word(&json, "id");
        let effect = word(&json, "effect");
        let mut text = id.clone();
        if !effect.is_empty() && effect != "effective" {
            let why = json.get("cause").map(|cause| word(cause, "text")).unwrap_or_default();
            text = format!("{id}\nIts effect is {effect:?}: {why}.");
        }
        let warning = word(&json, "warning");
        if !warning.is_empty() {
            text = format!("{text}\nNote: {warning}.");
        }
        Self::new(json, text)
    }
}

/// Prints an answer; a reader that is gone is no failure.
pub(super) fn answer(answer: &Answer, json: bool) -> ExitCode {
    let text = match (&answer.json, json) {
        (Some(json), true) => json.to_string(),
        (None, true) => String::new(),
        (_, false) => clean(&answer.text),
    };
    if !text.is_empty() {
        drop(writeln!(io::stdout().lock(), "{}", text.trim_end()));
    }
    answer.bad.as_ref().map_or(ExitCode::SUCCESS, failure)
}

/// Prints why not.
pub(super) fn failure(failure: &Failure) -> ExitCode {
    let mut text = clean(&failure.to_string());
    if !text.ends_with(['.', '!', '?', ')']) {
        text.push('.');
    }
    drop(writeln!(io::stderr().lock(), "{text}"));
    ExitCode::FAILURE
}

/// Prints help where it was asked for, or what was not understood.
pub(super) fn usage(refused: &clap::Error) -> ExitCode {
    drop(refused.print());
    if refused.use_stderr() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

/// Whether to draw progress.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// The text of a field, or nothing.
pub(super) fn word(json: &Value, field: &str) -> String {
    match json.get(field) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The first digits of an id.
pub(super) fn short(json: &Value, field: &str) -> String {
    word(json, field).chars().take(8).collect()
}

/// A person: the name and the first digits of the identity.
pub(super) fn person(json: &Value, field: &str) -> String {
    let Some(person) = json.get(field) else {
        return String::new();
    };
    let (name, id) = (word(person, "name"), short(person, "identity"));
    if name.is_empty() { id } else { format!("{name} ({id})") }
}

/// A moment, as ISO 8601 in UTC to the minute.
pub(super) fn time(json: &Value, field: &str) -> String {
    let Some(ms) = json.get(field).and_then(Value::as_u64) else {
        return String::new();
    };
    clock::moment(ms).map_or_else(|| ms.to_string(), |moment| moment.format("%Y-%m-%d %H:%M").to_string())
}

/// Columns, as wide as they need to be.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |n: usize| {
        rows.iter()
            .filter_map(|row| row.get(n))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The items of a list.
pub(super) fn items(json: &Value) -> &[Value] {
    json.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Without characters that steer a terminal: what is printed here others wrote.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn days_are_counted_right() {
        for (ms, expected) in [
            (0_u64, "1970-01-01 00:00"),
            (951_782_400_000, "2000-02-29 00:00"),
            (1_735_689_599_000, "2024-12-31 23:59"),
            (1_795_253_400_000, "2026-11-21 09:30"),
        ] {
            assert_eq!(time(&json!({ "t": ms }), "t"), expected);
        }
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\tc\nd\r"), "a\u{fffd}[2Jb\tc\nd\u{fffd}");
    }

    #[test]
    fn tables_line_up() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(table(&[row("é", "x"), row("long", "y")]), "é     x\nlong  y");
    }
}
