//! `emission`: what one programme mints, day by day, against its cap (R66).
//!
//! Bounds: [`programme::MINTS`] rows.

use crate::calendar::Day;
use crate::programmes::programme;
use crate::programmes::programme::{Mint, Mints, coins, money};
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "emission",
    title: "Emission",
    about: "What does the programme mint on which day, and does it stay under its cap?",
    on: On::Document(&["proposal"]),
    reads: &["proposal", "decision"],
    requirements: &[66],
    compute,
};

fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let Some(doc) = doc else {
        return Sheet::new("Emission").say("Name a proposal to see what it mints.");
    };
    let mints = programme::mints(doc);
    let cap = money(doc.value("cap"));
    let errors = errors(world, doc, &mints, cap);
    let mut sheet = Sheet::new(format!("Emission of {}", doc.title()));
    sheet = match errors.rows.len() {
        0 if mints.list.is_empty() => sheet.say("Nothing is minted by it, as far as its emission says."),
        0 => sheet.say("Nothing is wrong with its emission on sight."),
        1 => sheet.say("One thing is wrong with its emission."),
        n => sheet.say(format!("{n} things are wrong with its emission.")),
    };
    for row in &errors.rows {
        if let Some(Cell::Text(text)) = row.last() {
            sheet = sheet.say(text.clone());
        }
    }
    let plot = plot(&mints, cap);
    let sheet = sheet
        .table(errors)
        .table(totals(world, doc, &mints, cap))
        .table(days(doc, &mints, cap))
        .table(paid(world, doc));
    plot.map_or(sheet.clone(), |plot| sheet.plot(plot))
}

/// What is wrong on sight.
fn errors(world: &World<'_>, doc: &Doc<'_>, mints: &Mints<'_>, cap: Option<(u64, &str)>) -> Table {
    let mut table = Table::new(
        "errors",
        "Errors",
        &[
            ("error", "Error"),
            ("day", "Day"),
            ("amount", "Amount"),
            ("says", "What it says"),
        ],
        "Nothing is wrong on sight.",
    );
    let mut add = |error, day: Option<Day>, amount, says: String| {
        table.row(vec![
            Cell::Word(error),
            Cell::of(day, Cell::Day),
            amount,
            Cell::Text(says),
        ]);
    };
    let (start, end) = (programme::planned_start(doc), programme::planned_end(doc));
    let capped = |mint: &&Mint<'_>| {
        cap.is_some_and(|(most, currency)| mint.currency == currency && mint.total > i128::from(most))
    };
    if let (Some((most, currency)), Some(sum)) = (cap, cap.and_then(|(_, currency)| mints.sums.get(currency)))
        && *sum > i128::from(most)
    {
        let over = sum - i128::from(most);
        let first = mints.list.iter().find(capped);
        let when = first.map_or_else(
            || "later than the days laid out here".to_owned(),
            |mint| format!("on {}", mint.day),
        );
        let says = format!(
            "It would mint {sum} {currency} in minor units, {over} more than its cap: over the cap first {when}."
        );
        add("over cap", first.map(|mint| mint.day), coins(over, currency), says);
    }
    if let Some((most, currency)) = cap {
        let mut paid = 0_i128;
        let payments = programme::payments(world, doc);
        for payment in payments
            .iter()
            .filter(|p| p.standing == "counted" && p.currency == currency)
        {
            paid += i128::from(payment.amount);
            if paid > i128::from(most) {
                let says = format!(
                    "{paid} {currency} in minor units were minted or paid by {}, more than its cap.",
                    payment.day
                );
                add(
                    "paid over cap",
                    Some(payment.day),
                    coins(paid - i128::from(most), currency),
                    says,
                );
                break;
            }
        }
    }
    for (currency, sum) in &mints.sums {
        match cap {
            None => add(
                "no cap",
                None,
                coins(*sum, currency),
                format!("It mints {currency} and says no cap."),
            ),
            Some((_, capped)) if capped != *currency => {
                let says = format!("It mints {currency}, which its cap in {capped} does not bound.");
                add("other currency", None, coins(*sum, currency), says);
            }
            _ => {}
        }
    }
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        add(
            "ends before it starts",
            Some(end),
            Cell::Empty,
            format!("It ends on {end}, before its start on {start}."),
        );
    }
    if let Some(mint) = mints
        .list
        .iter()
        .find(|mint| start.is_some_and(|start| mint.day < start))
    {
        add(
            "before start",
            Some(mint.day),
            coins(mint.amount, mint.currency),
            format!("It mints on {}, before its start.", mint.day),
        );
    }
    if let Some(mint) = mints.list.iter().find(|mint| end.is_some_and(|end| mint.day > end)) {
        add(
            "after end",
            Some(mint.day),
            coins(mint.amount, mint.currency),
            format!("It mints on {}, after its end.", mint.day),
        );
    }
    if !mints.same_day.is_empty() {
        let says = "An item repeats without saying after how many days: all of it is counted on its first day.";
        add("same day", None, Cell::Empty, says.to_owned());
    }
    if mints.cut {
        let says = format!(
            "It mints on more than {} occasions: only the first ones are laid out, the sums cover all.",
            programme::MINTS
        );
        add("too many", None, Cell::Empty, says);
    }
    if !mints.list.is_empty() && doc.text("minter").is_none() {
        add("no minter", None, Cell::Empty, "It does not say what mints.".to_owned());
    }
    table
}

