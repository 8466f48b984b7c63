//! `althing import mips|discourse|register|automerge|archive`
//!
//! The command reads the files and hands their documents to the node in batches; a node opens no path that a client
//! names. A command that is cut short is run again: what is there already is left alone.

pub(super) mod archive;
mod discourse;
mod files;
mod mips;
mod register;
mod send;

use std::path::PathBuf;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::automerge;
use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, is_watched};

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
    /// Threads of a Discourse forum, as its /t/ID.json and /t/ID/posts.json answer them. The same twice adds nothing.
    Discourse {
        /// A topic's file, or a folder of them and of further posts.
        path: PathBuf,
        /// The committee.
        #[arg(long, value_name = "ID")]
        committee: String,
        /// The forum's address, such as https://forum.example: its files do not say it.
        #[arg(long, value_name = "URL", value_parser = discourse::site)]
        site: Option<String>,
    },
    /// A list of holders as of a block, CSV with a head or a JSON array. The same list twice adds nothing.
    Register(register::Register),
    /// What `export archive` or `export site` wrote: a committee with entries and attachments. The same twice adds nothing.
    Archive(archive::Archive),
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
        let watched = is_watched() && !as_json;
        match self {
            Self::Mips { dir, committee } => mips::run(node, &dir, &committee, watched),
            Self::Discourse { path, committee, site } => {
                discourse::run(node, &path, &committee, site.as_deref(), watched)
            }
            Self::Register(register) => register.run(node),
            Self::Archive(archive) => archive.run(node, watched),
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

/// A bar on a terminal, nothing elsewhere.
fn bar(watched: bool, len: usize, of: &str) -> ProgressBar {
    if !watched {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(len).unwrap_or(0));
    if let Ok(style) = ProgressStyle::with_template(&format!("{{bar:30}} {{pos}} of {{len}} {of}, {{eta}} left")) {
        bar.set_style(style);
    }
    bar
}
