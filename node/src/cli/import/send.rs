//! Documents on their way to the node, in batches, and what became of them.
//!
//! Bound: so many documents wait as one request holds, each with all its parts.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::print::{Answer, word};
use crate::http::{BATCH, BATCH_BYTES};
use crate::import::Document;

/// Notes that people get to see.
const NOTES: usize = 50;

/// What became of what was read.
#[derive(Debug, Default)]
pub(super) struct Report {
    added: usize,
    already: usize,
    changed: usize,
    skipped: Vec<Value>,
    notes: Vec<Value>,
}

/// Sends documents to a committee.
pub(super) struct Sender<'a> {
    node: &'a Node,
    committee: &'a str,
    /// The parts of each document that are not sent yet, with the size of the first of them.
    waiting: VecDeque<VecDeque<Document>>,
    /// What the parts so far did, of documents of which parts still wait.
    begun: BTreeMap<String, &'static str>,
    done: Vec<Done>,
    pub(super) report: Report,
}

/// A document that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) source: String,
    pub(super) id: String,
    /// How many items its list has, of those lists that are read in parts.
    pub(super) items: Option<usize>,
}

impl Report {
    pub(super) fn skip(&mut self, file: &str, why: &str) {
        self.skipped.push(json!({ "file": file, "why": why }));
    }

    /// Something that was read, about which there is more to say.
    pub(super) fn note(&mut self, file: &str, what: &str) {
        self.notes.push(json!({ "file": file, "what": what }));
    }

    pub(super) fn answer(mut self) -> Answer {
        self.skipped.sort_by_key(|skip| word(skip, "file"));
        self.notes.sort_by_key(|note| word(note, "file"));
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
        if !self.notes.is_empty() {
            text.push_str("\nRead, with this to say:");
        }
        for note in self.notes.iter().take(NOTES) {
            text.push_str(&format!("\n  {}: {}", word(note, "file"), word(note, "what")));
        }
        if self.notes.len() > NOTES {
            text.push_str(&format!(
                "\n  and {} more; --json has them all",
                self.notes.len() - NOTES
            ));
        }
        let Self {
            added,
            already,
            changed,
            skipped,
            notes,
        } = self;
        let json =
            json!({ "added": added, "already": already, "changed": changed, "skipped": skipped, "notes": notes });
        Answer::new(json, text)
    }
}

impl<'a> Sender<'a> {
    pub(super) fn new(node: &'a Node, committee: &'a str) -> Self {
        Self {
            node,
            committee,
            waiting: VecDeque::new(),
            begun: BTreeMap::new(),
            done: Vec::new(),
            report: Report::default(),
        }
    }

    /// Hands in a document, and sends what makes a full request.
    pub(super) fn add(&mut self, parts: Vec<Document>) -> Result<(), Failure> {
        if !parts.is_empty() {
            self.waiting.push_back(parts.into());
        }
        while self.waiting.len() >= BATCH {
            self.request()?;
        }
        Ok(())
    }

    /// Sends all that waits.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        while !self.waiting.is_empty() {
            self.request()?;
        }
        Ok(())
    }

    /// The documents that arrived whole since this was asked last.
    pub(super) fn done(&mut self) -> Vec<Done> {
        std::mem::take(&mut self.done)
    }

    /// One request: the next part of each document, as far as there is room. A part waits for the one before it.
    fn request(&mut self) -> Result<(), Failure> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let mut rest = VecDeque::new();
        while let Some(mut parts) = self.waiting.pop_front() {
            let size = parts.front().map_or(0, |part| json!(part).to_string().len());
            if batch.len() == BATCH || (bytes + size > BATCH_BYTES && !batch.is_empty()) {
                self.waiting.push_front(parts);
                break;
            }
            bytes += size;
            batch.extend(parts.pop_front());
            if !parts.is_empty() {
                rest.push_back(parts);
            }
        }
        while let Some(parts) = rest.pop_back() {
            self.waiting.push_front(parts);
        }
        let last: BTreeMap<String, bool> = batch.iter().map(|part| (part.source.clone(), !part.more)).collect();
        let path = ["committees", self.committee, "import"];
        let answer = self.node.post(&path, &json!({ "documents": batch }))?;
        for result in answer.get("results").and_then(Value::as_array).into_iter().flatten() {
            let is_last = last.get(&word(result, "source")).copied().unwrap_or(true);
            self.became(result, is_last);
        }
        Ok(())
    }

    fn became(&mut self, result: &Value, is_last: bool) {
        let source = word(result, "source");
        let before = self.begun.remove(&source);
        let now = match (word(result, "outcome").as_str(), before) {
            ("added", _) | ("changed" | "already", Some("added")) => "added",
            ("changed", _) | ("already", Some("changed")) => "changed",
            ("already", _) => "already",
            _ => {
                // The other parts would be refused for the same reason.
                self.waiting
                    .retain(|parts| parts.front().is_none_or(|part| part.source != source));
                self.report.skip(&source, &word(result, "why"));
                return;
            }
        };
        if !is_last {
            self.begun.insert(source, now);
            return;
        }
        match now {
            "added" => self.report.added += 1,
            "changed" => self.report.changed += 1,
            _ => self.report.already += 1,
        }
        let items = result.get("items").and_then(Value::as_u64);
        self.done.push(Done {
            source,
            id: word(result, "id"),
            items: items.and_then(|items| usize::try_from(items).ok()),
        });
    }
}
