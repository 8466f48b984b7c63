//! `althing export automerge|entries|json|csv|graphviz|payouts|archive|site`

mod archive;
mod pack;
mod payouts;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, items, word};
use super::view::only_committee;

#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Everything that the node holds of a committee, in one tar file: entries, attachments, the signed log, pages and tables.
    Archive(archive::Archive),
    /// The same in a folder, which a browser opens without a node and any web host serves.
    Site(archive::ToFolder),
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
    /// Everything that views of a committee are computed from: documents as `show` tells them, parameters, roles, people.
    Json {
        /// The committee.
        #[arg(long, value_name = "ID")]
        committee: String,
        /// The file; - for standard output.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// What an evaluation pays for its research, as transactions that a multisig signs (a batch for Safe's Transaction Builder).
    Payouts(payouts::Payouts),
    /// The graph of a view as GraphViz draws it.
    Graphviz {
        /// The view: provenance.
        view: String,
        /// The document that it is about.
        doc: Option<String>,
        /// The committee; not needed where there is only one, or with a document.
        #[arg(long, value_name = "ID")]
        committee: Option<String>,
        /// The file; - for standard output.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// One table of a view as CSV.
    Csv {
        /// The view.
        view: String,
        /// The document that it is about, for views of one document.
        doc: Option<String>,
        /// The committee, for views of a committee; not needed where there is only one.
        #[arg(long, value_name = "ID")]
        committee: Option<String>,
        /// Which of its tables; the first if it is missing.
        #[arg(long, value_name = "NAME")]
        table: Option<String>,
        /// As of the end of this day in UTC.
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: Option<String>,
        /// The file; - for standard output.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

impl Export {
    pub(super) fn run(self, node: &Node, as_json: bool) -> Result<Answer, Failure> {
        match self {
            Self::Archive(archive) => archive.run(node, as_json),
            Self::Site(site) => site.run(node, as_json),
            Self::Payouts(payouts) => payouts.run(node),
            Self::Automerge { doc, output } => {
                let bytes = node.get_bytes(&["documents", &doc, "automerge"], &[])?;
                write(&output, &bytes)?;
                let text = format!("{} bytes in {}", bytes.len(), output.display());
                Ok(answer(&output, json!({ "file": output, "bytes": bytes.len() }), text))
            }
            Self::Entries { committee, output } => {
                let count = entries(node, &committee, &output)?;
                let text = format!("{count} entries in {}", output.display());
                Ok(answer(&output, json!({ "file": output, "entries": count }), text))
            }
            Self::Json { committee, output } => {
                let count = documents(node, &committee, &output)?;
                let text = format!("{count} documents in {}", output.display());
                Ok(answer(&output, json!({ "file": output, "documents": count }), text))
            }
            Self::Graphviz {
                view,
                doc,
                committee,
                output,
            } => {
                let bytes = of_view(node, &view, doc.as_deref(), committee.as_deref(), &[("format", "dot")])?;
                write(&output, &bytes)?;
                let text = format!("{} bytes in {}", bytes.len(), output.display());
                Ok(answer(&output, json!({ "file": output, "bytes": bytes.len() }), text))
            }
            Self::Csv {
                view,
                doc,
                committee,
                table,
                at,
                output,
            } => {
                let mut query = vec![("format", "csv")];
                query.extend(table.iter().map(|table| ("table", table.as_str())));
                query.extend(at.iter().map(|at| ("at", at.as_str())));
                let bytes = of_view(node, &view, doc.as_deref(), committee.as_deref(), &query)?;
                write(&output, &bytes)?;
                let text = format!("{} bytes in {}", bytes.len(), output.display());
                Ok(answer(&output, json!({ "file": output, "bytes": bytes.len() }), text))
            }
        }
    }
}

/// What a view answers in some form, of a committee or of a document.
fn of_view(
    node: &Node,
    view: &str,
    doc: Option<&str>,
    committee: Option<&str>,
    query: &[(&str, &str)],
) -> Result<Vec<u8>, Failure> {
    if let (None, Some(doc)) = (committee, doc) {
        return node.get_bytes(&["documents", doc, "views", view], query);
    }
    let committee = committee.map_or_else(|| only_committee(node), |given| Ok(given.to_owned()))?;
    let mut query = query.to_vec();
    query.extend(doc.map(|doc| ("doc", doc)));
    node.get_bytes(&["committees", &committee, "views", view], &query)
}

/// Writes `{ committee, facts…, documents: [ … ] }`, a document on each line.
fn documents(node: &Node, committee: &str, output: &Path) -> Result<usize, Failure> {
    let home = whole(node, committee)?;
    let mut facts = node.get(&["committees", committee, "facts"], &[])?;
    if let Some(map) = facts.as_object_mut() {
        map.insert("committee".to_owned(), home);
    }
    let mut head = facts.to_string();
    head.pop();
    let mut count = 0;
    let mut lines = |out: &mut dyn Write| -> Result<(), Failure> {
        let failed = |why| Failure::File {
            doing: "write",
            path: output.to_owned(),
            why,
        };
        write!(out, "{head},\"documents\":[").map_err(failed)?;
        let all = node.list(&["documents"], &[("committee", committee)], None)?;
        let kept = items(&all)
            .iter()
            .filter(|item| item.get("record") == Some(&Value::Bool(true)));
        for item in kept {
            let document = whole(node, &word(item, "id"))?;
            let comma = if count > 0 { "," } else { "" };
            write!(out, "{comma}\n{document}").map_err(failed)?;
            count += 1;
        }
        writeln!(out, "\n]}}").map_err(failed)
    };
    match is_stdout(output) {
        true => lines(&mut io::stdout().lock())?,
        false => {
            let failed = |why| Failure::File {
                doing: "write",
                path: output.to_owned(),
                why,
            };
            let mut out = BufWriter::new(File::create(output).map_err(failed)?);
            lines(&mut out)?;
            out.flush().map_err(failed)?;
        }
    }
    Ok(count)
}

/// A document as `show` tells it, with its log and its versions.
fn whole(node: &Node, doc: &str) -> Result<Value, Failure> {
    let mut document = node.get(&["documents", doc], &[])?;
    let log = node.list(&["documents", doc, "log"], &[], None)?;
    let versions = node.list(&["documents", doc, "versions"], &[], None)?;
    if let Some(map) = document.as_object_mut() {
        map.insert("log".to_owned(), json!(items(&log)));
        map.insert("versions".to_owned(), json!(items(&versions)));
    }
    Ok(document)
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

/// The answer after something was written; nothing more where standard output got it.
pub(super) fn answer(path: &Path, json: Value, text: String) -> Answer {
    if is_stdout(path) {
        Answer::said()
    } else {
        Answer::new(json, text)
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}
