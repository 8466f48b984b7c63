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

#[test]
fn in_the_corpus_every_offboarding_says_whom_and_every_unit_is_linked() {
    let Some(all) = proposals() else { return };
    let mut folder = Folder::default();
    all.iter().for_each(|one| folder.note(one));
    let units = folder.units();
    let (mut linked, mut unlinked) = (BTreeMap::new(), Vec::new());
    for one in &all {
        let doc = &one.document;
        let (kind, form) = (doc.kind.as_str(), text(doc, "form").unwrap_or("-"));
        println!(
            "{} | {form} | unit {:?} of {:?} | subject {:?} | replacement {:?} | nominee {:?} | items {} | reasons {}",
            one.number,
            units.code(&one.unit),
            one.unit,
            text(doc, "subject"),
            text(doc, "replacement"),
            text(doc, "nominee"),
            doc.content.get("items").and_then(Json::as_array).map_or(0, Vec::len),
            text(doc, "reasons").map_or(0, str::len),
        );
        if form == "offboard" || form == "disband" {
            assert!(text(doc, "subject").is_some(), "{}", one.number);
            assert_eq!(doc.content.get("voluntary"), None);
        }
        match units.code(&one.unit) {
            Some(code) => {
                *linked
                    .entry(code)
                    .or_insert_with(BTreeMap::new)
                    .entry((kind.to_owned(), form.to_owned()))
                    .or_insert(0) += 1
            }
            None => unlinked.push(one.number.clone()),
        }
    }
    println!("{linked:#?}\nunlinked {unlinked:?}");
    for (code, domain) in units.domains() {
        println!("{code}: {:?}", domain.content.get("name"));
    }
    for one in &all {
        for item in one
            .document
            .content
            .get("items")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            println!("{}: {item}", one.number);
        }
    }
}
