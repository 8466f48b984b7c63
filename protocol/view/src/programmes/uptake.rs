//! `uptake`: how many of the inputs that there were each decision cites, by sort of evidence (R84).

use std::collections::{BTreeMap, BTreeSet};

use crate::programmes::input::evaluations;
use crate::programmes::inputs::{KINDS, evidence};
use crate::programmes::programme::count;
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "uptake",
    title: "Uptake",
    about: "How many of the inputs that there were does each decision cite, by sort of evidence?",
    on: On::Committee,
    reads: &["decision", "evaluation", "proposal", "research"],
    requirements: &[84],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "uptake",
        "Uptake",
        &[
            ("decision", "Decision"),
            ("about", "About"),
            ("evidence", "Sort of evidence"),
            ("cited", "Cited"),
            ("available", "Available"),
            ("share", "Share"),
        ],
        "There is no decision yet that could cite an input.",
    );
    let mut inputs = Table::new(
        "inputs",
        "Inputs",
        &[
            ("decision", "Decision"),
            ("research", "Research"),
            ("evidence", "Sort of evidence"),
            ("cited", "Cited"),
        ],
        "No decision had research to cite.",
    );
    let mut bars = Vec::new();
    let mut without = 0;
    for decision in world.of("decision").filter(|doc| wanted(doc, only)) {
        let named = named(world, decision);
        let available = available(world, decision, &named);
        without += usize::from(named.research.is_empty() && !available.is_empty());
        let (mut taken, mut passed) = (Vec::new(), Vec::new());
        for kind in KINDS {
            let of: Vec<_> = available.values().filter(|doc| evidence(doc) == *kind).collect();
            let cited = of.iter().filter(|doc| named.research.contains(&doc.id())).count();
            if of.is_empty() {
                continue;
            }
            table.row(row(decision, kind, cited, Some(of.len())));
            taken.push(cited);
            passed.push(of.len() - cited);
        }
        if named.others > 0 {
            table.row(row(decision, "not research", named.others, None));
        }
        for (id, doc) in &available {
            inputs.row(vec![
                Cell::Doc(decision.id()),
                Cell::Doc(*id),
                Cell::Word(evidence(doc)),
                Cell::Flag(named.research.contains(id)),
            ]);
        }
        let size = |parts: &[usize]| u64::try_from(parts.iter().sum::<usize>()).unwrap_or(u64::MAX);
        if !available.is_empty() {
            bars.push((decision.title(), vec![size(&taken), size(&passed)]));
        }
    }
    let mut sheet = Sheet::new("Uptake");
    sheet = match without {
        0 => sheet.say("Every decision for which there was research cites some of it."),
        1 => sheet.say("One decision cites none of the research that there was."),
        n => sheet.say(format!("{n} decisions cite none of the research that there was.")),
    };
    sheet.table(table).table(inputs).plot(Plot::Bars {
        title: "Research cited and not cited, by decision".to_owned(),
        parts: vec!["cited".to_owned(), "not cited".to_owned()],
        bars,
    })
}

fn row(decision: &Doc<'_>, kind: &'static str, cited: usize, available: Option<usize>) -> Vec<Cell> {
    let share = available.and_then(|all| (cited * 1_000_000).checked_div(all));
    vec![
        Cell::Doc(decision.id()),
        Cell::of(decision.named("about"), Cell::Doc),
        Cell::Word(kind),
        count(cited),
        Cell::of(available, count),
        Cell::of(share, |share| Cell::Ppm(u64::try_from(share).unwrap_or(u64::MAX))),
    ]
}

fn wanted(decision: &Doc<'_>, only: Option<&Doc<'_>>) -> bool {
    only.is_none_or(|only| {
        only.id() == decision.id() || decision.named("about") == Some(only.id()) || only.kind() == "research"
    })
}

/// What a decision rests on.
struct Named {
    /// Research, by document: naming one of its entries is naming it.
    research: BTreeSet<Id>,
    /// Entries of other documents, or that are not here.
    others: usize,
}

fn named(world: &World<'_>, decision: &Doc<'_>) -> Named {
    let inputs = decision.value("inputs").map_or(&[][..], Value::as_ids);
    let mut out = Named {
        research: BTreeSet::new(),
        others: 0,
    };
    for id in inputs {
        match world
            .of("research")
            .find(|doc| doc.id() == *id || doc.document.outcome(*id).is_some())
        {
            Some(doc) => drop(out.research.insert(doc.id())),
            None => out.others += 1,
        }
    }
    out
}

/// The research that a decision could have cited: what was opened before it for what it is about, and what it cites.
fn available<'w, 'a>(world: &'w World<'a>, decision: &Doc<'_>, named: &Named) -> BTreeMap<Id, &'w Doc<'a>> {
    let about = decision.named("about").and_then(|id| world.doc(id));
    let evaluations: BTreeSet<Id> = about
        .map(|doc| evaluations(world, doc))
        .unwrap_or_default()
        .iter()
        .map(|doc| doc.id())
        .collect();
    let all = world.documents.iter().filter(|doc| doc.kind() == "research");
    let theirs = all.filter(|doc| {
        let due = doc
            .named("evaluation")
            .is_some_and(|evaluation| evaluations.contains(&evaluation));
        named.research.contains(&doc.id()) || due && doc.opened().claimed <= decision.opened().claimed
    });
    theirs.map(|doc| (doc.id(), doc)).collect()
}

/// By which decisions research was cited: when each was opened, and its id.
pub(crate) fn cited(world: &World<'_>) -> BTreeMap<Id, Vec<(u64, Id)>> {
    let mut out: BTreeMap<Id, Vec<(u64, Id)>> = BTreeMap::new();
    for decision in world.of("decision") {
        for research in named(world, decision).research {
            out.entry(research)
                .or_default()
                .push((decision.opened().claimed, decision.id()));
        }
    }
    out
}
