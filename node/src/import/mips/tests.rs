use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

const NOMINATION: &str = "\
# MIP41c4-SP99: Facilitator Onboarding (Garden Unit)

## Preamble

```
MIP41c4-SP#: #99
Author: Ada
  and Grace
Tags: core-unit, cu-garden-001, facilitator
Date Proposed: 2021-02-28
Date Ratified: 2021-25-03
Budget End Date: 2021-02-29
Date Approved:
---
Extra: see: below
```

## Facilitator name and information

- **Name:** `Ada L.`
- Forum handle: [@ada](https://forum.example/u/ada)

### Not of this section
Name: in a deeper one, so it counts

## Credentials
Name: elsewhere
";

fn text<'a>(document: &'a Document, field: &str) -> Option<&'a str> {
    document.content.get(field).and_then(Json::as_str)
}

fn proposal(line: &str) -> String {
    format!("# A\n\n## Preamble\n```\n{line}\nStatus: Accepted\n```\nText\n")
}

#[test]
fn a_nomination_keeps_its_preamble_and_text_word_for_word() {
    let read = read("a/b.md", NOMINATION.as_bytes()).unwrap();
    assert_eq!((read.kind.as_str(), read.source.as_str()), ("nomination", "a/b.md"));
    assert_eq!(read.source_hash, Hash(sha256(&[NOMINATION.as_bytes()])));
    assert_eq!(
        text(&read, "title"),
        Some("MIP41c4-SP99: Facilitator Onboarding (Garden Unit)")
    );
    let preamble = text(&read, "preamble").unwrap();
    assert!(
        preamble.starts_with("MIP41c4-SP#: #99\nAuthor: Ada\n  and Grace\n"),
        "{preamble}"
    );
    assert!(preamble.ends_with("---\nExtra: see: below"), "{preamble}");
    let reasons = text(&read, "reasons").unwrap();
    assert!(reasons.starts_with("## Facilitator name and information\n\n- **Name:** `Ada L.`"));
    assert!(reasons.ends_with("Name: elsewhere"));
    assert_eq!(text(&read, "domain"), Some("GARDEN-001"));
    assert_eq!(text(&read, "seat"), Some("Facilitator"));
    assert_eq!(text(&read, "handle"), Some("@ada"));
}

#[test]
fn names_are_read_only_where_there_is_one() {
    // The section holds two names, so neither is taken.
    assert_eq!(text(&read("a.md", NOMINATION.as_bytes()).unwrap(), "nominee"), None);
    let single = NOMINATION.replace("Name: in a deeper one, so it counts\n", "");
    assert_eq!(
        text(&read("a.md", single.as_bytes()).unwrap(), "nominee"),
        Some("Ada L.")
    );
}

#[test]
fn dates_that_are_no_days_stay_text() {
    let read = read("a.md", NOMINATION.as_bytes()).unwrap();
    assert_eq!(
        read.content.get("dates"),
        Some(&json!([
            { "what": "Date Proposed", "day": "2021-02-28" },
            { "what": "Date Ratified", "text": "2021-25-03" },
            { "what": "Budget End Date", "text": "2021-02-29" },
        ]))
    );
    assert!(is_day("2024-02-29") && is_day("2000-02-29") && is_day("2021-12-31"));
    for no in [
        "2100-02-29",
        "2024-04-31",
        "2022-7-1",
        "N/A",
        "<yyyy-mm-dd>",
        "",
        "2021-06-8",
        "2021-00-10",
        "2021-01-00",
    ] {
        assert!(!is_day(no), "{no}");
    }
}

#[test]
fn keys_of_preambles_vary() {
    for (line, kind, form) in [
        ("MIP7c3-SP#: 6", "nomination", None),
        ("MIP7c4-SP#: #1", "motion", Some("offboard")),
        ("MIP41c5-SP#:2", "motion", Some("offboard")),
        ("MIP39c3-SP: 5", "motion", Some("disband")),
        ("MIP39c2-SP: #5", "statement", Some("mandate")),
        ("MIP40C3-SP#: # 20", "statement", Some("budget")),
    ] {
        let read = read("x.MD", proposal(line).as_bytes()).unwrap();
        assert_eq!((read.kind.as_str(), text(&read, "form")), (kind, form), "{line}");
    }
}

