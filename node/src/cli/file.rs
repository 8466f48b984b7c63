//! `althing file HASH`

use std::fs::{self, File as Disk};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use althing_protocol::file::Hasher;
use althing_protocol::hash::Hash;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, is_watched, word};

/// How often it is asked how a fetch goes.
const LOOK: Duration = Duration::from_millis(300);

/// Get a file that an entry names: from this node, or by it from peers.
#[derive(Debug, Args)]
pub(super) struct File {
    /// Its SHA-256, as entries name it.
    hash: String,
    /// Where to write it; - for standard output. Without it the answer says where the file stands.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Remove it from this node.
    #[arg(long, conflicts_with = "output")]
    remove: bool,
}

impl File {
    pub(super) fn run(self, node: &Node, json: bool) -> Result<Answer, Failure> {
        if self.remove {
            let answer = node.delete(&["files", &self.hash])?;
            let text = match answer.get("removed") == Some(&json!(true)) {
                true => "It is gone from this node.",
                false => "It was not on this node.",
            };
            return Ok(Answer::new(answer, text));
        }
        let Some(output) = self.output else {
            let known = node.get_as_owner(&["files", &self.hash, "status"])?;
            let text = told(&known);
            return Ok(Answer::new(known, text));
        };
        let hash: Hash = self.hash.parse().map_err(|why| {
            Failure::Input(format!(
                "{:?} names no file: a SHA-256 has 64 hexadecimal digits ({why})",
                self.hash
            ))
        })?;
        fetch(node, &self.hash, json)?;
        let length = save(node, hash, &output)?;
        let text = format!("{length} bytes in {}, and SHA-256 is {hash}", output.display());
        let answer = json!({ "file": output, "hash": hash, "length": length });
        Ok(super::export::answer(&output, answer, text))
    }
}

/// Has the node fetch it, and waits until it is there.
fn fetch(node: &Node, hash: &str, json: bool) -> Result<(), Failure> {
    let mut known = node.get_as_owner(&["files", hash, "status"])?;
    if word(&known, "state") == "absent" {
        known = node.post(&["files", hash, "fetch"], &json!({}))?;
    }
    let bar = if is_watched() && !json {
        ProgressBar::new(0)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes}, {eta} left") {
        bar.set_style(style);
    }
    while word(&known, "state") == "fetching" {
        let number = |name: &str| {
            known
                .pointer(&format!("/fetch/{name}"))
                .and_then(Value::as_u64)
                .unwrap_or(0)
        };
        bar.set_length(number("length"));
        bar.set_position(number("have"));
        thread::sleep(LOOK);
        known = node.get_as_owner(&["files", hash, "status"])?;
    }
    bar.finish_and_clear();
    match word(&known, "state").as_str() {
        "here" => Ok(()),
        _ => Err(Failure::Refused(format!(
            "the file did not come: {}",
            word(&known, "why")
        ))),
    }
}

/// Writes it down, and gives it its name only when it is the one that was asked for.
fn save(node: &Node, hash: Hash, output: &Path) -> Result<u64, Failure> {
    let name = hash.to_string();
    let path = ["files", name.as_str()];
    if output == Path::new("-") {
        let mut out = Checked::new(io::stdout().lock());
        node.download(&path, &mut out)?;
        return out.finish(hash);
    }
    let failed = |doing, path: &Path| {
        let path = path.to_owned();
        move |why| Failure::File { doing, path, why }
    };
    let new = output.with_added_extension("part");
    let file = Disk::create(&new).map_err(failed("write", &new))?;
    let mut out = Checked::new(file);
    let done = node.download(&path, &mut out).and_then(|()| {
        let synced = out.inner.sync_all();
        synced.map_err(failed("write", &new))?;
        out.finish(hash)
    });
    match done {
        Ok(length) => fs::rename(&new, output)
            .map_err(failed("write", output))
            .map(|()| length),
        Err(why) => {
            // What it holds is of no use.
            drop(fs::remove_file(&new));
            Err(why)
        }
    }
}

/// Hashes what goes by.
struct Checked<W> {
    inner: W,
    hasher: Hasher,
}

impl<W: Write> Checked<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Hasher::default(),
        }
    }

    fn finish(self, hash: Hash) -> Result<u64, Failure> {
        let found = self.hasher.finish();
        match found.hash == hash {
            true => Ok(found.length),
            false => Err(Failure::Refused(format!(
                "what the node gave is not that file: its SHA-256 is {}; try again",
                found.hash
            ))),
        }
    }
}

impl<W: Write> Write for Checked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Where it stands, for people.
fn told(known: &Value) -> String {
    let number = |at: &str| known.pointer(at).and_then(Value::as_u64).unwrap_or(0);
    let mut lines = vec![match word(known, "state").as_str() {
        "here" => format!("here, {} bytes, looks like {}", number("/length"), word(known, "type")),
        "fetching" => format!(
            "being fetched: {} of {} bytes",
            number("/fetch/have"),
            number("/fetch/length")
        ),
        _ if word(known, "why").is_empty() => "not on this node; -o FILE fetches it from peers".to_owned(),
        _ => format!("not on this node; when it was fetched last: {}", word(known, "why")),
    }];
    for naming in known.get("named").and_then(Value::as_array).into_iter().flatten() {
        let entry: String = word(naming, "entry").chars().take(8).collect();
        let (name, ty, length) = (word(naming, "name"), word(naming, "type"), word(naming, "length"));
        let mut line = format!("entry {entry} names it: {name}, {ty}, {length} bytes");
        let wrong = word(naming, "contradiction");
        if !wrong.is_empty() {
            line = format!("{line}; but {wrong}");
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use althing_protocol::hash::sha256;

    use super::*;

    #[test]
    fn what_goes_by_is_checked() {
        let mut out = Checked::new(Vec::new());
        out.write_all(b"some bytes").unwrap();
        assert_eq!(out.inner, b"some bytes");
        let right = Hash(sha256(&[b"some bytes"]));
        let mut again = Checked::new(Vec::new());
        again.write_all(b"other bytes").unwrap();
        assert_eq!(out.finish(right).unwrap(), 10);
        assert!(
            again
                .finish(right)
                .unwrap_err()
                .to_string()
                .contains("is not that file")
        );
    }
}
