//! `althing audit NODE`: reads another node's log and says what it dropped or rewrote.
//!
//! All leaves are read, so whatever the node signed before must still be a beginning of them, and whoever replays them must
//! come to the digest at each cut. What was seen is kept in the data folder, for the next time.

pub(super) mod log;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use althing_protocol::hash::Id;
use althing_protocol::log::Leaf;
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use althing_protocol::log::receipt::Receipt;
use clap::Args;
use hashbrown::HashSet;
use serde_json::{Value, json};

use self::log::Log;
use super::Global;
use super::call::Node;
use super::failure::Failure;
use super::fields;
use super::print::{Answer, word};
use crate::{clock, file};

/// Missing entries that are named one by one.
const NAMED: usize = 1000;

/// An entry that was anchored so long ago, in seconds, has reached every node that was not away since.
const GRACE: u64 = 3600;

/// Longest receipt file, in bytes.
const RECEIPT: u64 = 16 << 10;

/// Check another node: read its log, compare it with what was seen before and with what this node holds.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// The other node's URL.
    #[arg(value_name = "NODE")]
    node: String,
    /// The committee; all that this node follows without it.
    #[arg(long, value_name = "ID")]
    committee: Option<String>,
    /// Receipts of that node: files, or folders of them.
    #[arg(long, value_name = "PATH")]
    receipt: Vec<PathBuf>,
}

/// What was found out about one log.
#[derive(Default)]
struct Found {
    /// What the node did that it must not: a sentence each.
    faults: Vec<String>,
    /// Entries that this node has in its record and the other one has not, and when they were anchored.
    lacks: Vec<(String, Option<Value>)>,
    /// What whoever audits should know, and nobody's fault.
    notes: Vec<String>,
}

impl Audit {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let (own, other) = (global.node(), Node::at(&self.node));
        let committees = match &self.committee {
            Some(id) => vec![word(&own.get(&["committees", id], &[])?, "id")],
            None => {
                let status = own.get(&["status"], &[])?;
                let all = status.get("committees").and_then(Value::as_array);
                all.into_iter().flatten().map(|c| word(c, "id")).collect()
            }
        };
        if committees.is_empty() {
            return Err(Failure::Input(
                "this node follows no committee, so there is nothing to compare with".to_owned(),
            ));
        }
        let receipts = receipts(&self.receipt)?;
        let seen = global.data()?.join("audits");
        let (mut items, mut lines, mut faults) = (Vec::new(), Vec::new(), 0);
        for committee in committees {
            let Some(log) = Log::read(|path| other.file(path), &committee)? else {
                lines.push(format!("committee {committee}: that node has signed nothing of it"));
                continue;
            };
            let mut found = Found::default();
            found.faults.extend(log.faults(&committee));
            log.compare_seen(&own, &committee, &seen, &mut found)?;
            log.compare_receipts(&receipts, &mut found);
            log.compare_record(&own, &committee, &mut found)?;
            faults += found.faults.len();
            lines.push(log.say(&committee, &found));
            items.push(log.json(&committee, &found));
        }
        let answer = Answer::new(json!({ "items": items, "faults": faults }), lines.join("\n"));
        Ok(match faults {
            0 => answer,
            n => answer.bad(Failure::Refused(format!(
                "that node broke its word {}; standard output says how. Show others its signed checkpoints",
                if n == 1 {
                    "once".to_owned()
                } else {
                    format!("{n} times")
                }
            ))),
        })
    }
}

impl Log {
    /// What this node cosigned, and what an audit saw before.
    fn compare_seen(&self, own: &Node, committee: &str, seen: &Path, found: &mut Found) -> Result<(), Failure> {
        let origin = self.checkpoint.origin.to_string();
        let known = own.get(&["committees", committee, "log"], &[])?;
        let others = known.get("others").and_then(Value::as_array).into_iter().flatten();
        let mut notes: Vec<String> = others
            .filter(|o| word(o, "origin") == origin)
            .map(|o| word(o, "note"))
            .collect();
        let path = seen.join(format!("{}.note", origin.replace('/', "-")));
        notes.extend(std::fs::read_to_string(&path).ok());
        for note in notes {
            let earlier = Note::read(&note)
                .ok()
                .and_then(|note| note.text.parse::<Checkpoint>().ok());
            let Some(earlier) = earlier.filter(|earlier| earlier.origin == self.checkpoint.origin) else {
                continue;
            };
            match self.root_at(earlier.size) {
                None => found.faults.push(format!(
                    "it had {} leaves before and serves {} now: it withholds or dropped some",
                    earlier.size, self.checkpoint.size
                )),
                Some(root) if root != earlier.root => {
                    found.faults.push(format!(
                        "its first {} leaves are not those that it signed before",
                        earlier.size
                    ));
                }
                Some(_) => {}
            }
        }
        // A new generation is a new log: what the old one held is not compared.
        let of_node = format!("{committee}-{}-", self.checkpoint.origin.node);
        let old = seen
            .read_dir()
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        for name in old.filter(|name| name.contains(&of_node) && !path.ends_with(name)) {
            found.notes.push(format!(
                "it began anew: what an audit saw before under another generation is kept in {name}"
            ));
        }
        if found.faults.is_empty() {
            let failed = |why| Failure::File {
                doing: "write",
                path: path.clone(),
                why,
            };
            std::fs::create_dir_all(seen).map_err(failed)?;
            file::replace(&path, self.note.write().as_bytes()).map_err(failed)?;
        }
        Ok(())
    }

