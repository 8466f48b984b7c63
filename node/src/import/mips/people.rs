//! Who is proposed for which seat: read only where the text says it in so many words, else left out.

use super::markdown::{Markdown, Section};

/// The seat: the role that the preamble names, else a facilitator's, which is all that the other form fills.
pub(super) fn seat(markdown: &Markdown<'_>) -> Option<String> {
    let role = markdown.value("domain role");
    role.or_else(|| Some("Facilitator".to_owned()))
}

/// The nominee: the applicant of the preamble, or the only name in the section on the facilitator.
pub(super) fn nominee(markdown: &Markdown<'_>) -> Option<String> {
    let applicant = markdown.value("proposed applicant");
    let applicant = applicant.or_else(|| markdown.value("proposed applicant(s)"));
    applicant.or_else(|| said_once(markdown, &["name"]))
}

/// The nominee's name in the forum, where the section on the facilitator says one.
pub(super) fn handle(markdown: &Markdown<'_>) -> Option<String> {
    said_once(
        markdown,
        &[
            "forum",
            "forum handle",
            "maker forum",
            "discourse forum",
            "makerdao forum account",
        ],
    )
}

/// The value of the only `label: value` line in the section on the facilitator's name.
fn said_once(markdown: &Markdown<'_>, labels: &[&str]) -> Option<String> {
    let is_about = |s: &Section<'_>| {
        let heading = s.heading.to_ascii_lowercase();
        heading.starts_with("facilitator name") || heading.starts_with("facilitator account")
    };
    let sections = markdown.sections();
    let section = sections.iter().find(|s| is_about(s))?;
    let mut values = Vec::new();
    for line in &section.lines {
        let line = line.trim().trim_start_matches(['-', '*', ' ']);
        let Some((label, value)) = line.split_once(':').or_else(|| line.split_once(" - ")) else {
            continue;
        };
        let label = label.trim_matches(['*', ' ']).to_ascii_lowercase();
        if labels.contains(&label.as_str()) {
            values.push(plain(value));
        }
    }
    one(values).filter(|v| !v.is_empty())
}

/// A value without emphasis, code marks and the target of a link.
pub(super) fn plain(value: &str) -> String {
    let value = value.trim_matches(['*', '`', ' ', '\t']);
    let linked = value.strip_prefix('[').and_then(|v| v.split_once("]("));
    linked.map_or(value, |(text, _)| text).trim().to_owned()
}

/// The only one of some texts.
pub(super) fn one(values: Vec<String>) -> Option<String> {
    match <[String; 1]>::try_from(values) {
        Ok([value]) => Some(value),
        Err(_) => None,
    }
}