#[test]
fn what_is_skipped_says_why() {
    let skip = |line: &str| read("x.md", proposal(line).as_bytes()).unwrap_err();
    let number = |text: &str| text.to_owned();
    assert_eq!(skip("MIP#: 41"), Skip::Framework { number: number("41") });
    assert_eq!(skip("MIP41c4-SP#: #"), Skip::Template { number: number("#") });
    assert_eq!(skip("MIP41c4-SP#: <#>"), Skip::Template { number: number("<#>") });
    assert_eq!(skip("MIP6c2-SP#: 1"), Skip::OtherSort { sort: number("MIP6c2") });
    assert_eq!(skip("Author: x"), Skip::NoNumber);
    assert_eq!(read("x.txt", b""), Err(Skip::NotMarkdown));
    assert_eq!(read("x.md", b"# only text"), Err(Skip::NoPreamble));
    assert_eq!(
        read("x.md", b"# A\n```\nMIP7c3-SP: 1\n"),
        Err(Skip::NoPreamble),
        "never closed"
    );
    assert_eq!(read("x.md", &[0xff]), Err(Skip::NotText));
    let size = LARGEST + 1;
    assert_eq!(read("x.md", &vec![b'a'; size]), Err(Skip::TooLarge { size }));
}

#[test]
fn the_fence_may_be_longer_and_the_text_may_hold_fences() {
    let file = "# A\n## Preamble\n````\nMIP7c3-SP: 1\n```\nStatus: x\n````\n## B\n```\n# no heading\n```\n";
    let read = read("a.md", file.as_bytes()).unwrap();
    assert_eq!(text(&read, "preamble"), Some("MIP7c3-SP: 1\n```\nStatus: x"));
    assert_eq!(text(&read, "reasons"), Some("## B\n```\n# no heading\n```"));
}

/// The public corpus, where somebody has it: `ALTHING_CORPUS` names the folder that holds `mips`.
fn corpus() -> Option<PathBuf> {
    let found = std::env::var_os("ALTHING_CORPUS").map(|dir| Path::new(&dir).join("mips"));
    if found.is_none() {
        println!("skipped: set ALTHING_CORPUS to a folder with a copy of the proposals in `mips`");
    }
    found
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out)
        } else {
            out.push(path)
        }
    }
}

/// The counts were taken from the corpus by other means (file names and preamble lines, with a shell).
#[test]
fn the_corpus_has_216_documents_and_no_line_is_lost() {
    let Some(root) = corpus() else { return };
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let (mut kinds, mut skips) = (BTreeMap::new(), Vec::new());
    let (mut days, mut other) = (0, 0);
    for path in paths {
        let source = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        match read(&source, &bytes) {
            Ok(document) => {
                let form = text(&document, "form").unwrap_or("-").to_owned();
                *kinds.entry((document.kind.clone(), form)).or_insert(0) += 1;
                for date in document
                    .content
                    .get("dates")
                    .and_then(Json::as_array)
                    .into_iter()
                    .flatten()
                {
                    if date.get("day").is_some() {
                        days += 1
                    } else {
                        other += 1
                    }
                }
                assert_eq!(lines_of_file(&bytes), lines_of_document(&document), "{source}");
            }
            Err(skip) => skips.push(skip.to_string()),
        }
    }
    let expected = [
        (("motion", "disband"), 13),
        (("motion", "offboard"), 17 + 2),
        (("nomination", "-"), 42 + 7),
        (("statement", "budget"), 96),
        (("statement", "mandate"), 39),
    ];
    let expected = expected.map(|((kind, form), n)| ((kind.to_owned(), form.to_owned()), n));
    assert_eq!(kinds, BTreeMap::from(expected));
    assert_eq!(kinds.values().sum::<i32>(), 216);
    let count = |word: &str| skips.iter().filter(|why| why.contains(word)).count();
    assert_eq!(["framework", "template", "not a markdown"].map(count), [7, 2, 1]);
    assert_eq!(skips.len(), 10);
    assert_eq!((days, other), (DAYS, OTHER));
}

const DAYS: usize = 382;
const OTHER: usize = 56;

/// Lines that say something, sorted.
fn lines_of_file(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut fences = 0;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        // The first two fences enclose the preamble.
        if fences < 2 && line.starts_with("```") {
            fences += 1;
        } else if line != "## Preamble" {
            lines.push(line.to_owned());
        }
    }
    lines.sort();
    lines
}

fn lines_of_document(document: &Document) -> Vec<String> {
    let title = format!("# {}", text(document, "title").unwrap());
    let long = text(document, "reasons").or_else(|| text(document, "text")).unwrap();
    let all = [title.as_str(), text(document, "preamble").unwrap(), long];
    let lines = all.iter().flat_map(|t| t.lines()).map(str::trim);
    let mut lines: Vec<String> = lines.filter(|l| !l.is_empty()).map(str::to_owned).collect();
    lines.sort();
    lines
}
