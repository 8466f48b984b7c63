//! Text that people wrote, made safe to look at: what steers or hides is shown instead of obeyed.
//!
//! Escaping is the template's; this is about what a reader's eyes would be fooled by.

use std::borrow::Cow;
use std::fmt::Write as _;

use althing_protocol::hash::Id;
use maud::{Markup, html};

/// Marks that may stand on one letter; those after it are dropped, and that they are is shown.
const MARKS: usize = 6;

/// A text in which invisible and direction-turning characters are written out, such as `⟨U+202E⟩`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii()
        && !text
            .bytes()
            .any(|b| b.is_ascii_control() && !matches!(b, b'\n' | b'\r' | b'\t'))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if marks > MARKS {
            if marks == MARKS + 1 {
                out.push_str("⟨more marks⟩");
            }
        } else if is_hidden(c) {
            write!(out, "⟨U+{:04X}⟩", u32::from(c)).expect("a string takes everything");
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// A text cut to this many characters, with an ellipsis where something is missing.
pub(crate) fn short(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default().trim_end())),
    }
}

/// The first words of a text of many lines, on one line.
pub(crate) fn gist(text: &str, most: usize) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if out.chars().count() > most {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&short(word, most));
    }
    visible(&short(&out, most)).into_owned()
}

/// An id: eight digits, the whole one for the mouse and for copying.
pub(crate) fn id(id: Id) -> Markup {
    html! { code.id title=(id) data-whole=(id) { (id.short().to_string()) } }
}

/// `1 entry`, `2 entries`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// A number with thin spaces between thousands.
pub(crate) fn grouped(n: impl std::fmt::Display) -> String {
    let digits = n.to_string();
    let len = digits.len();
    let mut out = String::with_capacity(len + len / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (len - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Turns the direction of text, is invisible, or both. Joiners stay: many scripts need them.
fn is_hidden(c: char) -> bool {
    matches!(u32::from(c),
        0..=8 | 0xb | 0xc | 0xe..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfeff | 0xffa0 | 0xfff9..=0xfffc
        | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Stands above or below the letter before it.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36f | 0x483..=0x489 | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_is_written_out() {
        assert_eq!(visible("invoice\u{202e}fdp.exe"), "invoice⟨U+202E⟩fdp.exe");
        assert_eq!(visible("Ada\u{200b}"), "Ada⟨U+200B⟩");
        assert_eq!(visible("a\u{7}b\nc\td"), "a⟨U+0007⟩b\nc\td");
        assert_eq!(visible("Zoë 日本 👩\u{200d}🌾"), "Zoë 日本 👩\u{200d}🌾");
        let tower = format!("a{}b", "\u{301}".repeat(500));
        assert!(visible(&tower).chars().count() < 30);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(short("äöü", 3), "äöü");
        assert_eq!(short("äöüß", 3), "äöü…");
        assert_eq!(gist("one\n\n two  three", 8), "one two…");
        assert!(gist(&"x".repeat(1000), 20).chars().count() <= 21);
        assert_eq!(
            (grouped(999), grouped(1_234_567)),
            ("999".to_owned(), "1\u{202f}234\u{202f}567".to_owned())
        );
        assert_eq!(
            (count(1, "act", "acts"), count(0, "act", "acts")),
            ("1 act".to_owned(), "0 acts".to_owned())
        );
    }
}
