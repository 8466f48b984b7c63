//! `load`: how many decisions voters are asked for, week by week (R10).

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::seats::lookup::within;
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "load",
    title: "Load",
    about: "How many decisions is a voter asked for in a week, by decision class?",
    on: On::Committee,
    reads: &["motion", "proposal", "evaluation", "decision", "domain"],
    requirements: &[10],
    compute,
};

/// Something that voters are asked to decide.
struct Asked<'w> {
    doc: Id,
    kind: &'w str,
    class: Option<&'w str>,
    voters: Option<&'w str>,
    day: Day,
    until: Option<Day>,
    by: &'static str,
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let asked = asked(world, narrow);
    let weeks = weeks(world, &asked);
    let over = weeks
        .rows
        .iter()
        .filter(|row| row.last() == Some(&Cell::Flag(true)))
        .count();
    let limit = world.parameter("load_max_weekly");
    let sheet = Sheet::new("Load").say(match asked.len() {
        0 => "No decision is asked of anybody.".to_owned(),
        n => format!("{n} decisions are or were asked of voters; {limit} in a week are bearable."),
    });
    let sheet = match over {
        0 => sheet,
        n => sheet.say(format!("In {n} weeks voters are asked for more.")),
    };
    sheet
        .table(weeks)
        .table(classes(world, &asked))
        .table(decisions(&asked))
        .plot(plot(&asked))
}

/// What is asked for, in the order of the days on which it is asked. Not counted: motions without effect, what was
/// withdrawn, and decisions that only record what was asked before.
fn asked<'w>(world: &'w World<'_>, narrow: Option<&Doc<'_>>) -> Vec<Asked<'w>> {
    let mut out: Vec<Asked<'w>> = Vec::new();
    let before: BTreeSet<Id> = ["motion", "proposal", "evaluation"]
        .iter()
        .flat_map(|kind| world.of(kind))
        .filter(|doc| counts(doc))
        .map(Doc::id)
        .collect();
    for doc in world
        .documents
        .iter()
        .filter(|doc| VIEW.fits(doc.kind()) && doc.kind() != "domain")
    {
        let told = doc.kind() == "decision" && doc.named("about").is_some_and(|about| before.contains(&about));
        if told || !within(world, doc, narrow) || !counts(doc) {
            continue;
        }
        let opened = Day::of(doc.opened().earliest());
        let (first, last) = match doc.kind() {
            "evaluation" => ("from", "until"),
            "decision" => ("day", "day"),
            _ => ("vote_from", "vote_until"),
        };
        let (day, by) = match (doc.day(first), doc.day(last)) {
            (Some(day), _) => (day, "its first day"),
            (None, Some(day)) => (day, "its last day"),
            (None, None) => (opened, "its opening"),
        };
        out.push(Asked {
            doc: doc.id(),
            kind: doc.kind(),
            class: doc.text("class"),
            voters: doc.text("voters"),
            day,
            until: doc.day(last),
            by,
        });
    }
    out.sort_by_key(|asked| (asked.day, asked.doc));
    out
}

fn counts(doc: &Doc<'_>) -> bool {
    let withdrawn = doc.acts("withdraw").next().is_some();
    match doc.kind() {
        "motion" => !withdrawn && !matches!(doc.text("form"), Some("recommend" | "petition")),
        "proposal" => !withdrawn && doc.text("status") != Some("withdrawn"),
        _ => true,
    }
}

