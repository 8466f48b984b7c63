//! The public corpus. Counts were taken from it by other means: file names, preamble lines and a shell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

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
    let whole = if document.kind == "nomination" {
        "reasons"
    } else {
        "text"
    };
    let long = text(document, whole).unwrap();
    let all = [title.as_str(), text(document, "preamble").unwrap(), long];
    let lines = all.iter().flat_map(|t| t.lines()).map(str::trim);
    let mut lines: Vec<String> = lines.filter(|l| !l.is_empty()).map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Everything in the corpus, with its units linked by their codes.
fn proposals() -> Option<Vec<Proposal>> {
    let root = corpus()?;
    let mut paths = Vec::new();
    files(&root, &mut paths);
    paths.sort();
    let read = paths.iter().filter_map(|path| {
        let source = path.strip_prefix(&root).unwrap().to_str().unwrap();
        super::super::read(source, &std::fs::read(path).unwrap()).ok()
    });
    Some(read.collect())
}

/// What a unit's documents are, in the order nominations, offboardings, disbandings, mandates, budgets.
type Counts = [usize; 5];

#[test]
fn every_offboarding_says_whom_and_every_unit_has_its_papers() {
    let Some(all) = proposals() else { return };
    let mut folder = Folder::default();
    all.iter().for_each(|one| folder.note(one));
    let units = folder.units();
    let mut papers: BTreeMap<String, Counts> = BTreeMap::new();
    let mut unlinked = Vec::new();
    for one in &all {
        let doc = &one.document;
        let sort = match (doc.kind.as_str(), text(doc, "form")) {
            ("nomination", _) => 0,
            (_, Some("offboard")) => 1,
            (_, Some("disband")) => 2,
            (_, Some("mandate")) => 3,
            _ => 4,
        };
        if sort == 1 || sort == 2 {
            assert!(text(doc, "subject").is_some(), "{}", one.number);
        }
        assert_eq!(doc.content.get("voluntary"), None);
        match units.code(&one.unit) {
            Some(code) => papers.entry(code).or_default()[sort] += 1,
            None => unlinked.push(one.number.as_str()),
        }
    }
    // Counted with a shell as well: titles, tags and the lines under "Core Unit ID".
    assert_eq!(papers["RISK-001"], [2, 1, 0, 2, 5]);
    assert_eq!(papers["GOV-001"], [3, 2, 1, 1, 8]);
    assert_eq!(papers["PE-001"], [2, 1, 0, 1, 2], "spelt PECU-001 in one of them");
    assert_eq!(papers["SES-001"], [1, 0, 1, 1, 5], "spelt SES and SES-01 in some");
    // Older teams had no codes; a facilitator from before there were units; a unit whose code has another form.
    let expected = [
        "MIP39c2-SP34",
        "MIP40c3-SP78",
        "MIP41c4-SP39",
        "MIP41c5-SP1",
        "MIP7c3-SP1",
        "MIP7c3-SP2",
        "MIP7c3-SP3",
        "MIP7c3-SP4",
        "MIP7c3-SP5",
        "MIP7c3-SP6",
        "MIP7c3-SP7",
        "MIP7c4-SP1",
        "MIP7c4-SP2",
    ];
    assert_eq!(unlinked, expected);
    let names: BTreeMap<String, String> = units
        .domains()
        .iter()
        .map(|(code, domain)| (code.clone(), text(domain, "name").unwrap().to_owned()))
        .collect();
    assert_eq!(names.len(), 29);
    assert_eq!(names["RISK-001"], "Risk Core Unit");
    assert_eq!(names["GOV-001"], "GovAlpha");
    assert_eq!(papers.values().flatten().sum::<usize>(), 216 - expected.len());
}

#[test]
fn subjects_and_successors_of_the_offboardings() {
    let Some(all) = proposals() else { return };
    let of = |number: &str, field: &str| {
        let one = all.iter().find(|one| one.number == number).unwrap();
        text(&one.document, field).map(str::to_owned)
    };
    for (number, subject, replacement) in [
        ("MIP41c5-SP1", "Amy Jung", None),
        ("MIP41c5-SP4", "Philip Bain", Some("MIP41c4-SP32")),
        ("MIP41c5-SP6", "Tomasz Mierzwa", Some("MIP41c4-SP35")),
        ("MIP41c5-SP7", "LongForWisdom", Some("MIP41c4-SP37")),
        ("MIP41c5-SP10", "Facilitator of IS-001", None),
        ("MIP41c5-SP12", "@williamr", None),
        ("MIP41c5-SP14", "Primoz", Some("MIP41c4-SP41")),
        ("MIP41c5-SP15", "Derek", Some("MIP41c4-SP42")),
        ("MIP41c5-SP16", "@prose11", None),
        ("MIP39c3-SP11", "SES", None),
    ] {
        assert_eq!(of(number, "subject").as_deref(), Some(subject), "{number}");
        assert_eq!(of(number, "replacement").as_deref(), replacement, "{number}");
    }
    let without: Vec<&str> = all
        .iter()
        .filter(|one| one.document.kind == "motion" && text(&one.document, "reasons").is_none())
        .map(|one| one.number.as_str())
        .collect();
    // These have no section on motives, or nothing in it.
    assert_eq!(
        without,
        [
            "MIP39c3-SP11",
            "MIP39c3-SP12",
            "MIP39c3-SP8",
            "MIP7c4-SP1",
            "MIP7c4-SP2"
        ]
    );
}

/// Read by eye in these files; everywhere else something about the tables is left to choose.
#[test]
fn budget_lines_are_the_numbers_that_stand_there() {
    let Some(all) = proposals() else { return };
    let lines = |number: &str| {
        let one = all.iter().find(|one| one.number == number).unwrap();
        let items = one
            .document
            .content
            .get("items")
            .and_then(Json::as_array)
            .cloned()
            .unwrap_or_default();
        let amount = |item: &Json| item.pointer("/amount/amount").and_then(Json::as_u64).unwrap();
        (items.len(), items.iter().map(amount).sum::<u64>())
    };
    // Eight rows and their total of 240,000 DAI.
    assert_eq!(lines("MIP40c3-SP3"), (9, 240_000));
    // 180,000 DAI a quarter, and 50,000 once.
    assert_eq!(lines("MIP40c3-SP67"), (8, 230_000));
    // Several columns of money.
    assert_eq!(lines("MIP40c3-SP1"), (0, 0));
    let read = all
        .iter()
        .filter(|one| one.document.content.contains_key("items"))
        .count();
    assert_eq!(read, 15, "proposals with lines");
}
