//! How a programme goes on: its `decide` acts, and what follows by itself at its cap and at its end.

use crate::calendar::Day;
use crate::programmes::iteration;
use crate::programmes::programme;
use crate::programmes::programme::{Payment, fallen, money};
use crate::{Act, Doc, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{Record, Value};

/// A `decide` act.
#[derive(Debug, Clone)]
pub(crate) struct Decide<'a> {
    /// The document that it stands in: the programme, or an evaluation of it.
    pub(crate) doc: Id,
    pub(crate) act: Act<'a>,
    pub(crate) action: &'a str,
    /// From which day it holds.
    pub(crate) day: Day,
    /// For `continue` and `iterate`: whether the parameters are those that it says.
    pub(crate) check: Option<&'static str>,
    /// The parameters that differ from what was decided: name, what was decided, what holds.
    pub(crate) differs: Vec<String>,
    /// What its word asks for and it lacks.
    pub(crate) lacks: Vec<&'static str>,
}

/// How a programme stands today.
#[derive(Debug)]
pub(crate) struct Course<'a> {
    pub(crate) state: &'static str,
    /// Since which day.
    pub(crate) since: Option<Day>,
    /// The decision that made it so; none for what follows by itself.
    pub(crate) by: Option<Id>,
    /// The day on which it ended, by a decision, at its cap or by its term: the first of these that is over.
    pub(crate) ended: Option<Day>,
    pub(crate) decides: Vec<Decide<'a>>,
    /// Parameters that changed since the last decision, without one.
    pub(crate) drift: Vec<String>,
    pub(crate) payments: Vec<Payment<'a>>,
}

/// How a programme stands.
pub(crate) fn course<'a>(world: &World<'a>, proposal: &Doc<'a>) -> Course<'a> {
    let mut decides = decides(world, proposal);
    let drift = iteration::compare(proposal, &mut decides);
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
pub(crate) fn ended_on(world: &World<'_>, proposal: &Doc<'_>) -> Option<Day> {
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
pub(crate) fn condition<'a>(proposal: &Doc<'a>, condition: &'a Record) -> (&'a str, Option<Day>) {
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
