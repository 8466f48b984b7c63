//! Where a paper stands: conception, request for comments, submitted, then accepted, rejected, obsolete or withdrawn.

use crate::units::unit;
use crate::{Doc, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

/// A status that a document was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The version or act that gave it.
    pub(crate) entry: Id,
    /// Its author.
    pub(crate) by: Id,
    /// The status; `unknown` for a word that is none.
    pub(crate) word: &'static str,
    /// The word as it was written.
    pub(crate) said: String,
}

/// Every change of a document's status, in canonical order; the first is the one that it opened with.
pub(crate) fn steps(doc: &Doc<'_>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    let Some(field) = field(doc) else {
        return ending(doc).into_iter().collect();
    };
    for version in doc.document.versions().iter().filter(|v| v.fields.contains(field)) {
        let outcome = doc.document.outcome(version.entry);
        let value = outcome.and_then(|outcome| outcome.change()?.set.get(field));
        let Some((word, said)) = value.and_then(|value| read(field, value)) else {
            continue;
        };
        if out.last().is_none_or(|last| last.word != word) {
            out.push(Step {
                entry: version.entry,
                by: version.by,
                word,
                said,
            });
        }
    }
    let end = ending(doc).filter(|end| out.last().is_none_or(|last| last.word != end.word));
    out.extend(end);
    out
}

/// Whether a document may go from one status to the next. One that was imported may begin anywhere: its source knows
/// what came before.
pub(crate) fn legal(before: Option<&str>, word: &str, imported: bool) -> bool {
    match before {
        None => imported || matches!(word, "conception" | "rfc"),
        Some("conception") => matches!(word, "rfc" | "withdrawn"),
        Some("rfc") => matches!(word, "submitted" | "obsolete" | "withdrawn"),
        Some("submitted") => matches!(word, "accepted" | "rejected" | "obsolete" | "withdrawn"),
        Some("accepted") => word == "obsolete",
        Some(_) => false,
    }
}

/// Where a document stands, and the word as it was written; none where nobody says.
pub(crate) fn now(doc: &Doc<'_>) -> Option<(&'static str, String)> {
    if let Some(end) = ending(doc) {
        return Some((end.word, end.said));
    }
    let field = field(doc)?;
    read(field, doc.value(field)?)
}

/// What became of a document, for those that rest on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    /// `accepted`, `rejected`, `obsolete`, `withdrawn`, `claimed` or `open`.
    pub(crate) word: &'static str,
    /// Who says so: `decision`, `act`, `source` or `owner`.
    pub(crate) rests: Option<&'static str>,
    /// The decision.
    pub(crate) decision: Option<Id>,
}

/// What became of a document. An owner's own word that it was accepted is a claim: it takes a member's decision that
/// ratifies a version of it, a motion's conclusion, or a source from which a member imported it.
pub(crate) fn fate(world: &World<'_>, doc: &Doc<'_>) -> Fate {
    let fate = |word, rests| Fate {
        word,
        rests,
        decision: None,
    };
    let end = ending(doc);
    let status = end
        .as_ref()
        .map(|end| end.word)
        .or_else(|| now(doc).map(|(word, _)| word));
    if let Some(word @ ("rejected" | "obsolete" | "withdrawn")) = status {
        let rests = match end {
            Some(_) => "act",
            None if imported_by_member(world, doc) => "source",
            None => "owner",
        };
        return fate(word, Some(rests));
    }
    if let Some(decision) = ratifies(world, doc) {
        return Fate {
            word: "accepted",
            rests: Some("decision"),
            decision: Some(decision),
        };
    }
    match status {
        Some("accepted") if end.is_some() => fate("accepted", Some("act")),
        Some("accepted") if imported_by_member(world, doc) => fate("accepted", Some("source")),
        Some("accepted") => fate("claimed", Some("owner")),
        _ => fate("open", None),
    }
}

/// The first decision of a member that ratifies an entry of this document.
fn ratifies(world: &World<'_>, doc: &Doc<'_>) -> Option<Id> {
    let by_members = world
        .of("decision")
        .filter(|decision| unit::opened_by_member(world, decision));
    let mut ratifying = by_members.filter(|decision| {
        let named = decision.value("ratifies").map_or(&[][..], Value::as_ids);
        named.iter().any(|entry| doc.document.outcome(*entry).is_some())
    });
    ratifying.next().map(Doc::id)
}

fn imported_by_member(world: &World<'_>, doc: &Doc<'_>) -> bool {
    let version = field(doc).and_then(|field| doc.document.content().fields.get(field)?.values.first());
    let at = |entry| doc.when(entry).claimed;
    doc.text("source").is_some() && version.is_some_and(|v| world.was_member(v.by, at(v.entry)))
}

/// The field that holds a document's status.
fn field(doc: &Doc<'_>) -> Option<&'static str> {
    let fields = ["status", "level", "preamble"];
    let holds = |field: &&str| doc.value(field).is_some_and(|value| read(field, value).is_some());
    let audit = doc.text("form") == Some("audit");
    fields
        .into_iter()
        .filter(|field| !(audit && *field == "level"))
        .find(holds)
}

fn read(field: &str, value: &Value) -> Option<(&'static str, String)> {
    let text = value.as_text()?;
    let said = match field {
        "preamble" => text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            let named = key.trim().eq_ignore_ascii_case("status");
            (named && !value.trim().is_empty()).then(|| value.trim())
        })?,
        _ => text,
    };
    Some((word(said), said.to_owned()))
}

/// A status by any of its names.
fn word(said: &str) -> &'static str {
    match said.trim().to_ascii_lowercase().as_str() {
        "conception" => "conception",
        "rfc" | "request for comments" | "request for comments (rfc)" | "draft" => "rfc",
        "submitted" | "formal submission" => "submitted",
        "accepted" => "accepted",
        "rejected" => "rejected",
        "obsolete" => "obsolete",
        "withdrawn" => "withdrawn",
        _ => "unknown",
    }
}

/// The act that ended a document: a motion's conclusion, or the word of whoever may take it back.
fn ending(doc: &Doc<'_>) -> Option<Step> {
    let step = |entry: Id, word, said: &str| {
        let by = doc.document.outcome(entry).map_or(Id::ZERO, |outcome| outcome.by);
        Step {
            entry,
            by,
            word,
            said: said.to_owned(),
        }
    };
    let state = doc.document.state();
    if let Some((state, entry)) = state.and_then(|state| Some((state, *state.by.first()?))) {
        let word = match state.name {
            "onboarded" | "removed" | "resigned" | "carried" => Some("accepted"),
            "rejected" | "retained" => Some("rejected"),
            "lapsed" => Some("obsolete"),
            "withdrawn" | "declined" => Some("withdrawn"),
            _ => None,
        };
        return word.map(|word| step(entry, word, state.name));
    }
    let mut withdrawn = doc.acts("withdraw").filter(|_| state.is_none());
    withdrawn.next().map(|act| step(act.id, "withdrawn", "withdrawn"))
}
