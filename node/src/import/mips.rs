//! Markdown proposals as in the public makerdao/mips repository: a title, a preamble in a code fence, sections.
//!
//! | preamble | becomes |
//! |---|---|
//! | `MIP41c4-SP`, `MIP7c3-SP`: a facilitator or domain team comes | `nomination` |
//! | `MIP41c5-SP`, `MIP7c4-SP`: a facilitator or domain team goes | `motion`, form `offboard` |
//! | `MIP39c3-SP`: a core unit goes | `motion`, form `disband` |
//! | `MIP39c2-SP`: a core unit's mandate | `statement`, form `mandate` |
//! | `MIP40c3-SP`: a core unit's budget | `statement`, form `budget` |
//!
//! Frameworks, templates and all other proposals are skipped, with the reason. The preamble is kept word for word
//! beside what was read from it. A day in ISO form becomes a day; any other form stays the text that it is
//! (`2021-25-03` and `2024-04-31` are no days, and nobody here knows which ones were meant).

mod budget;
mod folder;
mod markdown;
mod motion;
mod people;
mod table;
mod unit;

use althing_protocol::hash::{Hash, sha256};
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

pub use self::folder::{Folder, Links, Units};
use self::markdown::Markdown;
pub use self::unit::Unit;
use super::Document;

/// A proposal as its file says it, and what is needed to link it with others.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The document. Units and other proposals are names in it.
    pub document: Document,
    /// The core unit that it is about.
    pub unit: Unit,
    /// By which others cite it, such as `MIP41c4-SP41`.
    pub number: String,
}

/// Largest file that is read, in bytes: above what any document may hold.
pub const LARGEST: usize = 256 * 1024;

/// Why a file is no document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Skip {
    /// Not markdown by its name.
    #[error("not a markdown file")]
    NotMarkdown,
    /// Too large.
    #[error("{size} bytes, at most {LARGEST} are read")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// Not UTF-8.
    #[error("not UTF-8 text")]
    NotText,
    /// No preamble.
    #[error("no preamble: no code fence with `Key: value` lines at the top")]
    NoPreamble,
    /// A framework: the rules by which proposals are made.
    #[error("a framework (MIP{number}), which sets rules for proposals and is none itself")]
    Framework {
        /// Its number as written.
        number: String,
    },
    /// A template.
    #[error("a template: its number {number:?} is not filled in")]
    Template {
        /// What stands for the number.
        number: String,
    },
    /// A proposal of a sort that has no place here.
    #[error("a {sort} proposal: only MIP7c3, MIP7c4, MIP39c2, MIP39c3, MIP40c3, MIP41c4 and MIP41c5 are read")]
    OtherSort {
        /// The sort, such as `MIP6`.
        sort: String,
    },
    /// No line of the preamble says which proposal it is.
    #[error("the preamble has no `MIP…-SP` line to say which proposal it is")]
    NoNumber,
}

