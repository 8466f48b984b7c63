//! How a programme goes on: its `decide` acts, and what follows by itself at its cap and at its end.
//!
//! Bounds: the parameters of at most [`COMPARED`] decisions of a programme are compared; later ones say `unchecked`.

use std::collections::BTreeMap;

use super::calendar::Day;
use super::programme::{self, Payment, fallen, money};
use super::{Act, Doc, World};
use crate::document::Document;
use crate::hash::Id;
use crate::kind::{Record, Value};

/// Decisions of one programme whose parameters are compared: each comparison computes the proposal as of another moment.
const COMPARED: usize = 64;

/// A `decide` act.
#[derive(Debug, Clone)]
pub(super) struct Decide<'a> {
    /// The document that it stands in: the programme, or an evaluation of it.
    pub(super) doc: Id,
    pub(super) act: Act<'a>,
    pub(super) action: &'a str,
    /// From which day it holds.
    pub(super) day: Day,
    /// For `continue` and `iterate`: whether the parameters are those that it says.
    pub(super) check: Option<&'static str>,
    /// The parameters that differ from what was decided: name, what was decided, what holds.
    pub(super) differs: Vec<String>,
    /// What its word asks for and it lacks.
    pub(super) lacks: Vec<&'static str>,
}

/// How a programme stands today.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) state: &'static str,
    /// Since which day.
    pub(super) since: Option<Day>,
    /// The decision that made it so; none for what follows by itself.
    pub(super) by: Option<Id>,
    /// The day on which it ended, by a decision, at its cap or by its term: the first of these that is over.
    pub(super) ended: Option<Day>,
    pub(super) decides: Vec<Decide<'a>>,
    /// Parameters that changed since the last decision, without one.
    pub(super) drift: Vec<String>,
    pub(super) payments: Vec<Payment<'a>>,
}

type Parameters = BTreeMap<String, String>;

/// How a programme stands.
pub(super) fn course<'a>(world: &World<'a>, proposal: &Doc<'a>) -> Course<'a> {
    let mut decides = decides(world, proposal);
    let drift = compare(proposal, &mut decides);
    let payments = programme::payments(world, proposal);
    let today = world.today();
    let ended = ended(proposal, &decides, &payments, today);
    for decide in &mut decides {
        lacks(proposal, decide, ended.as_ref());
    }
    waits(proposal, &mut decides);
    let start = programme::planned_start(proposal);
    let (state, since, by) = if let Some(word) = fallen(proposal) {
        (word, None, None)
    } else if let Some((day, word, by)) = ended {
        (word, Some(day), by)
    } else if start.is_some_and(|start| start > today) {
        ("planned", start, None)
    } else {
        let last = decides.iter().filter(|decide| decide.day <= today);
        match last.max_by_key(|decide| (decide.day, decide.act.when.claimed, decide.act.id)) {
            Some(last) if last.action == "pause" => ("paused", Some(last.day), Some(last.act.id)),
            Some(last) => ("running", Some(last.day), Some(last.act.id)),
            None if start.is_none() => ("undated", None, None),
            None => ("running", start, None),
        }
    };
    Course {
        state,
        since,
        by,
        ended: ended.map(|(day, ..)| day),
        decides,
        drift,
        payments,
    }
}

/// The day on which a programme ended, if it did.
pub(super) fn ended_on(world: &World<'_>, proposal: &Doc<'_>) -> Option<Day> {
    let (decides, payments) = (decides(world, proposal), programme::payments(world, proposal));
    ended(proposal, &decides, &payments, world.today()).map(|(day, ..)| day)
}

/// Decisions on a programme and on its evaluations, by claimed time, then id.
fn decides<'a>(world: &World<'a>, proposal: &Doc<'a>) -> Vec<Decide<'a>> {
    let evaluations = world
        .of("evaluation")
        .filter(|e| e.named("programme") == Some(proposal.id()));
    let mut out = Vec::new();
    for doc in std::iter::once(proposal).chain(evaluations) {
        out.extend(doc.acts("decide").filter_map(|act| {
            Some(Decide {
                doc: doc.id(),
                act,
                action: act.text("action")?,
                day: act.day("from").unwrap_or(Day::of(act.when.claimed)),
                check: None,
                differs: Vec::new(),
                lacks: Vec::new(),
            })
        }));
    }
    out.sort_by_key(|decide| (decide.act.when.claimed, decide.act.id));
    out
}

