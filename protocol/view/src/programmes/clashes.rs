//! `calendar`: everything that has a first and a last day, and which decisions ask the same voters at once (R73).
//!
//! Bounds: a chain of programmes is followed for at most [`CHAIN`] steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::programmes::agenda;
use crate::programmes::agenda::{Window, clashes, windows, would_clash};
use crate::programmes::programme::{planned_end, planned_start};
use crate::sheet::Span;
use crate::{Cell, DOCUMENTS, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "calendar",
    title: "Calendar",
    about: "What is open on which days, and are the same voters asked twice at once?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[73],
    compute,
};

/// Steps of a chain that are followed.
const CHAIN: u64 = 100;

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let windows = windows(world);
    let gap = world.parameter("decision_gap_days");
    let found = clashes(&windows, gap);
    let own = |window: &Window| only.is_none_or(|only| window.doc == only.id());
    let clashing: BTreeSet<usize> = found.iter().flat_map(|clash| [clash.first, clash.second]).collect();
    let mut days = Table::new(
        "windows",
        "Windows",
        &[
            ("uid", "Name"),
            ("doc", "Document"),
            ("kind", "Kind"),
            ("from", "First day"),
            ("until", "Last day"),
            ("voters", "Voters"),
            ("state", "State"),
            ("clash", "Clashes"),
        ],
        "Nothing has days yet: no vote, evaluation, programme or notice.",
    );
    let mut spans = Vec::new();
    for (n, window) in windows.iter().enumerate().filter(|(_, window)| own(window)) {
        days.row(vec![
            Cell::Text(window.uid.clone()),
            Cell::Doc(window.doc),
            Cell::Word(window.kind),
            Cell::Day(window.from),
            Cell::Day(window.until),
            Cell::text(window.voters.as_deref()),
            Cell::Word(match world.today() {
                today if today < window.from => "planned",
                today if today > window.until => "over",
                _ => "open",
            }),
            Cell::Flag(clashing.contains(&n)),
        ]);
        spans.push(Span {
            lane: window
                .voters
                .clone()
                .filter(|_| window.asks())
                .unwrap_or_else(|| lane(window).to_owned()),
            label: window.title.clone(),
            from: window.from,
            until: window.until,
            clash: clashing.contains(&n),
        });
    }
    let mut table = Table::new(
        "clashes",
        "Clashes",
        &[
            ("first", "First"),
            ("first_kind", "Kind"),
            ("second", "Second"),
            ("second_kind", "Kind"),
            ("how", "How"),
            ("days", "Days"),
            ("from", "From"),
            ("until", "Until"),
        ],
        "No two decisions or evaluations ask the same voters at once.",
    );
    let mut clash = |first: &Window, second: &Window, how, days| {
        table.row(vec![
            Cell::Doc(first.doc),
            Cell::Word(first.kind),
            Cell::Doc(second.doc),
            Cell::Word(second.kind),
            Cell::Word(how),
            Cell::Signed(days),
            Cell::Day(first.from.max(second.from)),
            Cell::Day(first.until.min(second.until)),
        ]);
    };
    match only {
        Some(doc) => would_clash(world, doc)
            .iter()
            .for_each(|(mine, theirs, how, days)| clash(mine, theirs, how, *days)),
        None => {
            for one in &found {
                if let (Some(first), Some(second)) = (windows.get(one.first), windows.get(one.second)) {
                    clash(first, second, one.how, one.days);
                }
            }
        }
    }
    let mut sheet = Sheet::new("Calendar").say(match table.rows.len() {
        0 => "No two decisions or evaluations ask the same voters at once.".to_owned(),
        1 => "One clash: the same voters are asked twice at once, or too soon after.".to_owned(),
        n => format!("{n} clashes: the same voters are asked twice at once, or too soon after."),
    });
    if found.len() >= agenda::CLASHES {
        sheet = sheet.say(format!("Only the first {} are told.", agenda::CLASHES));
    }
    let drawn = !spans.is_empty();
    let sheet = sheet.table(days).table(table).table(chains(world, only));
    let plot = Plot::Spans {
        title: "Calendar".to_owned(),
        now: Some(world.today()),
        spans,
    };
    if drawn { sheet.plot(plot) } else { sheet }
}

fn lane(window: &Window) -> &'static str {
    match window.kind {
        "programme" | "epoch" => "programmes",
        "notice" => "notices",
        _ => "everybody",
    }
}

/// Which programme goes on from which, and what is wrong with that.
fn chains(world: &World<'_>, only: Option<&Doc<'_>>) -> Table {
    let mut table = Table::new(
        "chains",
        "Chained programmes",
        &[
            ("programme", "Programme"),
            ("predecessor", "Goes on from"),
            ("first", "First of its chain"),
            ("steps", "Steps from it"),
            ("gap", "Days between"),
            ("standing", "Standing"),
        ],
        "No programme goes on from another one.",
    );
    let before: BTreeMap<Id, Id> = world
        .of("proposal")
        .filter_map(|doc| Some((doc.id(), doc.named("predecessor")?)))
        .collect();
    for doc in world.of("proposal") {
        let Some(predecessor) = before.get(&doc.id()).copied() else {
            continue;
        };
        let mut first = predecessor;
        let mut steps = 1;
        while let Some(next) = before
            .get(&first)
            .copied()
            .filter(|_| steps < CHAIN && first != doc.id())
        {
            first = next;
            steps += 1;
        }
        let known = world.doc(predecessor).filter(|doc| doc.kind() == "proposal");
        let gap = known.and_then(|before| Some(planned_end(before)?.until(planned_start(doc)?) - 1));
        let standing = match (known, gap) {
            _ if first == doc.id() => "goes round in a circle",
            (None, _) => "not here",
            (_, Some(gap)) if gap < 0 => "begins before the end",
            (_, None) => "undated",
            _ => "in order",
        };
        if only.is_none_or(|only| [doc.id(), predecessor, first].contains(&only.id())) {
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Doc(predecessor),
                Cell::Doc(first),
                Cell::Int(steps),
                Cell::of(gap, Cell::Signed),
                Cell::Word(standing),
            ]);
        }
    }
    table
}
