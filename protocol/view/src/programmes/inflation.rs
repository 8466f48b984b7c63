//! `inflation`: what all programmes together would mint in a year, against what the committee allows (R75, R76).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::programmes::course::ended_on;
use crate::programmes::programme;
use crate::programmes::programme::{coins, decided, fallen};
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "inflation",
    title: "Inflation",
    about: "How much would be minted in each year, and how much of what is allowed does each programme take?",
    on: On::Committee,
    reads: &["proposal", "evaluation", "decision"],
    requirements: &[75, 76],
    compute,
};

/// A million, in parts per million.
const ALL: i128 = 1_000_000;

/// What a programme would mint in a year in a currency.
struct Part<'w, 'a> {
    doc: &'w Doc<'a>,
    decided: bool,
    first: Day,
    mint: i128,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut parts: BTreeMap<(i32, &str), Vec<Part<'_, '_>>> = BTreeMap::new();
    let mut cut = 0;
    for doc in world.of("proposal").filter(|doc| fallen(doc).is_none()) {
        let mints = programme::mints(doc);
        cut += usize::from(mints.cut);
        let (decided, ended) = (decided(world, doc), ended_on(world, doc));
        // What was to be minted after a programme's end is not minted.
        for mint in mints
            .list
            .iter()
            .filter(|mint| ended.is_none_or(|ended| mint.day <= ended))
        {
            let year = parts.entry((mint.day.year(), mint.currency)).or_default();
            match year.last_mut().filter(|part| part.doc.id() == doc.id()) {
                Some(part) => part.mint += i128::from(mint.amount),
                None => year.push(Part {
                    doc,
                    decided,
                    first: mint.day,
                    mint: i128::from(mint.amount),
                }),
            }
        }
    }
    let mut years = Table::new(
        "years",
        "Year by year",
        &[
            ("year", "Year"),
            ("currency", "Currency"),
            ("mint", "Would be minted"),
            ("decided", "Of which decided"),
            ("allowed", "Allowed"),
            ("ppm", "Of the supply"),
            ("allowed_ppm", "Allowed of it"),
            ("over", "Over"),
        ],
        "No programme mints anything. Add `emission` to a proposal.",
    );
    let mut shares = Table::new(
        "shares",
        "What each programme takes of what is left",
        &[
            ("year", "Year"),
            ("currency", "Currency"),
            ("programme", "Programme"),
            ("first", "First mint"),
            ("decided", "Decided"),
            ("mint", "Would be minted"),
            ("left_before", "Left before it"),
            ("ppm", "Of what is left"),
            ("over", "More than is left"),
        ],
        "No programme mints anything.",
    );
    let mut over = Vec::new();
    let mut bars = Vec::new();
    for ((year, currency), mut list) in parts {
        list.sort_by_key(|part| (part.first, part.doc.opened().claimed, part.doc.id()));
        let word = currency.to_lowercase();
        let (supply, most) = (
            world.parameter_for("supply", &word),
            world.parameter_for("inflation_max_ppm", &word),
        );
        // Below 2^128: the product of two u64.
        let allowed = (supply > 0 && most > 0).then(|| i128::from(supply).saturating_mul(i128::from(most)) / ALL);
        let sum: i128 = list.iter().map(|part| part.mint).sum();
        let firm: i128 = list.iter().filter(|part| part.decided).map(|part| part.mint).sum();
        let is_over = allowed.is_some_and(|allowed| sum > allowed);
        if is_over {
            over.push(format!("{year} ({currency})"));
        }
        years.row(vec![
            Cell::Int(u64::try_from(year).unwrap_or(0)),
            Cell::Text(currency.to_owned()),
            coins(sum, currency),
            coins(firm, currency),
            Cell::of(allowed, |allowed| coins(allowed, currency)),
            Cell::of(ppm(sum, supply.into()), Cell::Ppm),
            Cell::of(Some(most).filter(|most| *most > 0), Cell::Ppm),
            Cell::Flag(is_over),
        ]);
        let size = |amount: i128| u64::try_from(amount).unwrap_or(u64::MAX);
        bars.push((format!("{year} {currency}"), vec![size(firm), size(sum - firm)]));
        let mut left = allowed;
        for part in list {
            if only.is_none_or(|only| only.id() == part.doc.id()) {
                shares.row(vec![
                    Cell::Int(u64::try_from(year).unwrap_or(0)),
                    Cell::Text(currency.to_owned()),
                    Cell::Doc(part.doc.id()),
                    Cell::Day(part.first),
                    Cell::Flag(part.decided),
                    coins(part.mint, currency),
                    Cell::of(left, |left| coins(left, currency)),
                    Cell::of(left.and_then(|left| ppm(part.mint, left)), Cell::Ppm),
                    Cell::Flag(left.is_some_and(|left| part.mint > left)),
                ]);
            }
            left = left.map(|left| (left - part.mint).max(0));
        }
    }
    let bounded = world.parameter("supply") > 0 && world.parameter("inflation_max_ppm") > 0;
    let mut sheet = Sheet::new("Inflation");
    sheet = match over.as_slice() {
        [] if bounded => sheet.say("In no year is more to be minted than the committee allows."),
        [] => {
            sheet.say("The committee has set no bound: the parameters `supply` and `inflation_max_ppm` would be one.")
        }
        years => sheet.say(format!(
            "More would be minted than the committee allows in {}.",
            years.join(", ")
        )),
    };
    if cut > 0 {
        sheet = sheet.say(format!(
            "{cut} programmes mint on more occasions than are laid out here: their later years are missing."
        ));
    }
    sheet
        .say("This is what schedules say. What a stopped programme would have minted later is left out; a pause takes nothing away.")
        .table(years)
        .table(shares)
        .plot(Plot::Bars {
            title: "Would be minted by year, in minor units".to_owned(),
            parts: vec!["decided".to_owned(), "proposed".to_owned()],
            bars,
        })
}

/// A share in parts per million, rounded down; none of nothing.
fn ppm(part: i128, of: i128) -> Option<u64> {
    let share = part.checked_mul(ALL)?.checked_div(of).filter(|_| of > 0)?;
    u64::try_from(share).ok()
}