/// For everybody, and beside it for each class of voters of whom more is asked than of everybody.
fn weeks(world: &World<'_>, asked: &[Asked<'_>]) -> Table {
    let mut table = Table::new(
        "weeks",
        "Week by week",
        &[
            ("week", "Week"),
            ("from", "From"),
            ("voters", "Voters"),
            ("count", "Decisions"),
            ("limit", "Bearable"),
            ("over", "Too many"),
        ],
        "No decision is asked of anybody.",
    );
    let limit = world.parameter("load_max_weekly");
    let days: BTreeMap<String, Day> = asked
        .iter()
        .map(|asked| (asked.day.week(), monday(asked.day)))
        .collect();
    for (week, from) in days {
        let here: Vec<&Asked<'_>> = asked.iter().filter(|asked| asked.day.week() == week).collect();
        let voters: BTreeSet<Option<&str>> = here.iter().map(|asked| asked.voters).chain([None]).collect();
        for of in voters {
            let count = here
                .iter()
                .filter(|asked| asked.voters.is_none() || asked.voters == of)
                .count();
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            table.row(vec![
                Cell::Text(week.clone()),
                Cell::Day(from),
                Cell::text(of),
                Cell::Int(count),
                Cell::Int(limit),
                Cell::Flag(count > limit),
            ]);
        }
    }
    table
}

/// The Monday of a day's week.
fn monday(day: Day) -> Day {
    let since = u64::try_from(Day::of(0).until(day)).unwrap_or(0);
    // 1970-01-01 was a Thursday.
    Day::of(0).after(since - ((since + 3) % 7).min(since))
}

fn classes(world: &World<'_>, asked: &[Asked<'_>]) -> Table {
    let mut table = Table::new(
        "classes",
        "By decision class",
        &[
            ("week", "Week"),
            ("class", "Decision class"),
            ("count", "Decisions"),
            ("limit", "Bearable"),
            ("over", "Too many"),
            ("documents", "Which"),
        ],
        "No decision is asked of anybody.",
    );
    let mut groups: BTreeMap<(String, Option<&str>), Vec<Cell>> = BTreeMap::new();
    for asked in asked {
        groups
            .entry((asked.day.week(), asked.class))
            .or_default()
            .push(Cell::Doc(asked.doc));
    }
    for ((week, class), documents) in groups {
        let own = class.and_then(|class| world.parameters.get(&format!("load_max_weekly_{class}")).copied());
        let count = u64::try_from(documents.len()).unwrap_or(u64::MAX);
        table.row(vec![
            Cell::Text(week),
            Cell::text(class),
            Cell::Int(count),
            Cell::of(own, Cell::Int),
            Cell::Flag(own.is_some_and(|limit| count > limit)),
            Cell::List(documents),
        ]);
    }
    table
}

fn decisions(asked: &[Asked<'_>]) -> Table {
    let mut table = Table::new(
        "decisions",
        "What is asked",
        &[
            ("document", "Document"),
            ("kind", "Kind"),
            ("class", "Decision class"),
            ("voters", "Voters"),
            ("day", "Asked on"),
            ("until", "Until"),
            ("week", "Week"),
            ("by", "By"),
        ],
        "No decision is asked of anybody.",
    );
    for asked in asked {
        table.row(vec![
            Cell::Doc(asked.doc),
            Cell::Text(asked.kind.to_owned()),
            Cell::text(asked.class),
            Cell::text(asked.voters),
            Cell::Day(asked.day),
            Cell::of(asked.until, Cell::Day),
            Cell::Text(asked.day.week()),
            Cell::Word(asked.by),
        ]);
    }
    table
}

fn plot(asked: &[Asked<'_>]) -> Plot {
    let classes: BTreeSet<&str> = asked.iter().map(|asked| asked.class.unwrap_or("no class")).collect();
    let mut bars: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for asked in asked {
        *bars
            .entry(asked.day.week())
            .or_default()
            .entry(asked.class.unwrap_or("no class"))
            .or_default() += 1;
    }
    let bars = bars.into_iter().map(|(week, of)| {
        let parts = classes.iter().map(|class| of.get(class).copied().unwrap_or(0));
        (week, parts.collect())
    });
    Plot::Bars {
        title: "Decisions asked for, week by week".to_owned(),
        parts: classes.iter().map(|class| (*class).to_owned()).collect(),
        bars: bars.collect(),
    }
}
