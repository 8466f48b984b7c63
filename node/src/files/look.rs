//! What a file looks like, whatever anybody says it is; and what a browser may be told.
//!
//! Told are only types that a browser shows without running anything: everything else is bytes to be saved.

use std::borrow::Cow;

/// Bytes from the beginning by which types are told.
const HEAD: usize = 8 << 10;

/// Plain text.
pub(super) const TEXT: &str = "text/plain";

/// Nothing that is known.
pub(super) const BYTES: &str = "application/octet-stream";

/// Types that are told by their first bytes and may be told to a browser.
const SAFE: [&str; 6] = [
    "application/pdf",
    "application/zip",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
];

/// Types whose text may be told by what its author says: as text they run nothing.
const TEXTS: [&str; 4] = ["text/plain", "text/csv", "text/markdown", "application/json"];

/// Looks at a file as it goes by.
#[derive(Debug, Default)]
pub(super) struct Look {
    head: Vec<u8>,
    /// The first bytes of a character whose rest comes later.
    cut: Vec<u8>,
    /// Something in it is no text.
    other: bool,
    any: bool,
}

impl Look {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let room = HEAD - self.head.len();
        self.head
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        self.any |= !bytes.is_empty();
        if self.other {
            return;
        }
        let joined: Cow<'_, [u8]> = match self.cut.is_empty() {
            true => Cow::Borrowed(bytes),
            false => Cow::Owned([&self.cut, bytes].concat()),
        };
        let (text, cut) = match std::str::from_utf8(&joined) {
            Ok(text) => (text, Vec::new()),
            Err(error) if error.error_len().is_none() => {
                let (whole, cut) = joined.split_at_checked(error.valid_up_to()).unwrap_or_default();
                (std::str::from_utf8(whole).unwrap_or_default(), cut.to_vec())
            }
            Err(_) => {
                self.other = true;
                return;
            }
        };
        self.other = text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0c'));
        self.cut = cut;
    }

    /// What it looks like: a type told by its first bytes, text, or bytes.
    pub(super) fn finish(self) -> String {
        let text = self.any && !self.other && self.cut.is_empty();
        let told = infer::get(&self.head).map(|found| found.mime_type());
        match told.filter(|told| !told.starts_with("text/")) {
            Some(told) if !text || SAFE.contains(&told) => told.to_owned(),
            _ if text => TEXT.to_owned(),
            _ => BYTES.to_owned(),
        }
    }
}

/// The type by which an entry should name a file that looks so and is called so.
#[must_use]
pub(super) fn claimed(looks: &str, name: Option<&str>) -> String {
    let ending = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let by_name = match ending.as_deref() {
        Some("csv") => "text/csv",
        Some("md" | "markdown") => "text/markdown",
        Some("json") => "application/json",
        _ => TEXT,
    };
    match looks {
        TEXT => by_name.to_owned(),
        other => other.to_owned(),
    }
}

/// The type that a browser is told of a file that looks so and is said to be something.
#[must_use]
pub fn served(looks: &str, said: Option<&str>) -> &'static str {
    if let Some(safe) = SAFE.iter().find(|safe| **safe == looks) {
        return safe;
    }
    if looks != TEXT {
        return BYTES;
    }
    let said = said.map(bare).unwrap_or_default();
    TEXTS.into_iter().find(|text| *text == said).unwrap_or(TEXT)
}

/// Whether a browser may show a file that looks so: pictures and text, where what is said of it agrees.
#[must_use]
pub fn inline(looks: &str, said: &str) -> bool {
    (looks.starts_with("image/") && SAFE.contains(&looks) || looks == TEXT) && agrees(looks, said).is_ok()
}

/// What is said of a file is not what it looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is said to be {said}, and looks like {looks}")]
pub struct Contradiction {
    /// What is said.
    pub said: String,
    /// What it looks like.
    pub looks: String,
}

/// Whether what is said of a file can be, given what it looks like.
///
/// # Errors
/// [`Contradiction`].
pub fn agrees(looks: &str, said: &str) -> Result<(), Contradiction> {
    let bare = bare(said);
    let fine = match looks {
        TEXT => {
            let words = [
                "json",
                "xml",
                "yaml",
                "toml",
                "javascript",
                "sql",
                "x-ndjson",
                "rtf",
                "x-tex",
            ];
            let (_, sub) = bare.split_once('/').unwrap_or_default();
            bare.starts_with("text/")
                || bare == BYTES
                || bare == "image/svg+xml"
                || words
                    .iter()
                    .any(|word| sub == *word || sub.ends_with(&format!("+{word}")))
        }
        // What has no mark of its own can be anything but what would have one.
        BYTES => !SAFE.contains(&bare.as_str()) && (!bare.starts_with("text/") || bare == "text/csv"),
        other => bare == other || bare == BYTES || same(&bare, other),
    };
    match fine {
        true => Ok(()),
        false => Err(Contradiction {
            said: said.to_owned(),
            looks: looks.to_owned(),
        }),
    }
}

