//! `althing export automerge|entries`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, word};

#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// A document as an Automerge file, which any Automerge program opens; an edited copy can be imported.
    Automerge {
        /// The document.
        doc: String,
        /// The file.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// The entries of a committee's record, one {"id", "wire"} on each line: all that a checker needs.
    Entries {
        /// The committee.
        #[arg(long, value_name = "ID")]
        committee: String,
        /// The file; - for standard output.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

impl Export {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        match self {
            Self::Automerge { doc, output } => {
                let bytes = node.get_bytes(&["documents", &doc, "automerge"], &[])?;
                write(&output, &bytes)?;
                let text = if is_stdout(&output) {
                    String::new()
                } else {
                    format!("{} bytes in {}", bytes.len(), output.display())
                };
                Ok(Answer::new(json!({ "file": output, "bytes": bytes.len() }), text))
            }
            Self::Entries { committee, output } => {
                let count = entries(node, &committee, &output)?;
                let text = if is_stdout(&output) {
                    String::new()
                } else {
                    format!("{count} entries in {}", output.display())
                };
                Ok(Answer::new(json!({ "file": output, "entries": count }), text))
            }
        }
    }
}

fn entries(node: &Node, committee: &str, output: &Path) -> Result<usize, Failure> {
    let failed = |why| Failure::File {
        doing: "write",
        path: output.to_owned(),
        why,
    };
    let mut out: Box<dyn Write> = match is_stdout(output) {
        true => Box::new(io::stdout().lock()),
        false => Box::new(BufWriter::new(File::create(output).map_err(failed)?)),
    };
    let mut count = 0;
    let mut cursor: Option<String> = None;
    loop {
        let query: Vec<(&str, &str)> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        let page = node.get(&["committees", committee, "entries"], &query)?;
        for item in items(&page) {
            let line = json!({ "id": word(item, "id"), "wire": word(item, "wire") });
            writeln!(out, "{line}").map_err(failed)?;
            count += 1;
        }
        cursor = page.get("next").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            out.flush().map_err(failed)?;
            return Ok(count);
        }
    }
}

/// Writes a file, or standard output for `-`.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |why| Failure::File {
        doing: "write",
        path: path.to_owned(),
        why,
    };
    match is_stdout(path) {
        true => io::stdout().lock().write_all(bytes).map_err(failed),
        false => std::fs::write(path, bytes).map_err(failed),
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}
