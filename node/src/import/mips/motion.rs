//! What a motion to offboard says of whom, why, and who follows. Nothing is concluded: a proposal that calls itself
//! voluntary is an author's word about somebody else, so `voluntary` stays open until the subject signs.

use super::markdown::{Markdown, Section};
use super::unit::Unit;

/// Reasons are copied out of the text up to this length, so that both fit into one body.
const REASONS: usize = 64 * 1024;

/// Whose facilitation ends: the team of an older form's preamble, the name behind the title's dash, the only name that
/// the text offboards; else the office, by the unit's code.
pub(super) fn subject(markdown: &Markdown<'_>, unit: &Unit) -> Option<String> {
    let team = markdown.value("domain team name");
    let named = || {
        let (_, name) = markdown.title?.rsplit_once(" - ")?;
        let name = name.split(" (").next().unwrap_or_default().trim();
        (!name.is_empty()).then(|| name.to_owned())
    };
    let office = || Some(format!("Facilitator of {}", unit.code()?));
    let subject = team
        .or_else(named)
        .or_else(|| offboarded(&markdown.text))
        .or_else(office);
    subject.filter(|name| name.len() <= althing_protocol::kind::NAMED)
}

/// The only person whom the text offboards in so many words.
fn offboarded(text: &str) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for (before, handles_only) in [
        ("offboards ", false),
        ("offboard me, ", false),
        (" Facilitator, @", true),
    ] {
        for (at, found) in text.match_indices(before) {
            let start = if handles_only {
                at + found.len() - 1
            } else {
                at + found.len()
            };
            names.extend(text.get(start..).and_then(name));
        }
    }
    let own = text.match_indices("'s voluntary offboarding").filter_map(|(at, _)| {
        let handle = text.get(..at)?.split_whitespace().next_back()?;
        name(handle)
    });
    names.extend(own);
    names.sort_unstable();
    names.dedup();
    super::people::one(names)
}

/// The handle, or the name of two to four words, that a text begins with.
fn name(text: &str) -> Option<String> {
    if let Some(handle) = text.strip_prefix('@') {
        let end = handle.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
        let handle = handle.get(..end.unwrap_or(handle.len()))?.trim_end_matches(['.', '-']);
        return (!handle.is_empty()).then(|| format!("@{handle}"));
    }
    let mut words = Vec::new();
    for word in text.split(' ').take(4) {
        let bare = word.trim_end_matches([',', '.', ';']);
        let is_name = bare.chars().next().is_some_and(char::is_uppercase) && bare.chars().all(char::is_alphabetic);
        if !is_name {
            break;
        }
        words.push(bare);
        if bare.len() < word.len() {
            break;
        }
    }
    (words.len() >= 2).then(|| words.join(" "))
}

/// The first section on the motives that says anything.
pub(super) fn reasons(markdown: &Markdown<'_>) -> Option<String> {
    let about = |s: &Section<'_>| {
        let heading = s.heading.trim_end_matches(':').to_ascii_lowercase();
        heading == "motivation" || heading.starts_with("summary of reason")
    };
    let sections = markdown.sections();
    let texts = sections
        .iter()
        .filter(|s| about(s))
        .map(|s| s.lines.join("\n").trim().to_owned());
    let says = |text: &String| text.chars().any(char::is_alphanumeric) && text.len() <= REASONS;
    let mut texts: Vec<String> = texts.filter(says).collect();
    // A section inside another one says less than the whole.
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.into_iter().next()
}

/// The only onboarding that the text speaks of, such as `MIP41c4-SP41`: the one that would fill the seat.
pub(super) fn replacement(markdown: &Markdown<'_>) -> Option<String> {
    let mut found: Vec<String> = markdown
        .text
        .match_indices("MIP41c4-SP")
        .filter_map(|(at, word)| {
            let rest = markdown.text.get(at + word.len()..)?;
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            (1..=6).contains(&digits.len()).then(|| format!("{word}{digits}"))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    super::people::one(found)
}
