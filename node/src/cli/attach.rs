//! `althing attach FILE…`, and `--attach FILE` of commands that write.

use std::path::{Path, PathBuf};

use althing_protocol::file::Named;
use althing_protocol::kind::Kind;
use clap::Args;
use serde_json::{Map, Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, word};

/// Add files to the node, so that entries can name them.
///
/// Prints what to name each by: {hash, length, type, name}. What no entry names within a day goes again.
#[derive(Debug, Args)]
pub(super) struct Attach {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Files that come with what is written.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Attached {
    /// A file that belongs to it; may be given several times.
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
}

impl Attach {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let added = self
            .files
            .iter()
            .map(|path| add(node, path))
            .collect::<Result<Vec<_>, _>>()?;
        let text = added
            .iter()
            .map(|file| format!("{}  {}", word(file, "hash"), word(file, "name")));
        let text = text.collect::<Vec<_>>().join("\n");
        let json = match added.as_slice() {
            [only] => only.clone(),
            _ => json!({ "items": added }),
        };
        Ok(Answer::new(json, text))
    }
}

impl Attached {
    /// Adds the files, and names them in the fields of what is written.
    pub(super) fn put(&self, kind: Option<&Kind>, fields: &mut Value, node: &Node) -> Result<(), Failure> {
        if self.attach.is_empty() {
            return Ok(());
        }
        let list = kind.and_then(list_of).ok_or_else(|| {
            Failure::Input("nothing of this kind names files; say it in a post and attach them there".to_owned())
        })?;
        let mut all = match fields.get_mut(list).map(Value::take) {
            None => Vec::new(),
            Some(Value::Array(all)) => all,
            Some(one) => vec![one],
        };
        for path in &self.attach {
            all.push(add(node, path)?);
        }
        match fields.as_object_mut() {
            Some(map)
                if map
                    .keys()
                    .any(|key| althing_protocol::kind::read::FORM.contains(&key.as_str())) =>
            {
                let add = map.entry("add").or_insert_with(|| Value::Object(Map::new()));
                if let Some(add) = add.as_object_mut() {
                    add.insert(list.to_owned(), Value::Array(all));
                }
            }
            Some(map) => drop(map.insert(list.to_owned(), Value::Array(all))),
            None => {}
        }
        Ok(())
    }
}

/// The list in which a kind names files: its data, where it has such a list.
fn list_of(kind: &Kind) -> Option<&'static str> {
    let lists = || {
        kind.all_fields()
            .filter(|field| Named::is_list(field))
            .map(|field| field.name)
    };
    lists().find(|name| *name == "data").or_else(|| lists().next())
}

/// Adds a file to the node.
fn add(node: &Node, path: &Path) -> Result<Value, Failure> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    node.upload(&["files"], &[("name", &name)], path)
}