/// Its end: the first of a decision that ends it, the day on which its cap was used up, and the end of its term.
fn ended(
    proposal: &Doc<'_>,
    decides: &[Decide<'_>],
    payments: &[Payment<'_>],
    today: Day,
) -> Option<(Day, &'static str, Option<Id>)> {
    let word = |action: &str| match action {
        "stop" => Some("stopped"),
        "kill" => Some("killed"),
        _ => None,
    };
    let ending = decides.iter().filter(|decide| decide.day <= today);
    let ending = ending.filter_map(|decide| Some((decide.day, word(decide.action)?, Some(decide.act.id))));
    let first = ending.min_by_key(|(day, ..)| *day);
    let capped = capped(proposal, payments).filter(|day| *day <= today);
    let over = programme::planned_end(proposal).filter(|end| *end < today);
    let all = [
        first,
        capped.map(|day| (day, "stopped at its cap", None)),
        over.map(|day| (day, "over", None)),
    ];
    all.into_iter().flatten().min_by_key(|(day, ..)| *day)
}

/// R69: the day on which as much was minted or paid as its cap allows.
fn capped(proposal: &Doc<'_>, payments: &[Payment<'_>]) -> Option<Day> {
    let (most, currency) = money(proposal.value("cap"))?;
    let mut paid = 0_i128;
    let counted = payments
        .iter()
        .filter(|p| p.standing == "counted" && p.currency == currency);
    for payment in counted {
        paid += i128::from(payment.amount);
        if paid >= i128::from(most) {
            return Some(payment.day);
        }
    }
    None
}

/// What each word asks for: R70 to R72.
fn lacks(proposal: &Doc<'_>, decide: &mut Decide<'_>, ended: Option<&(Day, &'static str, Option<Id>)>) {
    let act = decide.act;
    let shows = |proof: &Record| ["entry", "url", "hash"].iter().any(|field| proof.contains_key(field));
    match decide.action {
        "kill" => {
            if !act.list("evidence").iter().any(shows) {
                decide.lacks.push("evidence that can be looked up");
            }
            if act.list("steps").is_empty() {
                decide.lacks.push("escalation log");
            }
        }
        "pause" if act.list("conditions").is_empty() => decide.lacks.push("conditions"),
        "continue" | "iterate" => {
            let epochs = proposal.items("epochs");
            let named = act.int("epoch");
            if named.is_some() && !epochs.is_empty() && !epochs.iter().any(|epoch| epoch.int("n") == named) {
                decide.lacks.push("an epoch of that number");
            }
        }
        _ => {}
    }
    if let Some((day, word, by)) = ended
        && *by != Some(act.id)
        && *word != "over"
        && decide.day >= *day
    {
        decide.lacks.push("a programme that goes on");
    }
}

/// R71: how a pause's condition stands: as the proposal's item of the same text says, if there is one, since people look
/// again later; else as the pause said.
pub(super) fn condition<'a>(proposal: &Doc<'a>, condition: &'a Record) -> (&'a str, Option<Day>) {
    let text = |field: &str| condition.get(field).and_then(Value::as_text);
    let items = proposal.items("conditions");
    let same = items
        .iter()
        .find(|item| item.text("text").map(str::trim) == text("text").map(str::trim));
    let state = same
        .and_then(|item| item.text("state"))
        .or(text("state"))
        .unwrap_or("open");
    (state, same.and_then(|item| item.day("checked")))
}

/// Marks what goes on from a pause that still waits.
fn waits(proposal: &Doc<'_>, decides: &mut [Decide<'_>]) {
    let mut order: Vec<usize> = (0..decides.len()).collect();
    order.sort_by_key(|n| {
        decides
            .get(*n)
            .map(|decide| (decide.day, decide.act.when.claimed, decide.act.id))
    });
    for pair in order.windows(2) {
        let &[before, after] = pair else { continue };
        let waiting = decides
            .get(before)
            .filter(|decide| decide.action == "pause")
            .is_some_and(|pause| {
                let mut conditions = pause.act.list("conditions").iter();
                conditions.any(|one| condition(proposal, one).0 != "met")
            });
        if let Some(next) = decides
            .get_mut(after)
            .filter(|next| matches!(next.action, "continue" | "iterate"))
            && waiting
        {
            next.lacks.push("conditions that are met");
        }
    }
}

/// Compares the parameters of each epoch with those that were decided. What is left: changes since the last decision.
fn compare(proposal: &Doc<'_>, decides: &mut [Decide<'_>]) -> Vec<String> {
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

/// As of the last entry that claims to be no later than its first day; as it was opened, if it says none or was opened later.
fn at_start(proposal: &Doc<'_>) -> Option<Parameters> {
    let start = programme::planned_start(proposal).map_or(0, |start| start.ends() - 1);
    at_time(proposal, start.max(proposal.opened().claimed))
}

fn at_time(proposal: &Doc<'_>, most: u64) -> Option<Parameters> {
    if proposal.document.versions().len() == 1 {
        return Some(parameters(proposal.document));
    }
    let mut entries = proposal.document.outcomes().iter().filter(|outcome| outcome.in_record);
    let last = entries.rfind(|outcome| proposal.when(outcome.id).claimed <= most);
    let last = last.map_or(proposal.id(), |outcome| outcome.id);
    proposal.document.at(last).as_ref().map(parameters)
}
