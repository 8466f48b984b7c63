//! `payouts`: how an evaluation's reward is split over its inputs by the valuations of delegates (R77).

use std::collections::BTreeMap;

use crate::programmes::appraisal::{Appraised, MOST, appraised};
use crate::programmes::exact::Shares;
use crate::programmes::programme::{coins, money};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "payouts",
    title: "Payouts",
    about: "What does each input of the evaluation get, by the valuations of delegates?",
    on: On::Document(&["evaluation"]),
    reads: &["evaluation", "proposal", "research", "register", "decision"],
    requirements: &[77],
    compute,
};

fn compute(world: &World<'_>, doc: Option<&Doc<'_>>) -> Sheet {
    let Some(doc) = doc else {
        return Sheet::new("Payouts").say("Name an evaluation to see what its inputs get.");
    };
    let appraised = appraised(world, doc);
    let reward = money(doc.value("reward"));
    let mut shares = Shares::new(appraised.inputs.len());
    let mut counted = 0;
    for appraisal in appraised
        .appraisals
        .iter()
        .filter(|appraisal| appraisal.standing == "counted")
    {
        counted += 1;
        let points: Vec<(usize, u64)> = appraisal.points.iter().map(|(n, points)| (*n, *points)).collect();
        shares.add(&points, appraisal.weight, appraisal.sum);
    }
    let amounts = shares.split(reward.map_or(0, |(amount, _)| amount));
    let mut payouts = Table::new(
        "payouts",
        "Payouts",
        &[
            ("research", "Research"),
            ("to", "To"),
            ("share", "Share"),
            ("amount", "Amount"),
            ("appraisers", "Valued by"),
            ("timely", "In time"),
            ("standing", "Standing"),
        ],
        "No research was handed in for this evaluation.",
    );
    let mut payload: BTreeMap<Id, (u64, Vec<Cell>)> = BTreeMap::new();
    for ((n, input), (share, amount)) in appraised
        .inputs
        .iter()
        .enumerate()
        .zip(shares.ppm().into_iter().zip(amounts))
    {
        let by = appraised
            .appraisals
            .iter()
            .filter(|a| a.standing == "counted" && a.points.get(&n).is_some_and(|p| *p > 0));
        payouts.row(vec![
            Cell::Doc(input.doc.id()),
            Cell::Person(input.doc.by()),
            Cell::Ppm(share),
            Cell::of(reward, |(_, currency)| coins(amount, currency)),
            Cell::List(by.map(|a| Cell::Person(a.act.by)).collect()),
            Cell::of(input.timely, |timely| Cell::Word(timely.words())),
            Cell::Word(input.fallen.unwrap_or("stands")),
        ]);
        if amount > 0 {
            let (sum, research) = payload.entry(input.doc.by()).or_default();
            *sum = sum.saturating_add(amount);
            research.push(Cell::Doc(input.doc.id()));
        }
    }
    let mut sheet = Sheet::new(format!("Payouts of {}", doc.title()));
    sheet = match (reward, counted) {
        (None, _) => sheet.say("The evaluation says no reward: shares are shown, amounts are not."),
        (_, 0) => sheet.say("No valuation counts yet, so nothing is split. Holders of the role `delegate` value inputs with a `value` act."),
        (Some((amount, currency)), n) => {
            sheet.say(format!("{amount} {currency} in minor units are split by {n} valuations, to the last unit."))
        }
    };
    sheet = sheet.say(match appraised.register {
        Some(id) => format!(
            "Delegates weigh as the register {} says.",
            world.doc(id).map_or_else(|| id.short(), Doc::title)
        ),
        None => "Every delegate weighs the same.".to_owned(),
    });
    if appraised.cut {
        sheet = sheet.say(format!("Only the first {MOST} valuations are weighed."));
    }
    let payload = transaction(world, payload, reward.map(|(_, currency)| currency));
    let unlinked = payload
        .rows
        .iter()
        .filter(|row| row.get(1) == Some(&Cell::Empty))
        .count();
    if unlinked > 0 {
        sheet = sheet.say(format!(
            "{unlinked} of those who are to be paid have proved no address: they link one with `althing id link`. `althing export payouts` makes a transaction of it."
        ));
    }
    sheet.table(payouts).table(payload).table(valuations(&appraised))
}

/// One line for each person to be paid, as a transaction needs it.
fn transaction(world: &World<'_>, payload: BTreeMap<Id, (u64, Vec<Cell>)>, currency: Option<&str>) -> Table {
    let mut table = Table::new(
        "payload",
        "For a transaction",
        &[
            ("to", "To"),
            ("address", "Address"),
            ("amount", "Amount in minor units"),
            ("currency", "Currency"),
            ("research", "For"),
        ],
        "Nothing is to be paid.",
    );
    for (to, (amount, research)) in payload {
        let address = world.people.get(&to).and_then(|person| person.addresses.first());
        table.row(vec![
            Cell::Person(to),
            Cell::text(address.map(String::as_str)),
            Cell::Int(amount),
            Cell::text(currency),
            Cell::List(research),
        ]);
    }
    table
}

fn valuations(appraised: &Appraised<'_, '_>) -> Table {
    let mut table = Table::new(
        "valuations",
        "Valuations",
        &[
            ("entry", "Entry"),
            ("appraiser", "By"),
            ("research", "Research"),
            ("points", "Points"),
            ("of", "Of"),
            ("weight", "Weight"),
            ("standing", "Standing"),
        ],
        "Nobody valued an input yet. Holders of the role `delegate` do with a `value` act.",
    );
    for appraisal in &appraised.appraisals {
        let mut add = |research: Id, points: u64, standing: &'static str| {
            table.row(vec![
                Cell::Entry(appraisal.act.id),
                Cell::Person(appraisal.act.by),
                Cell::Doc(research),
                Cell::Int(points),
                Cell::Int(appraisal.sum),
                Cell::Int(appraisal.weight),
                Cell::Word(standing),
            ]);
        };
        for (n, points) in &appraisal.points {
            if let Some(input) = appraised.inputs.get(*n) {
                add(input.doc.id(), *points, appraisal.standing);
            }
        }
        for (research, points, why) in &appraisal.refused {
            add(*research, *points, why);
        }
    }
    table
}
