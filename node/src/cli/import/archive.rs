//! `althing import archive`: entries and attachments out of an archive into the node.
//!
//! Bound: one file of entries is in memory at a time, and goes in one request.

use std::io::Read;
use std::path::{Path, PathBuf};

use althing_protocol::archive::{PORTION, attachment};
use clap::Args;
use serde_json::{Value, json};

use super::bar;
use crate::archive::read::{self, Part};
use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::print::{Answer, word};

/// What `import archive` takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Archive {
    /// The tar file, or the folder that it unpacks to.
    path: PathBuf,
}

/// What became of it.
#[derive(Default)]
struct Report {
    added: u64,
    already: u64,
    changed: u64,
    waiting: u64,
    files: u64,
    files_already: u64,
    skipped: Vec<Value>,
    more: u64,
}

/// Things that were not taken and are named one by one.
const NAMED: usize = 200;

impl Archive {
    pub(super) fn run(&self, node: &Node, watched: bool) -> Result<Answer, Failure> {
        let archive = read::Archive::open(&self.path)?;
        let committee = archive.manifest().committee.to_string();
        follow(node, &committee)?;
        let mut report = Report::default();
        let entries = usize::try_from(archive.manifest().entries).unwrap_or(usize::MAX);
        let progress = bar(watched, entries, "entries");
        archive.each(Part::Entries, |name, length, from| {
            let bytes = portion(&self.path, name, length, from)?;
            let taken = node.send(&["archive"], &bytes)?;
            report.take(name, &taken);
            progress.set_position(report.added.saturating_add(report.already));
            Ok::<_, Failure>(())
        })?;
        progress.finish_and_clear();
        archive.each(Part::Files, |name, length, from| report.file(node, name, length, from))?;
        let digest = node.get(&["committees", &committee, "digest"], &[])?;
        Ok(report.answer(&archive, &committee, &digest))
    }
}

/// Follows the committee, if the node does not yet.
fn follow(node: &Node, committee: &str) -> Result<(), Failure> {
    let status = node.get(&["status"], &[])?;
    let followed = status.get("committees").and_then(Value::as_array).into_iter().flatten();
    if followed.into_iter().any(|one| word(one, "id") == committee) {
        return Ok(());
    }
    node.post(
        &["committees", "follow"],
        &json!({ "committee": committee, "bodies": "all" }),
    )?;
    Ok(())
}

/// A file of entries.
pub(in crate::cli) fn portion(
    archive: &Path,
    name: &str,
    length: u64,
    from: &mut dyn Read,
) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(PORTION).unwrap_or(u64::MAX);
    if length > most {
        return Err(Failure::BadFile {
            path: archive.to_owned(),
            what: format!("has {length} bytes in {name}, and a file of entries has at most {most}"),
        });
    }
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(|why| Failure::File {
        doing: "read",
        path: archive.to_owned(),
        why,
    })?;
    Ok(bytes)
}

impl Report {
    fn take(&mut self, name: &str, taken: &Value) {
        let number = |field: &str| taken.get(field).and_then(Value::as_u64).unwrap_or(0);
        self.added += number("added");
        self.already += number("already");
        self.changed += number("completed");
        self.waiting += number("waiting");
        let named = taken
            .get("why")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        for refused in named {
            let place = word(refused, "place");
            self.skip(format!("{name}, entry {place}"), &word(refused, "why"));
        }
        self.more += number("refused").saturating_sub(u64::try_from(named.len()).unwrap_or(0));
    }

    fn skip(&mut self, file: String, why: &str) {
        if self.skipped.len() < NAMED {
            self.skipped.push(json!({ "file": file, "why": why }));
        } else {
            self.more += 1;
        }
    }

    fn file(&mut self, node: &Node, name: &str, length: u64, from: &mut dyn Read) -> Result<(), Failure> {
        let Some(hash) = attachment(name) else { return Ok(()) };
        let hash = hash.to_string();
        let known = node.get_as_owner(&["files", &hash, "status"]);
        if known.is_ok_and(|known| word(&known, "state") == "here") {
            self.files_already += 1;
            return Ok(());
        }
        match node.upload_from(&["files"], from, length) {
            Ok(added) if word(&added, "hash") == hash => self.files += 1,
            Ok(added) => {
                // Nothing names what came instead, so it need not stay.
                drop(node.delete(&["files", &word(&added, "hash")]));
                self.skip(name.to_owned(), "it is not the file that its name says");
            }
            Err(Failure::Refused(why)) => self.skip(name.to_owned(), &why),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn answer(self, archive: &read::Archive, committee: &str, digest: &Value) -> Answer {
        let manifest = archive.manifest();
        let own = word(digest, "digest");
        let same = own == manifest.digest.to_string();
        let entries = digest.get("entries").and_then(Value::as_u64).unwrap_or(0);
        let mut text = format!(
            "{} entries added, {} already here, {} of them completed; {} files added, {} already here; {} skipped",
            self.added,
            self.already,
            self.changed,
            self.files,
            self.files_already,
            u64::try_from(self.skipped.len()).unwrap_or(0) + self.more
        );
        for skip in &self.skipped {
            text.push_str(&format!("\n  {}: {}", word(skip, "file"), word(skip, "why")));
        }
        if self.more > 0 {
            text.push_str(&format!("\n  and {} more", self.more));
        }
        if self.waiting > 0 {
            text.push_str(&format!(
                "\n{} wait for entries that the archive does not hold",
                self.waiting
            ));
        }
        text.push_str(&match (same, entries > manifest.record) {
            (true, _) => format!("\nThe record has the archive's digest: {own}"),
            (false, true) => format!(
                "\nThe record has {entries} entries and the digest {own}; the archive has {} of them and {}",
                manifest.record, manifest.digest
            ),
            (false, false) => format!(
                "\nThe record has another digest than the archive says: {own}, not {}; `althing verify` looks at the archive alone",
                manifest.digest
            ),
        });
        let json = json!({
            "committee": committee,
            "added": self.added,
            "already": self.already,
            "changed": self.changed,
            "waiting": self.waiting,
            "files": { "added": self.files, "already": self.files_already },
            "skipped": self.skipped,
            "more": self.more,
            "digest": own,
            "same": same,
        });
        Answer::new(json, text)
    }
}