    fn compare_receipts(&self, receipts: &[Receipt], found: &mut Found) {
        let elsewhere = |receipt: &&Receipt| {
            let (is, of) = (receipt.origin, self.checkpoint.origin);
            (is.node, is.committee) == (of.node, of.committee) && is.generation != of.generation
        };
        match receipts.iter().filter(elsewhere).count() {
            0 => {}
            n => found.notes.push(format!(
                "receipts of another generation of it, which this log cannot show: {n}"
            )),
        }
        let own = receipts
            .iter()
            .filter(|receipt| receipt.origin == self.checkpoint.origin);
        for receipt in own {
            let leaf = usize::try_from(receipt.index)
                .ok()
                .and_then(|index| self.leaves.get(index));
            match leaf {
                None => found.faults.push(format!(
                    "it promised entry {} as leaf {}, and its log ends at {}: unless it has not signed since, it dropped it",
                    receipt.entry, receipt.index, self.checkpoint.size
                )),
                Some(leaf) if *leaf != Leaf::Entry(receipt.entry) => found.faults.push(format!(
                    "it promised entry {} as leaf {}, where another one stands",
                    receipt.entry, receipt.index
                )),
                Some(_) => {}
            }
        }
    }

    /// Entries of this node's record that are not in that log. Those that were anchored must be: whoever keeps the record
    /// has had time to fetch them.
    fn compare_record(&self, own: &Node, committee: &str, found: &mut Found) -> Result<(), Failure> {
        own.post(&["committees", committee, "checkpoint"], &json!({}))?;
        let Some(mine) = Self::read(|path| own.file(path), committee)? else {
            return Ok(());
        };
        let theirs: HashSet<Id> = self.held();
        let mut missing: Vec<Id> = mine.held().into_iter().filter(|id| !theirs.contains(id)).collect();
        missing.sort_unstable();
        let more = missing.len().saturating_sub(NAMED);
        for id in missing.into_iter().take(NAMED) {
            let facts = own.get(&["entries", &id.to_string()], &[("format", "json")])?;
            let anchored = facts.get("not_after").filter(|block| !block.is_null()).cloned();
            let time = anchored.as_ref().and_then(|block| block.get("time")?.as_u64());
            let long_ago = time.is_some_and(|time| time.saturating_add(GRACE) < clock::now_ms() / 1000);
            if let Some(block) = anchored.as_ref().filter(|_| long_ago) {
                found.faults.push(format!(
                    "it lacks entry {id}, which existed no later than block {} of chain {}: unless it was away since, it \
                     withholds it",
                    word(block, "height"),
                    word(block, "chain")
                ));
            }
            found.lacks.push((id.to_string(), anchored));
        }
        if more > 0 {
            found.lacks.push((format!("and {more} more"), None));
        }
        Ok(())
    }

    fn say(&self, committee: &str, found: &Found) -> String {
        let mut lines = vec![format!(
            "committee {committee}: log {}, {} leaves, {} cuts; entries of this node that it lacks: {}",
            self.checkpoint.origin,
            self.checkpoint.size,
            self.cuts(),
            found.lacks.len()
        )];
        lines.extend(found.notes.iter().map(|note| format!("  note: {note}")));
        lines.extend(found.faults.iter().map(|fault| format!("  FAULT: {fault}")));
        lines.join("\n")
    }

    fn json(&self, committee: &str, found: &Found) -> Value {
        let lacks = found
            .lacks
            .iter()
            .map(|(id, anchored)| json!({ "id": id, "not_after": anchored }));
        json!({
            "committee": committee,
            "origin": self.checkpoint.origin.to_string(),
            "size": self.checkpoint.size,
            "root": self.checkpoint.root,
            "note": self.note.write(),
            "cuts": self.cuts(),
            "lacks": lacks.collect::<Vec<_>>(),
            "notes": found.notes,
            "faults": found.faults,
        })
    }
}

/// All receipts in these files and folders, each once.
fn receipts(paths: &[PathBuf]) -> Result<Vec<Receipt>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        match path.read_dir() {
            Ok(folder) => files.extend(folder.flatten().map(|entry| entry.path()).filter(|path| path.is_file())),
            Err(_) => files.push(path.clone()),
        }
    }
    let mut receipts = BTreeMap::new();
    for path in files {
        let bad = |what: &str| Failure::BadFile {
            path: path.clone(),
            what: what.to_owned(),
        };
        let text = String::from_utf8(fields::read(&path, RECEIPT)?).map_err(|_| bad("is no text"))?;
        let note = Note::read(&text).map_err(|_| bad("is no signed note"))?;
        let receipt: Receipt = note.text.parse().map_err(|_| bad("is no receipt"))?;
        let signed = receipt.origin.verifier().map(|verifier| note.signed_by(&verifier));
        if !matches!(signed, Ok(Ok(Some(_)))) {
            return Err(bad("is not signed by the key of its log"));
        }
        receipts.insert((receipt.origin, receipt.index), receipt);
    }
    Ok(receipts.into_values().collect())
}
