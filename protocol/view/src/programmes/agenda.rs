//! Everything of a committee that has a first and a last day, and what of it gets into each other's way (R73).
//!
//! Bounds: at most [`CLASHES`] clashes are told, the earliest ones.

use crate::calendar::Day;
use crate::programmes::input;
use crate::programmes::programme::{fallen, is_programme, planned_end, planned_start};
use crate::{Doc, World};
use althing_protocol::hash::Id;

/// Clashes that are told.
pub const CLASHES: usize = 2_000;

/// Days on which something is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its name for calendars: stays the same when its days change.
    pub uid: String,
    /// What it is, for people.
    pub title: String,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub until: Day,
    /// `vote`, `poll`, `evaluation`, `programme`, `epoch` or `notice`.
    pub kind: &'static str,
    /// The document that says so.
    pub doc: Id,
    /// The class of voters that it asks; everybody without one.
    pub voters: Option<String>,
}

/// Two windows in which the same voters are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The one that begins first, by its place among the windows.
    pub first: usize,
    /// The other one.
    pub second: usize,
    /// `overlap`, or `too near`.
    pub how: &'static str,
    /// Days that both have; below zero the days between them.
    pub days: i64,
}

impl Window {
    /// Whether voters have something to do in it.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self.kind, "vote" | "poll" | "evaluation")
    }

    /// Whether some voters are asked by both.
    fn meets(&self, other: &Self) -> bool {
        match (&self.voters, &other.voters) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        }
    }

    /// How it stands in the other one's way, which begins no earlier; `gap` days must lie between them. A vote and a
    /// poll in one document are one decision.
    fn clash(&self, later: &Self, gap: u64) -> Option<(&'static str, i64)> {
        if !self.asks() || !later.asks() || !self.meets(later) || self.doc == later.doc {
            return None;
        }
        let both = later.from.until(self.until.min(later.until)) + 1;
        if both > 0 {
            return Some(("overlap", both));
        }
        let between = u64::try_from(-both).unwrap_or(0);
        (between < gap).then_some(("too near", both))
    }
}

/// The windows of all documents that stand, by first day, last day, kind, then uid. Days that end before they begin are none.
#[must_use]
pub fn windows(world: &World<'_>) -> Vec<Window> {
    let mut out = Vec::new();
    for doc in &world.documents {
        of_document(world, doc, &mut out);
    }
    out.retain(|window| window.from <= window.until);
    out.sort_by(|a, b| (a.from, a.until, a.kind, &a.uid).cmp(&(b.from, b.until, b.kind, &b.uid)));
    out
}

/// All clashes among windows that are sorted by their first day.
#[must_use]
pub fn clashes(windows: &[Window], gap: u64) -> Vec<Clash> {
    let mut out = Vec::new();
    for (first, window) in windows.iter().enumerate().filter(|(_, window)| window.asks()) {
        let reach = window.until.after(gap);
        let later = windows
            .iter()
            .enumerate()
            .skip(first + 1)
            .take_while(|(_, later)| later.from <= reach);
        for (second, later) in later {
            if let Some((how, days)) = window.clash(later, gap) {
                out.push(Clash {
                    first,
                    second,
                    how,
                    days,
                });
                if out.len() >= CLASHES {
                    return out;
                }
            }
        }
    }
    out
}

/// With what the windows of one document would clash: those that it has, or would have if it were written as given.
#[must_use]
pub fn would_clash(world: &World<'_>, doc: &Doc<'_>) -> Vec<(Window, Window, &'static str, i64)> {
    let mut own = Vec::new();
    of_document(world, doc, &mut own);
    let mut all: Vec<Window> = windows(world)
        .into_iter()
        .filter(|window| window.doc != doc.id())
        .collect();
    all.extend(own.into_iter().filter(|window| window.from <= window.until));
    all.sort_by(|a, b| (a.from, a.until, a.kind, &a.uid).cmp(&(b.from, b.until, b.kind, &b.uid)));
    let mut out = Vec::new();
    for (n, window) in all.iter().enumerate() {
        let others = all.iter().skip(n + 1);
        for other in others.filter(|other| (window.doc == doc.id()) != (other.doc == doc.id())) {
            if let Some((how, days)) = window.clash(other, world.parameter("decision_gap_days")) {
                let (mine, theirs) = if window.doc == doc.id() {
                    (window, other)
                } else {
                    (other, window)
                };
                out.push((mine.clone(), theirs.clone(), how, days));
            }
        }
    }
    out.truncate(CLASHES);
    out
}

fn of_document(world: &World<'_>, doc: &Doc<'_>, out: &mut Vec<Window>) {
    if fallen(doc).is_some() || doc.state() == Some("withdrawn") {
        return;
    }
    let mut add = |kind: &'static str, days: (Option<Day>, Option<Day>), voters: Option<&str>, name: &str| {
        let (Some(from), Some(until)) = (days.0.or(days.1), days.1.or(days.0)) else {
            return;
        };
        let mark = if name.is_empty() {
            String::new()
        } else {
            format!("-{name}")
        };
        out.push(Window {
            uid: format!("{}-{kind}{mark}", doc.id()),
            title: doc.title(),
            from,
            until,
            kind,
            doc: doc.id(),
            voters: voters.map(|class| class.trim().to_owned()),
        });
    };
    add(
        "vote",
        (doc.day("vote_from"), doc.day("vote_until")),
        doc.text("voters"),
        "",
    );
    for act in doc.acts("poll") {
        add(
            "poll",
            (act.day("from"), act.day("until")),
            act.text("class"),
            &act.id.to_string(),
        );
    }
    match doc.kind() {
        "evaluation" => {
            let window = input::window(world, doc);
            let programme = doc.named("programme").and_then(|id| world.doc(id));
            let voters = programme.and_then(|programme| programme.text("voters"));
            add("evaluation", (window.from, window.until), voters, "");
        }
        "proposal" if is_programme(doc) => {
            add("programme", (planned_start(doc), planned_end(doc)), None, "");
            for epoch in doc.items("epochs") {
                add(
                    "epoch",
                    (epoch.day("start"), epoch.day("end")),
                    None,
                    &epoch.id.to_string(),
                );
            }
        }
        "motion" if noticed(doc) => {
            let opened = Day::of(doc.opened().claimed);
            let days = doc
                .int("notice_days")
                .unwrap_or_else(|| world.parameter("notice_working_days"));
            add("notice", (Some(opened), world.calendar().after(opened, days)), None, "");
        }
        _ => {}
    }
}

/// Motions against somebody, and those that say a notice, have one.
fn noticed(doc: &Doc<'_>) -> bool {
    matches!(doc.text("form"), Some("offboard" | "disband")) || doc.int("notice_days").is_some()
}