fn totals(world: &World<'_>, doc: &Doc<'_>, mints: &Mints<'_>, cap: Option<(u64, &str)>) -> Table {
    let mut table = Table::new(
        "totals",
        "Totals",
        &[
            ("currency", "Currency"),
            ("scheduled", "Scheduled"),
            ("until_now", "Scheduled until today"),
            ("executed", "Minted or paid"),
            ("cap", "Cap"),
            ("left", "Left under the cap"),
            ("first_over", "Over the cap from"),
        ],
        "It neither mints nor has a cap. Add `emission` and `cap` to the proposal.",
    );
    let payments = programme::payments(world, doc);
    let counted = || payments.iter().filter(|payment| payment.standing == "counted");
    let mut currencies: Vec<&str> = mints.sums.keys().copied().collect();
    currencies.extend(cap.map(|(_, currency)| currency));
    currencies.extend(counted().map(|payment| payment.currency));
    currencies.sort_unstable();
    currencies.dedup();
    for currency in currencies {
        let sum = mints.sums.get(currency).copied().unwrap_or_default();
        let mine = || mints.list.iter().filter(|mint| mint.currency == currency);
        let past: i128 = mine()
            .filter(|mint| mint.day <= world.today())
            .map(|mint| i128::from(mint.amount))
            .sum();
        let paid: i128 = counted()
            .filter(|p| p.currency == currency)
            .map(|p| i128::from(p.amount))
            .sum();
        let most = cap.filter(|cap| cap.1 == currency).map(|(most, _)| i128::from(most));
        let over = mine().find(|mint| most.is_some_and(|most| mint.total > most));
        table.row(vec![
            Cell::Text(currency.to_owned()),
            coins(sum, currency),
            coins(past, currency),
            coins(paid, currency),
            Cell::of(most, |most| coins(most, currency)),
            Cell::of(most, |most| coins(most - sum, currency)),
            Cell::of(over, |mint| Cell::Day(mint.day)),
        ]);
    }
    table
}

fn days(doc: &Doc<'_>, mints: &Mints<'_>, cap: Option<(u64, &str)>) -> Table {
    let mut table = Table::new(
        "mints",
        "Day by day",
        &[
            ("day", "Day"),
            ("item", "Item"),
            ("amount", "Amount"),
            ("total", "In all until then"),
            ("left", "Left under the cap"),
            ("over", "Over the cap"),
            ("when", "Within its term"),
        ],
        "Nothing is minted. Add `emission` to the proposal.",
    );
    let (start, end) = (programme::planned_start(doc), programme::planned_end(doc));
    for mint in &mints.list {
        let most = cap
            .filter(|cap| cap.1 == mint.currency)
            .map(|(most, _)| i128::from(most));
        let when = match (start, end) {
            (Some(start), _) if mint.day < start => "before start",
            (_, Some(end)) if mint.day > end => "after end",
            (None, None) => "unknown",
            _ => "within",
        };
        table.row(vec![
            Cell::Day(mint.day),
            Cell::Text(mint.item.to_string()),
            coins(mint.amount, mint.currency),
            coins(mint.total, mint.currency),
            Cell::of(most, |most| coins(most - mint.total, mint.currency)),
            Cell::Flag(most.is_some_and(|most| mint.total > most)),
            Cell::Word(when),
        ]);
    }
    table
}

fn paid(world: &World<'_>, doc: &Doc<'_>) -> Table {
    let mut table = Table::new(
        "payments",
        "Minted or paid",
        &[
            ("day", "Day"),
            ("amount", "Amount"),
            ("doc", "Said in"),
            ("entry", "Entry"),
            ("by", "By"),
            ("reference", "To be seen at"),
            ("standing", "Standing"),
        ],
        "Nothing was minted or paid, as far as anybody says. An `execute` act with an amount does.",
    );
    for payment in programme::payments(world, doc) {
        table.row(vec![
            Cell::Day(payment.day),
            coins(payment.amount, payment.currency),
            Cell::Doc(payment.doc),
            Cell::Entry(payment.act.id),
            Cell::Person(payment.act.by),
            Cell::text(payment.act.text("reference")),
            Cell::Word(payment.standing),
        ]);
    }
    table
}

/// Running totals by currency, and the cap as a line of its own.
fn plot(mints: &Mints<'_>, cap: Option<(u64, &str)>) -> Option<Plot> {
    let (first, last) = (mints.list.first()?.day, mints.list.last()?.day);
    let mut lines: Vec<(String, Vec<(Day, u64)>)> = Vec::new();
    for currency in mints.sums.keys() {
        let mut points: Vec<(Day, u64)> = Vec::new();
        for mint in mints.list.iter().filter(|mint| mint.currency == *currency) {
            let total = u64::try_from(mint.total).unwrap_or(u64::MAX);
            match points.last_mut().filter(|point| point.0 == mint.day) {
                Some(point) => point.1 = total,
                None => points.push((mint.day, total)),
            }
        }
        lines.push(((*currency).to_owned(), points));
    }
    if let Some((most, currency)) = cap {
        lines.push((format!("cap {currency}"), vec![(first, most), (last, most)]));
    }
    Some(Plot::Lines {
        title: "Minted in all, against the cap, in minor units".to_owned(),
        lines,
    })
}
