//! `budget`: a budget and the counter-budgets put beside it, line by line (R4).

mod table;

use std::collections::{BTreeMap, BTreeSet};

use self::table::{differences, plots, side_by_side, total_table};
use crate::seats::lookup::money;
use crate::{Doc, On, Sheet, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::{ItemId, Value};

pub(crate) static VIEW: View = View {
    name: "budget",
    title: "Budget",
    about: "What does it cost, line by line, and what would others spend instead?",
    on: On::Document(&["nomination", "statement", "proposal"]),
    reads: &[],
    requirements: &[4],
    compute,
};

/// Minor units of a currency.
type Money = (i128, String);

/// A line of the document's own budget.
struct Line {
    item: ItemId,
    name: String,
    period: Option<String>,
    amount: Option<Money>,
}

/// A counter-budget read against those lines.
struct Counter {
    id: Id,
    by: Id,
    /// Its author's name.
    called: String,
    /// What it says of each own line that it names; the last one that names it.
    replaced: BTreeMap<ItemId, Option<Money>>,
    rows: Vec<Row>,
}

/// One line of a counter-budget.
struct Row {
    line: Option<ItemId>,
    name: String,
    state: &'static str,
    amount: Option<Money>,
}

fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let Some(doc) = doc else { return Sheet::new("Budget") };
    let own = lines(doc);
    let counters: Vec<Counter> = doc
        .acts("counter_budget")
        .filter_map(|act| counter(world, &act, &own))
        .collect();
    let totals = totals(&own, &counters);
    let unpriced = own.iter().filter(|line| line.amount.is_none()).count();
    let mut sheet = Sheet::new("Budget").say(match (own.len(), counters.len()) {
        (0, _) => "There is no budget line yet.".to_owned(),
        (n, 0) => format!("{n} lines, and nobody has put another budget beside them."),
        (n, m) => format!("{n} lines, and {m} other budgets beside them."),
    });
    if unpriced > 0 {
        sheet = sheet.say(format!("{unpriced} lines have no amount, and are in no total."));
    }
    let odd = |state: &str| {
        counters
            .iter()
            .flat_map(|c| &c.rows)
            .filter(|row| row.state == state)
            .count()
    };
    if odd("unmatched") > 0 {
        let n = odd("unmatched");
        sheet = sheet.say(format!(
            "{n} lines of other budgets name a line that is not here any more."
        ));
    }
    if odd("repeated") > 0 {
        let n = odd("repeated");
        sheet = sheet.say(format!(
            "{n} lines of other budgets name a line for a second time; the last one counts."
        ));
    }
    if doc.document.incomplete() {
        sheet = sheet.say("A text of this document is not here, so lines or budgets may be missing.");
    }
    let sheet = sheet
        .table(side_by_side(&own, &counters))
        .table(differences(&own, &counters));
    let sheet = sheet.table(total_table(&totals));
    plots(&own, &counters, &totals).into_iter().fold(sheet, Sheet::plot)
}

/// A nomination's `budget`; of a statement the items that have an amount, all of them if its form is `budget`; of a
/// proposal its `emission`, each amount as often as it is paid.
fn lines(doc: &Doc<'_>) -> Vec<Line> {
    let (list, name) = match doc.kind() {
        "statement" => ("items", "text"),
        "proposal" => ("emission", "day"),
        _ => ("budget", "item"),
    };
    let every = doc.kind() != "statement" || doc.text("form") == Some("budget");
    let items = doc.items(list).into_iter().map(|item| {
        let times = item.int("repeat").filter(|_| list == "emission").unwrap_or(1);
        let amount = money(item.value("amount"));
        Line {
            item: item.id,
            name: item.text(name).unwrap_or_default().to_owned(),
            period: item.text("period").map(str::to_owned),
            amount: amount.map(|(amount, currency)| (amount * i128::from(times), currency.to_owned())),
        }
    });
    items.filter(|line| every || line.amount.is_some()).collect()
}

fn counter(world: &World<'_>, act: &crate::Act<'_>, own: &[Line]) -> Option<Counter> {
    act.fields?;
    let said: Vec<(Option<ItemId>, String, Option<Money>)> = act
        .list("lines")
        .iter()
        .map(|record| {
            let line = match record.get("line") {
                Some(Value::Item(item)) => Some(*item),
                _ => None,
            };
            let name = record.get("item").and_then(Value::as_text).unwrap_or_default();
            let amount = money(record.get("amount")).map(|(amount, currency)| (amount, currency.to_owned()));
            (line, name.to_owned(), amount)
        })
        .collect();
    let mut replaced = BTreeMap::new();
    let mut rows: Vec<Row> = Vec::new();
    for (line, name, amount) in said.into_iter().rev() {
        let state = match line {
            None => "new",
            Some(item) if own.iter().all(|own| own.item != item) => "unmatched",
            Some(item) if replaced.contains_key(&item) => "repeated",
            Some(item) => {
                replaced.insert(item, amount.clone());
                "replaces"
            }
        };
        rows.push(Row {
            line,
            name,
            state,
            amount,
        });
    }
    rows.reverse();
    Some(Counter {
        id: act.id,
        by: act.by,
        called: world.called(act.by),
        replaced,
        rows,
    })
}

impl Counter {
    /// What it would pay for an own line: nothing for one that it names without an amount.
    fn amount(&self, line: &Line) -> Option<Money> {
        match (self.replaced.get(&line.item), &line.amount) {
            (None, own) => own.clone(),
            (Some(Some(money)), _) => Some(money.clone()),
            (Some(None), Some((_, currency))) => Some((0, currency.clone())),
            (Some(None), None) => None,
        }
    }

    /// Its lines beyond those of the document, which are added to its totals.
    fn beyond(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| matches!(row.state, "new" | "unmatched"))
    }
}

/// A budget's total in one currency: which counter-budget, by whom, currency, total, own total.
type Total = (Option<(Id, Id)>, String, i128, i128);

/// For the document and each counter-budget: a total for each currency that any of them has.
fn totals(own: &[Line], counters: &[Counter]) -> Vec<Total> {
    let sum = |amounts: Vec<Option<Money>>| -> BTreeMap<String, i128> {
        let mut sums = BTreeMap::new();
        for (amount, currency) in amounts.into_iter().flatten() {
            *sums.entry(currency).or_default() += amount;
        }
        sums
    };
    let mine = sum(own.iter().map(|line| line.amount.clone()).collect());
    let theirs: Vec<_> = counters
        .iter()
        .map(|counter| {
            let kept = own.iter().map(|line| counter.amount(line));
            let beyond = counter.beyond().map(|row| row.amount.clone());
            (Some((counter.id, counter.by)), sum(kept.chain(beyond).collect()))
        })
        .collect();
    let currencies: BTreeSet<&String> = mine
        .keys()
        .chain(theirs.iter().flat_map(|(_, sums)| sums.keys()))
        .collect();
    let all = std::iter::once((None, &mine)).chain(theirs.iter().map(|(who, sums)| (*who, sums)));
    let rows = all.flat_map(|(who, sums)| {
        let of = |sums: &BTreeMap<String, i128>, currency: &str| sums.get(currency).copied().unwrap_or(0);
        let mine = &mine;
        let rows = currencies.iter();
        rows.map(move |c| (who, (*c).clone(), of(sums, c), of(mine, c)))
    });
    rows.collect()
}
