//! Programmes, as several views read them: what is minted when, what was paid, who may say so, and whether they stand.
//!
//! Bounds: at most [`MINTS`] mints of a programme are laid out, the earliest ones; its sums cover all of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::calendar::Day;
use crate::{Act, Cell, Doc, When, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{ItemId, Value};

/// Mints of one programme that are laid out: fifty years of daily ones.
pub(crate) const MINTS: usize = 20_000;

/// Something minted or paid on a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mint<'a> {
    pub(crate) day: Day,
    pub(crate) amount: u64,
    pub(crate) currency: &'a str,
    /// The item of `emission` that it comes from.
    pub(crate) item: ItemId,
    /// All that was minted in its currency until then, with it.
    pub(crate) total: i128,
}

/// A programme's mints.
#[derive(Debug, Default)]
pub(crate) struct Mints<'a> {
    /// In order of days, then of items.
    pub(crate) list: Vec<Mint<'a>>,
    /// The sum of all of them, by currency; also of those that are not in the list.
    pub(crate) sums: BTreeMap<&'a str, i128>,
    /// Whether there are more than [`MINTS`].
    pub(crate) cut: bool,
    /// Items that repeat without saying after how many days.
    pub(crate) same_day: Vec<ItemId>,
}

/// Lays a programme's `emission` out, day by day.
pub(crate) fn mints<'a>(doc: &Doc<'a>) -> Mints<'a> {
    let mut out = Mints::default();
    let mut next = BinaryHeap::new();
    let mut items = Vec::new();
    for item in doc.items("emission") {
        let (Some(day), Some((amount, currency))) = (item.day("day"), money(item.value("amount"))) else {
            continue;
        };
        let times = item.int("repeat").unwrap_or(1);
        let every = item.int("every_days").unwrap_or(0);
        if times > 1 && every == 0 {
            out.same_day.push(item.id);
        }
        *out.sums.entry(currency).or_default() += i128::from(amount) * i128::from(times);
        if times > 0 {
            next.push(Reverse((day, items.len(), times)));
        }
        items.push((amount, currency, item.id, every));
    }
    let mut totals: BTreeMap<&str, i128> = BTreeMap::new();
    while let Some(Reverse((day, n, left))) = next.pop() {
        if out.list.len() >= MINTS {
            out.cut = true;
            break;
        }
        let Some((amount, currency, item, every)) = items.get(n).copied() else {
            continue;
        };
        let total = totals.entry(currency).or_default();
        *total += i128::from(amount);
        let total = *total;
        out.list.push(Mint {
            day,
            amount,
            currency,
            item,
            total,
        });
        if left > 1 {
            next.push(Reverse((day.after(every), n, left - 1)));
        }
    }
    out
}

/// An amount of money.
pub(crate) fn money(value: Option<&Value>) -> Option<(u64, &str)> {
    match value? {
        Value::Money { amount, currency } => Some((*amount, currency)),
        _ => None,
    }
}

/// A count in a cell.
pub(crate) fn count(n: usize) -> Cell {
    Cell::Int(u64::try_from(n).unwrap_or(u64::MAX))
}

/// Money in a cell.
pub(crate) fn coins(amount: impl Into<i128>, currency: &str) -> Cell {
    Cell::Money {
        amount: amount.into(),
        currency: currency.to_owned(),
    }
}

/// Whether a proposal is a programme: of type `tpp`, or one that mints or has epochs.
pub(crate) fn is_programme(doc: &Doc<'_>) -> bool {
    doc.kind() == "proposal"
        && (doc.text("type") == Some("tpp") || !doc.items("emission").is_empty() || !doc.items("epochs").is_empty())
}

/// Why a proposal no longer stands, by its acts or by its own status.
pub(crate) fn fallen(doc: &Doc<'_>) -> Option<&'static str> {
    if doc.acts("withdraw").next().is_some() {
        return Some("withdrawn");
    }
    if doc.acts("supersede").next().is_some() {
        return Some("superseded");
    }
    match doc.text("status") {
        Some("withdrawn") => Some("withdrawn"),
        Some("rejected") => Some("rejected"),
        Some("obsolete") => Some("obsolete"),
        _ => None,
    }
}

/// Whether a decision is about it, or its source says that it was accepted.
pub(crate) fn decided(world: &World<'_>, doc: &Doc<'_>) -> bool {
    let about = world
        .of("decision")
        .any(|decision| decision.named("about") == Some(doc.id()));
    about || doc.text("status") == Some("accepted")
}

/// The day that a programme was planned to end on: its own, or its last epoch's.
pub(crate) fn planned_end(doc: &Doc<'_>) -> Option<Day> {
    let epochs = doc.items("epochs");
    let last = epochs.iter().filter_map(|epoch| epoch.day("end")).max();
    doc.day("end").or(last)
}

/// The day that a programme was planned to start on: its own, or its first epoch's.
pub(crate) fn planned_start(doc: &Doc<'_>) -> Option<Day> {
    let epochs = doc.items("epochs");
    let first = epochs.iter().filter_map(|epoch| epoch.day("start")).min();
    doc.day("start").or(first)
}

/// Whether somebody held a role (any role without one) when they wrote, for the committee or for one of these documents:
/// they hold it now, or an anchor shows that the entry existed before they lost it. A claimed time proves nothing.
pub(crate) fn held(world: &World<'_>, role: Option<&str>, who: Id, scopes: &[Id], when: When) -> bool {
    world.tenures.iter().any(|tenure| {
        tenure.holder == who
            && role.is_none_or(|role| tenure.role == role)
            && tenure.scope.is_none_or(|scope| scopes.contains(&scope))
            && tenure
                .until
                .is_none_or(|until| when.not_after.is_some_and(|time| time <= until))
    })
}

/// What was done to carry a programme out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payment<'a> {
    /// The document in which that is said.
    pub(crate) doc: Id,
    pub(crate) act: Act<'a>,
    pub(crate) day: Day,
    pub(crate) amount: u64,
    pub(crate) currency: &'a str,
    /// Why it does not count; `counted` where it does.
    pub(crate) standing: &'static str,
}

/// Amounts that `execute` acts name, in the proposal and in decisions about it, by day, then time, then id. Anyone may say
/// that something was paid: what counts is what the proposal's owners, founders and role holders say, once for each
/// reference.
pub(crate) fn payments<'a>(world: &World<'a>, proposal: &Doc<'a>) -> Vec<Payment<'a>> {
    let decisions = world.of("decision").filter(|d| d.named("about") == Some(proposal.id()));
    let mut out = Vec::new();
    for doc in std::iter::once(proposal).chain(decisions) {
        for act in doc.acts("execute") {
            if let Some((amount, currency)) = money(act.value("amount")) {
                let owner = proposal.document.owners().iter().any(|owner| owner.identity == act.by);
                let founder = world.people.get(&act.by).is_some_and(|person| person.founder);
                let trusted = owner || founder || held(world, None, act.by, &[proposal.id()], act.when);
                out.push(Payment {
                    doc: doc.id(),
                    act,
                    day: act.day("day").unwrap_or(Day::of(act.when.claimed)),
                    amount,
                    currency,
                    standing: if trusted { "counted" } else { "not a member" },
                });
            }
        }
    }
    out.sort_by_key(|payment| (payment.day, payment.act.when.claimed, payment.act.id));
    let mut seen = BTreeSet::new();
    for payment in out.iter_mut().filter(|payment| payment.standing == "counted") {
        let reference = payment.act.text("reference").map(str::trim);
        if let Some(reference) = reference
            && !seen.insert((reference, payment.amount, payment.currency))
        {
            payment.standing = "said before";
        }
    }
    out
}