/// What a sort of proposal becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Nomination,
    Motion(&'static str),
    Statement(&'static str),
}

impl Becomes {
    fn of(sort: &str) -> Option<Self> {
        match sort {
            "MIP41C4" | "MIP7C3" => Some(Self::Nomination),
            "MIP41C5" | "MIP7C4" => Some(Self::Motion("offboard")),
            "MIP39C3" => Some(Self::Motion("disband")),
            "MIP39C2" => Some(Self::Statement("mandate")),
            "MIP40C3" => Some(Self::Statement("budget")),
            _ => None,
        }
    }
}

/// Reads one file. `source` is its path relative to the imported folder, with `/` between names.
///
/// # Errors
/// Why the file is skipped, in words for people.
pub fn read(source: &str, bytes: &[u8]) -> Result<Proposal, Skip> {
    let is_markdown = source
        .rsplit_once('.')
        .is_some_and(|(_, end)| end.eq_ignore_ascii_case("md"));
    if !is_markdown {
        return Err(Skip::NotMarkdown);
    }
    if bytes.len() > LARGEST {
        return Err(Skip::TooLarge { size: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Skip::NotText)?;
    let markdown = Markdown::read(text).ok_or(Skip::NoPreamble)?;
    let (becomes, number) = sort(&markdown)?;
    let unit = Unit::of(&markdown);
    let (kind, content) = content(becomes, &markdown, &unit);
    let document = Document {
        source: source.to_owned(),
        source_hash: Hash(sha256(&[bytes])),
        kind: kind.to_owned(),
        content,
        more: false,
    };
    Ok(Proposal { document, unit, number })
}

/// Which proposal the preamble says it is.
fn sort(markdown: &Markdown<'_>) -> Result<(Becomes, String), Skip> {
    let pairs = markdown.pairs();
    if let Some((_, number)) = pairs.iter().find(|(key, _)| matches!(*key, "MIP#" | "MIP")) {
        return Err(match number.parse::<u32>() {
            Ok(_) => Skip::Framework { number: number.clone() },
            Err(_) => Skip::Template { number: number.clone() },
        });
    }
    let found = pairs.iter().find_map(|(key, number)| {
        let sort = key.trim_end_matches('#').to_ascii_uppercase();
        let sort = sort.strip_suffix("-SP")?.to_owned();
        sort.starts_with("MIP").then_some((sort, number))
    });
    let (sort, number) = found.ok_or(Skip::NoNumber)?;
    let Ok(n) = number.trim_start_matches(['#', ' ']).parse::<u32>() else {
        return Err(Skip::Template { number: number.clone() });
    };
    let name = sort.replace('C', "c");
    match Becomes::of(&sort) {
        Some(becomes) => Ok((becomes, format!("{name}-SP{n}"))),
        None => Err(Skip::OtherSort { sort: name }),
    }
}

fn content(becomes: Becomes, markdown: &Markdown<'_>, unit: &Unit) -> (&'static str, Map<String, Json>) {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.trim().is_empty()) {
            out.insert(name.to_owned(), Json::String(value));
        }
    };
    put("title", markdown.title.map(str::to_owned));
    put("preamble", Some(markdown.preamble.to_owned()));
    put("source_status", markdown.value("status").filter(|s| s.len() <= 100));
    put("domain", unit.code().map(str::to_owned));
    let kind = match becomes {
        Becomes::Nomination => {
            put("reasons", Some(markdown.text.clone()));
            put("seat", people::seat(markdown));
            put("nominee", people::nominee(markdown));
            put("handle", people::handle(markdown));
            "nomination"
        }
        Becomes::Motion(form) => {
            put("form", Some(form.to_owned()));
            put("text", Some(markdown.text.clone()));
            put("reasons", motion::reasons(markdown));
            if form == "offboard" {
                put("subject", motion::subject(markdown, unit));
                put("replacement", motion::replacement(markdown));
            } else {
                put("subject", unit.code().map(str::to_owned).or_else(|| unit.stem.clone()));
            }
            "motion"
        }
        Becomes::Statement(form) => {
            put("form", Some(form.to_owned()));
            put("text", Some(markdown.text.clone()));
            put("level", level(markdown));
            put("start", markdown.value("budget start date").filter(|v| is_day(v)));
            put("end", markdown.value("budget end date").filter(|v| is_day(v)));
            "statement"
        }
    };
    let lists = [
        ("dates", dates(markdown)),
        (
            "items",
            if becomes == Becomes::Statement("budget") {
                budget::lines(markdown)
            } else {
                Vec::new()
            },
        ),
    ];
    for (name, items) in lists {
        if !items.is_empty() {
            out.insert(name.to_owned(), Json::Array(items));
        }
    }
    (kind, out)
}

/// The status in the words that statements have for it; others stay in `source_status` alone.
fn level(markdown: &Markdown<'_>) -> Option<String> {
    let status = markdown.value("status")?.to_ascii_lowercase();
    let level = match status.as_str() {
        "accepted" | "rejected" | "obsolete" | "withdrawn" => status.as_str(),
        "formal submission" => "submitted",
        "rfc" | "request for comments" | "request for comments (rfc)" | "conception" => "draft",
        _ => return None,
    };
    Some(level.to_owned())
}

/// Every date of the preamble that says anything: a day where it is one in ISO form, else the text as written.
fn dates(markdown: &Markdown<'_>) -> Vec<Json> {
    let pairs = markdown.pairs().into_iter().filter(|(key, value)| {
        let key = key.to_ascii_lowercase();
        (key.starts_with("date ") || key.ends_with(" date")) && !value.is_empty()
    });
    pairs
        .map(|(key, value)| {
            let form = if is_day(&value) { "day" } else { "text" };
            json!({ "what": key, form: value })
        })
        .collect()
}

/// Whether a text is a day of the Gregorian calendar, written `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |text: &str, len: usize| -> Option<u32> {
        let digits = text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests;
