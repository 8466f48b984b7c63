//! Which core unit a proposal is about: its code, such as `RISK-001`, in the three places that say it.
//!
//! The places do not always agree (`PE-001` and `PECU-001`, a slip of the pen in a tag), and none is right more often
//! than the others. So all codes are kept, in the order of the places, and the folder decides (see [`super::folder`]).

use super::markdown::{Markdown, Section};

/// What a proposal says about its unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// Its codes: of the section on it, of the title, of the tags. A place that names several names none.
    pub codes: Vec<String>,
    /// What stands in the section on its code where that is no code: `SES` for `SES-001`.
    pub stem: Option<String>,
    /// Its name, where a section says one.
    pub name: Option<String>,
}

impl Unit {
    pub(super) fn of(markdown: &Markdown<'_>) -> Self {
        let said = said(markdown);
        // A unit with a code of another form is none of those that the title or a tag may speak of as well. `SES-01` is
        // a slip of the pen; `RWF-0x` is another unit.
        let slip = |text: &str| {
            text.split_once('-')
                .is_some_and(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()))
        };
        let one_word = |text: &str| !text.contains(char::is_whitespace) && text.bytes().any(|b| b.is_ascii_digit());
        if said
            .as_deref()
            .is_some_and(|text| one_word(text) && !slip(text) && code_in(text).is_none())
        {
            return Self {
                name: name(markdown),
                ..Self::default()
            };
        }
        let places = [
            said.as_deref().and_then(code_in),
            markdown.title.and_then(code_in),
            markdown.value("tags").as_deref().and_then(code_in),
        ];
        let mut codes: Vec<String> = Vec::new();
        for code in places.into_iter().flatten() {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let stem =
            said.filter(|text| text.len() <= 12 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase()));
        Self {
            codes,
            stem,
            name: name(markdown),
        }
    }

    /// The code of the first place that has one.
    pub(super) fn code(&self) -> Option<&str> {
        self.codes.first().map(String::as_str)
    }
}

/// The only code in a text.
fn code_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut codes: Vec<String> = words.filter_map(code).collect();
    codes.sort_unstable();
    codes.dedup();
    super::people::one(codes)
}

/// `RWF-001`, also out of a tag such as `cu-rwf-001`.
fn code(word: &str) -> Option<String> {
    let word = word.to_ascii_uppercase();
    let word = word.strip_prefix("CU-").unwrap_or(&word);
    let (name, number) = word.rsplit_once('-')?;
    let letters = (1..=16).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase());
    let digits = number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit());
    (letters && digits).then(|| word.to_owned())
}

/// What the section on the unit's code says.
fn said(markdown: &Markdown<'_>) -> Option<String> {
    let sections = markdown.sections();
    let about = |s: &&Section<'_>| {
        let heading = s.heading.to_ascii_lowercase();
        heading.starts_with("core unit") && heading.contains("id")
    };
    let lines = sections.iter().find(about).map(|s| s.lines.join("\n"))?;
    Some(lines.trim().trim_start_matches(['-', '*', ' ']).trim().to_owned())
}

/// The only name in the sections on the unit's name: a line by itself, or one that begins with `Name:`.
fn name(markdown: &Markdown<'_>) -> Option<String> {
    let sections = markdown.sections();
    let about = sections
        .iter()
        .find(|s| s.heading.to_ascii_lowercase().starts_with("core unit name"))?;
    let own = about.lines.iter().take_while(|line| !line.starts_with('#'));
    let lines: Vec<&str> = own
        .map(|line| line.trim().trim_start_matches(['-', '*', ' ']))
        .filter(|line| !line.is_empty())
        .collect();
    let labelled = lines.iter().find_map(|line| {
        let (label, value) = line.split_once(':')?;
        label
            .trim_matches(['*', ' '])
            .eq_ignore_ascii_case("name")
            .then_some(value)
    });
    let value = match (labelled, lines.as_slice()) {
        (Some(value), _) => value,
        (None, [only]) if !only.contains(':') => only,
        _ => return None,
    };
    let value = value.trim_matches(['*', '`', '"', ' ', '.']).trim();
    let coded = value.strip_suffix(')').and_then(|v| v.rsplit_once(" ("));
    let value = coded
        .filter(|(_, inner)| code(inner).is_some())
        .map_or(value, |(name, _)| name);
    let fits = (1..=100).contains(&value.len()) && !value.chars().any(char::is_control) && code(value).is_none();
    fits.then(|| value.to_owned())
}
