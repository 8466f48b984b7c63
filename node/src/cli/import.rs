//! `althing import mips|automerge`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, is_watched, word};
use super::{automerge, fields};
use crate::http::{BATCH, BATCH_BYTES};
use crate::import::{Document, mips};

/// Files and folders that one import looks at, and how deep.
const FILES: usize = 200_000;
const DEPTH: usize = 16;

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Markdown proposals as in the makerdao/mips repository. The same files twice add nothing.
    Mips {
        /// The folder.
        dir: PathBuf,
        /// The committee.
        #[arg(long, value_name = "ID")]
        committee: String,
    },
    /// An edited copy of a document that `export automerge` wrote: becomes a signed edit.
    Automerge {
        /// The file.
        file: PathBuf,
        /// The document.
        #[arg(long)]
        doc: String,
    },
}

impl Import {
    pub(super) fn run(self, node: &Node, as_json: bool) -> Result<Answer, Failure> {
        match self {
            Self::Mips { dir, committee } => import_mips(node, &dir, &committee, is_watched() && !as_json),
            Self::Automerge { file, doc } => {
                let copy = automerge::read(&file)?;
                let json = node.post(&["documents", &doc, "automerge"], &json!(copy))?;
                if json.get("id").is_some_and(Value::is_null) {
                    return Ok(Answer::new(json, "The copy changes nothing."));
                }
                Ok(Answer::written(json))
            }
        }
    }
}

/// What became of the files.
#[derive(Default)]
struct Report {
    added: usize,
    already: usize,
    changed: usize,
    skipped: Vec<Value>,
}

impl Report {
    fn skip(&mut self, file: &str, why: &str) {
        self.skipped.push(json!({ "file": file, "why": why }));
    }

    fn note(&mut self, results: &Value) {
        for result in results.get("results").and_then(Value::as_array).into_iter().flatten() {
            match word(result, "outcome").as_str() {
                "added" => self.added += 1,
                "already" => self.already += 1,
                "changed" => self.changed += 1,
                _ => self.skip(&word(result, "source"), &word(result, "why")),
            }
        }
    }

    fn answer(mut self) -> Answer {
        self.skipped.sort_by_key(|skip| word(skip, "file"));
        let mut text = format!(
            "{} added, {} already here, {} changed, {} skipped",
            self.added,
            self.already,
            self.changed,
            self.skipped.len()
        );
        for skip in &self.skipped {
            text.push_str(&format!("\n  {}: {}", word(skip, "file"), word(skip, "why")));
        }
        let Self {
            added,
            already,
            changed,
            skipped,
        } = self;
        Answer::new(
            json!({ "added": added, "already": already, "changed": changed, "skipped": skipped }),
            text,
        )
    }
}

fn import_mips(node: &Node, dir: &Path, committee: &str, watched: bool) -> Result<Answer, Failure> {
    // An unknown committee or a node that does not answer is known before the first file is read.
    node.get(&["committees", committee], &[])?;
    let files = files(dir)?;
    let bar = if watched {
        ProgressBar::new(u64::try_from(files.len()).unwrap_or(0))
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} files, {eta} left") {
        bar.set_style(style);
    }
    let mut report = Report::default();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for (source, path) in files {
        bar.inc(1);
        match read(&source, &path) {
            Ok(document) => {
                let size = json!(document).to_string().len();
                if batch.len() == BATCH || (bytes + size > BATCH_BYTES && !batch.is_empty()) {
                    report.note(&send(node, committee, &mut batch)?);
                    bytes = 0;
                }
                bytes += size;
                batch.push(document);
            }
            Err(why) => report.skip(&source, &why),
        }
    }
    if !batch.is_empty() {
        report.note(&send(node, committee, &mut batch)?);
    }
    bar.finish_and_clear();
    Ok(report.answer())
}

fn send(node: &Node, committee: &str, batch: &mut Vec<Document>) -> Result<Value, Failure> {
    let documents = std::mem::take(batch);
    node.post(&["committees", committee, "import"], &json!({ "documents": documents }))
}

fn read(source: &str, path: &Path) -> Result<Document, String> {
    let limit = u64::try_from(mips::LARGEST).unwrap_or(u64::MAX);
    let bytes = fields::read(path, limit).map_err(|why| why.to_string())?;
    mips::read(source, &bytes).map_err(|why| why.to_string())
}

/// The files below a folder with their paths relative to it, `/` between names, sorted. Links and hidden files are
/// passed over.
fn files(dir: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut found = Vec::new();
    let mut open = vec![(dir.to_owned(), String::new(), 0)];
    let mut looked_at = 0;
    while let Some((folder, prefix, depth)) = open.pop() {
        let failed = |why| Failure::File {
            doing: "read the folder",
            path: folder.clone(),
            why,
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            looked_at += 1;
            if looked_at > FILES || depth > DEPTH {
                let what = format!("holds more than {FILES} files or {DEPTH} levels; import its folders one by one");
                return Err(Failure::BadFile {
                    path: dir.to_owned(),
                    what,
                });
            }
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            let source = if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}/{name}")
            };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                open.push((entry.path(), source, depth + 1));
            } else if kind.is_file() {
                found.push((source, entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_by_relative_path() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["b.md", "a/z.md", "a/b/c.md", ".git/config", "a/.hidden"] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let found: Vec<String> = files(dir.path())
            .unwrap()
            .into_iter()
            .map(|(source, _)| source)
            .collect();
        assert_eq!(found, ["a/b/c.md", "a/z.md", "b.md"]);
        assert!(matches!(files(&dir.path().join("none")), Err(Failure::File { .. })));
    }
}
