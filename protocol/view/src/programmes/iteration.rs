//! Whether a programme's parameters are those that its decisions say: the last epoch's to continue, with the stated
//! changes to iterate (R72).
//!
//! Bounds: the parameters of at most [`COMPARED`] decisions of a programme are compared; later ones say `unchecked`.

use std::collections::BTreeMap;

use crate::Doc;
use crate::programmes::course::Decide;
use crate::programmes::programme;
use althing_protocol::document::Document;
use althing_protocol::kind::{Record, Value};

/// Decisions of one programme whose parameters are compared: each comparison computes the proposal as of another moment.
const COMPARED: usize = 64;

type Parameters = BTreeMap<String, String>;

/// Compares the parameters of each epoch with those that were decided. What is left: changes since the last decision.
pub(crate) fn compare(proposal: &Doc<'_>, decides: &mut [Decide<'_>]) -> Vec<String> {
    let now = parameters(proposal.document);
    if proposal.document.incomplete() {
        for decide in decides
            .iter_mut()
            .filter(|decide| matches!(decide.action, "continue" | "iterate"))
        {
            decide.check = Some("unknown");
        }
        return Vec::new();
    }
    let opening: Vec<usize> = (0..decides.len())
        .filter(|n| {
            decides
                .get(*n)
                .is_some_and(|decide| matches!(decide.action, "continue" | "iterate"))
        })
        .collect();
    let seen: Vec<Option<Parameters>> = opening
        .iter()
        .take(COMPARED)
        .map(|n| at_decision(proposal, decides.get(*n)?))
        .collect();
    let Some(mut decided) = at_start(proposal) else {
        return Vec::new();
    };
    for (k, n) in opening.iter().enumerate() {
        let Some(decide) = decides.get_mut(*n) else { continue };
        let Some(Some(then)) = seen.get(k) else {
            decide.check = Some("unchecked");
            continue;
        };
        if decide.action == "iterate" {
            decided = changed(&decided, decide);
        }
        // An iteration may be carried out after it was decided: by the next decision, or by now.
        let later = seen.get(k + 1).and_then(Option::as_ref).unwrap_or(&now);
        let late = decide.action == "iterate" && *later == decided;
        decide.differs = if late { Vec::new() } else { differences(&decided, then) };
        decide.check = Some(if decide.differs.is_empty() {
            "equal"
        } else {
            "different"
        });
    }
    let settled = opening
        .last()
        .is_none_or(|n| decides.get(*n).is_some_and(|d| d.check == Some("equal")));
    if settled {
        differences(&decided, &now)
    } else {
        Vec::new()
    }
}

/// R72: the difference that an iteration states, put on what held before.
fn changed(before: &Parameters, decide: &mut Decide<'_>) -> Parameters {
    let mut out = before.clone();
    let text = |change: &Record, field: &str| {
        change
            .get(field)
            .and_then(Value::as_text)
            .map(|text| text.trim().to_owned())
    };
    let changes = decide.act.list("changes");
    if changes.is_empty() {
        decide.lacks.push("changes");
    }
    for change in changes {
        let Some(name) = text(change, "name") else { continue };
        if text(change, "before").as_ref() != before.get(&name) {
            decide.lacks.push("the values that held before");
        }
        match text(change, "value") {
            Some(value) => drop(out.insert(name, value)),
            None => drop(out.remove(&name)),
        }
    }
    decide.lacks.dedup();
    if !changes.is_empty() && out == *before {
        decide.lacks.push("a change of any value");
    }
    out
}

fn differences(decided: &Parameters, found: &Parameters) -> Vec<String> {
    let mut names: Vec<&String> = decided.keys().chain(found.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let value = |of: &Parameters, name: &String| of.get(name).map_or_else(|| "nothing".to_owned(), Clone::clone);
    let differing = names.into_iter().filter(|name| decided.get(*name) != found.get(*name));
    differing
        .map(|name| {
            format!(
                "{name}: {} was decided, {} holds",
                value(decided, name),
                value(found, name)
            )
        })
        .collect()
}

/// Its parameters by name; of several of one name the first.
fn parameters(document: &Document) -> Parameters {
    let mut out = Parameters::new();
    let items = document
        .content()
        .lists
        .get("parameters")
        .map_or(&[][..], |list| &list.items);
    for item in items.iter().filter_map(|item| item.values.first()) {
        let text = |field: &str| {
            item.value
                .get(field)
                .and_then(Value::as_text)
                .map(|text| text.trim().to_owned())
        };
        if let (Some(name), Some(value)) = (text("name"), text("value")) {
            out.entry(name).or_insert(value);
        }
    }
    out
}

/// As its author had seen it, for a decision in the proposal; as of the last entry of the proposal that claims no later time,
/// for one in an evaluation.
fn at_decision(proposal: &Doc<'_>, decide: &Decide<'_>) -> Option<Parameters> {
    if decide.doc == proposal.id() {
        return proposal.document.at(decide.act.id).as_ref().map(parameters);
    }
    at_time(proposal, decide.act.when.claimed)
}

/// As of the last entry that claims to be no later than its first day, and that no block shows to be later; as it was opened, if it says none or was opened later.
fn at_start(proposal: &Doc<'_>) -> Option<Parameters> {
    let start = programme::planned_start(proposal).map_or(0, |start| start.ends() - 1);
    at_time(proposal, start.max(proposal.opened().claimed))
}

fn at_time(proposal: &Doc<'_>, most: u64) -> Option<Parameters> {
    if proposal.document.versions().len() == 1 {
        return Some(parameters(proposal.document));
    }
    let mut entries = proposal.document.outcomes().iter().filter(|outcome| outcome.in_record);
    let last = entries.rfind(|outcome| {
        let when = proposal.when(outcome.id);
        when.claimed <= most && when.not_before.is_none_or(|time| time <= most)
    });
    let last = last.map_or(proposal.id(), |outcome| outcome.id);
    proposal.document.at(last).as_ref().map(parameters)
}