/// Two names of one type.
fn same(a: &str, b: &str) -> bool {
    let usual = |ty: &str| match ty {
        "image/jpg" | "image/pjpeg" => "image/jpeg".to_owned(),
        "application/x-zip-compressed" | "application/x-zip" => "application/zip".to_owned(),
        "application/x-gzip" => "application/gzip".to_owned(),
        "application/x-pdf" => "application/pdf".to_owned(),
        other => other.replace("/x-", "/"),
    };
    usual(a) == usual(b)
}

/// A media type without its parameters.
fn bare(ty: &str) -> String {
    let ty = ty.split(';').next().unwrap_or_default();
    ty.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(parts: &[&[u8]]) -> String {
        let mut look = Look::default();
        parts.iter().for_each(|part| look.update(part));
        look.finish()
    }

    #[test]
    fn types_are_told_by_bytes() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (bytes, expected) in [
            (&png[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
            (b"%PDF-1.4 all of it text", "application/pdf"),
            (
                b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                "application/zip",
            ),
            (b"a,b\n1,2\n", TEXT),
            (b"<html><script>alert(1)</script>", TEXT),
            (b"<?xml version=\"1.0\"?><svg onload=\"x\"/>", TEXT),
            ("größe, naïve ✓".as_bytes(), TEXT),
            (b"caf\xe9", BYTES),
            (b"a\0b", BYTES),
            (b"\x1b[2J", BYTES),
            (b"", BYTES),
        ] {
            assert_eq!(look(&[bytes]), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn text_is_text_to_its_end_wherever_it_is_cut() {
        let text = "äöü✓𝄞".as_bytes();
        for at in 0..text.len() {
            let (a, b) = text.split_at(at);
            assert_eq!(look(&[a, b]), TEXT, "{at}");
        }
        assert_eq!(
            look(&[text, b"\xf0\x9d"]),
            BYTES,
            "it ends in the middle of a character"
        );
        let long = "x".repeat(100_000);
        assert_eq!(look(&[long.as_bytes(), b"\0"]), BYTES, "what comes late counts too");
    }

    #[test]
    fn browsers_are_told_what_is_safe_and_nothing_else() {
        assert_eq!(served("image/png", Some("text/html")), "image/png");
        assert_eq!(served(TEXT, Some("text/html")), TEXT);
        assert_eq!(served(TEXT, Some("image/svg+xml")), TEXT);
        assert_eq!(served(TEXT, Some("Text/CSV; charset=utf-8")), "text/csv");
        assert_eq!(served(TEXT, Some("application/json")), "application/json");
        assert_eq!(served(BYTES, Some("text/html")), BYTES);
        assert_eq!(served("application/x-executable", Some("image/png")), BYTES);
        assert!(inline("image/png", "image/png") && inline(TEXT, "text/csv"));
        for (looks, said) in [
            ("image/png", "image/gif"),
            ("application/pdf", "application/pdf"),
            (BYTES, "image/png"),
            (TEXT, "image/png"),
        ] {
            assert!(!inline(looks, said), "{looks} {said}");
        }
    }

    #[test]
    fn what_cannot_be_is_said() {
        for (looks, said) in [
            ("application/zip", "application/pdf"),
            (TEXT, "application/pdf"),
            (BYTES, "image/png"),
            ("image/png", "text/csv"),
        ] {
            let why = agrees(looks, said).unwrap_err().to_string();
            assert!(why.contains(looks) && why.contains(said), "{why}");
        }
        for (looks, said) in [
            ("image/jpeg", "image/jpg"),
            ("application/gzip", "application/x-gzip"),
            (TEXT, "application/ld+json"),
            (TEXT, "text/html"),
            (BYTES, "application/vnd.apache.parquet"),
            ("application/zip", BYTES),
        ] {
            assert_eq!(agrees(looks, said), Ok(()), "{looks} {said}");
        }
        assert_eq!(claimed(TEXT, Some("a.b.CSV")), "text/csv");
        assert_eq!(claimed("image/png", Some("a.csv")), "image/png");
        assert_eq!(claimed(TEXT, None), TEXT);
    }
}
